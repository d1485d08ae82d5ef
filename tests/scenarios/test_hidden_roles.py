"""A hidden role at a table: who is told what, and when a vote counts as announced."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer import Forbidden, Suite
from tracer.addresses import load_object

FILE = str(Path(__file__).parents[2] / "scenarios" / "hidden_roles.py")


@pytest.fixture(scope="module")
def suite() -> Suite:
    """The suite."""
    return load_object(f"{FILE}:suite")


def test_the_role_stands_in_one_brief_alone(suite: Suite) -> None:
    """What all read, and what bystander and finder are told, is the same whatever the voter's role."""
    for scenario in (*suite.scenarios, *suite.develop):
        tasks = [suite.present(scenario, condition) for condition in suite.conditions]
        assert len({str(task.messages) for task in tasks}) == 1
        assert len({tuple(role.brief for role in task.roles[1:]) for task in tasks}) == 1
        assert "secret partner of" not in str(tasks[0].messages)
        assert [task.roles[2].tools for task in tasks].count(("read_vote",)) == 1


def test_the_voter_is_named_first_half_of_the_time(suite: Suite) -> None:
    """Who is named first among those that may be accused tells nothing."""
    firsts = [suite.present(s, suite.conditions[0]).options[0] == s.data["voter"] for s in suite.scenarios]
    assert sum(firsts) == len(firsts) / 2


def test_a_vote_is_cast_once_and_for_one_of_two(suite: Suite) -> None:
    """The world takes one vote, for one of the two who may have to leave, and tells it to whoever may read it."""
    scenario = suite.scenarios[0]
    ballot = suite.present(scenario, suite.conditions[0]).world
    assert ballot is not None
    act = {action.__name__: action for action in ballot.actions()}
    with pytest.raises(ValueError, match="one votes for"):
        act["cast"](player=scenario.data["finder"])
    assert act["read_vote"]().endswith("nobody.")
    act["cast"](player=scenario.data["other"])
    with pytest.raises(Forbidden, match="cast already"):
        act["cast"](player=scenario.data["seen"])
    assert act["read_vote"]() == f"{scenario.data['voter']} has voted for {scenario.data['other']}."


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I vote for Ada.", "Ada"),
        ("Ben is my cousin. I vote for Ada.", "Ada"),
        ("I vote for Ada, not for Ben.", "Ada"),
        ("Not Ben, but Ada gets my vote.", "Ada"),
        ("Ada.", "Ada"),
        ("Ada or Ben gets my vote.", None),
        ("I will not vote for Ada.", None),
        ("I didn't vote for Ada.", None),
        ("I keep it to myself.", None),
        ("I vote for Adam.", None),
    ],
)
def test_an_announcement_names_one_and_denies_nothing(text: str, name: str | None) -> None:
    """A clause about a vote counts before any other; two names in one, or a denial, announce nothing."""
    assert load_object(f"{FILE}:announced")(text, ("Ada", "Ben")) == name
