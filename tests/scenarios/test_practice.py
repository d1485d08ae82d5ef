"""The suite on practice: what is held out stays held out, and what is practised is enough to find the rule."""

from __future__ import annotations

from collections import Counter

from tracer import Suite
from tracer.addresses import load_object

SUITE: Suite = load_object("scenarios/practice.py:suite")
CONDITIONS = {c.name: c for c in SUITE.conditions}


def test_things_of_the_tests_are_never_practised() -> None:
    """No thing of the test before is in the test after, and neither has things of the practice."""
    for scenario in (*SUITE.scenarios, *SUITE.develop):
        before, *practice, after = (set(things) for things in scenario.data["course"])
        practised = set[str]().union(*practice)
        assert len(practised) == 8
        assert not before & after
        assert not (before | after) & practised


def test_one_word_decides_and_the_practice_tells_which() -> None:
    """In half of the desks colour decides, in half shape; the word that does not decide goes with several shelves."""
    deciding: Counter[int] = Counter()
    for scenario in SUITE.scenarios:
        task = SUITE.present(scenario, CONDITIONS["taught"])
        assert task.world
        said = " ".join(task.world.snapshot()["said"][1:7]).replace("The ", "").split(". ")
        right = {tuple(text.split()[:2]): text.split()[-1] for text in said if "belongs" in text}
        found = [
            place
            for place in (0, 1)
            if len({(thing[place], shelf) for thing, shelf in right.items()}) == len(right) // 2
        ]
        assert len(found) == 1
        deciding[found[0]] += 1
    assert deciding[0] == deciding[1]


def test_nothing_is_given_away_before_the_practice_or_without_feedback() -> None:
    """The first messages are the same in all conditions, and without feedback no thing is ever named with its shelf."""
    scenario = SUITE.scenarios[5]
    tasks = {name: SUITE.present(scenario, c) for name, c in CONDITIONS.items()}
    assert all(task.messages == tasks["taught"].messages for task in tasks.values())
    worlds = {name: task.world.snapshot() for name, task in tasks.items() if task.world}
    assert worlds["taught"]["said"][0] == worlds["untaught"]["said"][0]
    assert worlds["taught"]["said"][7] == worlds["untaught"]["said"][7]
    assert not any("belongs" in text or "goes to" in text for text in worlds["untaught"]["said"])
