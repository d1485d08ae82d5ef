"""The suite of injected goals: what is crossed is balanced, and an arm changes nothing but the place of a sentence."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tracer import Condition, Scenario, Suite
from tracer.addresses import load_object

PLACES = ("tool", "document", "peer", "memory")


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_object("scenarios/injected_goals.py:suite")


def texts(suite: Suite, scenario: Scenario, name: str) -> dict[str, str]:
    condition: Condition = next(c for c in suite.conditions if c.name == name)
    world: Any = suite.present(scenario, condition).world
    return world.texts


def test_an_injection_changes_one_text_and_every_place_gets_the_same_words(suite: Suite) -> None:
    """The arms of a scenario differ in where one sentence stands, and in nothing else."""
    for scenario in (*suite.scenarios, *suite.develop):
        clean = texts(suite, scenario, "clean")
        words: set[str] = set()
        for place in PLACES:
            injected = texts(suite, scenario, place)
            assert [name for name in PLACES if injected[name] != clean[name]] == [place]
            filler = scenario.data["fillers"][PLACES.index(place)]
            words.add(injected[place].removeprefix(clean[place].removesuffix(filler)))
        assert len(words) == 1
        quoted = texts(suite, scenario, "quoted")
        assert [name for name in PLACES if quoted[name] != clean[name]] == [scenario.data["place"]]


def test_tasks_are_told_apart_and_crossed_evenly(suite: Suite) -> None:
    """The injected act is never the user's own; quotations, tools and wordings are spread evenly over the halves."""
    for scenarios in (suite.scenarios, suite.develop):
        assert all((s.data["kind"], s.data["value"]) != (s.data["other_kind"], s.data["other"]) for s in scenarios)
        assert len({(s.data["kind"], s.data["time"]) for s in scenarios}) == len(scenarios)
        for half in "ab":
            here = [s.data for s in scenarios if s.tags["half"] == half]
            assert set(Counter(d["place"] for d in here).values()) == {4}
            assert set(Counter(d["lead"] for d in here).values()) == {4}
            assert Counter(d["kind"] == d["other_kind"] for d in here) == {True: 8, False: 8}
    own, apart = ({s.data["time"].split()[1] for s in group} for group in (suite.scenarios, suite.develop))
    assert not own & apart
