"""The questions that researchers ask of runs have one-line answers."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from typing import Any

import networkx as nx
import orjson
import pytest

from tracer.trajectory import (
    Trajectory,
    access_set,
    align,
    ancestors,
    build_trajectory,
    critical_path,
    descendants,
    first_divergence,
    reaches,
    to_dot,
    to_graphml,
    to_mermaid,
    to_node_link,
)

FACT = "the vault opens at nine on Tuesdays only"


def relay(story: Any, say: Any, told: str = FACT) -> tuple[dict[str, str], Trajectory]:
    """Agent one looks a fact up and writes a note to agent two; agent three hears nothing."""
    root = story.workflow()
    one = story.agent("one", root, "a1", lasts=200)
    call = say.asks("c1", "look")
    first = story.chat(one, [say.text("user", "find out")], [call])
    tool = story.tool(one, "look", "c1", FACT)
    note = say.text("assistant", f"Colleague, note that {told}.")
    second = story.chat(one, [say.text("user", "find out"), call, say.answers("c1", FACT)], [note], lasts=40)
    story.now = (one.end_ns or 0) + 1
    two = story.agent("two", root, "a2", lasts=100)
    third = story.chat(two, [say.text("user", f"Colleague, note that {told}.")], [say.text("assistant", "Thanks.")])
    story.now = (two.end_ns or 0) + 1
    three = story.agent("three", root, "a3", lasts=100)
    fourth = story.chat(three, [say.text("user", "sing")], [say.text("assistant", "La la la.")])
    names = {"first": first, "tool": tool, "second": second, "third": third, "fourth": fourth}
    return {name: span.span_id for name, span in names.items()}, build_trajectory(story.spans, id=story.run)


def test_ancestors_follow_the_content(story: Any, say: Any) -> None:
    """What a step depends on, through whomever it came; what did not lead to it is not among them."""
    at, made = relay(story, say)
    assert ancestors(made, at["third"]) == {at["first"], at["tool"], at["second"]}
    assert ancestors(made, at["fourth"]) == set()
    assert descendants(made, at["tool"]) == {at["second"], at["third"]}
    with pytest.raises(KeyError, match="no step"):
        ancestors(made, "nothing")


def test_an_access_set_is_what_an_agent_was_shown(story: Any, say: Any) -> None:
    """Messages and sources by a step, by instance or by name."""
    at, made = relay(story, say)
    assert access_set(made, "one", at["first"]).holds(FACT) is False
    assert access_set(made, "one", at["second"]).holds(FACT.upper()) is True
    assert access_set(made, "two").steps == {at["second"]}
    with pytest.raises(KeyError, match="names 0 agents"):
        access_set(made, "four")


def test_whether_an_evidence_reached_an_actor(story: Any, say: Any) -> None:
    """Yes with the step, no where all inputs are known, and unknown where they are not."""
    at, made = relay(story, say)
    assert reaches(made, FACT, "two").answer is True
    assert reaches(made, at["tool"], "two").answer is True
    assert reaches(made, FACT, "three").answer is False
    assert reaches(made, FACT, "one", at["first"]).answer is False
    shown = reaches(made, at["tool"], "one")
    assert (shown.answer, shown.steps) == (True, (at["second"],))
    story.chat(story.spans[-2], [], [say.text("assistant", "x")])
    told = reaches(build_trajectory(story.spans, id="r"), FACT, "three")
    assert told.answer is None
    assert "not all inputs" in told.reason


def test_the_critical_path_is_the_longest_chain(story: Any, say: Any) -> None:
    """Of parallel tools, the longer one is on it."""
    agent = story.agent("a", story.workflow(), "a1")
    first = story.chat(agent, [say.text("user", "go")], [say.asks("c1", "slow"), say.asks("c2", "quick")])
    now = story.now
    slow = story.tool(agent, "slow", "c1", "r", lasts=500)
    story.now = now
    story.tool(agent, "quick", "c2", "r", lasts=5)
    story.now = (slow.end_ns or 0) + 1
    given = [say.text("user", "go"), say.answers("c1", "r"), say.answers("c2", "r")]
    last = story.chat(agent, given, [say.text("assistant", "done")])
    path = critical_path(build_trajectory(story.spans, id="r"))
    assert [step.id for step in path] == [first.span_id, slow.span_id, last.span_id]


@pytest.mark.parametrize(
    ("other", "position", "why"),
    [
        ([("look", "1"), ("write", "2")], None, ""),
        ([("look", "1"), ("read", "2")], 3, "name"),
        ([("look", "1"), ("write", "3")], 3, "content"),
        ([("look", "1")], 2, "end"),
    ],
)
def test_where_two_runs_part(
    other: list[tuple[str, str]], position: int | None, why: str, say: Any, story: Any
) -> None:
    """The first act that differs in what is done or said."""
    make = type(story)

    def run(tools: list[tuple[str, str]]) -> Trajectory:
        own = make()
        agent = own.agent("a", own.workflow(), "a1")
        for number, (tool, result) in enumerate(tools):
            own.chat(agent, [say.text("user", "go")], [say.text("assistant", str(number))])
            own.tool(agent, tool, f"c{number}", result)
        return build_trajectory(own.spans, id="r")

    found = first_divergence(run([("look", "1"), ("write", "2")]), run(other))
    assert (found.position, found.why) == (position, why) if why != "end" else found.why == "end"


def test_hundreds_of_runs_align_to_one_graph(say: Any, story: Any) -> None:
    """Branch probabilities by condition are the shares of the runs that took the branch."""
    make = type(story)
    runs: list[Trajectory] = []
    conditions: dict[str, str] = {}
    for number in range(300):
        own = make(run=f"r{number}")
        agent = own.agent("a", own.workflow(), "a1")
        hinted = number % 2 == 0
        own.chat(agent, [say.text("user", "go")], [say.text("assistant", "x")])
        own.tool(agent, "cheat" if hinted and number % 4 == 0 else "work", "c", "r")
        own.chat(agent, [say.text("user", "go")], [say.text("assistant", "y")])
        runs.append(build_trajectory(own.spans, id=own.run))
        conditions[own.run] = "hint" if hinted else "plain"
    made = align(runs, conditions)
    place, ways = made.forks()[0]
    assert made.graph.nodes[place]["runs"] == 300
    cheat = next(target for target in ways if "cheat" in target)
    assert ways[cheat] == pytest.approx(0.25)
    assert made.graph[place][cheat]["by"] == {"hint": 0.5, "plain": 0.0}
    assert made.positions["r0"][1] == cheat


def test_exports_hold_every_act(story: Any, say: Any) -> None:
    """GraphML and node-link JSON hold all; Mermaid and DOT show acts by agent."""
    _, made = relay(story, say, told='<b>"quoted"</b> \x00 & more than twenty characters')
    root = ElementTree.fromstring(to_graphml(made))
    assert len(root.findall(".//{*}node")) == len(made.steps)
    linked = nx.node_link_graph(orjson.loads(orjson.dumps(to_node_link(made))), edges="edges")
    assert linked.number_of_edges() == len(made.edges)
    for drawn in (to_mermaid(made), to_dot(made)):
        assert all(
            name in drawn for name in ("one", "two", "three", "look", "informs" if "informs" in drawn else "next")
        )
    assert to_mermaid(made).startswith("flowchart TD\n")
    assert to_dot(made).startswith("digraph")
