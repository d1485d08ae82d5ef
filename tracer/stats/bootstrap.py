"""Cluster bootstrap of a mean: whole clusters are redrawn, never the runs within them.

Only the highest level is resampled: resampling runs within redrawn clusters as well would count their noise twice.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tracer.stats.estimate import Estimate
from tracer.stats.samples import Labels, blank, check_level, noted, nothing, sample
from tracer.stats.signs import check_draws

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
    resamples: int = 10_000,
    seed: int = 0,
) -> Estimate:
    """Give the mean of cluster means with a cluster-bootstrap interval, tested against 0.

    With w_g the times that cluster g was drawn and m_g its mean: T* = sum w_g m_g / G, so that a resample costs one
    inner product. `studentised` (default; second-order right, best with few clusters): T - q(t*) SE with
    t* = (T* - T) / SE*; `percentile`: quantiles of T*; `bca`: quantiles shifted for bias and skewness (jackknife over
    clusters). Source: Davison and Hinkley 1997, sections 2.4, 3.8 and 5; Efron 1987 for BCa.

    Args:
        values: (n,) numbers; NaN is missing.
        clusters: (n,) labels; None makes every value its own cluster.
        level: Confidence level.
        method: Kind of interval.
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
    check_draws(resamples)
    data = sample(values, clusters)
    name = f"cluster bootstrap ({method})"
    if data.clusters < 2:
        return nothing(data, level, name)
    means = data.means
    value = float(means.mean())
    se = float(means.std(ddof=1)) / data.clusters**0.5
    found = replace(blank(data, value, level, name), se=se)
    if se <= 1e-12 * max(1.0, abs(value)):
        return noted(found, "no variation between clusters: no interval; see mean_of_clusters")
    ends = np.array([(1 - level) / 2, (1 + level) / 2])
    shifts, errors = _resample(means - value, resamples, np.random.default_rng(seed))
    if method == "studentised":
        # A resample of one cluster alone has no error, and counts as infinitely far out.
        with np.errstate(divide="ignore", invalid="ignore"):
            ratios = np.nan_to_num(shifts / errors, nan=0.0, posinf=np.inf, neginf=-np.inf)
        high, low = value - se * np.quantile(ratios, ends, method="inverted_cdf")
        p = float((1 + np.count_nonzero(np.abs(ratios) >= abs(value) / se)) / (1 + resamples))
        found = replace(found, low=float(low), high=float(high), p=p)
        return found if np.isfinite([low, high]).all() else noted(found, "too few clusters to bound the mean")
    if method == "bca":
        ends = _bca(shifts, means, ends)
    low, high = value + np.quantile(shifts, ends)
    return replace(found, low=float(low), high=float(high))


def _resample(
    moved: NDArray[np.float64], resamples: int, draw: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # Shift and standard error of each resample, from how often each (centred) cluster was drawn.
    clusters = moved.size
    columns = np.stack([moved, moved**2], axis=1)
    sums = np.empty((resamples, 2))
    rows = max(1, _BLOCK // clusters)
    for start in range(0, resamples, rows):
        size = min(rows, resamples - start)
        picks = draw.integers(0, clusters, size=(size, clusters), dtype=np.int32)
        picks += (np.arange(size, dtype=np.int32) * clusters)[:, None]
        weights = np.bincount(picks.ravel(), minlength=size * clusters).reshape(size, clusters)
        sums[start : start + size] = weights.astype(np.float64) @ columns
    shifts = sums[:, 0] / clusters
    spread = np.maximum(sums[:, 1] - clusters * shifts**2, 0.0)
    return shifts, np.sqrt(spread / (clusters - 1) / clusters)


def _bca(shifts: NDArray[np.float64], means: NDArray[np.float64], ends: NDArray[np.float64]) -> NDArray[np.float64]:
    below = (np.count_nonzero(shifts < 0) + np.count_nonzero(shifts == 0) / 2) / shifts.size
    bias = special.ndtri(np.clip(below, 1 / shifts.size, 1 - 1 / shifts.size))
    # Without cluster g the mean moves by -(m_g - mean) / (G - 1).
    pull = means - means.mean()
    skew = (pull**3).sum() / (6 * (pull**2).sum() ** 1.5)
    z = bias + special.ndtri(ends)
    return special.ndtr(bias + z / (1 - skew * z))
