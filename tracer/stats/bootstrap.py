"""Cluster bootstrap of a mean: whole clusters are redrawn, never the runs within them.

Only the highest level is resampled: resampling runs within redrawn clusters as well would count their noise twice.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tracer.stats.estimate import Estimate
from tracer.stats.samples import Labels, Sample, Weighting, check_level, nothing, sample

__all__ = ["bootstrap"]

Method = Literal["studentised", "percentile", "bca"]

# Draws in one block: bounds memory at about 8 MB per column for 1,000 clusters.
_BLOCK = 1_000_000


def bootstrap(
    values: ArrayLike,
    clusters: Labels | None = None,
    *,
    level: float = 0.95,
    method: Method = "studentised",
    weighting: Weighting = "clusters",
    resamples: int = 10_000,
    seed: int = 0,
) -> Estimate:
    """Give the mean with a cluster-bootstrap interval, tested against 0.

    With w_g the times that cluster g was drawn, T* = sum w_g S_g / sum w_g N_g (S sums and N counts of the clusters;
    weighting by clusters, S is the mean and N is 1), so a resample costs two inner products. `studentised` (default;
    second-order right, best with few clusters): T - q(t*) SE with t* = (T* - T) / SE* and SE the cluster-robust error;
    `percentile`: quantiles of T*; `bca`: quantiles shifted for bias and skewness (jackknife over clusters).
    Source: Davison and Hinkley 1997, sections 2.4, 3.8 and 5; Efron 1987 for BCa.

    Args:
        values: (n,) numbers; NaN is missing.
        clusters: (n,) labels; None makes every value its own cluster.
        level: Confidence level.
        method: Kind of interval.
        weighting: Whether clusters or observations weigh alike.
        resamples: Number of resamples.
        seed: Seed of the draws.

    Returns:
        `p` is (1 + #{|t*| >= |t|}) / (1 + resamples) for `studentised`, else NaN. NaN bounds, with a note, for fewer
        than two clusters or without variation between them: there the bootstrap can only repeat what it saw.

    Raises:
        ValueError: The level is outside (0, 1), fewer than 100 resamples, or lengths differ.

    Example:
        >>> found = bootstrap([0.1, 0.3, 0.2, 0.6, 0.4, 0.2, 0.1, 0.5])
        >>> round(found.value, 2), 0.1 < found.low < found.value < found.high < 0.6
        (0.3, True)
    """
    check_level(level)
    if resamples < 100:
        raise ValueError(f"{resamples} resamples give no usable quantiles: take at least 100, better 10,000")
    data = sample(values, clusters)
    name = f"cluster bootstrap ({method})"
    if data.clusters < 2:
        return nothing(data, level, name)
    sums, counts = (data.means, np.ones(data.clusters)) if weighting == "clusters" else (data.sums, data.counts)
    value = float(sums.sum() / counts.sum())
    se = float(_error(np.ones((1, data.clusters)), sums, counts)[0])
    if se <= 1e-12 * max(1.0, abs(value)):
        return _unvaried(data, value, level, name)
    drawn, errors = _resample(sums, counts, resamples, np.random.default_rng(seed), studentise=method == "studentised")
    p = float("nan")
    if method == "studentised":
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = np.nan_to_num((drawn - value) / errors, nan=0.0)
        high, low = value - se * np.quantile(ratios, _ends(level), method="inverted_cdf")
        p = float((1 + np.count_nonzero(np.abs(ratios) >= abs(value) / se)) / (1 + resamples))
    else:
        ends = _ends(level) if method == "percentile" else _bca_ends(drawn, value, sums, counts, level)
        low, high = np.quantile(drawn, ends)
    return Estimate(
        value, float(low), float(high), level, data.size, data.clusters, se, p, method=name, notes=data.notes
    )


def _unvaried(data: Sample, value: float, level: float, name: str) -> Estimate:
    nan = float("nan")
    notes = (*data.notes, "no variation between clusters: no interval; see mean_of_clusters")
    return Estimate(value, nan, nan, level, data.size, data.clusters, 0.0, method=name, notes=notes)


def _ends(level: float) -> NDArray[np.float64]:
    return np.array([(1 - level) / 2, (1 + level) / 2])


def _error(weights: NDArray[np.float64], sums: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    # SE*^2 = sum w (S - T N)^2 / (sum w N)^2, expanded so that it needs inner products only.
    total = weights @ counts
    mean = (weights @ sums) / total
    squares = weights @ (sums**2) - 2 * mean * (weights @ (sums * counts)) + mean**2 * (weights @ counts**2)
    clusters = len(counts)
    return np.sqrt(np.maximum(squares, 0.0) * clusters / (clusters - 1)) / total


def _resample(
    sums: NDArray[np.float64],
    counts: NDArray[np.float64],
    resamples: int,
    draw: np.random.Generator,
    *,
    studentise: bool,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    clusters = len(counts)
    means, errors = np.empty(resamples), np.empty(resamples if studentise else 0)
    # Centred sums keep the expanded squares from cancelling.
    centre = sums.sum() / counts.sum()
    moved = sums - centre * counts
    for start in range(0, resamples, max(1, _BLOCK // clusters)):
        rows = min(max(1, _BLOCK // clusters), resamples - start)
        picks = draw.integers(0, clusters, size=(rows, clusters), dtype=np.int32)
        picks += (np.arange(rows, dtype=np.int32) * clusters)[:, None]
        weights = np.bincount(picks.ravel(), minlength=rows * clusters).reshape(rows, clusters).astype(np.float64)
        means[start : start + rows] = centre + (weights @ moved) / (weights @ counts)
        if studentise:
            errors[start : start + rows] = _error(weights, moved, counts)
    return means, errors


def _bca_ends(
    drawn: NDArray[np.float64],
    value: float,
    sums: NDArray[np.float64],
    counts: NDArray[np.float64],
    level: float,
) -> NDArray[np.float64]:
    below = (np.count_nonzero(drawn < value) + np.count_nonzero(drawn == value) / 2) / drawn.size
    bias = special.ndtri(np.clip(below, 1 / drawn.size, 1 - 1 / drawn.size))
    left_out = (sums.sum() - sums) / (counts.sum() - counts)
    pull = left_out.mean() - left_out
    skew = (pull**3).sum() / (6 * (pull**2).sum() ** 1.5)
    z = bias + special.ndtri(_ends(level))
    return special.ndtr(bias + z / (1 - skew * z))
