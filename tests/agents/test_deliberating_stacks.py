"""Stacks that deliberate before they act: their trajectories tell what was weighed, and what came of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

import tracer

REFLECTION, VOTING = "agents/reflection.py:build", "agents/self_consistency.py:build"
CHOOSING, SEARCH = "agents/best_of_n.py:build", "agents/tree_search.py:build"
ERRANDS = f"{Path(__file__).with_name('errands.py')}:suite"
DONE = {
    "plain": ["look", "fetch", "look", "tell"],
    "jammed": ["look", "open_door!", "open_door!", "look", "fetch"],
}


@pytest.mark.parametrize("condition", ["bound", "free"])
@pytest.mark.parametrize("scenario", list(DONE))
@pytest.mark.parametrize("stack", [REFLECTION, VOTING, CHOOSING, SEARCH])
def test_every_line_is_done_once_and_in_order(journeys: Any, stack: str, scenario: str, condition: str) -> None:
    """However much is weighed, the world sees each act once; what fails is tried once more, and the run completes."""
    run = journeys(stack)[f"{scenario}/{condition}"]
    assert (run.row.status, run.row.reason, run.row.answer) == ("completed", "", "blue")
    assert run.tools() == DONE[scenario] + ["submit_answer"] * (condition == "bound")
    assert len(run.edges("retries")) == (scenario != "plain")


def test_actor_and_critic_are_two_agents(journeys: Any) -> None:
    """The actor acts, the critic judges once and has no tools, and both stand within the stack."""
    run = journeys(REFLECTION)["plain/bound"]
    assert list(run.trajectory.agents.values()) == ["reflection", "actor", "critic"]
    assert run.tools("actor") == run.tools()
    (judged,) = run.steps("model", "critic")
    assert judged.output[0].tool_calls[0].arguments == {"accepted": True, "feedback": "blue"}
    assert not run.steps("message")


def test_what_the_critic_does_not_accept_goes_back_to_the_actor(scripted: Any) -> None:
    """A review that sends the work back is a message from critic to actor, who goes on and answers anew."""
    run, bodies = scripted(
        REFLECTION,
        ("submit_answer", {"answer": "red"}),
        ("Review", {"accepted": False, "feedback": "You have not looked."}),
        ("look", {"place": "shed"}),
        ("submit_answer", {"answer": "blue"}),
        ("Review", {"accepted": True, "feedback": ""}),
    )
    assert (run.row.answer, len(bodies)) == ("blue", 5)
    assert run.tools() == ["submit_answer", "look", "submit_answer"]
    ((message, taker),) = run.edges("sends")
    assert (message.data["from"], message.output[0].content) == ("critic", "You have not looked.")
    assert run.trajectory.agents[taker.agent] == "actor"
    assert "You have not looked." in bodies[2]["messages"][-1]["content"]


@pytest.mark.parametrize(("stack", "node", "branch"), [(VOTING, "vote", "sample"), (CHOOSING, "judge", "propose")])
def test_every_move_joins_what_was_drawn_for_it(journeys: Any, stack: str, node: str, branch: str) -> None:
    """Three parallel calls stand before each move, and the node that picks one of them has waited for all three."""
    run = journeys(stack)["plain/bound"]
    picked = [step for step in run.steps("workflow") if step.name == node]
    assert len(picked) == len(run.tools()) == 5
    edges = [e for e in run.trajectory.edges if e.kind == "joins"]
    assert [[e.evidence["waited_for"] for e in edges if e.target == step.id] for step in picked] == [
        [f"{branch}_{number}" for number in (1, 2, 3)]
    ] * 5
    models = {step.id for step in run.steps("model")}
    assert len(models) == 15
    assert {e.source for e in edges} == models


def test_the_move_drawn_most_often_is_made(scripted: Any) -> None:
    """Two of three calls ask for the same act: it is done once, and asked for by one of the two."""
    run, bodies = scripted(
        VOTING, ("look", {"place": "shed"}), *[("fetch", {"thing": "key"})] * 2, *[("submit_answer", {"answer": "red"})]
    )
    assert (run.tools(), run.row.answer, len(bodies)) == (["fetch", "submit_answer"], "red", 6)
    asked = next(source for source, tool in run.edges("requests") if tool.name == "fetch")
    assert asked.output[0].tool_calls[0].name == "fetch"


def test_the_move_that_the_judge_picks_is_made(scripted: Any) -> None:
    """The judge sees every different proposal once, and the one that it names is done."""

    def judge(body: dict[str, Any]) -> tuple[str, Any]:
        shown = dict(re.findall(r"^(\d): (\w+)", body["messages"][-1]["content"], re.MULTILINE))
        assert sorted(shown.values()) == ["fetch", "look"]
        return "choose", {"best": next(number for number, name in shown.items() if name == "fetch")}

    run, bodies = scripted(
        CHOOSING,
        *[("look", {"place": "shed"})] * 2,
        ("fetch", {"thing": "key"}),
        judge,
        ("submit_answer", {"answer": "red"}),
    )
    assert (run.tools(), run.row.answer, len(bodies)) == (["fetch", "submit_answer"], "red", 7)
    waiting = {target.output[0].tool_calls[0].name for _, target in run.edges("joins") if target.kind == "model"}
    assert waiting == {"choose"}


def test_branches_of_a_search_have_parents_and_values(journeys: Any) -> None:
    """Each branch holds the call that valued it, goes on from its parent, and the best one is the plan acted upon."""
    run = journeys(SEARCH)["plain/free"]
    branches = {step.data["branch"]: step for step in run.steps("workflow") if "branch" in step.data}
    for step in branches.values():
        (judged,) = run.inside(step)
        assert judged.output[0].tool_calls[0].arguments == {"value": step.data["value"]}
    forks = {(source.data["branch"], target.data["branch"]) for source, target in run.edges("forks")}
    assert forks == {(key.rpartition(".")[0], key) for key in branches if "." in key}
    best = [branches[key] for key in ("1", "1.1", "1.1.1", "1.1.1.1")]
    assert [step.data["value"] for step in best] == [0.25, 0.5, 0.75, 1.0]
    assert branches["2"].data["value"] == 0
    (plan,) = run.steps("plan")
    assert [step["text"] for step in plan.data["steps"]] == [step.data["content"] for step in best]
    assert plan.data["steps"][1]["text"] == f"fetch {json.dumps({'thing': 'key'})}"
    assert all(tool.start_ns > plan.start_ns for tool in run.steps("tool"))


def test_a_search_goes_on_from_a_branch_without_a_value_last(scripted: Any) -> None:
    """Of more possibilities than asked for the first three are branches; one that is not valued is missing, not 0."""

    def model(body: dict[str, Any]) -> tuple[str, Any]:
        asked, text = body["tools"][0]["function"]["name"], body["messages"][-1]["content"]
        if asked == "Possibilities":
            return asked, {"steps": ["a", "b", "c", "d"] if "Nothing is planned" in text else []}
        return (
            (asked, {"value": 0.4 if "b" in text.split() else "high"}) if asked == "Worth" else ("tell", {"word": "x"})
        )

    run, _ = scripted(SEARCH, model)
    branches = {s.data["branch"]: s.data["value"] for s in run.steps("workflow") if "branch" in s.data}
    assert branches == {"1": None, "2": 0.4, "3": None}
    (plan,) = run.steps("plan")
    assert [step["text"] for step in plan.data["steps"]] == ["b"]


def test_stack_is_a_factor(tmp_path: Path) -> None:
    """All shipped stacks take part in one study, and every run of it completes with the answer."""
    files = sorted(Path("agents").glob("*.py"))
    stacks = [f"{file}:{'random_build' if file.stem == 'baselines' else 'build'}" for file in files]
    frame: Any = tracer.run(ERRANDS, stack=stacks, n=1, store=tmp_path).frame
    assert len(frame) == 2 * len(stacks)
    assert set(frame["status"]) == {"completed"}
    scripted = frame["stack"].isin(["agents/plain.py:build", "agents/baselines.py:random_build"])
    assert set(frame[~scripted]["answer"]) == {"blue"}
