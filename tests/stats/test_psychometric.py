"""The threshold of an act, against a generalised linear model and by its properties."""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from tracer.stats.psychometric import indifference


def test_many_acts_agree_with_a_logistic_regression() -> None:
    """With many acts and hardly a lapse the threshold is -intercept / slope of a logistic regression."""
    rng = np.random.default_rng(3)
    thresholds = rng.uniform(0, 1, 2_000)
    acted = rng.uniform(size=2_000) < 1 / (1 + np.exp((thresholds - 0.35) / 0.1))
    intercept, slope = sm.GLM(acted, sm.add_constant(thresholds), family=sm.families.Binomial()).fit().params
    found = indifference(thresholds, acted, lapse=1e-6)
    assert found.value == pytest.approx(-intercept / slope, abs=0.01)
    assert found.low < 0.35 < found.high


def test_interval_holds_the_truth_as_often_as_it_says() -> None:
    """Over simulated choosers with other credences, 90 % intervals hold the credence in about 90 %."""
    rng = np.random.default_rng(5)
    held = rng.uniform(0, 1, 300)
    thresholds = np.linspace(0.05, 0.95, 19)
    within = 0
    for credence in held:
        chance = 0.01 + 0.98 / (1 + np.exp((thresholds - credence) / 0.08))
        found = indifference(thresholds, rng.uniform(size=19) < chance, level=0.9)
        within += found.low <= credence <= found.high
    assert 0.85 <= within / 300 <= 0.96


@given(acts=st.lists(st.tuples(st.floats(0, 1), st.booleans()), min_size=1, max_size=12))
def test_it_lies_in_its_interval_and_turns_with_the_acts(acts: list[tuple[float, bool]]) -> None:
    """The value lies in its interval within 0 to 1; doing the opposite at mirrored thresholds mirrors it."""
    thresholds, acted = zip(*acts, strict=True)
    found = indifference(thresholds, acted)
    assert 0 <= found.low <= found.value <= found.high <= 1
    mirrored = indifference([1 - t for t in thresholds], [not a for a in acted])
    assert mirrored.value == pytest.approx(1 - found.value, abs=1e-9)


@pytest.mark.parametrize(
    ("thresholds", "acted"), [([], []), ([0.5], [1, 0]), ([1.5], [1]), ([float("nan")], [1]), ([0.5], [2])]
)
def test_what_cannot_be_read_is_refused(thresholds: list[float], acted: list[int]) -> None:
    """Other shapes, thresholds outside of 0 to 1 and acts that are neither done nor not are refused."""
    with pytest.raises(ValueError, match="thresholds"):
        indifference(thresholds, acted)
