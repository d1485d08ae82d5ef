"""Runs of our own recorder become the graph that they were."""

from __future__ import annotations

from typing import Any

import pytest

from tracer.spans.names import EdgeKind, Method, StepKind
from tracer.trajectory import Trajectory, build_trajectory, handoffs, join_sets, summary, to_networkx


def edges(trajectory: Trajectory, kind: EdgeKind) -> set[tuple[str, str]]:
    return {(edge.source, edge.target) for edge in trajectory.edges if edge.kind == kind}


def test_a_tool_is_joined_to_who_asked_and_who_was_told(story: Any, say: Any) -> None:
    """A tool step has one edge from the call that asked for it and one to the call that was shown its result."""
    agent = story.agent("react", story.workflow(), "a1")
    question = say.text("user", "What is the weather in Paris?")
    call = say.asks("c1", "get_weather", city="Paris")
    first = story.chat(agent, [question], [call])
    tool = story.tool(agent, "get_weather", "c1", "18 C, sunny")
    last = story.chat(agent, [question, call, say.answers("c1", "18 C, sunny")], [say.text("assistant", "18 C.")])
    made = build_trajectory(story.spans, id="run-1")
    assert edges(made, EdgeKind.REQUESTS) == {(first.span_id, tool.span_id)}
    assert edges(made, EdgeKind.RETURNS) == {(tool.span_id, last.span_id)}
    assert edges(made, EdgeKind.NEXT) == {(first.span_id, tool.span_id), (tool.span_id, last.span_id)}
    assert (tool.span_id, last.span_id) in edges(made, EdgeKind.INFORMS)
    assert {step.agent for step in made.steps if step.kind == StepKind.TOOL} == {"a1"}
    assert made.agents == {"a1": "react"}
    assert summary(made)["fidelity"]["unknown"] == ["tokens"]


def test_the_order_of_spans_does_not_matter(story: Any, say: Any) -> None:
    """Spans in any order give the same trajectory."""
    agent = story.agent("react", story.workflow(), "a1")
    call = say.asks("c1", "look")
    story.chat(agent, [say.text("user", "go")], [call])
    story.tool(agent, "look", "c1", "found")
    assert build_trajectory(story.spans, id="r") == build_trajectory(story.spans[::-1], id="r")


def test_agents_of_one_name_are_told_apart(story: Any, say: Any) -> None:
    """Parallel branches and recursion make instances of their own; the same agent called twice in turn is one."""
    root = story.workflow()
    first = story.agent("worker", root, lasts=100)
    story.chat(first, [say.text("user", "x")], [say.text("assistant", "y")], lasts=50)
    story.now = first.start_ns + 10
    second = story.agent("worker", root, lasts=100)
    inner = story.agent("worker", second, lasts=20)
    story.now = (second.end_ns or 0) + 100
    third = story.agent("worker", root, lasts=100)
    made = build_trajectory(story.spans, id="r")
    instances = {step.id: step.agent for step in made.steps if step.kind == StepKind.AGENT}
    assert len({instances[first.span_id], instances[second.span_id], instances[inner.span_id]}) == 3
    assert instances[third.span_id] in (instances[first.span_id], instances[second.span_id])
    assert set(made.agents.values()) == {"worker"}


def test_a_handoff_is_control_and_no_failure(story: Any, say: Any) -> None:
    """A handoff has source, target and an edge to the first step of who takes over, even if recorded as an error."""
    root = story.workflow()
    boss = story.agent("supervisor", root, "a1", lasts=100)
    call = say.asks("c1", "transfer_to_worker")
    story.chat(boss, [say.text("user", "go")], [call])
    passed = story.tool(
        boss,
        "transfer_to_worker",
        "c1",
        "ok",
        status=say.status(2, "ParentCommand(...)"),
        attributes={
            "prosaic.handoff.from": "supervisor",
            "prosaic.handoff.to": "worker",
            "prosaic.control_flow": "handoff",
        },
    )
    story.now = (boss.end_ns or 0) + 1
    worker = story.agent("worker", root, "a2", lasts=100)
    story.chat(worker, [say.text("user", "go")], [say.text("assistant", "done")])
    made = build_trajectory(story.spans, id="r")
    assert handoffs(made) == [("supervisor", "worker")]
    assert edges(made, EdgeKind.HANDS_OFF) == {(passed.span_id, worker.span_id)}
    assert {step.status for step in made.steps} == {"ok", "control"}


def test_a_join_waits_for_the_branches_that_its_trigger_names(story: Any, say: Any) -> None:
    """The triggers of a graph node tell who waited for whom, also where nodes have no spans of their own."""
    root = story.workflow()

    def node(name: str, step: int, **more: Any) -> Any:
        told = {"prosaic.node.name": name, "prosaic.node.step": step, "prosaic.node.task": f"{name}:1"}
        return story.chat(root, [say.text("user", name)], [say.text("assistant", "ok")], attributes=told | more)

    node("planner", 1)
    a, b = node("worker_a", 2), node("worker_b", 2)
    join = node("join", 3, **{"prosaic.node.triggers": ["branch:to:join", "join:worker_a+worker_b:join"]})
    made = build_trajectory(story.spans, id="r")
    assert edges(made, EdgeKind.JOINS) == {(a.span_id, join.span_id), (b.span_id, join.span_id)}
    assert join_sets(made) == [("join", ["worker_a", "worker_b"])]


def test_plans_know_their_versions_and_what_carries_them_out(story: Any, say: Any) -> None:
    """A new version revises the old one, and an executing span belongs to the version that holds its step."""
    agent = story.agent("planner", story.workflow(), "a1")

    def plan(version: int, *steps: str) -> Any:
        told = {
            "gen_ai.operation.name": "plan",
            "prosaic.plan.id": "p",
            "prosaic.plan.version": version,
            "prosaic.plan.steps": [{"id": step, "text": step} for step in steps],
        }
        return story.span("plan planner", agent, attributes=told)

    first = plan(1, "s1", "s2")
    done = story.tool(agent, "t", "c", "r", attributes={"prosaic.plan.step.id": "s1"})
    second = plan(2, "s2", "s3")
    after = story.tool(agent, "t", "c2", "r", attributes={"prosaic.plan.step.id": "s3"})
    made = build_trajectory(story.spans, id="r")
    assert edges(made, EdgeKind.REVISES) == {(first.span_id, second.span_id)}
    assert edges(made, EdgeKind.EXECUTES) == {(first.span_id, done.span_id), (second.span_id, after.span_id)}


def test_memory_leads_from_its_write_to_its_reads(story: Any, say: Any) -> None:
    """A record that comes back from a search is joined to the step that wrote it."""
    agent = story.agent("a", story.workflow(), "a1")
    record = [{"id": "m1", "content": "the key is under the mat"}]
    told = {"gen_ai.operation.name": "upsert_memory", "gen_ai.memory.records": record}
    write = story.span("upsert_memory", agent, attributes=told)
    read = story.span("search_memory", agent, attributes=told | {"gen_ai.operation.name": "search_memory"})
    made = build_trajectory(story.spans, id="r")
    assert edges(made, EdgeKind.READS_MEMORY) == {(write.span_id, read.span_id)}


def test_messages_reach_their_recipients(story: Any, say: Any) -> None:
    """A message is sent to the first step of its recipient after it, and informs what it is read by."""
    root = story.workflow()
    a = story.agent("alice", root, "a1", lasts=100)
    told = {
        "prosaic.step.kind": "message",
        "prosaic.message.id": "m1",
        "prosaic.message.from": "alice",
        "prosaic.message.to": ["bob"],
        "prosaic.message.content": "the meeting has been moved to Thursday",
    }
    sent = story.span("message", a, attributes=told)
    story.now = (a.end_ns or 0) + 1
    b = story.agent("bob", root, "b1")
    read = story.chat(b, [say.text("user", "the meeting has been moved to Thursday")], [say.text("assistant", "ok")])
    made = build_trajectory(story.spans, id="r")
    assert edges(made, EdgeKind.SENDS) == {(sent.span_id, b.span_id)}
    assert (sent.span_id, read.span_id) in edges(made, EdgeKind.INFORMS)


def test_goals_and_beliefs_stand_on_the_step_that_had_them(story: Any, say: Any) -> None:
    """Goal and belief events become `goals` and `beliefs` of their step."""
    goal = say.event("prosaic.goal", 5, {"prosaic.goal.id": "g", "prosaic.goal.text": "win"})
    belief = say.event(
        "prosaic.belief", 6, {"prosaic.belief.proposition": "it rains", "prosaic.belief.confidence": 0.7}
    )
    agent = story.agent("a", story.workflow(), "a1")
    held = story.span("chat m", agent, attributes={"gen_ai.operation.name": "chat"}, events=(goal, belief))
    made = {step.id: step for step in build_trajectory(story.spans, id="r").steps}[held.span_id]
    assert made.data["goals"] == [{"id": "g", "text": "win", "time_ns": 5}]
    assert made.data["beliefs"] == [{"proposition": "it rains", "confidence": 0.7, "time_ns": 6}]


def test_probes_are_no_part_of_the_run(story: Any, say: Any) -> None:
    """A question put after the run is neither an act in order nor a source or target of dataflow."""
    agent = story.agent("a", story.workflow(), "a1")
    said = say.text("assistant", "the answer is forty-two, as everybody knows")
    story.chat(agent, [say.text("user", "q")], [said])
    probe = story.chat(agent, [said], [said], attributes={"prosaic.step.kind": "probe"})
    made = build_trajectory(story.spans, id="r")
    touched = {edge.kind for edge in made.edges if probe.span_id in (edge.source, edge.target)}
    assert touched == {EdgeKind.CONTAINS}


def test_a_step_that_never_ended_is_open(story: Any, say: Any) -> None:
    """A span without an end is an open step, and the fidelity report counts it."""
    story.span("invoke_workflow w", attributes={"gen_ai.operation.name": "invoke_workflow"}, end=None)
    made = build_trajectory(story.spans, id="r")
    assert [step.status for step in made.steps] == ["open"]
    assert summary(made)["fidelity"]["losses"] == {"ends": 1}


def test_a_failed_call_that_is_made_again_is_a_retry(story: Any, say: Any) -> None:
    """The same request after a failure is joined to it."""
    agent = story.agent("a", story.workflow(), "a1")
    given = [say.text("user", "q")]
    failed = story.chat(agent, given, [], status=say.status(2, "429"))
    again = story.chat(agent, given, [say.text("assistant", "a")])
    made = build_trajectory(story.spans, id="r")
    assert edges(made, EdgeKind.RETRIES) == {(failed.span_id, again.span_id)}


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ("informed_by", EdgeKind.INFORMS),
        ("retry_of", EdgeKind.RETRIES),
        ("join", EdgeKind.JOINS),
        ("spawned", EdgeKind.FORKS),
    ],
)
def test_links_become_edges_of_the_kind_they_state(story: Any, say: Any, told: str, kind: EdgeKind) -> None:
    """A span link points back from the later step; its kind names the edge."""
    agent = story.agent("a", story.workflow(), "a1")
    earlier = story.chat(agent, [say.text("user", "1")], [say.text("assistant", "x")])
    link = say.link(earlier.trace_id, earlier.span_id, {"prosaic.link.kind": told})
    later = story.chat(agent, [say.text("user", "2")], [say.text("assistant", "y")], links=(link,))
    made = build_trajectory(story.spans, id="r")
    recorded = {(e.source, e.target) for e in made.edges if e.kind == kind and e.method == Method.RECORDED}
    assert (earlier.span_id, later.span_id) in recorded


def test_the_graph_has_every_step_and_edge(story: Any, say: Any) -> None:
    """The networkx form has the fields of steps and edges as attributes, and one key a kind."""
    agent = story.agent("a", story.workflow(), "a1")
    call = say.asks("c1", "look")
    first = story.chat(agent, [say.text("user", "go")], [call])
    tool = story.tool(agent, "look", "c1", "found")
    made = build_trajectory(story.spans, id="r")
    graph = to_networkx(made)
    assert graph.number_of_nodes() == len(made.steps)
    assert graph.number_of_edges() == len(made.edges)
    assert graph.nodes[tool.span_id]["name"] == "look"
    assert graph.nodes[tool.span_id]["agent_name"] == "a"
    assert set(graph[first.span_id][tool.span_id]) == {"next", "requests"}
    only = to_networkx(made, kinds=[EdgeKind.REQUESTS])
    assert only.number_of_edges() == 1


def test_a_handoff_says_why_and_counts_once(story: Any, say: Any) -> None:
    """A handoff that a tool states outright is one handoff with its reason, though the tool's name tells of it too."""
    root = story.workflow()
    boss = story.agent("boss", root, "a1", lasts=100)
    call = say.asks("c1", "delegate_to_clerk", task="file it")
    story.chat(boss, [say.text("user", "go")], [call])
    tool = story.tool(boss, "delegate_to_clerk", "c1", "filed", lasts=50)
    told = {
        "prosaic.step.kind": "handoff",
        "prosaic.handoff.from": "boss",
        "prosaic.handoff.to": "clerk",
        "prosaic.handoff.reason": "file it",
    }
    story.now = tool.start_ns + 1
    story.span("handoff clerk", tool, lasts=1, attributes=told)
    story.chat(
        story.agent("clerk", tool, "a2", lasts=20), [say.text("user", "file it")], [say.text("assistant", "filed")]
    )
    made = build_trajectory(story.spans, id="r")
    assert handoffs(made) == [("boss", "clerk")]
    (handed,) = [step for step in made.steps if "handoff" in step.data]
    assert (handed.kind, handed.data["handoff"]["reason"]) == (StepKind.HANDOFF, "file it")
