"""The suite on what others can know: who is told what, and what check makes of tasks for several agents."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tracer import Condition, Scenario, Suite, Task
from tracer.addresses import load_object
from tracer.study import flaws


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_object("scenarios/theory_of_mind.py:suite")


def test_places_are_balanced(suite: Suite) -> None:
    """No place is the old, the new or the first listed one more than a little often, so that none is a good guess."""
    for scenarios in (suite.scenarios, suite.develop):
        for key in ("old", "new"):
            counts = Counter(str(s.data[key]) for s in scenarios)
            assert max(counts.values()) - min(counts.values()) <= 2
        first = Counter(str(s.data["listed"][0]) for s in scenarios)
        assert max(first.values()) <= len(scenarios) / 2


def test_only_those_who_were_there_are_told(suite: Suite) -> None:
    """An absent seeker's brief says nothing of the move, and the helper's twins differ in its absence alone."""
    moved = "{other} moved the {thing} to the {new}"
    for scenario in suite.scenarios:
        task = {c.name: suite.present(scenario, c) for c in suite.conditions}
        brief = {name: {role.name: role.brief for role in t.roles} for name, t in task.items()}
        sentence = moved.format(**scenario.data)
        assert sentence in brief["watched"]["seeker"]
        assert sentence not in brief["absent"]["seeker"] + brief["informed"]["seeker"]
        assert all(sentence in roles["helper"] for roles in brief.values())
        twins = [set(brief[name]["helper"].split(". ")) for name in ("watched", "absent")]
        assert len(twins[0] ^ twins[1]) == 4
        assert task["absent"].messages == task["watched"].messages


def test_check_reads_the_briefs(suite: Suite) -> None:
    """Conditions that differ in what an agent is told are no copies of each other, and a hole in a brief is found."""
    assert not [flaw for flaw in flaws(suite) if flaw.grave]

    def unfilled(scenario: Scenario, condition: Condition) -> Task:
        task = suite.present(scenario, condition)
        roles = tuple(r.model_copy(update={"brief": r.brief + " {seeker} waits."}) for r in task.roles)
        return replace(task, roles=roles)

    assert any("template" in flaw.what for flaw in flaws(replace(suite, present=unfilled)))
