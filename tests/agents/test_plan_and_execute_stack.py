"""The plan-and-execute stack plans first, carries out step after step, and plans anew what is left."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.tools import tool

from tracer.contracts import Task

STACK = "agents/plan_and_execute.py:build"
ASK = [{"role": "user", "content": "Where is the cat?"}]


@tool
def look(place: str) -> str:
    """Look at a place."""
    if place == "sea":
        raise ValueError("the sea is too far")
    return f"the {place} is empty"


@pytest.mark.parametrize("condition", ["bound", "free"])
@pytest.mark.parametrize("scenario", ["plain", "jammed"])
def test_every_run_completes_with_its_answer(journeys: Any, scenario: str, condition: str) -> None:
    """Whether doors jam or not, and whether the answer is one of some options or free, the run completes."""
    run = journeys(STACK)[f"{scenario}/{condition}"]
    assert (run.row.status, run.row.reason, run.row.answer) == ("completed", "", "blue")


def test_each_step_of_the_plan_holds_what_the_executor_did_for_it(journeys: Any) -> None:
    """The plan is made by the call inside it, and each of its steps names it and holds the acts of the executor."""
    run = journeys(STACK)["plain/bound"]
    first, last = run.steps("plan")
    assert [step["text"].split()[0] for step in first.data["steps"]] == ["look", "fetch", "look", "tell"]
    assert (last.data["version"], last.data["steps"]) == (2, first.data["steps"])
    executed = [(plan.id, step.data["plan_step"]) for plan, step in run.edges("executes")]
    assert executed == [(first.id, str(number)) for number in (1, 2, 3, 4)]
    done = [[inner.name for inner in run.inside(step) if inner.kind == "tool"] for _, step in run.edges("executes")]
    assert done == [["look"], ["fetch"], ["look"], ["tell"]]
    assert list(run.trajectory.agents.values()) == ["plan_and_execute", "executor"]
    assert [plan for _, plan in run.edges("plans")] == [first, last]
    assert run.edges("revises") == [(first, last)]


def test_a_step_that_fails_is_tried_again_and_what_is_left_planned_anew(journeys: Any) -> None:
    """A jammed door is pushed twice; then a new version of the plan keeps the done steps and their numbers."""
    run = journeys(STACK)["jammed/free"]
    assert run.tools() == ["look", "open_door!", "open_door!", "look", "fetch"]
    assert [(a.name, b.status) for a, b in run.edges("retries")] == [("open_door", "error")]
    versions = {plan.id: plan.data["version"] for plan in run.steps("plan")}
    executed = [(versions[plan.id], step.data["plan_step"]) for plan, step in run.edges("executes")]
    assert executed == [(1, "1"), (1, "2"), (2, "3"), (2, "4")]


@pytest.mark.parametrize(
    ("turns", "answer"),
    [
        (["I do not plan."], "I do not plan."),
        ([("Plan", {"steps": "look"}), "Away."], "Away."),
        ([("Plan", {}), "Away."], "Away."),
        ([("fly", {}), "Away."], "Away."),
        ([("Plan", {"steps": []}), "Away."], "Away."),
        ([("Plan", {"steps": ["go"]}), ("fly", {}), ("look", {}), ("Plan", {"steps": []}), "Away."], "Away."),
        ([("Plan", {"steps": ["go"]}), ("look", {"place": "sea"})], ""),
        ([""], ""),
    ],
)
@pytest.mark.parametrize("limit", [1, 2, 6])
def test_whatever_the_model_does_the_stack_ends_within_its_calls(
    play: Any, turns: list[Any], answer: str, limit: int
) -> None:
    """No plan, wrong arguments, unknown tools, failing ones, silence: never more calls than allowed, never a crash."""
    state = play.run(STACK, Task(ASK, max_steps=limit), turns, [look])
    assert len(play.bodies) <= limit
    if len(play.bodies) >= len(turns) > 0 and answer:
        assert state["answer"] == answer


def test_an_answer_is_one_of_the_options_or_none(play: Any) -> None:
    """With options the last call has to submit; another word is no answer."""
    task = Task(ASK, options=("shed", "garden"), max_steps=2)
    assert play.run(STACK, task, [("Plan", {"steps": []}), ("submit_answer", {"answer": "shed"})])["answer"] == "shed"
    assert play.run(STACK, task, [("submit_answer", {"answer": "moon"})])["answer"] is None
    assert play.run(STACK, task, ["Who knows?"])["answer"] is None
