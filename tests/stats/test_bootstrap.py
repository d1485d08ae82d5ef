"""The cluster bootstrap: against SciPy where SciPy can do it, and by coverage."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import stats

from tracer.stats.bootstrap import bootstrap

LABELS = np.repeat(np.arange(25), 8)
VALUES = (np.random.default_rng(8).random(200) < np.repeat(np.random.default_rng(9).beta(1, 3, 25), 8)).astype(float)


@pytest.mark.parametrize(("method", "known"), [("percentile", "percentile"), ("bca", "BCa")])
def test_is_scipys_on_cluster_means(method: str, known: str) -> None:
    """With clusters weighing alike it is SciPy's bootstrap of the cluster means, up to the draws."""
    means = VALUES.reshape(25, 8).mean(axis=1)
    interval = stats.bootstrap((means,), np.mean, method=known, n_resamples=20_000, rng=1).confidence_interval
    found = bootstrap(VALUES, LABELS, method="bca" if method == "bca" else "percentile", resamples=20_000)
    assert (found.low, found.high) == pytest.approx((interval.low, interval.high), abs=0.006)


def test_studentised_covers() -> None:
    """In skewed clusters of unequal size the studentised interval covers in 92 to 97 % of samples."""
    draw = np.random.default_rng(4)
    hits = 0
    for _ in range(400):
        sizes = draw.integers(1, 12, 30)
        labels = np.repeat(np.arange(30), sizes)
        rates = draw.beta(1, 3, 30)
        found = bootstrap((draw.random(labels.size) < rates[labels]).astype(float), labels, resamples=500)
        hits += found.low <= 0.25 <= found.high
    assert 0.92 <= hits / 400 <= 0.97


def test_blocks_do_not_change_the_error() -> None:
    """Many clusters, which are drawn block by block, give the normal interval."""
    values = np.random.default_rng(1).normal(1, 1, 3000)
    found = bootstrap(values, resamples=1000)
    assert found.high - found.low == pytest.approx(2 * 1.96 / 3000**0.5, rel=0.1)


@pytest.mark.parametrize(
    ("numbers", "labels", "note"),
    [
        ([0.1, 0.9], ["a", "a"], "one cluster"),
        ([0.5] * 4, list("abcd"), "no variation"),
        ([], [], "no observed values"),
    ],
)
def test_no_interval_where_none_can_be_had(numbers: list[float], labels: list[str], note: str) -> None:
    """A bootstrap that can only repeat what it saw gives NaN bounds and the reason."""
    found = bootstrap(numbers, labels)
    assert np.isnan([found.low, found.high]).all()
    assert any(note in text for text in found.notes)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bootstrap([1, 2, 3], resamples=10), "too coarse"),
        (lambda: bootstrap([1, 2], level=2), "between"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """Too few resamples and impossible levels raise an error."""
    with pytest.raises(ValueError, match=message):
        call()
