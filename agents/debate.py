"""A debate: debaters argue side by side, round by round, and a judge who has heard them acts and answers."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Annotated, Any

from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from tracer import Kit, answer_tool, submitted

DEBATERS = ("debater_1", "debater_2")
ROUNDS = 2
_ARGUE = "argue"


class State(MessagesState, total=False):
    """The conversation, what was argued (who, what), the model calls so far and, at the end, the answer."""

    argued: Annotated[list[tuple[str, str]], operator.add]
    steps: Annotated[int, operator.add]
    answer: str | None


class Speech(MessagesState, total=False):
    """What one debater or the judge goes by, and the model calls made for it."""

    steps: Annotated[int, operator.add]


def build(kit: Kit) -> Any:
    """Give the stack for one run: `ROUNDS` rounds, but at least half of `kit.task.max_steps` is left to the judge."""
    limit = kit.task.max_steps
    rounds = min(ROUNDS, limit // 2 // len(DEBATERS))
    judge = _judge(kit, limit - rounds * len(DEBATERS))

    async def judged(state: State) -> dict[str, Any]:
        heard = [HumanMessage(f"This was argued:\n{_told(state)}")] if state.get("argued") else []
        given = [*state["messages"], *heard]
        done = await judge.ainvoke({"messages": given})
        said, last = done["messages"][len(state["messages"]) :], done["messages"][-1]
        text = last.text if isinstance(last, AIMessage) and not kit.task.options else None
        return {"messages": said, "steps": done["steps"], "answer": submitted(done["messages"]) or text}

    def moderate(state: State) -> dict[str, Any]:
        for name, text in state.get("argued", [])[-len(DEBATERS) :]:
            kit.emit.message(name, [other for other in (*DEBATERS, "judge") if other != name], text)
        return {}

    def after_round(state: State) -> Sequence[str]:
        return DEBATERS if len(state.get("argued", [])) < rounds * len(DEBATERS) else ["judge"]

    graph = StateGraph(State)
    for name in DEBATERS:
        graph.add_node(name, _debater(kit, name))
    graph.add_node("moderator", moderate)
    graph.add_node("judge", judged)
    for first in DEBATERS if rounds else ("judge",):
        graph.add_edge(START, first)
    graph.add_edge([*DEBATERS], "moderator")
    graph.add_conditional_edges("moderator", after_round, [*DEBATERS, "judge"])
    graph.add_edge("judge", END)
    return graph.compile(name="debate", checkpointer=kit.checkpointer)


def _told(state: State) -> str:
    return "\n".join(f"{name}: {text}" for name, text in state.get("argued", []))


def _debater(kit: Kit, name: str) -> Any:
    """Give the node of a debater, who is heard by the others and by the judge only through what it argues."""

    def argue(position: str, because: str) -> str:
        return f"{position}\n{because}"

    options = {"enum": list(kit.task.options)} if kit.task.options else {}
    properties = {"position": {"type": "string"} | options, "because": {"type": "string"}}
    arguments = {"type": "object", "properties": properties, "required": ["position", "because"]}
    tool = StructuredTool.from_function(
        argue, name=_ARGUE, description="Say what is to be done or answered, and why.", args_schema=arguments
    )
    speech = _acting(kit, name, [tool], calls=1, choice=_ARGUE)

    async def debate(state: State) -> dict[str, Any]:
        heard = f"You are {name} in a debate. Argued so far:\n{_told(state) or 'nothing'}"
        done = await speech.ainvoke({"messages": [*state["messages"], HumanMessage(heard)]})
        last = done["messages"][-1]
        fell_silent = isinstance(last, ToolMessage) and last.status == "error"
        return {"argued": [(name, "" if fell_silent else last.text)], "steps": done["steps"]}

    return debate


def _judge(kit: Kit, calls: int) -> Any:
    """Give the judge, who acts in the world as well: it has its tools."""
    options = kit.task.options
    tools = [*kit.tools, *([answer_tool(options)] if options else [])]
    return _acting(kit, "judge", tools, calls=calls, choice="required" if options else "auto")


def _acting(kit: Kit, name: str, tools: Sequence[BaseTool], *, calls: int, choice: str) -> Any:
    """Give a graph in which a model acts through tools until it speaks, submits or has made its calls."""
    model = kit.model.bind_tools(tools, tool_choice=choice) if tools else kit.model

    async def think(state: Speech) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])], "steps": 1}

    def after_thinking(state: Speech) -> str:
        last = state["messages"][-1]
        return "tools" if isinstance(last, AIMessage) and last.tool_calls else END

    def after_acting(state: Speech) -> str:
        return END if submitted(state["messages"]) is not None or state.get("steps", 0) >= calls else "model"

    graph = StateGraph(Speech)
    graph.add_node("model", think)
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=True))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", after_thinking, ["tools", END])
    graph.add_conditional_edges("tools", after_acting, ["model", END])
    return graph.compile(name=name)
