"""A round table: roles with contexts of their own, who hear one another as the scenario has it, and nothing else."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import tracer
from tracer import SuiteError, Trajectory, build_trajectory, open_store
from tracer.execution import Bench, RunPlan, execute
from tracer.recording import Recorder, context_in_threads
from tracer.spans.names import EdgeKind, StepKind
from tracer.store import RunRow
from tracer.testing import Turn, scripted_model

SUITE = f"{Path(__file__).with_name('council.py')}:"
IN_TURN, AT_ONCE = "agents/round_table.py:build", "agents/round_table.py:build_at_once"


@dataclass(frozen=True)
class Sitting:
    row: RunRow
    made: Trajectory
    requests: tuple[dict[str, Any], ...] = ()

    def said(self) -> list[tuple[str, list[str], str]]:
        """Give who said what to whom, in order."""
        spoken = [step for step in self.made.steps if step.kind == StepKind.MESSAGE]
        return [(s.data["from"], list(s.data["to"]), s.output[0].content) for s in spoken]

    def read(self, name: str) -> list[str]:
        """Give all that stood in the model's input at each call of a role."""
        calls = [s for s in self.made.steps if s.kind == StepKind.MODEL and self.made.agents[s.agent] == name]
        return [" ".join(message.content for message in call.input) for call in calls]


@pytest.fixture(scope="module")
def sittings(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str], Sitting]:
    """Every scenario in every topology on both stacks: a model that says all words that it has read."""
    folder = tmp_path_factory.mktemp("council")
    rows = tracer.run(f"{SUITE}suite", stack=[IN_TURN, AT_ONCE], store=folder).rows
    assert [row.reason for row in rows if row.status != "completed"] == []
    with closing(open_store(folder)) as store:
        return {
            (row.stack, row.scenario, row.condition): Sitting(row, build_trajectory(store.spans(row.id), id=row.id))
            for row in rows
        }


@pytest.fixture
def sit(tmp_path: Path) -> Any:
    """One run of the council on a model that takes the given turns."""

    def run(stack: str, *turns: Turn, scenario: str = "once", condition: str = "all", suite: str = "suite") -> Sitting:
        plan = RunPlan("", f"{SUITE}{suite}", scenario, condition, stack, "scripted", 0, 1, seed=7, temperature=0.5)
        with (
            closing(open_store(tmp_path / "scripted")) as store,
            closing(Recorder(store.open_journal())) as recorder,
            scripted_model(*turns) as script,
            context_in_threads(),
        ):
            row = asyncio.run(execute(plan, Bench(store, recorder, {"scripted": script.model})))
            store.ingest()
            return Sitting(row, build_trajectory(store.spans(row.id), id=row.id), tuple(script.requests))

    return run


@pytest.mark.parametrize("stack", [IN_TURN, AT_ONCE])
def test_a_brief_is_read_by_its_role_alone(stack: str, sit: Any) -> None:
    """What a role is told in private stands in its own calls and in nobody else's, as their first message."""
    sitting = sit(stack, "I say nothing of it.", scenario="twice")
    assert len(sitting.requests) == 6
    briefs = [[m["content"] for m in body["messages"] if m["role"] == "system"] for body in sitting.requests]
    assert Counter(brief for (brief,) in briefs) == {
        "You are ada. Your word is apple.": 2,
        "You are ben. Your word is birch.": 2,
        "You are cleo. Your word is cedar.": 2,
    }
    assert all(body["messages"][0]["role"] == "system" for body in sitting.requests)
    for name, own in {"ada": "apple", "ben": "birch", "cleo": "cedar"}.items():
        assert {word for text in sitting.read(name) for word in ("apple", "birch", "cedar") if word in text} == {own}


REACHED = {
    (IN_TURN, "once", "all"): "apple birch cedar",
    (IN_TURN, "once", "chain"): "apple birch cedar",
    (IN_TURN, "once", "star"): "apple birch cedar",
    (AT_ONCE, "once", "all"): "apple birch cedar",
    (AT_ONCE, "once", "chain"): "birch cedar",  # ben had not heard ada before he spoke
    (AT_ONCE, "once", "star"): "apple birch cedar",
    (AT_ONCE, "twice", "chain"): "apple birch cedar",
}


@pytest.mark.parametrize("key", REACHED, ids=lambda key: f"{key[0].rpartition(':')[2]}-{key[1]}-{key[2]}")
def test_words_go_where_they_are_heard(key: tuple[str, str, str], sittings: Any) -> None:
    """The last role answers with what has reached it: along who hears whom, and later where all speak at once."""
    assert sittings[key].row.answer == REACHED[key]


def test_nobody_hears_beyond_the_topology(sittings: Any) -> None:
    """In a chain the first is told nothing by anybody, and the last hears the one before it alone, under its name."""
    sitting = sittings[IN_TURN, "twice", "chain"]
    assert not any("ben:" in text or "cleo:" in text for text in sitting.read("ada"))
    assert ["ada:" in text for text in sitting.read("cleo")] == [False, False]
    assert "ben: apple birch" in sitting.read("cleo")[0]


def test_a_message_says_who_spoke_and_who_heard(sittings: Any) -> None:
    """Each turn is one message span with sender and receivers, and reaches them in the graph."""
    sitting = sittings[IN_TURN, "once", "star"]
    assert sitting.said() == [
        ("ada", ["cleo"], "apple"),
        ("ben", ["cleo"], "birch"),
        ("cleo", ["ada", "ben"], "apple birch cedar"),
    ]
    at = {step.id: step for step in sitting.made.steps}
    sends = [(at[e.source], at[e.target]) for e in sitting.made.edges if e.kind == EdgeKind.SENDS]
    reached = {(source.data["from"], sitting.made.agents[target.agent]) for source, target in sends}
    assert reached == {("ada", "cleo"), ("ben", "cleo")}


def test_agents_are_told_apart(sittings: Any) -> None:
    """Each role is one agent of the trajectory however often it speaks, and each call of the model is one's own."""
    for sitting in sittings.values():
        rounds = 2 if sitting.row.scenario == "twice" else 1
        calls = Counter(sitting.made.agents[s.agent] for s in sitting.made.steps if s.kind == StepKind.MODEL)
        assert calls == {"ada": rounds, "ben": rounds, "cleo": rounds}
        assert Counter(sitting.made.agents.values()) == {"round_table": 1, "ada": 1, "ben": 1, "cleo": 1}
        assert sitting.made.problems == ()


def test_rounds_are_turns_with_what_was_said_before(sittings: Any) -> None:
    """In a second round a role reads its own words as its own, those of others under their names, and the question."""
    first, second = sittings[IN_TURN, "twice", "all"].read("ada")
    assert "cleo" not in first
    assert "apple" in second
    assert "cleo: apple birch cedar" in second
    assert second.endswith("Say them.")


def test_all_at_once_do_not_hear_the_round(sittings: Any) -> None:
    """Who speaks at once has heard nothing of this round, and everything of the one before; the last one hears both."""
    sitting = sittings[AT_ONCE, "twice", "all"]
    first, second = sitting.read("ben")
    assert "ada:" not in first
    assert "ada: apple" in second
    assert "ada: apple birch cedar" not in second
    assert "ada: apple birch cedar" in sitting.read("cleo")[-1]


def test_the_last_role_answers_as_it_is_bound(sit: Any, sittings: Any) -> None:
    """Options bind the last role in the last round, and no other role is offered them."""
    sitting = sit(IN_TURN, "Well.", "Well.", ("submit_answer", {"answer": "no"}), scenario="bound")
    assert sitting.row.answer == "no"
    offered = [[t["function"]["name"] for t in body.get("tools", [])] for body in sitting.requests]
    assert [("submit_answer" in names) for names in offered] == [False, False, True]
    assert sitting.said()[-1] == ("cleo", ["ada", "ben"], "no")
    assert sittings[AT_ONCE, "bound", "all"].row.answer == "yes"


def test_a_tool_is_in_its_holders_hands_alone(sit: Any) -> None:
    """A role is offered its own tools only; a call of another's is an error that changes nothing."""
    sitting = sit(IN_TURN, ("ring", {"times": 9}), "Well.", ("ring", {"times": 2}), "I have rung.", "Fine.")
    offered = [[t["function"]["name"] for t in body.get("tools", [])] for body in sitting.requests]
    assert offered == [["hush"], ["hush"], ["ring"], ["ring"], []]
    assert sitting.row.after["rung"] == ["2"]
    rung = [step for step in sitting.made.steps if step.name == "ring"]
    assert [(sitting.made.agents[s.agent], "action" in s.data) for s in rung] == [("ada", False), ("ben", True)]


def test_words_are_no_answer_where_options_bind_it(sit: Any) -> None:
    """What the last role says in place of an option is heard by the others, and is no answer."""
    sitting = sit(IN_TURN, "Well.", scenario="bound")
    assert sitting.row.answer is None
    assert sitting.said()[-1] == ("cleo", ["ada", "ben"], "Well.")


def test_a_user_talks_with_the_last_role(sit: Any) -> None:
    """A user hears the answer of the last role, and every role reads what the user says then; acts stay private."""
    sitting = sit(IN_TURN, ("hush", {}), "One.", "Two.", "Three.", "Four.", suite="asked")
    second = [[m.get("content") for m in body["messages"][-2:]] for body in sitting.requests[4:]]
    assert second[0] == ["Three.", "And now?"]
    assert not any(m["role"] == "tool" for body in sitting.requests[4:] for m in body["messages"])


@pytest.mark.parametrize("stack", [IN_TURN, AT_ONCE])
@pytest.mark.parametrize("turn", [("fly", {}), ("ring", {"times": "often"}), ("ring", "{{{"), ""], ids=str)
def test_a_misled_model_ends_within_its_calls(stack: str, turn: Turn, sit: Any) -> None:
    """A model that never does what it should ends the run in a status, within `max_steps` calls, with no answer."""
    sitting = sit(stack, turn, scenario="bound")
    assert (sitting.row.status, sitting.row.answer) == ("completed", None)
    assert 1 <= sitting.row.usage["calls"] <= 12
    assert all(text for _, _, text in sitting.said())


def test_a_single_agent_stack_is_refused_with_a_way_out(tmp_path: Path) -> None:
    """A claim whose angles need roles is refused at the freeze on a stack without them, and the message helps."""
    with pytest.raises(SuiteError, match=r"'hears'.*agents/react\.py:build.*--stack agents/round_table\.py:build"):
        tracer.run(f"{SUITE}suite", stack="agents/react.py:build", store=tmp_path)


def test_a_run_of_roles_on_a_single_agent_fails_with_its_reason(sit: Any) -> None:
    """A run that is made all the same is `failed`, and says that the stack gives roles no contexts."""
    sitting = sit("agents/react.py:build", "Well.")
    assert sitting.row.status == "failed"
    assert "the task has 3 roles" in sitting.row.reason
    assert sitting.requests == ()


@pytest.mark.parametrize("stack", [IN_TURN, AT_ONCE])
def test_without_roles_it_is_one_agent(stack: str, sit: Any) -> None:
    """A task without roles is done by a single agent that holds every tool."""
    sitting = sit(stack, ("ring", {"times": 1}), "It rang.", suite="alone")
    assert (sitting.row.answer, sitting.row.after["rung"]) == ("It rang.", ["1"])
    assert [t["function"]["name"] for t in sitting.requests[0]["tools"]] == ["ring", "hush"]
    assert set(sitting.made.agents.values()) == {"round_table", "agent"}
    assert sitting.said() == []  # there is nobody to speak to


def test_scenarios_to_develop_on_show_nothing_for_good(tmp_path: Path) -> None:
    """With `develop` the scenarios kept for it are run, and every verdict is exploratory."""
    result = tracer.run(f"{SUITE}suite", develop=True, store=tmp_path)
    assert {row.scenario for row in result.rows} == {"tried"}
    assert [verdict.confirmatory for verdict in result.verdicts] == [False]
