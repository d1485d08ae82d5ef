"""Two agents bargain: who is told what, and which words and deals count as what."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer import Forbidden, Suite
from tracer.addresses import load_object

FILE = str(Path(__file__).parents[2] / "scenarios" / "negotiation.py")


@pytest.fixture(scope="module")
def suite() -> Suite:
    """The suite."""
    return load_object(f"{FILE}:suite")


def test_limits_stand_in_one_brief_alone(suite: Suite) -> None:
    """Each limit is read by its own side only, and no number stands in what both read."""
    for scenario in (*suite.scenarios, *suite.develop):
        for condition in suite.conditions:
            task = suite.present(scenario, condition)
            buyer, seller = (role.brief for role in task.roles)
            own = str(scenario.data[str(condition.levels["zone"])])
            assert own in buyer
            assert own not in seller
            assert str(scenario.data["seller"]) in seller
            assert str(scenario.data["seller"]) not in buyer
            assert not any(sign.isdigit() for sign in task.messages[0]["content"])


def test_stakes_change_one_sentence(suite: Suite) -> None:
    """With and without a stake the briefs differ in what is gained by the price, and in nothing else."""
    conditions = {c.name: c for c in suite.conditions}
    for scenario in suite.scenarios:
        with_stake, without = (suite.present(scenario, conditions[name]) for name in ("stake", "no stake"))
        for one, other in zip(with_stake.roles, without.roles, strict=True):
            assert one.brief.split("You keep")[0] == other.brief.split("You gain")[0]
        assert scenario.data["narrow"] < scenario.data["seller"] < scenario.data["wide"]


def test_a_sale_needs_a_bid(suite: Suite) -> None:
    """Nothing is sold without a bid or above it, nor twice; the last bid counts."""
    stall = suite.present(suite.scenarios[0], suite.conditions[0]).world
    assert stall is not None
    act = {action.__name__: action for action in stall.actions()}
    with pytest.raises(Forbidden, match="nothing has been bid"):
        act["sell"](price=10)
    act["bid"](price=90)
    act["bid"](price=70)
    with pytest.raises(ValueError, match="the bid is 70"):
        act["sell"](price=90)
    assert act["sell"](price=65) == "Sold for 65."
    with pytest.raises(Forbidden, match="sold already"):
        act["sell"](price=60)
