"""Self-consistency: every next move is drawn several times at once, and the move that is drawn most often is made."""

from __future__ import annotations

import json
import operator
from collections import Counter
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from langchain_core.messages import AIMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from tracer import answer_tool, submitted

if TYPE_CHECKING:
    from tracer import Kit

SAMPLES = 3


class State(MessagesState, total=False):
    """The conversation, the number of moves so far, what was drawn for each of them, and the answer."""

    moves: int
    drawn: Annotated[list[tuple[int, int, AIMessage]], operator.add]
    answer: str | None


def build(kit: Kit) -> Any:
    """Give the stack for one run.

    A move is a tool call or, at the end, the answer. It takes three model calls, fewer where `kit.task.max_steps` does
    not allow as many. Of moves drawn equally often the first is made.
    """
    options, limit = kit.task.options, kit.task.max_steps
    tools = [*kit.tools, *([answer_tool(options)] if options else [])]
    model = kit.model.bind_tools(tools, tool_choice="required" if options else "auto") if tools else kit.model
    samples = [f"sample_{number}" for number in range(1, SAMPLES + 1)]

    async def sample(place: int, state: State) -> dict[str, Any]:
        move = state.get("moves", 0)
        if move * SAMPLES + place >= limit:
            return {}
        return {"drawn": [(move, place, await model.ainvoke(state["messages"]))]}

    def vote(state: State) -> dict[str, Any]:
        move = state.get("moves", 0)
        drawn = sorted((d for d in state.get("drawn", []) if d[0] == move), key=lambda d: d[1])
        votes = Counter(_move(message) for _, _, message in drawn)
        winner = max((message for _, _, message in drawn), key=lambda message: votes[_move(message)])
        return {"messages": [winner], "moves": move + 1}

    def after_voting(state: State) -> Literal["tools", "finish"]:
        last = state["messages"][-1]
        return "tools" if isinstance(last, AIMessage) and last.tool_calls else "finish"

    def after_acting(state: State) -> list[str]:
        over = submitted(state["messages"]) is not None or state.get("moves", 0) * SAMPLES >= limit
        return ["finish"] if over else samples

    def finish(state: State) -> dict[str, Any]:
        last = state["messages"][-1]
        said = last.text if isinstance(last, AIMessage) and not options else None
        return {"answer": submitted(state["messages"]) or said}

    graph = StateGraph(State)
    for place, name in enumerate(samples):
        graph.add_node(name, partial(sample, place))
        graph.add_edge(START, name)
    graph.add_node("vote", vote)
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=True))
    graph.add_node("finish", finish)
    graph.add_edge(samples, "vote")
    graph.add_conditional_edges("vote", after_voting)
    graph.add_conditional_edges("tools", after_acting, [*samples, "finish"])
    graph.add_edge("finish", END)
    return graph.compile(name="self_consistency", checkpointer=kit.checkpointer)


def _move(message: AIMessage) -> str:
    """Give what two drawn moves have in common if they are the same one: tools and arguments, or words."""
    calls = [(call["name"], call["args"]) for call in message.tool_calls]
    return json.dumps(calls, sort_keys=True) if calls else message.text.strip().casefold()
