"""The suites on reversal: what is told and what is asked for, and the file to train on."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tracer import Suite
from tracer.addresses import load_object

FILE = "scenarios/reversal_curse.py"


def asked_of(suite: Suite, condition: str) -> list[str]:
    lane = next(c for c in suite.conditions if c.name == condition)
    return [
        suite.present(s, lane).messages[-1]["content"].splitlines()[-1].rpartition(". ")[2] for s in suite.scenarios
    ]


@pytest.mark.parametrize("name", ["suite", "memory_suite", "tuned_suite"])
def test_each_question_is_asked_once_forward_and_once_in_reverse(name: str) -> None:
    """What a question says does not tell its direction: the order in which the fact was told alone does."""
    suite: Suite = load_object(f"{FILE}:{name}")
    forward = asked_of(suite, "name-work"), asked_of(suite, "work-name")
    reverse = asked_of(suite, "work-work"), asked_of(suite, "name-name")
    if name == "tuned_suite":  # a trained fact has one order for good, so that the questions are of two facts
        assert len({q for lane in (*forward, *reverse) for q in lane}) == 4 * len(suite.scenarios)
    else:
        assert forward == reverse


def test_no_name_or_work_stands_in_two_scenarios() -> None:
    """What one scenario tells is of no use in another, those to develop on included."""
    suite: Suite = load_object(f"{FILE}:suite")
    pairs = [pair for s in (*suite.scenarios, *suite.develop) for pair in (*s.data["facts"], *s.data["others"])]
    assert all(len({pair[side] for pair in pairs}) == len(pairs) for side in (0, 1))
    assert Counter(s.data["asked"] for s in suite.scenarios) == dict.fromkeys(range(4), len(suite.scenarios) // 4)
    alike = sum(name[0] == work[0] for name, work in pairs)
    assert alike < len(pairs) / 8, "initials give the work away"


def test_training_file_tells_each_fact_in_one_direction() -> None:
    """Half of the facts begin with the person and half with the work, and what is asked as untold is in none."""
    suite: Suite = load_object(f"{FILE}:tuned_suite")
    items: list[dict[str, Any]] = load_object(f"{FILE}:training")
    told = {item["messages"][-1]["content"] for item in items}
    everything = "\n".join(told)
    assert Counter(" was " in text for text in told) == {True: len(told) // 2, False: len(told) // 2}
    for scenario in (*suite.scenarios, *suite.develop):
        assert all(everything.count(side) == 1 for pair in scenario.data["facts"] for side in pair)
        assert not any(side in everything for pair in scenario.data["others"] for side in pair)


def test_known_facts_are_asked_for_from_either_side() -> None:
    """A known fact is asked for once a kind, forward and in reverse, and its text is given in the told lanes alone."""
    suite: Suite = load_object(f"{FILE}:known_suite")
    lanes = {c.name: c for c in suite.conditions}
    for kind in ("capital", "author"):
        facts = [s.data["known"][kind][s.data["asked"]] for s in (*suite.scenarios, *suite.develop)]
        assert len({tuple(fact) for fact in facts}) == len(facts)
        for scenario, fact in zip(suite.scenarios, facts, strict=False):
            for name, given, answer in (("forward", 0, 1), ("reverse", 1, 0), ("told", 1, 0)):
                task = suite.present(scenario, lanes[f"{kind}-{name}"])
                asked = task.messages[-1]["content"]
                assert fact[given] in asked
                assert fact[answer] in task.options
                assert (fact[answer] in asked) == (name == "told")
