"""The suite on hidden values: what the observations allow, singly and together."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest

from tracer import Suite
from tracer.addresses import load_object


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_object("scenarios/connecting_the_dots.py:suite")


def fitting(data: dict[str, Any], observations: list[str]) -> list[str]:
    """Give the functions among the options that fit observations."""
    seen = [tuple(map(int, re.findall(r"\d+", text))) for text in observations]
    rules = {option: tuple(map(int, re.findall(r"\d+", option))) for option in data["say"]["options"]}
    return [option for option, (a, b) in rules.items() if all(a * x + b == y for x, y in seen)]


def test_functions_take_more_than_one_observation(suite: Suite) -> None:
    """Each of the first three observations fits a wrong function too; together they leave the right one alone."""
    for scenario in (*suite.scenarios, *suite.develop):
        if scenario.data["kind"] == "function":
            data = dict(scenario.data)
            assert fitting(data, data["observations"]) == [data["say"]["answer"]]
            assert all(len(fitting(data, [text])) > 1 for text in data["observations"][:3])


def test_kinds_are_balanced_and_answers_are_possible(suite: Suite) -> None:
    """Every kind is as frequent; each question has six answers, the right one among them, and none repeats."""
    assert set(Counter(s.data["kind"] for s in suite.scenarios).values()) == {len(suite.scenarios) // 4}
    for scenario in (*suite.scenarios, *suite.develop):
        for asks in ("say", "use"):
            asked = scenario.data[asks]
            assert len(set(asked["options"])) == len(asked["options"]) == 6
            assert asked["answer"] in asked["options"]


def test_copying_what_came_last_never_answers(suite: Suite) -> None:
    """The last thing observed is wrong as an answer, whether it is to be said or used."""
    for scenario in (*suite.scenarios, *suite.develop):
        last = scenario.data["observations"][-1].rstrip(".").split()[-1]
        assert last not in (scenario.data["say"]["answer"], scenario.data["use"]["answer"])


def test_no_agent_sees_the_whole(suite: Suite) -> None:
    """Each witness holds a part of the observations, the one who answers holds none, and together they hold all."""
    lane = next(c for c in suite.conditions if c.name == "agents-use")
    for scenario in suite.scenarios:
        *witnesses, solver = suite.present(scenario, lane).roles
        held = [[text for text in scenario.data["observations"] if text in w.brief] for w in witnesses]
        assert all(0 < len(texts) < len(scenario.data["observations"]) for texts in held)
        assert set().union(*held) == set(scenario.data["observations"])
        assert not any(text in solver.brief for text in scenario.data["observations"])
