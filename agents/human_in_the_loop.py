"""A human in the loop: before anything is done in the world the run pauses, and goes on by what the human says.

The pause is LangGraph's: the graph is left by an interrupt, its state waits in a checkpoint, and it is resumed with the
answer. The human is the task's user. Where there is none a rule says yes in its place, and the record shows that it was
the rule.
"""

from __future__ import annotations

import json
import operator
from typing import Annotated, Any, Literal

from langchain_core.messages import AIMessage, convert_to_openai_messages
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.tools import StructuredTool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, interrupt

from tracer import Kit, answer_tool, submitted

NAME = "human_in_the_loop"
RULE = "yes, as nobody is there to ask"


class State(MessagesState, total=False):
    """The conversation, the number of model calls so far and, at the end, the answer (None: there is none)."""

    steps: Annotated[int, operator.add]
    answer: str | None


def build(kit: Kit) -> Any:
    """Give the stack for one run: a ReAct loop in which acts in the world need a reply that begins with yes."""
    graph = _graph(kit)

    async def drive(state: State, config: RunnableConfig) -> dict[str, Any]:
        settings: Any = {**config, "configurable": {"thread_id": "run", **config.get("configurable", {})}}
        done = await graph.ainvoke(state, settings)
        while "__interrupt__" in done:
            (pause,) = done["__interrupt__"]
            reply = await _ask(kit, done["messages"], pause.value)
            done = await graph.ainvoke(Command(resume=reply), settings)
        return done

    return RunnableLambda(drive)


async def _ask(kit: Kit, messages: list[Any], question: str) -> str:
    """Give what the human says to a question, or the rule where there is no human; a human who is gone says no."""
    if kit.user is None:
        kit.emit.message("rule", [NAME], RULE)
        return RULE
    said: Any = convert_to_openai_messages(messages[:-1])
    return await kit.user.reply([*said, {"role": "assistant", "content": question}]) or "no"


def _graph(kit: Kit) -> Any:
    options, limit = kit.task.options, kit.task.max_steps
    tools: list[Any] = [*kit.tools, *([answer_tool(options)] if options else [])]
    model = kit.model.bind_tools(tools, tool_choice="required" if options else "auto") if tools else kit.model
    in_the_world = {tool.name for tool in kit.tools}

    async def think(state: State) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])], "steps": 1}

    def after_thinking(state: State) -> Literal["approve", "finish"]:
        last = state["messages"][-1]
        return "approve" if isinstance(last, AIMessage) and last.tool_calls else "finish"

    async def approve(state: State) -> Command[Literal["tools", "model", "finish"]]:
        last = state["messages"][-1]
        calls = last.tool_calls if isinstance(last, AIMessage) else []
        asked = [f"{c['name']} {json.dumps(c['args'])}" for c in calls if c["name"] in in_the_world]
        reply = interrupt("May I do this?\n" + "\n".join(asked)) if asked else "yes"
        if reply.lower().startswith("yes"):
            return Command(goto="tools")
        refusing = ToolNode([_refusing(tool, reply) for tool in tools], handle_tool_errors=True)
        return Command(goto=after_acting(state), update=await refusing.ainvoke(state))

    def after_acting(state: State) -> Literal["model", "finish"]:
        over = submitted(state["messages"]) is not None or state.get("steps", 0) >= limit
        return "finish" if over else "model"

    def finish(state: State) -> dict[str, Any]:
        last = state["messages"][-1]
        said = last.text if isinstance(last, AIMessage) and not options else None
        return {"answer": submitted(state["messages"]) or said}

    graph = StateGraph(State)
    graph.add_node("model", think)
    graph.add_node("approve", approve)
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=True))
    graph.add_node("finish", finish)
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", after_thinking)
    graph.add_conditional_edges("tools", after_acting)
    graph.add_edge("finish", END)
    return graph.compile(name=NAME, checkpointer=kit.checkpointer or InMemorySaver())


def _refusing(tool: StructuredTool, reply: str) -> StructuredTool:
    """Give a tool that is called all the same, so that the record has the attempt, and does nothing."""

    def refuse(**arguments: Any) -> str:
        raise PermissionError(f"refused: {reply}")

    return tool.model_copy(update={"func": refuse})
