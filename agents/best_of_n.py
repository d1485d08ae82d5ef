"""Best of n: several next moves are proposed at once, a judge picks one of them, and it is made."""

from __future__ import annotations

import json
import operator
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, Literal

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from tracer import answer_tool, submitted

if TYPE_CHECKING:
    from tracer import Kit

PROPOSALS = 3
ASK_JUDGE = "These are possible next moves:\n\n{}\n\nWhich one is best?"


class State(MessagesState, total=False):
    """The conversation, moves made and model calls so far, what was proposed for each move, and the answer."""

    moves: int
    calls: int
    proposed: Annotated[list[tuple[int, int, AIMessage]], operator.add]
    answer: str | None


def build(kit: Kit) -> Any:
    """Give the stack for one run.

    A move is a tool call or, at the end, the answer. It takes four model calls, fewer where all proposals are the same
    or `kit.task.max_steps` does not allow as many. A judge that names no candidate gets the first one.
    """
    options, limit = kit.task.options, kit.task.max_steps
    tools = [*kit.tools, *([answer_tool(options)] if options else [])]
    model = kit.model.bind_tools(tools, tool_choice="required" if options else "auto") if tools else kit.model
    proposers = [f"propose_{number}" for number in range(1, PROPOSALS + 1)]

    async def propose(place: int, state: State) -> dict[str, Any]:
        if state.get("calls", 0) + place >= limit:
            return {}
        return {"proposed": [(state.get("moves", 0), place, await model.ainvoke(state["messages"]))]}

    async def judge(state: State) -> dict[str, Any]:
        move = state.get("moves", 0)
        proposed = sorted((p for p in state.get("proposed", []) if p[0] == move), key=lambda p: p[1])
        candidates: dict[str, AIMessage] = {}
        for _, _, message in proposed:
            candidates.setdefault(_shown(message), message)
        calls = state.get("calls", 0) + len(proposed)
        best, judged = next(iter(candidates.values())), len(candidates) > 1 and calls < limit
        if judged:
            shown = "\n\n".join(f"{number}: {text}" for number, text in enumerate(candidates, 1))
            asked = HumanMessage(ASK_JUDGE.format(shown))
            names = [str(number) for number in range(1, len(candidates) + 1)]
            decided = await _choosing(kit, names).ainvoke([*state["messages"], asked])
            named = (decided["parsed"] or {}).get("best")
            best = list(candidates.values())[names.index(named) if named in names else 0]
        return {"messages": [best], "moves": move + 1, "calls": calls + judged}

    def after_judging(state: State) -> Literal["tools", "finish"]:
        last = state["messages"][-1]
        return "tools" if isinstance(last, AIMessage) and last.tool_calls else "finish"

    def after_acting(state: State) -> list[str]:
        over = submitted(state["messages"]) is not None or state.get("calls", 0) >= limit
        return ["finish"] if over else proposers

    def finish(state: State) -> dict[str, Any]:
        last = state["messages"][-1]
        said = last.text if isinstance(last, AIMessage) and not options else None
        return {"answer": submitted(state["messages"]) or said}

    graph = StateGraph(State)
    for place, name in enumerate(proposers):
        graph.add_node(name, partial(propose, place))
        graph.add_edge(START, name)
    graph.add_node("judge", judge)
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=True))
    graph.add_node("finish", finish)
    graph.add_edge(proposers, "judge")
    graph.add_conditional_edges("judge", after_judging)
    graph.add_conditional_edges("tools", after_acting, [*proposers, "finish"])
    graph.add_edge("finish", END)
    return graph.compile(name="best_of_n", checkpointer=kit.checkpointer)


def _choosing(kit: Kit, names: list[str]) -> Any:
    """Give the model, bound to name one of the candidates."""
    best = {"type": "string", "enum": names, "description": "The number of the best one."}
    choose = {"title": "choose", "description": "Choose one.", "type": "object", "properties": {"best": best}}
    return kit.model.with_structured_output(
        choose | {"required": ["best"]}, method="function_calling", include_raw=True
    )


def _shown(message: AIMessage) -> str:
    calls = "\n".join(f"{call['name']} {json.dumps(call['args'], sort_keys=True)}" for call in message.tool_calls)
    return calls or f"say: {message.text.strip()}"
