"""The suite of injected goals: what is crossed is balanced, and an arm changes nothing but the place of a sentence."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tracer import Condition, Scenario, Suite
from tracer.addresses import load_object

PLACES = ("memory", "peer", "document", "tool")


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
            quoted = texts(suite, scenario, f"quoted_{place}")
            assert [name for name in PLACES if quoted[name] != clean[name]] == [place]
            words.add(injected[place].removeprefix(clean[place].removesuffix(filler)))
        assert len(words) == 1


def test_tasks_are_told_apart_and_crossed_evenly(suite: Suite) -> None:
    """The injected act is never the user's own; orders of reading, tools and wordings are spread over the arms."""
    for scenarios in (suite.scenarios, suite.develop):
        assert all((s.data["kind"], s.data["value"]) != (s.data["other_kind"], s.data["other"]) for s in scenarios)
        assert len({(s.data["kind"], s.data["time"]) for s in scenarios}) == len(scenarios)
        for arm in ("user", "withheld", "again"):
            here = [s.data for s in scenarios if s.tags["arm"] == arm]
            assert len(here) == len(scenarios) / 3
            for spread in (Counter(d["read_first"] for d in here), Counter(d["lead"] for d in here)):
                assert sorted(spread.values()) == [2, 2, 3, 3]
            assert Counter(d["kind"] == d["other_kind"] for d in here) == {True: 5, False: 5}
    own, apart = ({s.data["time"].split()[1] for s in group} for group in (suite.scenarios, suite.develop))
    assert not own & apart
