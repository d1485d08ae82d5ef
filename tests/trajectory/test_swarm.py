"""A swarm of many agents with one name stays many agents."""

from __future__ import annotations

import operator
from pathlib import Path
from typing import Annotated, Any, TypedDict

from langgraph.graph import END, START, StateGraph
from langgraph.types import Send

from tracer.recording import record
from tracer.store import open_store
from tracer.trajectory import build_trajectory, summary

AGENTS = 50


class State(TypedDict, total=False):
    number: int
    seen: Annotated[list[int], operator.add]


class Seen(TypedDict, total=False):
    seen: Annotated[list[int], operator.add]


def work(state: State) -> Seen:
    return {"seen": [state.get("number", 0)]}


def nothing(state: State) -> Seen:
    return {"seen": []}


def spread(state: State) -> list[Send]:
    return [Send("worker", {"number": number}) for number in range(AGENTS)]


def swarm() -> Any:
    """Give a graph that fans out to fifty copies of one agent and waits for all of them."""
    worker: Any = StateGraph(State, output_schema=Seen)
    worker.add_node("work", work)
    worker.add_edge(START, "work")
    graph: Any = StateGraph(State)
    graph.add_node("worker", worker.compile(name="worker"))
    graph.add_node("join", nothing)
    graph.add_conditional_edges(START, spread, ["worker"])
    graph.add_edge("worker", "join")
    graph.add_edge("join", END)
    return graph.compile(name="swarm")


def test_fifty_agents_of_one_name_are_fifty(tmp_path: Path) -> None:
    """Agents are told apart by instance, not by name."""
    with record("swarm", tmp_path / "store") as session:
        swarm().invoke({"seen": []}, config={"callbacks": [session.callback]})
    store = open_store(tmp_path / "store")
    made = build_trajectory(store.spans(session.run_id), id=session.run_id)
    store.close()
    names = list(made.agents.values())
    assert names.count("worker") == AGENTS
    assert names.count("swarm") == 1
    assert len(set(made.agents)) == AGENTS + 1
    assert summary(made)["steps"]["agent"] == AGENTS + 1
