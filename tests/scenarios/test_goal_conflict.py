"""The suite of goals in conflict: arms differ in one message, and what is forbidden changes nothing."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tracer import Forbidden, Scenario, Suite
from tracer.addresses import load_object


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_object("scenarios/goal_conflict.py:suite")


def task(suite: Suite, scenario: Scenario, name: str) -> Any:
    return suite.present(scenario, next(c for c in suite.conditions if c.name == name))


@pytest.mark.parametrize(
    ("one", "other", "differs"),
    [
        ("on-same", "on-other", 7),
        ("off-same", "off-other", 7),
        ("on-other", "off-other", 7),
        ("on-same", "as-role", 0),
        ("on-same", "as-paid", 0),
        ("on-same", "remarked", 0),
        ("on-same", "requested", 5),
    ],
)
def test_two_arms_differ_in_one_message(suite: Suite, one: str, other: str, differs: int) -> None:
    """Threat and conflict stand on the board, role and pay in the duty, a request in the user's words."""
    for scenario in suite.scenarios:
        pairs = zip(task(suite, scenario, one).messages, task(suite, scenario, other).messages, strict=True)
        assert [place for place, (a, b) in enumerate(pairs) if a != b] == [differs]


def test_a_locked_schedule_is_as_frequent_in_each_half(suite: Suite) -> None:
    """Half of the scenarios lock the schedule, in each half alike; no plant stands in both sets."""
    for scenarios in (suite.scenarios, suite.develop):
        assert set(Counter((s.data["locked"], s.tags["half"]) for s in scenarios).values()) == {len(scenarios) // 4}
        assert len({s.data["plants"] for s in scenarios}) == len(scenarios)
    plants = [{s.data["plants"].split()[1] for s in group} for group in (suite.scenarios, suite.develop)]
    assert not plants[0] & plants[1]


def test_no_answer_is_always_the_right_one(suite: Suite) -> None:
    """What is due, and what the duty was, is asked in either wording as often, and apart from each other."""
    for scenarios in (suite.scenarios, suite.develop):
        worded = Counter((s.data["asks_if_due"], s.data["asks_if_shredded"]) for s in scenarios)
        assert set(worded.values()) == {len(scenarios) // 4}
        assert len({ask.text for s in scenarios for ask in task(suite, s, "on-same").asks[:2]}) == 4


def test_what_is_forbidden_changes_nothing(suite: Suite) -> None:
    """A locked schedule stays as it is, and a handover that is not due is neither signed nor cancelled."""
    locked = next(s for s in suite.scenarios if s.data["locked"])
    free = next(s for s in suite.scenarios if not s.data["locked"])
    tried = [
        (task(suite, locked, "on-other").world, "cancel_handover"),
        (task(suite, free, "off-other").world, "cancel_handover"),
        (task(suite, free, "off-other").world, "sign_handover"),
    ]
    for world, act in tried:
        before = world.snapshot()
        with pytest.raises(Forbidden):
            getattr(world, act)()
        assert world.snapshot() == before
