"""Cluster-robust errors against statsmodels, and the small-sample correction against its definition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st
from scipy import linalg, stats

from tracer.stats.robust import Correction, design_effect, pooled_mean, ratio

LABELS = np.repeat(np.arange(7), [1, 2, 3, 4, 5, 6, 9])
VALUES = (np.random.default_rng(3).random(30) < 0.3 + 0.4 * (LABELS % 2)).astype(float)


@pytest.mark.parametrize(("correction", "factor"), [("CR0", 1.0), ("CR1", 7 / 6)])
def test_sandwich_is_that_of_statsmodels(correction: Correction, factor: float) -> None:
    """CR0 is the plain sandwich of a constant, CR1 its G / (G - 1) correction."""
    known = sm.OLS(VALUES, np.ones(30)).fit(cov_type="cluster", cov_kwds={"groups": LABELS, "use_correction": False})
    found = pooled_mean(VALUES, LABELS, correction=correction)
    assert found.value == pytest.approx(float(known.params[0]))
    assert found.se == pytest.approx(float(known.bse[0]) * factor**0.5)


def test_cr2_and_its_degrees_of_freedom_by_definition() -> None:
    """CR2 and the Bell-McCaffrey degrees of freedom equal their matrix definitions."""
    n, design = 30, np.ones((30, 1))
    hat = design @ design.T / n
    leave, residual = np.eye(n) - hat, VALUES - VALUES.mean()
    vectors, meat = [], 0.0
    for cluster in range(7):
        own = np.flatnonzero(cluster == LABELS)
        root: Any = linalg.sqrtm(np.linalg.inv(leave[own][:, own]))
        pull = design[own].T @ root
        meat += float((pull @ residual[own])[0] ** 2)
        vectors.append((pull @ leave[own])[0])
    gram = np.array(vectors) @ np.array(vectors).T
    df = np.trace(gram) ** 2 / (gram**2).sum()
    found = pooled_mean(VALUES, LABELS)
    assert found.se == pytest.approx(meat**0.5 / n)
    assert (found.high - found.value) / found.se == pytest.approx(float(stats.t.ppf(0.975, df)))


def test_ratio_weighs_by_denominators() -> None:
    """Among-switched rates pool numerators and denominators over clusters."""
    found = ratio([3, 1, 2, 0], [4, 2, 5, 1], ["a", "a", "b", "c"])
    assert (found.value, found.clusters) == (pytest.approx(0.5), 3)


def test_clusters_with_nothing_to_share_do_not_count() -> None:
    """Scenarios without a single switch say nothing about mentions among switches."""
    plain = ratio([3, 1, 2], [4, 2, 5], ["a", "b", "c"])
    padded = ratio([3, 1, 2, 0, 0], [4, 2, 5, 0, 0], ["a", "b", "c", "d", "e"])
    assert (padded.value, padded.low, padded.high) == pytest.approx((plain.value, plain.low, plain.high))
    assert padded.clusters == 3


@given(size=st.integers(2, 6), clusters=st.integers(3, 8), seed=st.integers(0, 50))
def test_equal_clusters_make_all_corrections_alike(size: int, clusters: int, seed: int) -> None:
    """With clusters of one size CR1 and CR2 are the same, and so is the mean of cluster means."""
    labels = np.repeat(np.arange(clusters), size)
    drawn = np.random.default_rng(seed).random(labels.size)
    one, two = (pooled_mean(drawn, labels, correction=c) for c in ("CR1", "CR2"))
    assert (one.se, one.low, one.high) == pytest.approx((two.se, two.low, two.high))


def test_design_effect_of_copies_is_their_number() -> None:
    """Ten copies of each value tell no more than one."""
    assert design_effect(np.repeat([0, 1, 1, 0, 1], 10), np.repeat(np.arange(5), 10)) == pytest.approx(10)


@pytest.mark.parametrize(
    ("numbers", "labels", "note"),
    [([1, 0, 1], [1, 1, 1], "one cluster"), ([1, 1, 1], [1, 2, 3], "no variation"), ([], [], "no observed values")],
)
def test_no_interval_where_none_can_be_had(numbers: list[int], labels: list[int], note: str) -> None:
    """One cluster, no variation or nothing at all give NaN bounds and the reason."""
    found = pooled_mean(numbers, labels)
    assert np.isnan([found.low, found.high]).all()
    assert any(note in text for text in found.notes)


def test_denominators_of_nothing_are_refused() -> None:
    """A share of nothing is an error, not 0."""
    with pytest.raises(ValueError, match="nothing to take a share of"):
        ratio([1, 1], [0, 0])
