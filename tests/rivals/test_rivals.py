"""Rivals: their checks, the changes to a task that probe them, and what is read from a run."""

# pyright: reportUnknownLambdaType=false
# What is handed to a fixture typed Any cannot be inferred.
from __future__ import annotations

from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import Ask, Edge, Measure, Message, Missing, SuiteError, Task, Trajectory, World, rate
from tracer.angles import Decisions
from tracer.rivals import (
    RIVALS,
    RivalKind,
    did_it_itself,
    habit_over_goals,
    had_choice,
    had_reached,
    judges_differ,
    renamed,
    reworded,
    rival,
    same_again,
    shuffled_history,
    told,
    without_history,
)
from tracer.spans.names import EdgeKind, Method


class Till(World):
    """A till of somebody."""

    owner: str
    coins: dict[str, int]


def a_task() -> Task:
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": '{"at": "Ada"}'}}
    return Task(
        messages=[
            {"role": "system", "content": "Serve Ada. Be brief."},
            {"role": "user", "content": "Begin."},
            {"role": "assistant", "content": None, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "1", "content": "Ada has 3."},
            {"role": "assistant", "content": "Done."},
            {"role": "user", "content": "Go on, Adam."},
        ],
        world=Till(owner="Ada", coins={"Ada": 3, "Bob": 1}),
        options=("Ada", "Bob"),
        asks=(Ask(name="who", text="Is it Ada?", options=("Ada", "Bob")),),
    )


def contents(task: Task) -> list[Any]:
    return [message["content"] for message in task.messages]


def test_every_rival_is_described() -> None:
    """Each rival says what would be so and how it is told apart, and its check stands where it passes."""
    assert set(RIVALS) == set(get_args(RivalKind))
    for kind, known in RIVALS.items():
        check = rival(kind, rate("m", "plain"))
        assert (check.role, check.name, check.says) == ("rival", kind, known.explains)
        assert known.probe
    null = same_again("m", "plain")
    assert (null.role, null.direction, dict(null.estimand.weights)) == ("null", "within", {"again": 1, "plain": -1})


def test_a_fact_is_told_at_the_end() -> None:
    """The sentence stands at the end of the user's last message, and the given task stays as it was."""
    task = a_task()
    assert contents(told(task, "The shop is shut."))[-1] == "Go on, Adam. The shop is shut."
    assert task == a_task()


def test_an_instruction_is_reworded_contradicted_or_removed() -> None:
    """Passages are replaced; a message that is left empty goes; a passage that is not there is a mistake."""
    assert contents(reworded(a_task(), {"Serve Ada.": "Help Ada out."}))[0] == "Help Ada out. Be brief."
    assert contents(reworded(a_task(), {"Serve Ada. Be brief.": ""})) == contents(a_task())[1:]
    with pytest.raises(SuiteError, match="no system message holds 'Serve Eve'"):
        reworded(a_task(), {"Serve Eve": ""})


def test_history_is_taken_away_or_shuffled() -> None:
    """Without history the instruction and the last request are left; shuffled, a call keeps its result behind it."""
    assert contents(without_history(a_task())) == ["Serve Ada. Be brief.", "Go on, Adam."]
    shuffled = contents(shuffled_history(a_task(), 1))
    assert sorted(map(str, shuffled)) == sorted(map(str, contents(a_task())))
    assert shuffled != contents(a_task())
    assert shuffled[shuffled.index("Ada has 3.") - 1] is None
    assert (shuffled[0], shuffled[-1]) == ("Serve Ada. Be brief.", "Go on, Adam.")
    assert shuffled == contents(shuffled_history(a_task(), 1))
    with pytest.raises(SuiteError, match="no history to shuffle"):
        shuffled_history(without_history(a_task()), 1)


def test_names_change_everywhere_and_as_whole_words() -> None:
    """Messages, calls, questions, answers and the world get the new names; a longer word with it inside does not."""
    task = renamed(a_task(), {"Ada": "Bob", "Bob": "Ada"})
    assert contents(task)[0] == "Serve Bob. Be brief."
    assert contents(task)[-1] == "Go on, Adam."
    assert task.messages[2]["tool_calls"][0]["function"]["arguments"] == '{"at": "Bob"}'
    assert task.world == Till(owner="Bob", coins={"Bob": 3, "Ada": 1})
    assert (task.options, task.asks[0].text, task.asks[0].options) == (("Bob", "Ada"), "Is it Bob?", ("Bob", "Ada"))
    with pytest.raises(SuiteError, match="none of the names Eve stands in the task"):
        renamed(a_task(), {"Eve": "Ada"})


@given(names=st.permutations(["Ada", "Bob", "Adam"]).filter(lambda names: names != ["Ada", "Bob", "Adam"]))
def test_renaming_back_gives_the_task(names: list[str]) -> None:
    """Names that are swapped and swapped back leave everything as it was."""
    there = dict(zip(["Ada", "Bob", "Adam"], names, strict=True))
    assert renamed(renamed(a_task(), there), {new: old for old, new in there.items()}) == a_task()


def test_a_habit_can_explain_acts_better_than_a_goal(observed: Any, value: Any) -> None:
    """Always the same act, whatever serves the goal, is a habit; acts that follow the goal are not."""
    serves = [0, 1, 0, 0, 1, 0, 1, 1]
    worth = [[[float(act == best) for act in (0, 1)] for best in serves], [[0.0, 1.0]] * len(serves)]
    for acts, found in (([0] * len(serves), 1), (serves, 0)):
        decided = Decisions(("served", "other"), worth, acts)
        measure = habit_over_goals("m", lambda s, decided=decided: decided, lambda s: "served")
        assert value(measure, observed()) == found


def test_a_choice_needs_two_open_acts_on_which_goals_differ(observed: Any, value: Any) -> None:
    """One decision of three counts: at the second nothing else was open, at the third both goals want the same."""
    closed = float("-inf")
    first = [[1.0, 0.0], [0.0, closed], [1.0, 0.0]]
    second = [[0.0, 1.0], [1.0, closed], [1.0, 0.0]]
    decided = Decisions(("a", "b"), [first, second], [0, 0, 0])
    assert value(had_choice("m", lambda s: decided), observed()) == pytest.approx(1 / 3)


def two_bookings(step: Any) -> Trajectory:
    """The clerk asks for one booking and the helper for another; the clerk was shown a price."""
    shown = {"input": (Message("user", "The price is 7."),)}
    steps = (
        step(1, "model", "m", agent="1", said="ask", **shown),
        step(2, "tool", "book", agent=""),
        step(3, "model", "m", agent="2", said="ask", input=(Message("user", "Help."),)),
        step(4, "tool", "book", agent=""),
    )
    edges = (
        Edge("1", "2", EdgeKind.REQUESTS, Method.TOOL_CALL_ID),
        Edge("3", "4", EdgeKind.REQUESTS, Method.TOOL_CALL_ID),
    )
    return Trajectory("run", steps, edges, agents={"1": "clerk", "2": "helper"})


def test_who_did_it_is_read_from_the_calls(observed: Any, step: Any, value: Any) -> None:
    """Half of the bookings are the clerk's own; a tool that nobody used says nothing."""
    seen = observed(trajectory=two_bookings(step))
    assert value(did_it_itself("m", "clerk", "book"), seen) == 0.5
    assert value(did_it_itself("m", "clerk", "pay"), seen) == "missing: pay was not used"
    alone = observed(trajectory=Trajectory("run", (step(1, "tool", "book"),)))
    assert value(did_it_itself("m", "clerk", "book"), alone) == "missing: it is not recorded who used book"


def test_what_reached_it_is_read_from_what_it_was_shown(observed: Any, step: Any, value: Any) -> None:
    """The price stands in what the clerk was sent; of an agent that is not there nothing can be said."""
    seen = observed(trajectory=two_bookings(step))
    assert value(had_reached("m", "clerk", lambda s: "the price is 7"), seen) == 1
    assert value(had_reached("m", "nobody", lambda s: "7"), seen) == "missing: the trajectory has no agent 'nobody'"


def test_two_judges_are_as_far_apart_as_their_readings(observed: Any, value: Any) -> None:
    """Judges that disagree are 1 apart, and one that says nothing leaves the distance missing."""
    yes, no, mute = (Measure(n, lambda s, v=v: v) for n, v in (("yes", True), ("no", False), ("mute", Missing("lost"))))
    assert value(judges_differ("m", yes, no), observed()) == 1
    assert value(judges_differ("m", yes, yes), observed()) == 0
    assert value(judges_differ("m", yes, mute), observed()) == "missing: lost"
