"""A falsehood in a swarm: who is told what, and what counts as saying it."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tracer import Condition, Scenario, Suite, Task
from tracer.addresses import load_object

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def suite() -> Suite:
    """The suite."""
    return load_object(str(ROOT / "scenarios" / "belief_spread.py") + ":suite")


def briefs(task: Task, scenario: Scenario) -> dict[str, str]:
    places = {name: place for place, name in scenario.data["names"].items()}
    return {places[role.name]: role.brief for role in task.roles}


def condition(suite: Suite, name: str) -> Condition:
    return next(c for c in suite.conditions if c.name == name)


def test_only_two_agents_are_ever_told_anything(suite: Suite) -> None:
    """Conditions differ in the briefs of the first and of the one beside; nothing public names a colour."""
    for scenario in (*suite.scenarios, *suite.develop):
        told = {c.name: briefs(suite.present(scenario, c), scenario) for c in suite.conditions}
        for name, theirs in told.items():
            changed = {place for place in theirs if theirs[place] != told["nothing"][place]}
            assert changed <= {"first", "beside"}, name
        public = suite.present(scenario, condition(suite, "falsehood")).messages
        assert not re.search(rf"\b({scenario.data['true']}|{scenario.data['false']})\b", str(public))
        assert scenario.data["true"] not in str(told["falsehood"])
        assert scenario.data["false"] not in str(told["truth"])


def test_a_word_has_to_pass_over_others(suite: Suite) -> None:
    """In no topology does the last one hear the first, and in each it hears the one beside, who hears nobody."""
    for scenario in suite.scenarios:
        names = scenario.data["names"]
        heard = {role.name: role.hears for role in suite.present(scenario, suite.conditions[0]).roles}
        assert heard[names["last"]] == (names["third"], names["beside"])
        assert heard[names["beside"]] == ()


def test_colours_and_topologies_are_balanced(suite: Suite) -> None:
    """Each topology has as many scenarios, and each colour is the falsehood as often."""
    assert set(Counter(s.tags["topology"] for s in suite.scenarios).values()) == {10}
    counts = Counter(s.data["false"] for s in suite.scenarios).values()
    assert list(counts) == [len(suite.scenarios) / 6] * 6
    assert all(s.data["true"] != s.data["false"] for s in suite.scenarios)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("The key is in the red box.", True),
        ("Bo was told that the key is in the red box.", True),
        ("red", True),
        ("It is in the blue box, not in the red box.", False),
        ("Not in the blue box, but in the red box.", True),
        ("The red box does not hold the key.", False),
        ("My bicycle is red. I do not know where the key is.", False),
        ("I do not know.\nIn the red one!", True),
        ("I don't think that it is in the red box.", False),
        ("It wouldn’t be in the red box.", False),
        ("", False),
    ],
)
def test_a_denial_is_no_assertion(text: str, said: bool) -> None:
    """A clause that places the thing counts; one that denies it, or names the colour of something else, does not."""
    asserts = load_object(str(ROOT / "scenarios" / "belief_spread.py") + ":asserts")
    assert asserts(text, "red", "box") is said
