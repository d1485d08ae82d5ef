"""Stacks of several agents, with a memory or with a human: their trajectories are what they really did."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias

import pytest

import tracer
from tracer.execution import Bench, RunPlan, execute
from tracer.recording import Recorder, context_in_threads
from tracer.spans.names import EdgeKind, StepKind
from tracer.store import RunRow, open_store
from tracer.testing import Script, Turn, scripted_model
from tracer.trajectory import Step, Trajectory, access_set, build_trajectory, handoffs, join_sets

GARDEN = f"{Path(__file__).with_name('garden.py')}:"
STACKS = ("supervisor", "swarm", "debate", "memory", "human_in_the_loop")
Runs: TypeAlias = dict[tuple[str, str, str], tuple[RunRow, Trajectory]]


def address(stack: str) -> str:
    return f"agents/{stack}.py:build"


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """Every stack on every scenario and condition of the garden, made as one study: the stack is a factor."""
    folder = tmp_path_factory.mktemp("garden")
    result = tracer.run(f"{GARDEN}suite", stack=[address(stack) for stack in STACKS], store=folder)
    store = open_store(folder)
    made: Runs = {}
    for row in result.rows:
        spans = store.spans(row.id)
        made[Path(row.stack).stem, row.scenario, row.condition] = row, build_trajectory(spans, id=row.id)
    store.close()
    return made


def steps(made: Trajectory, kind: StepKind, name: str = "") -> list[Step]:
    return [step for step in made.steps if step.kind == kind and name in ("", step.name)]


def did(made: Trajectory) -> list[tuple[str, str, str]]:
    """Give (agent, tool, status) of every tool step, in order."""
    return [(made.agents[step.agent], step.name, step.status) for step in steps(made, StepKind.TOOL)]


def edges(made: Trajectory, kind: EdgeKind) -> list[tuple[Step, Step]]:
    at = {step.id: step for step in made.steps}
    return [(at[edge.source], at[edge.target]) for edge in made.edges if edge.kind == kind]


@pytest.mark.parametrize("condition", ["bound", "free"])
@pytest.mark.parametrize("stack", STACKS)
def test_every_line_is_done(stack: str, condition: str, runs: Runs) -> None:
    """Each stack does the runbook, gives the answer in either form, and no run fails."""
    assert {row.status for row, _ in runs.values()} == {"completed"}
    row, made = runs[stack, "plain", condition]
    assert (row.after["seen"], row.after["taken"], row.answer) == (["shed", "garden"], ["spade"], "one")
    assert made.problems == ()
    assert {step.status for step in made.steps} <= {"ok", "control"}


def test_a_supervisor_delegates(runs: Runs) -> None:
    """Each piece of work is handed to the worker that has the tools, who sees nothing but it, and comes back."""
    _, made = runs["supervisor", "plain", "bound"]
    assert Counter(made.agents.values()) == {"supervisor": 1, "worker_1": 1, "worker_2": 1}
    assert handoffs(made) == [("supervisor", "worker_1"), ("supervisor", "worker_2"), ("supervisor", "worker_1")]
    taken_up = [(step.kind, target.name) for step, target in edges(made, EdgeKind.HANDS_OFF)]
    assert taken_up == [(StepKind.HANDOFF, "worker_1"), (StepKind.HANDOFF, "worker_2"), (StepKind.HANDOFF, "worker_1")]
    assert did(made) == [
        ("supervisor", "delegate_to_worker_1", "ok"),
        ("worker_1", "look", "ok"),
        ("supervisor", "delegate_to_worker_2", "ok"),
        ("worker_2", "take", "ok"),
        ("supervisor", "delegate_to_worker_1", "ok"),
        ("worker_1", "look", "ok"),
        ("worker_1", "count", "ok"),
        ("supervisor", "submit_answer", "ok"),
    ]
    reasons = [step.data["handoff"]["reason"] for step in steps(made, StepKind.HANDOFF)]
    assert reasons[1] == '2. take {"thing": "spade"}'
    assert access_set(made, "worker_2").holds("spade")
    assert not access_set(made, "worker_2").holds("garden")
    returned = [source.name for source, target in edges(made, EdgeKind.RETURNS) if target.agent == made.steps[1].agent]
    assert returned == [name for _, name, _ in did(made) if name.startswith("delegate")]


def test_a_swarm_hands_over(runs: Runs) -> None:
    """A peer without the tool hands over to the one that has it; a peer that gets control back is the same peer."""
    _, made = runs["swarm", "plain", "bound"]
    assert Counter(made.agents.values()) == {"swarm": 1, "peer_1": 1, "peer_2": 1}
    assert handoffs(made) == [("peer_1", "peer_2"), ("peer_2", "peer_1")]
    assert [target.name for _, target in edges(made, EdgeKind.HANDS_OFF)] == ["peer_2", "peer_1"]
    assert did(made) == [
        ("peer_1", "look", "ok"),
        ("peer_1", "transfer_to_peer_2", "control"),
        ("peer_2", "take", "ok"),
        ("peer_2", "transfer_to_peer_1", "control"),
        ("peer_1", "look", "ok"),
        ("peer_1", "count", "ok"),
        ("peer_1", "submit_answer", "ok"),
    ]


def test_a_debate_is_heard_before_it_is_judged(runs: Runs) -> None:
    """Debaters argue side by side, each round waits for both, and what they argued reaches the other and the judge."""
    _, made = runs["debate", "plain", "bound"]
    assert Counter(made.agents.values()) == {"debate": 1, "debater_1": 1, "debater_2": 1, "judge": 1}
    assert join_sets(made) == [("moderator", ["debater_1", "debater_2"])] * 2
    said = [(step.data["from"], step.data["to"]) for step in steps(made, StepKind.MESSAGE)]
    assert said == [("debater_1", ["debater_2", "judge"]), ("debater_2", ["debater_1", "judge"])] * 2
    reached = {(source.data["from"], made.agents[target.agent]) for source, target in edges(made, EdgeKind.SENDS)}
    heard = {("debater_1", "debater_2"), ("debater_2", "debater_1"), ("debater_1", "judge"), ("debater_2", "judge")}
    assert reached == heard
    assert Counter(agent for agent, _, _ in did(made)) == {"debater_1": 2, "debater_2": 2, "judge": 5}
    judged = next(step for step in steps(made, StepKind.MODEL) if made.agents[step.agent] == "judge")
    assert "debater_2: one" in judged.input[-1].content


def test_a_memory_is_written_and_read(runs: Runs) -> None:
    """Results are written as they come, old ones leave what the model is sent, and come back by what they say."""
    _, made = runs["memory", "noted", "bound"]
    memory = steps(made, StepKind.MEMORY)
    written = [step.data["records"][0] for step in memory if step.data["operation"] == "create_memory"]
    assert [record["id"] for record in written] == [f"m{number}" for number in range(1, 7)]
    assert written[1]["content"] == "the gate is green"
    recalled = next(step for step in memory if step.data.get("query") == "colour of the gate")
    assert recalled.data["records"][0] == written[1]
    source = {target.id: source.data["records"][0]["id"] for source, target in edges(made, EdgeKind.READS_MEMORY)}
    assert source[recalled.id] == "m2"
    last = steps(made, StepKind.MODEL)[-1].input
    results = [message.content for message in last if message.role == "tool"]
    assert results[0] == "in your memory as m1"
    assert results[-1] == "the shed door is quiet"
    assert "[m1] look: the shed is quiet" in last[0].content


def test_a_human_is_asked_before_each_act(runs: Runs) -> None:
    """The run pauses before every act in the world; what the human refuses is an attempt that changes nothing."""
    row, made = runs["human_in_the_loop", "asked", "free"]
    assert row.after["taken"] == ["spade"]
    assert [status for _, _, status in did(made)] == ["ok", "error", "error", "ok"]
    answers = [step.output[0].content for step in steps(made, StepKind.HUMAN) if step.output]
    assert answers == ["yes", "no, the rake stays", "no, the rake stays", "yes"]
    assert {made.agents[step.agent] for step in steps(made, StepKind.HUMAN)} == {"user"}
    pauses = [step for step in made.steps if step.status == "control"]
    assert [step.name for step in pauses] == ["approve"] * 4
    assert Counter(made.agents.values()) == {"human_in_the_loop": 1, "user": 1}


def test_a_rule_stands_in_for_the_human(runs: Runs) -> None:
    """Without a user each pause is answered by the rule, and the record says that it was the rule."""
    _, made = runs["human_in_the_loop", "plain", "free"]
    ruled = steps(made, StepKind.MESSAGE)
    assert [(step.data["from"], step.agent) for step in ruled] == [("rule", "")] * 4
    assert steps(made, StepKind.HUMAN) == []
    assert [step.name for step in made.steps if step.status == "control"] == ["approve"] * 4


BAD: dict[str, Turn] = {
    "unknown tool": ("fly", {"to": "the moon"}),
    "wrong arguments": ("look", {"where": 3}),
    "arguments that are no JSON": ("look", "{{{"),
    "several at once": [("look", {"place": "shed"}), ("transfer_to_peer_2", {"reason": "x"}), ("fly", {})],
    "delegates for ever": [("delegate_to_worker_1", {"task": "go"}), ("delegate_to_worker_2", {"task": "go"})],
    "transfers for ever": [("transfer_to_peer_2", {"reason": "x"}), ("transfer_to_peer_1", {"reason": "x"})],
    "nothing": "",
}


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Any]:
    """What a run on a scripted model needs."""
    store = open_store(tmp_path / "store")
    recorder = Recorder(store.open_journal())

    def of(script: Script) -> Bench:
        return Bench(store, recorder, {"scripted": script.model})

    yield of
    recorder.close()
    store.close()


@pytest.mark.parametrize("turn", BAD.values(), ids=BAD)
@pytest.mark.parametrize("stack", STACKS)
def test_a_misled_model_ends_within_its_calls(stack: str, turn: Turn, bench: Any) -> None:
    """A model that never does what it should ends the run in a status, without an answer, within `max_steps` calls."""
    with scripted_model(turn) as script, context_in_threads():
        cell: dict[str, Any] = {
            "suite": f"{GARDEN}short",
            "scenario": "plain",
            "condition": "bound",
            "model": "scripted",
        }
        more: dict[str, Any] = {"study": "", "replicate": 0, "attempt": 1, "seed": 1, "temperature": 0.5}
        plan = RunPlan(stack=address(stack), **cell, **more)
        row = asyncio.run(execute(plan, bench(script)))
    assert (row.status, row.answer) == ("completed", None)
    assert "no answer" in row.reason
    assert 1 <= row.usage["calls"] <= 6
