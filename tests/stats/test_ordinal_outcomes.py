"""Ordered outcomes: against SciPy and by definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tracer.stats.ordinal import cliffs_delta, probability_of_superiority

scores = st.lists(st.integers(1, 5).map(float), min_size=2, max_size=15)


@given(first=scores, second=scores)
def test_is_mann_whitneys_share(first: list[float], second: list[float]) -> None:
    """The value is U / nm, and Cliff's delta the difference of wins and losses."""
    known: Any = stats.mannwhitneyu(first, second)
    value = probability_of_superiority(first, second).value
    assert value == pytest.approx(float(known.statistic) / (len(first) * len(second)))
    wins = np.sign(np.subtract.outer(first, second)).mean()
    assert cliffs_delta(first, second).value == pytest.approx(wins)


@given(first=scores, second=scores)
def test_only_order_matters(first: list[float], second: list[float]) -> None:
    """Any increasing change of scale leaves value and interval alone; swapping arms mirrors them."""
    plain = probability_of_superiority(first, second)
    bent = probability_of_superiority(np.exp(first), np.exp(second))
    mirror = probability_of_superiority(second, first)
    assert (bent.value, bent.se) == pytest.approx((plain.value, plain.se), nan_ok=True)
    assert (mirror.value, mirror.se) == pytest.approx((1 - plain.value, plain.se), nan_ok=True)


def test_paired_scenarios_narrow_and_copies_do_not() -> None:
    """Scenarios shared by both arms cancel; copies of runs within scenarios add nothing."""
    draw = np.random.default_rng(3)
    base = draw.normal(0, 2, 40)
    first, second = np.round(base + draw.normal(1, 0.5, 40)), np.round(base + draw.normal(0, 0.5, 40))
    scenarios = list(range(40))
    apart = probability_of_superiority(first, second)
    paired = probability_of_superiority(first, second, (scenarios, scenarios))
    copied = probability_of_superiority(np.repeat(first, 5), second, (np.repeat(scenarios, 5), scenarios))
    assert paired.se < 0.6 * apart.se
    assert (copied.value, copied.se) == pytest.approx((paired.value, paired.se))


def test_coverage_in_clusters() -> None:
    """With runs nested in scenarios the interval of "no difference" covers 1/2 in 92 to 98 % of samples."""
    draw = np.random.default_rng(11)
    labels = np.repeat(np.arange(15), 6)
    hits = 0
    for _ in range(400):
        first, second = (np.round(draw.normal(0, 1, 15)[labels] + draw.normal(0, 1, 90)) for _ in range(2))
        found = probability_of_superiority(first, second, (labels, labels + 100))
        hits += found.low <= 0.5 <= found.high
    assert 0.92 * 400 <= hits <= 0.98 * 400


def test_without_overlap_there_is_no_interval() -> None:
    """Complete separation has an error of 0 only in appearance."""
    found = probability_of_superiority([3, 4, 5], [1, 2])
    assert found.value == 1.0
    assert np.isnan([found.low, found.high]).all()
    assert any("no overlap" in note for note in found.notes)


def test_empty_arm_is_refused() -> None:
    """An arm of missing values only is an error that says so."""
    with pytest.raises(ValueError, match="arm is empty"):
        probability_of_superiority([1.0], [float("nan")])
