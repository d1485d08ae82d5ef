"""The suite on preferences: a market whose prices follow what was taken, and pairs that show a place as a circle."""

from __future__ import annotations

import pytest

from tracer import Suite, World
from tracer.addresses import load_object


@pytest.fixture(scope="module")
def suite() -> Suite:
    return load_object("scenarios/preferences.py:suite")


def market(suite: Suite, condition: str, sides: str) -> World:
    """Walk round the market of the first scenario, taking l(eft) or r(ight)."""
    cell = next(c for c in suite.conditions if c.name == condition)
    world = suite.present(suite.scenarios[0], cell).world
    assert world is not None
    for side in sides:
        world.take("left" if side == "l" else "right")  # type: ignore[attr-defined]
    return world


def test_one_side_all_the_way_is_a_circle_and_a_change_of_mind(suite: Suite) -> None:
    """Who always takes the left takes each good once on each round, and the other of each pair the second time."""
    taken = market(suite, "same", "llllll").snapshot()["taken"]
    assert len(set(taken[:3])) == len(set(taken[3:])) == 3
    assert all(first != second for first, second in zip(taken[:3], taken[3:], strict=True))


@pytest.mark.parametrize(("condition", "price"), [("same", 2), ("dear", 8), ("thrift", 8)])
def test_only_what_was_taken_gets_dear(suite: Suite, condition: str, price: int) -> None:
    """On the second round the good that was taken at a stall costs more where it should, and the other one never."""
    world = market(suite, condition, "lrl")
    first = world.snapshot()["taken"][0]
    assert world.price(first) == price  # type: ignore[attr-defined]
    assert {world.price(good) for good in world.pair() if good != first} == {2}  # type: ignore[attr-defined]


def test_the_order_of_naming_does_not_tell_the_order_of_goods(suite: Suite) -> None:
    """No triad stands twice, and confirmatory and developing scenarios share no good."""
    triads = [frozenset(s.data["goods"]) for s in (*suite.scenarios, *suite.develop)]
    assert len(set(triads)) == len(triads)
    here, there = (
        frozenset[str]().union(*(s.data["goods"] for s in part)) for part in (suite.scenarios, suite.develop)
    )
    assert not here & there
