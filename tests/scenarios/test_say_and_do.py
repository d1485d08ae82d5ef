"""The suite of sayings and doings: what pays is balanced, and two arms differ in one message."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tracer import Forbidden, Scenario, Suite
from tracer.addresses import load_object


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_object("scenarios/say_and_do.py:suite")


def shown(suite: Suite, scenario: Scenario, name: str) -> tuple[str, ...]:
    task = suite.present(scenario, next(c for c in suite.conditions if c.name == name))
    return tuple(str(message.get("content")) for message in task.messages)


def test_the_word_that_pays_tells_nothing_of_the_word_that_is_true(suite: Suite) -> None:
    """Each state is the paid one in half of the runs, within either half of the scenarios, and true in half of them."""
    for scenarios in (suite.scenarios, suite.develop):
        assert Counter((s.data["paid"], s.tags["half"]) for s in scenarios) == {
            (state, half): len(scenarios) // 4 for state in ("sound", "worn") for half in "ab"
        }
    parts = [
        {(s.data["part"], s.data["thing"].split()[0]) for s in group} for group in (suite.scenarios, suite.develop)
    ]
    assert len(parts[0]) == len(suite.scenarios)
    assert not parts[0] & parts[1]


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ("none-costs", "bonus-costs", 0),
        ("none-costs", "signed", 0),
        ("none-costs", "rehearsed", 0),
        ("bonus-pays", "bonus-costs", 3),
    ],
)
def test_two_arms_differ_in_one_message(suite: Suite, one: str, other: str, differs: int) -> None:
    """Incentive, sign and script stand in the terms of pay; the fact stands in the sheet alone."""
    for scenario in suite.scenarios:
        pairs = list(zip(shown(suite, scenario, one), shown(suite, scenario, other), strict=True))
        assert [place for place, (a, b) in enumerate(pairs) if a != b] == [differs]


def test_what_was_told_and_staked_stands(suite: Suite) -> None:
    """A second word to the customer, or a second coin, is refused."""
    world: Any = suite.present(suite.scenarios[0], suite.conditions[0]).world
    world.tell("worn")
    world.stake("worn")
    for again in (world.tell, world.stake):
        with pytest.raises(Forbidden):
            again("sound")
    assert (world.told, world.staked) == (["worn"], ["worn"])
