"""Means over clusters: the unit is the cluster, whatever is done to order, names and repetition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from tracer.stats.clustered import difference_of_clusters, mean_of_clusters, sign_flip

values = st.lists(st.integers(-4, 4).map(lambda x: x / 4), min_size=3, max_size=12)


@given(values=values)
def test_without_clusters_it_is_the_t_test(values: list[float]) -> None:
    """Every value its own cluster: Student's one-sample test."""
    if len(set(values)) == 1:
        return
    found = mean_of_clusters(values, null=0.1)
    known: Any = stats.ttest_1samp(values, 0.1)
    interval = known.confidence_interval(0.95)
    assert (found.low, found.high, found.p) == pytest.approx((interval.low, interval.high, known.pvalue))


@given(values=values, copies=st.lists(st.integers(1, 4), min_size=12, max_size=12))
def test_repeating_a_clusters_runs_adds_nothing(values: list[float], copies: list[int]) -> None:
    """Copies of a run within its cluster change neither estimate nor interval."""
    once = mean_of_clusters(values)
    repeats = copies[: len(values)]
    again = mean_of_clusters(np.repeat(values, repeats), np.repeat(np.arange(len(values)), repeats))
    assert (again.value, again.low, again.high) == pytest.approx((once.value, once.low, once.high), nan_ok=True)
    assert again.clusters == once.clusters


@given(values=values, seed=st.integers(0, 100))
def test_order_and_names_do_not_matter(values: list[float], seed: int) -> None:
    """Shuffling rows and renaming clusters gives the same estimate."""
    labels = [f"s{i // 2}" for i in range(len(values))]
    order = np.random.default_rng(seed).permutation(len(values))
    one = mean_of_clusters(values, labels)
    two = mean_of_clusters(np.array(values)[order], [("other", labels[i]) for i in order])
    assert (one.value, one.low, one.high) == pytest.approx((two.value, two.low, two.high), nan_ok=True)


def test_missing_values_are_dropped_and_counted() -> None:
    """NaN is missing, not 0, and the note says how many."""
    found = mean_of_clusters([1.0, float("nan"), 0.0, 1.0], ["a", "a", "b", "c"])
    assert (found.value, found.n, found.clusters) == (pytest.approx(2 / 3), 3, 3)
    assert "1 missing, dropped" in found.notes


@pytest.mark.parametrize(
    ("given_values", "clusters", "note"),
    [
        ([], None, "no observed values"),
        ([float("nan")] * 3, None, "no observed values"),
        ([0.2, 0.4], ["a", "a"], "one cluster"),
        ([7.0, 7.0, 7.0], None, "no variation between clusters"),
    ],
    ids=["empty", "nan", "one cluster", "unbounded and equal"],
)
def test_no_interval_where_none_can_be_had(
    given_values: list[float], clusters: Sequence[str] | None, note: str
) -> None:
    """Too little to estimate an error from gives NaN bounds and the reason."""
    found = mean_of_clusters(given_values, clusters)
    assert np.isnan([found.low, found.high, found.p]).all()
    assert any(note in text for text in found.notes)


@pytest.mark.parametrize(
    ("value", "bounds", "low", "high"),
    [
        (0.0, (0.0, 1.0), 0.0, 1 - 0.025**0.05),
        (1.0, (0.0, 1.0), 0.025**0.05, 1.0),
        (0.0, None, -(1 - 0.025**0.05), 1 - 0.025**0.05),
    ],
)
def test_equal_outcomes_do_not_give_certainty(
    value: float, bounds: tuple[float, float] | None, low: float, high: float
) -> None:
    """Twenty clusters that agree leave as much open as 0 of 20."""
    found = mean_of_clusters([value] * 20, bounds=bounds)
    assert (found.low, found.high) == pytest.approx((low, high))
    assert any("no variation" in note for note in found.notes)


@given(shared=st.floats(-1, 1), clusters=st.integers(2, 60), null=st.floats(-1, 1))
def test_interval_and_p_agree_without_variation(shared: float, clusters: int, null: float) -> None:
    """p is below .05 exactly where the interval leaves the null out."""
    found = mean_of_clusters([shared] * clusters, null=null)
    assert found.low <= found.value <= found.high
    if abs(found.p - 0.05) > 1e-9:
        assert (found.p < 0.05) == (not found.low <= null <= found.high)


def test_coverage_of_rare_outcomes_holds() -> None:
    """A rate of 2 % in 20 scenarios, where most studies see no variation at all, is still covered."""
    draw = np.random.default_rng(5)
    hits = 0
    for _ in range(1000):
        found = mean_of_clusters((draw.random(20) < 0.02).astype(float), bounds=(0.0, 1.0))
        hits += found.low <= 0.02 <= found.high
    assert hits >= 940


@given(values=values)
def test_sign_flip_counts_every_pattern(values: list[float]) -> None:
    """The exact test equals the count over all 2^G patterns, ties included."""
    few = np.array(values[:8])
    sums = np.array([np.dot(signs, few) for signs in product((-1, 1), repeat=len(few))])
    expected = float(np.mean(np.abs(sums) >= abs(few.sum()) - 1e-9))
    assert sign_flip(few) == pytest.approx(expected, abs=1e-12)


def test_sign_flip_agrees_with_scipy() -> None:
    """SciPy's exact permutation of samples gives the same p value."""
    shifts = np.array([0.3, -0.1, 0.4, 0.2, 0.05, 0.3, -0.2, 0.5])
    known: Any = stats.permutation_test((shifts,), np.mean, permutation_type="samples", n_resamples=10_000)
    assert sign_flip(shifts) == pytest.approx(float(known.pvalue))


def test_drawn_signs_approach_the_exact_test() -> None:
    """Beyond 30 clusters seeded draws take over: near Student's p, the same at each call, never 0."""
    shifts = np.random.default_rng(2).normal(0.15, 1, 60)
    known: Any = stats.ttest_1samp(shifts, 0)
    assert sign_flip(shifts, draws=50_000) == pytest.approx(known.pvalue, abs=0.01)
    assert sign_flip(shifts, seed=4) == sign_flip(shifts, seed=4)
    assert sign_flip(np.ones(60)) == pytest.approx(1 / 10_001)


@pytest.mark.parametrize(("shifts", "p"), [([0.3], 1.0), ([0.0, 0.0], 1.0), ([1.0] * 5, 2 / 32), ([], np.nan)])
def test_sign_flip_at_the_edges(shifts: list[float], p: float) -> None:
    """One cluster can show nothing, five cannot reach .05, no values give no p."""
    assert sign_flip(shifts) == pytest.approx(p, nan_ok=True)


def test_two_arms_without_shared_clusters() -> None:
    """Arms of different scenarios: Welch's test of cluster means."""
    one, two = np.array([0.2, 0.5, 0.9, 0.4]), np.array([0.1, 0.3, 0.2])
    found = difference_of_clusters((one, None), (two, None))
    known: Any = stats.ttest_ind(one, two, equal_var=False)
    interval = known.confidence_interval(0.95)
    assert (found.low, found.high, found.p) == pytest.approx((interval.low, interval.high, known.pvalue))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean_of_clusters([1, 2], level=95), "between 0 and 1"),
        (lambda: mean_of_clusters([1, 2], ["a"]), "one label for each"),
        (lambda: mean_of_clusters([1, 2], ["a", None]), "label is missing"),
        (lambda: mean_of_clusters([1, float("inf")]), "infinite"),
        (lambda: mean_of_clusters([[1, 2]]), "one-dimensional"),
        (lambda: mean_of_clusters([0.2, 1.2], bounds=(0, 1)), "outside the bounds"),
        (lambda: difference_of_clusters(([1, 2], None), ([], None)), "arm is empty"),
        (lambda: sign_flip(np.ones(40), draws=10), "too coarse"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """Input that no number can come from raises an error that names the cause."""
    with pytest.raises(ValueError, match=message):
        call()
