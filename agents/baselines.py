"""Baselines without a model: one that acts at random, and one that always takes what stands first."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.messages import AIMessage
from langchain_core.utils.function_calling import convert_to_openai_tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

if TYPE_CHECKING:
    from tracer import Kit

Pick = Callable[[Sequence[Any]], Any]


class State(MessagesState, total=False):
    """The conversation, the number of acts so far, and the answer."""

    acts: int
    answer: str | None


def random_build(kit: Kit) -> Any:
    """Give a stack that takes every tool, argument and answer at random, by the seed of the run.

    It stops at random too: at each turn stopping is as likely as any one tool.
    """
    return _graph(kit, "random", random.Random(kit.seed).choice, stops=True)


def first_option(kit: Kit) -> Any:
    """Give a stack that answers with the first option; without options it takes the first tool, over and over."""
    return _graph(kit, "first_option", lambda values: values[0], stops=bool(kit.task.options))


def _graph(kit: Kit, name: str, pick: Pick, *, stops: bool) -> Any:
    """Give a graph that acts by `pick`, at most `kit.task.max_steps` times; `stops`: stopping is one of the choices."""
    offered = [convert_to_openai_tool(tool)["function"] for tool in kit.tools]
    open_to_it = [*([None] if stops or not offered else []), *offered]

    def choose(state: State) -> dict[str, Any]:
        tool = pick(open_to_it) if state.get("acts", 0) < kit.task.max_steps else None
        if tool is None:
            return {"answer": pick(kit.task.options) if kit.task.options else None}
        heard = re.findall(r"\w+", state["messages"][-1].text) or [""]
        arguments = _value(tool.get("parameters") or {}, pick, heard)
        call = {"name": tool["name"], "args": arguments, "id": f"call_{len(state['messages'])}"}
        return {"messages": [AIMessage("", tool_calls=[call])], "acts": state.get("acts", 0) + 1}

    def after_choosing(state: State) -> Literal["tools", "finish"]:
        return "finish" if "answer" in state else "tools"

    graph = StateGraph(State)
    graph.add_node("choose", choose)
    graph.add_node("tools", ToolNode(kit.tools, handle_tool_errors=True))
    graph.add_edge(START, "choose")
    graph.add_conditional_edges("choose", after_choosing, {"tools": "tools", "finish": END})
    graph.add_edge("tools", "choose")
    return graph.compile(name=name, checkpointer=kit.checkpointer)


def _value(schema: Mapping[str, Any], pick: Pick, heard: Sequence[str]) -> Any:
    """Give a value that a JSON schema allows; a free text is one of the words heard last."""
    if schema.get("anyOf"):
        return _value(pick(schema["anyOf"]), pick, heard)
    if "enum" in schema or "const" in schema:
        return pick(schema.get("enum") or [schema["const"]])
    match schema.get("type"):
        case "object":
            return {name: _value(inner, pick, heard) for name, inner in (schema.get("properties") or {}).items()}
        case "array":
            return [_value(schema.get("items") or {}, pick, heard)]
        case "boolean":
            return pick([False, True])
        case "integer" | "number":
            low = int(schema.get("minimum", 0))
            return pick(range(low, int(schema.get("maximum", low + 9)) + 1))
        case "null":
            return None
        case _:
            return pick(heard)
