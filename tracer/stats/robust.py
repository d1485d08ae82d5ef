"""Pooled means and ratios with cluster-robust errors: observations weigh alike, clusters are the unit of the error."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracer.stats.estimate import Estimate
from tracer.stats.samples import Labels, blank, check_level, codes_for, complete, noted, nothing, sample, student

__all__ = ["Correction", "design_effect", "pooled_mean", "ratio"]

Correction = Literal["CR0", "CR1", "CR2"]


def pooled_mean(
    values: ArrayLike,
    clusters: Labels | None = None,
    *,
    level: float = 0.95,
    null: float = 0.0,
    correction: Correction = "CR2",
) -> Estimate:
    """Give the mean over observations with a cluster-robust error: `ratio` with denominators of 1.

    CR0 is the formula of Miller 2024: SE^2 = n^-2 sum_g (sum_i (y_gi - mean))^2.

    Args:
        values: (n,) numbers; NaN is missing.
        clusters: (n,) labels; None makes every value its own cluster.
        level: Confidence level.
        null: Mean tested against.
        correction: See `ratio`.

    Returns:
        As `ratio`.

    Raises:
        ValueError: As `ratio`.

    Example:
        >>> found = pooled_mean([1, 1, 1, 0, 0, 1], [1, 1, 1, 2, 2, 3], correction="CR1")
        >>> round(found.value, 3), round(found.se, 3)
        (0.667, 0.347)
    """
    filled = np.asarray(values, dtype=np.float64)
    return ratio(filled, np.ones_like(filled), clusters, level=level, null=null, correction=correction)


def ratio(
    numerators: ArrayLike,
    denominators: ArrayLike,
    clusters: Labels | None = None,
    *,
    level: float = 0.95,
    null: float = 0.0,
    correction: Correction = "CR2",
) -> Estimate:
    """Give R = sum(numerators) / sum(denominators) with a cluster-robust error, e.g. mentions among switches.

    With e_g = N_g - R D_g the residual of cluster g and h_g = D_g / D its leverage:
    CR0: SE^2 = sum e_g^2 / D^2, t_{G-1}. CR1: times G / (G-1). CR2: e_g^2 / (1 - h_g) in the sum, with the degrees of
    freedom of Bell and McCaffrey, which fall below G - 1 where cluster sizes differ. Exact for means, and the
    linearisation of a ratio otherwise. Source: Bell and McCaffrey 2002; Cochran 1977, section 6; Pustejovsky and
    Tipton 2018.

    Args:
        numerators: (n,) numbers; NaN is missing.
        denominators: (n,) numbers >= 0; NaN is missing.
        clusters: (n,) labels; None makes every pair its own cluster.
        level: Confidence level.
        null: Ratio tested against.
        correction: Small-sample correction of the error.

    Returns:
        `n` counts the pairs that have anything to take a share of. Bounds are NaN, with a note, for fewer than two
        clusters, if one cluster holds all of the denominator, or if nothing varies between clusters.

    Raises:
        ValueError: The level is outside (0, 1), lengths differ, a denominator is negative or all are 0.

    Example:
        >>> found = ratio([1, 0, 2, 1], [2, 1, 3, 1])
        >>> round(found.value, 3), round(found.se, 3)
        (0.571, 0.125)
    """
    check_level(level)
    (top, bottom), kept, notes = complete(numerators, denominators)
    if bottom.size and (bottom.min() < 0 or bottom.sum() == 0):
        raise ValueError("denominators must not be negative, nor all 0: there is nothing to take a share of")
    # A cluster with nothing to take a share of tells nothing, and must not count as one.
    used = (bottom > 0) | (top != 0)
    data = sample(top[used], codes_for(clusters, kept)[used])
    data = replace(data, notes=(*notes, *data.notes))
    method = f"cluster-robust ({correction}), t"
    if data.clusters < 2:
        return nothing(data, level, method, null)
    weights = np.bincount(data.codes, weights=bottom[used])
    total = float(weights.sum())
    value = float(data.sums.sum() / total)
    share = weights / total
    found = blank(data, value, level, method, null)
    if share.max() >= 1:
        return noted(found, "one cluster holds all of the denominator: no interval")
    residual = data.sums - value * weights
    factor = {"CR0": 1.0, "CR1": data.clusters / (data.clusters - 1), "CR2": 1 / (1 - share)}[correction]
    se = float(np.sqrt((factor * residual**2).sum()) / total)
    df = _bell_mccaffrey(share) if correction == "CR2" else data.clusters - 1.0
    if se <= 1e-12 * max(1.0, abs(value)):
        return noted(found, "no variation between clusters: no interval; see mean_of_clusters")
    return student(found, se, df)


def _bell_mccaffrey(share: NDArray[np.float64]) -> float:
    # Gram matrix of the adjusted residuals under independent errors, up to a factor: a_g a_k (h_g [g=k] - h_g h_k).
    scale = 1 / np.sqrt(1 - share)
    gram = (np.diag(share) - np.outer(share, share)) * np.outer(scale, scale)
    return float(np.trace(gram) ** 2 / (gram**2).sum())


def design_effect(values: ArrayLike, clusters: Labels) -> float:
    """Give by what factor clustering multiplies the variance of the pooled mean.

    deff = SE_CR0^2 / (sum (y - mean)^2 / n^2); about 1 + (m - 1) rho for m values a cluster with intraclass
    correlation rho. n / deff observations would tell as much if they were independent. Source: Kish 1965.

    Returns:
        NaN for fewer than two clusters or values that do not vary.

    Raises:
        ValueError: Lengths differ or a label is missing.

    Example:
        >>> round(design_effect([1, 1, 0, 0, 1, 1, 0, 0], [1, 1, 2, 2, 3, 3, 4, 4]), 3)
        2.0
    """
    data = sample(values, clusters)
    spread = float(((data.values - data.values.mean()) ** 2).sum()) if data.clusters > 1 else 0.0
    if spread == 0:
        return float("nan")
    residual = data.sums - data.counts * data.values.mean()
    return float((residual**2).sum() / spread)
