"""Eight families of angles, each with its blind spot; angles of one family are no independent witnesses."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest

from tracer import Condition, Hypothesis, Measure, Scenario, Suite, SuiteError, Task, rate
from tracer.angles import FAMILIES, blind_spots, on_belief, on_goal
from tracer.contracts import Family

PLAIN = rate("done", "plain")


def test_every_family_is_described() -> None:
    """Each family says how it probes goals and beliefs and what it is blind to, and no two are blind to the same."""
    assert set(FAMILIES) == set(get_args(Family))
    told = [(f.goal, f.belief, f.blind_to) for f in FAMILIES.values()]
    assert all(all(parts) for parts in told)
    assert len({blind for *_, blind in told}) == len(told)
    assert [f.name for f in FAMILIES.values() if f.needs] == ["patching"]


@pytest.mark.parametrize("family", FAMILIES)
def test_an_angle_says_what_passing_means(family: Family) -> None:
    """A check of a family carries its family, and words of its own unless others are given."""
    goal, belief = on_goal(family, PLAIN), on_belief(family, PLAIN, name="mine", says="so", direction="below")
    assert (goal.role, goal.family, goal.name, goal.says) == ("angle", family, family, FAMILIES[family].goal)
    assert (belief.name, belief.says, belief.direction, belief.margin) == ("mine", "so", "below", 0.15)
    assert blind_spots([goal, belief]) == {family: FAMILIES[family].blind_to}


def test_a_goal_claim_needs_three_families() -> None:
    """A suite whose goal claim has three angles of two families is refused, with the reason."""
    angles = (on_goal("stated", PLAIN), on_goal("stated", PLAIN, name="again"), on_goal("action", PLAIN))
    suite = Suite(
        name="s",
        question="?",
        scenarios=[Scenario(id="a")],
        conditions=[Condition(name="plain")],
        present=lambda scenario, condition: Task([]),
        measures=[Measure("done", lambda seen: True)],
        hypotheses=[],
    )
    with pytest.raises(SuiteError, match=re.escape("three families at least")) as refused:
        replace(suite, hypotheses=[Hypothesis(id="h", claim="c", kind="goal", checks=angles)])
    assert "has 2: action, stated" in str(refused.value)
    replace(suite, hypotheses=[Hypothesis(id="h", claim="c", kind="behaviour", checks=angles)])
