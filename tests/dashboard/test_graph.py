"""Layout and drawing of a run's graph, and what was said in it."""

from __future__ import annotations

import importlib
import xml.etree.ElementTree as ET
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import Edge, Message, Step, Store, ToolCall, Trajectory, build_trajectory
from tracer.trajectory import fidelity

DASHBOARD = Path(__file__).parents[2] / "dashboard"


@pytest.fixture(scope="module")
def load() -> Callable[[str], Any]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DASHBOARD))
        for name in ("lanes", "graph", "conversation", "markup"):
            importlib.import_module(name)
    return importlib.import_module


def step(id: str, kind: str = "model", start: int = 0, end: int | None = 1, **fields: Any) -> Step:
    return Step(id=id, kind=kind, name=fields.pop("name", id), start_ns=start, end_ns=end, **fields)  # pyright: ignore[reportArgumentType]  # kinds are strings


def edge(source: str, target: str, kind: str = "next", **fields: Any) -> Edge:
    return Edge(source, target, kind, fields.pop("method", "recorded"), **fields)  # pyright: ignore[reportArgumentType]  # kinds and methods are strings


def _tip(step: Step) -> str:
    return f"tip of {step.name}"


def graph_of(trajectory: Trajectory, load: Callable[[str], Any]) -> ET.Element:
    layout = load("lanes").lay_out(trajectory, trajectory.steps)
    return ET.fromstring(load("graph").draw_graph(trajectory, layout, _tip))


steps_strategy = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 12), st.sampled_from("abc")), min_size=1, max_size=25
)


@given(steps_strategy)
def test_steps_never_share_a_place_and_stand_in_order(
    load: Callable[[str], Any], drawn: list[tuple[int, int, str]]
) -> None:
    """No two steps overlap, and what began after a step had ended stands to the right of it."""
    steps = sorted(
        (step(str(n), start=s, end=s + d, agent=a) for n, (s, d, a) in enumerate(drawn)), key=lambda x: x.start_ns
    )
    trajectory = Trajectory("t", tuple(steps))
    places = list(load("lanes").lay_out(trajectory, trajectory.steps).places.values())
    assert len({(p.column, p.row) for p in places}) == len(places) == len(steps)
    for earlier in places:
        for later in places:
            if (earlier.step.end_ns or 0) <= later.step.start_ns and earlier.step.start_ns < later.step.start_ns:
                assert earlier.column < later.column


def team() -> Trajectory:
    """A workflow with an agent that calls a tool, and a second agent that it hands over to."""
    steps = (
        step("run", "workflow", 0, 100),
        step("first", "agent", 1, 50, agent="a"),
        step("think", "model", 2, 10, agent="a"),
        step("look", "tool", 11, 20, agent="a"),
        step("second", "agent", 51, 90, agent="b"),
        step("write", "model", 52, 60, agent="b"),
    )
    edges = (
        *(edge("run", x, "contains") for x in ("first", "second")),
        *(edge("first", x, "contains") for x in ("think", "look")),
        edge("second", "write", "contains"),
        edge("think", "look", "requests", method="tool_call_id", evidence={"id": "call-1"}),
        edge("look", "second", "hands_off", confidence=0.8),
    )
    return Trajectory("t", steps, edges, agents={"a": "planner", "b": "writer"})


def test_containers_are_boxes_and_lanes_never_lines(load: Callable[[str], Any]) -> None:
    """Agents become lanes with their names and boxes around their acts; `contains` is no line."""
    layout = load("lanes").lay_out(team(), team().steps)
    assert [lane.name for lane in layout.lanes] == ["planner", "writer"]
    assert [box.step.id for box in layout.boxes] == ["first", "second"]
    assert set(layout.places) == {"think", "look", "write"}
    drawn = graph_of(team(), load)
    assert {e.get("data-kind") for e in drawn.iter("g") if e.get("data-kind")} == {"requests", "hands_off"}


def test_an_edge_says_its_kind_method_and_confidence(load: Callable[[str], Any]) -> None:
    """Hovering over an edge tells what it is, how it is known and how surely; containers are met at their ends."""
    tips = {e.get("data-kind"): e.get("data-tip", "") for e in graph_of(team(), load).iter("g") if e.get("data-kind")}
    known = "known by tool_call_id, confidence 1.00"
    assert tips["requests"].splitlines() == ["requests: think → look", known, "id: call-1"]
    assert "hands_off: look → second" in tips["hands_off"]
    assert "confidence 0.80" in tips["hands_off"]


def test_kinds_of_edges_are_drawn_differently(load: Callable[[str], Any]) -> None:
    """Every kind of edge but `contains` has a line of its own, told apart by more than its colour."""
    edges = load("palette").EDGES
    kinds = {"next", "requests", "returns", "informs", "hands_off", "sends", "plans", "executes", "retries",
             "revises", "joins", "reads_memory", "forks"}  # fmt: skip
    assert set(edges) == kinds
    assert len({(line.color, line.dash, line.width) for line in edges.values()}) == len(kinds)


@given(st.text(max_size=40))
def test_no_name_becomes_markup(load: Callable[[str], Any], text: str) -> None:
    """Any text as a name, an error or evidence leaves the drawing well formed with the same elements."""

    def tags(name: str) -> list[str]:
        steps = (step("a", name=name, agent="x"), step("b", start=2, end=3, name=name, error=name, agent="x"))
        made = Trajectory("t", steps, (edge("a", "b", evidence={"text": name}),), agents={"x": name})
        return [e.tag for e in graph_of(made, load).iter()]

    assert tags(text) == tags("plain")


def test_instances_of_one_agent_have_lanes_of_their_own(load: Callable[[str], Any]) -> None:
    """Two agents of one name are numbered."""
    steps = (step("a", agent="1"), step("b", start=2, end=3, agent="2"))
    layout = load("lanes").lay_out(Trajectory("t", steps, agents={"1": "worker", "2": "worker"}), steps)
    assert [lane.name for lane in layout.lanes] == ["worker 1", "worker 2"]


def test_every_message_is_told_once(load: Callable[[str], Any]) -> None:
    """A history that is sent again at every call is told once, in order, with the result of a tool at the tool."""
    asked = Message("user", "Where?")
    calling = Message("assistant", "", tool_calls=(ToolCall("look", {"at": "desk"}, "c1"),))
    result = Message("tool", "Dock 4", tool_call_id="c1", name="look")
    answer = Message("assistant", "At dock 4.")
    steps = (
        step("m1", input=(asked,), output=(calling,), agent="a"),
        step("t1", "tool", 2, 3, output=(result,), agent="a", data={"arguments": {"at": "desk"}, "result": "Dock 4"}),
        step("m2", "model", 4, 5, input=(asked, calling, result), output=(answer,), agent="a"),
        step("m3", "model", 6, 7, input=(asked, calling, result, answer, asked), output=(), agent="a"),
    )
    told = load("conversation").lines(Trajectory("t", steps, agents={"a": "clerk"}))
    assert [(line.step, line.role) for line in told] == [
        ("m1", "user"), ("m1", "assistant"), ("t1", "tool"), ("m2", "assistant"), ("m3", "user")
    ]  # fmt: skip
    assert told[1].blocks == (("calls look", '{\n  "at": "desk"\n}'),)
    assert ("result", "Dock 4") in told[2].blocks


def test_a_result_that_was_changed_on_its_way_is_told_again(load: Callable[[str], Any]) -> None:
    """Where a model is sent another result than the tool gave, both stand in the conversation."""
    gave, sent = (Message("tool", place, tool_call_id="c1") for place in ("Dock 4", "Dock 9"))
    steps = (
        step("t1", "tool", output=(gave,), agent="a", data={"result": "Dock 4"}),
        step("m1", start=2, end=3, input=(sent,), agent="a"),
    )
    told = load("conversation").lines(Trajectory("t", steps))
    assert [block for line in told for block in line.blocks] == [("result", "Dock 4"), ("", "Dock 9")]


@pytest.mark.parametrize(
    ("before", "after", "differing"),
    [
        ({}, {}, []),
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, [("a.b[1]", "2", "3")]),
        ({"a": []}, {"a": ["x"]}, [("a", "[]", "–"), ("a[0]", "–", "x")]),
    ],
)
def test_changes_of_a_world_are_named(load: Callable[[str], Any], before: Any, after: Any, differing: Any) -> None:
    """What differs between two states of a world is named by its path, and nothing else is."""
    assert load("conversation").changes(before, after) == differing


def test_a_recorded_run_is_laid_out_and_told(
    load: Callable[[str], Any], recorded: Callable[..., str], store: Store
) -> None:
    """A run recorded from LangGraph has its agent's lane, its calls joined, its goals and beliefs, and all it said."""
    run = recorded({"parcel": "blue"}, "It is at dock 4.")
    trajectory = build_trajectory(store.spans(run), id=run)
    layout = load("lanes").lay_out(trajectory, trajectory.steps)
    assert "clerk" in [lane.name for lane in layout.lanes]
    assert {p.step.kind for p in layout.places.values()} == {"plan", "message", "model", "tool"}
    assert {"requests", "returns", "next"} <= {
        e.get("data-kind") for e in graph_of(trajectory, load).iter("g") if e.get("data-kind")
    }
    said = [text for line in load("conversation").lines(trajectory) for _, text in line.blocks]
    assert said.count("Where is the parcel?") == 1
    assert "blue is at <b>Dock 4</b>" in said
    assert [a.kind for a in load("conversation").attitudes(trajectory)] == ["plan", "goal", "belief"]
    assert fidelity(trajectory).content == 1
