"""A ReAct agent: the model acts through tools, sees what comes of it, and goes on until it has an answer."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING, Annotated, Any, Literal

from langchain_core.messages import AIMessage, AnyMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from tracer import answer_tool, submitted

if TYPE_CHECKING:
    from tracer import Kit


class State(MessagesState, total=False):
    """The conversation, the number of model calls so far and, at the end, the answer (None: it gave none)."""

    steps: Annotated[int, operator.add]
    answer: str | None


def build(kit: Kit) -> Any:
    """Give the stack for one run.

    It stops when the model calls no tool, when it submits an answer, or after `kit.task.max_steps` model calls. Where
    the task has options, submitting one of them is a tool and every turn has to be a tool call. What goes wrong in a
    tool is told to the model.
    """
    options, limit = kit.task.options, kit.task.max_steps
    tools = [*kit.tools, *([answer_tool(options)] if options else [])]
    model = kit.model.bind_tools(tools, tool_choice="required" if options else "auto") if tools else kit.model

    async def think(state: State) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])], "steps": 1}

    def after_thinking(state: State) -> Literal["tools", "finish"]:
        return "tools" if _calls(state["messages"][-1]) else "finish"

    def after_acting(state: State) -> Literal["model", "finish"]:
        over = submitted(state["messages"]) is not None or state.get("steps", 0) >= limit
        return "finish" if over else "model"

    def finish(state: State) -> dict[str, Any]:
        last = state["messages"][-1]
        said = last.text if isinstance(last, AIMessage) and not options else None
        return {"answer": submitted(state["messages"]) or said}

    graph = StateGraph(State)
    graph.add_node("model", think)
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=True))
    graph.add_node("finish", finish)
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", after_thinking)
    graph.add_conditional_edges("tools", after_acting)
    graph.add_edge("finish", END)
    return graph.compile(name="react", checkpointer=kit.checkpointer)


def _calls(message: AnyMessage) -> bool:
    return isinstance(message, AIMessage) and bool(message.tool_calls)
