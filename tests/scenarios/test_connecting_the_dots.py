"""The suite on hidden values: what the observations allow, singly and together."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from tracer import Suite
from tracer.addresses import load_object


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_object("scenarios/connecting_the_dots.py:suite")


RULES: dict[str, Callable[[int], bool]] = {
    "even numbers": lambda n: n % 2 == 0,
    "odd numbers": lambda n: n % 2 == 1,
    "numbers above fifty": lambda n: n > 50,
    "numbers below fifty": lambda n: n < 50,
    "multiples of five": lambda n: n % 5 == 0,
    "multiples of three": lambda n: n % 3 == 0,
}


def fits(data: Mapping[str, Any], option: str, text: str) -> bool:
    """Tell whether an observation of a function, a sorter or a depot allows what an option says."""
    if data["kind"] == "function":
        (a, b), (x, y) = (list(map(int, re.findall(r"\d+", part))) for part in (option, text))
        return a * x + b == y
    if data["kind"] == "parity":
        return RULES[option](int(text.rstrip(".").split()[-1])) == ("took" in text)
    stops = data["setting"].partition(": ")[2].rstrip(".").split(", ")
    bound = stops.index(text.rstrip(".").split()[-1])
    return stops.index(option) > bound if "after" in text else stops.index(option) < bound


def fitting(data: Mapping[str, Any], texts: Sequence[str]) -> list[str]:
    return [option for option in data["say"]["options"] if all(fits(data, option, text) for text in texts)]


def test_neither_half_is_enough(suite: Suite) -> None:
    """A half leaves three answers or more, or has another colour ahead; both together leave one, the right one."""
    for scenario in (*suite.scenarios, *suite.develop):
        data, seen = scenario.data, scenario.data["observations"]
        halves = (seen[: len(seen) // 2], seen[len(seen) // 2 :])
        if data["kind"] == "wheel":
            ahead = [
                Counter(text.rstrip(".").split()[-1] for text in texts).most_common(2) for texts in (*halves, seen)
            ]
            assert all(first[1] > second[1] for first, second in ahead)
            assert [first[0] == data["say"]["answer"] for first, _ in ahead] == [False, False, True]
        else:
            assert fitting(data, seen) == [data["say"]["answer"]]
            assert all(len(fitting(data, half)) >= 3 for half in halves)


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
