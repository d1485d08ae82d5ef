"""Every defensible analysis at once: does the finding hang on one choice of scorer, filter or exclusion?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tracer.stats.samples import Labels, check_level, codes_for
from tracer.stats.signs import random_signs

__all__ = ["Multiverse", "multiverse"]


@dataclass(frozen=True, slots=True)
class Multiverse:
    """What all specifications say together.

    Attributes:
        estimates: (S,) estimate of each specification; NaN with fewer than two clusters.
        p_values: (S,) two-sided t test of each, on cluster means.
        median: Median estimate.
        share_same_sign: Share of the specifications with the sign of the median.
        share_significant: Share with that sign and p below 1 - level.
        p_median: Joint test: how often sign flips of whole clusters give a median as far from 0.
        p_share: Joint test: how often they give as large a share of significant results of one sign.
        clusters: Number of clusters that any specification uses.
        notes: What a reader has to know.
    """

    estimates: NDArray[np.float64]
    p_values: NDArray[np.float64]
    median: float
    share_same_sign: float
    share_significant: float
    p_median: float
    p_share: float
    clusters: int
    notes: tuple[str, ...] = ()


def multiverse(
    values: ArrayLike, clusters: Labels | None = None, *, level: float = 0.95, draws: int = 2_000, seed: int = 0
) -> Multiverse:
    """Give the specification curve of paired differences with joint tests over all specifications.

    Under the null no specification has an effect, and the sign of a cluster's differences is arbitrary: flipping it in
    all specifications at once keeps their dependence, so that the joint p values need no count of "independent"
    specifications. Source: Simonsohn, Simmons and Nelson 2020 (Nature Human Behaviour 4:1208), with sign flips as the
    resampling under the null; Steegen et al. 2016.

    Args:
        values: (S, n) differences of each specification for the same n pairs; NaN where one leaves a pair out.
        clusters: (n,) labels; None makes every pair its own cluster.
        level: Confidence level that "significant" refers to.
        draws: Sign patterns drawn.
        seed: Seed of the draws.

    Returns:
        All but the sizes is NaN, with a note, if no specification has two clusters.

    Raises:
        ValueError: Values are not two-dimensional, labels do not fit, or the level is outside (0, 1).

    Example:
        >>> rows = [[0.2, 0.1, 0.4, 0.3, 0.2, 0.3, 0.1, 0.2], [0.1, 0.2, 0.3, 0.3, 0.1, 0.2, 0.0, float("nan")]]
        >>> found = multiverse(rows)
        >>> round(found.median, 3), found.share_significant, found.p_median < 0.05
        (0.198, 1.0, True)
    """
    alpha = check_level(level)
    table = np.asarray(values, dtype=np.float64)
    if table.ndim != 2 or not table.shape[0] or np.isinf(table).any():
        raise ValueError(f"values of shape {table.shape}: give one row of finite differences per specification")
    codes = codes_for(clusters, np.ones(table.shape[1], dtype=np.bool_))
    means, used = _cluster_means(table, codes)
    sizes = used.sum(axis=1)
    (estimates,), t = _curve(means, used, np.ones((1, means.shape[1])))
    known = sizes > 1
    if not known.any():
        nan, p_values = float("nan"), np.full(sizes.shape, np.nan)
        why = ("fewer than two clusters: no test",)
        return Multiverse(estimates, p_values, nan, nan, nan, nan, nan, int(used.any(axis=0).sum()), why)
    freedom = np.where(known, sizes - 1, np.nan)
    p_values, critical = 2 * special.stdtr(freedom, -np.abs(t[0])), special.stdtrit(freedom, 1 - alpha / 2)
    median = float(np.nanmedian(estimates))
    agrees = known & (np.sign(estimates) == np.sign(median))
    significant = agrees & (np.nan_to_num(p_values, nan=1.0) < alpha)
    flipped, flipped_t = _curve(means, used, random_signs(means.shape[1], draws, seed))
    medians = np.abs(np.nanmedian(flipped, axis=1)) >= abs(median) * (1 - 1e-9)
    shares = _shares(flipped_t, critical) >= _shares(t, critical)[0]
    return Multiverse(
        estimates,
        p_values,
        median,
        float(agrees.sum() / known.sum()),
        float(significant.sum() / known.sum()),
        float((1 + np.count_nonzero(medians)) / (1 + draws)),
        float((1 + np.count_nonzero(shares)) / (1 + draws)),
        int(used.any(axis=0).sum()),
    )


def _cluster_means(
    table: NDArray[np.float64], codes: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    picks = (codes[:, None] == np.arange(int(codes.max(initial=-1)) + 1)).astype(np.float64)
    counts = (~np.isnan(table)).astype(np.float64) @ picks
    sums = np.nan_to_num(table, nan=0.0) @ picks
    return np.divide(sums, counts, out=np.zeros_like(sums), where=counts > 0), counts > 0


def _curve(
    means: NDArray[np.float64], used: NDArray[np.bool_], signs: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # (draws, S) estimates and t values: squares do not change with signs, so one product serves both.
    sizes = used.sum(axis=1)
    enough = np.where(sizes > 1, sizes, np.nan)
    estimates = (signs @ means.T) / enough
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.maximum((means**2).sum(axis=1) - enough * estimates**2, 0.0) / (enough - 1)
        return estimates, estimates / np.sqrt(variance / enough)


def _shares(t: NDArray[np.float64], critical: NDArray[np.float64]) -> NDArray[np.float64]:
    # Significant specifications of the commoner sign; comparisons with NaN are false, as they should be.
    return np.maximum((t > critical).sum(axis=1), (t < -critical).sum(axis=1)).astype(np.float64)
