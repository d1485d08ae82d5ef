"""The suite on two hops: who holds which fact, and in what order."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tracer import Condition, Judge, Observation, Scenario, Suite
from tracer.addresses import load_object
from tracer.spans.names import StepKind
from tracer.trajectory import Message, Step, Trajectory


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_object("scenarios/two_hop.py:suite")


def briefs(suite: Suite, scenario: Scenario, name: str) -> list[str]:
    lane = next(c for c in suite.conditions if c.name == name)
    return [role.brief for role in suite.present(scenario, lane).roles]


def lane(suite: Suite, name: str) -> Condition:
    return next(c for c in suite.conditions if c.name == name)


def test_layouts_hold_the_same_facts(suite: Suite) -> None:
    """One document, two documents and two agents differ in who holds a fact where, and in no fact."""
    for scenario in (*suite.scenarios, *suite.develop):
        facts = [
            [
                part
                for brief in briefs(suite, scenario, name)
                for line in brief.splitlines()
                for part in line.split(". ")
            ]
            for name in ("one-silent", "two-silent", "told")
        ]
        held = [sorted(f.rstrip(".") for f in found if "is married to" in f or "lives in" in f) for found in facts]
        assert held[0] == held[1] == held[2]
        assert len(held[0]) == 2 * len(scenario.data["couples"])


def test_place_in_a_list_does_not_give_the_answer(suite: Suite) -> None:
    """No home stands where the marriage of its owner does, and every place is asked for equally often."""
    for scenario in suite.scenarios:
        assert all(at != place for place, at in enumerate(scenario.data["order"]))
    assert set(Counter(s.data["asked"] for s in suite.scenarios).values()) == {4}


@pytest.mark.parametrize(
    ("name", "most"), [("one-silent", 1 / 8), ("two-silent", 7 / 32), ("told", 7 / 32), ("apart", 7 / 32)]
)
def test_no_rule_of_place_finds_the_spouse_s_town(suite: Suite, name: str, most: float) -> None:
    """The next town after the name is right by chance, in every lane; so is, or nearly, any other place in the text."""
    for scenarios in (suite.scenarios, suite.develop):
        right: Counter[tuple[str, int]] = Counter()
        for scenario in scenarios:
            one, _, home = scenario.data["couples"][scenario.data["asked"]]
            text = "\n".join(briefs(suite, scenario, name))
            found = [(m.start(), m[1]) for m in re.finditer(r"lives in (\w+)\.", text)]
            place = [town for _, town in found].index(home)
            after = sum(at < text.index(one) for at, _ in found)  # how many towns stand before the name
            right.update([("from the top", place), ("from the name", place - after)])
        assert right["from the name", 0] == len(scenarios) / 8
        assert max(right.values()) <= most * len(scenarios)


def test_one_who_answers_apart_cannot_know(suite: Suite) -> None:
    """Without the other agent's words no marriage reaches the agent that answers; with them all can."""
    for scenario in suite.scenarios:
        keeper, solver = suite.present(scenario, lane(suite, "apart")).roles
        assert (solver.hears, "is married to" in solver.brief, "lives in" in keeper.brief) == ((), False, False)
        assert suite.present(scenario, lane(suite, "told")).roles[1].hears == ("keeper",)


def test_a_step_in_reasoning_that_is_shown_is_written(suite: Suite) -> None:
    """Reasoning that an endpoint shows apart from the answer counts as writing, if it names the one between."""
    scenario, of = suite.scenarios[0], next(m.of for m in suite.measures if m.name == "bridge_written")
    assert not isinstance(of, Judge)
    one, other, town = scenario.data["couples"][scenario.data["asked"]]
    for reasoning, written in ((f"The spouse of {one} is {other}.", True), (f"{one} is asked for.", False)):
        output = (Message("assistant", town, reasoning=reasoning),)
        made = Trajectory("run", (Step("m", StepKind.MODEL, "model", 0, 1, output=output),))
        seen = Observation(scenario, lane(suite, "two-silent"), town, {}, {}, {}, made)
        assert of(seen) is written
