"""What was not observed: how far it could move the answer, and whether it is missing more often in one arm.

A refusal, a limit or an unreadable answer is not a 0. Dropping it is harmless only if it does not depend on the
outcome, which the data cannot show; the bounds need no such belief.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracer.stats.clustered import mean_of_clusters, sign_flip
from tracer.stats.estimate import Estimate
from tracer.stats.samples import Labels

__all__ = ["attrition", "contrast_bounds"]


def _pair(first: ArrayLike, second: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != two.shape or one.ndim != 1:
        raise ValueError(f"arms of shapes {one.shape} and {two.shape}: give pairs, NaN for what is missing")
    return one, two


def contrast_bounds(
    first: ArrayLike,
    second: ArrayLike,
    clusters: Labels | None = None,
    *,
    bounds: tuple[float, float] = (0.0, 1.0),
    level: float = 0.95,
) -> tuple[Estimate, Estimate]:
    """Give the paired contrast first - second with all missing values at their worst, and at their best.

    Worst: missing values of the first arm take the smallest possible value, those of the second the largest; best: the
    other way round. From the low of the worst to the high of the best is an interval that holds whatever the missing
    values were. Source: Manski 1990; Horowitz and Manski 2000.

    Args:
        first: (n,) values of one arm; NaN is missing.
        second: (n,) values of the other arm for the same scenario and replicate.
        clusters: (n,) labels; None makes every pair its own cluster.
        bounds: Smallest and largest possible value of one arm.
        level: Confidence level.

    Returns:
        Worst case and best case. They are equal if nothing is missing.

    Raises:
        ValueError: Lengths differ, a value lies outside the bounds, or the level is outside (0, 1).

    Example:
        >>> worst, best = contrast_bounds([1, 1, float("nan"), 1], [0, 1, 0, 0])
        >>> worst.value, best.value
        (0.5, 0.75)
    """
    one, two = _pair(first, second)
    if np.any((one < bounds[0]) | (one > bounds[1]) | (two < bounds[0]) | (two > bounds[1])):
        raise ValueError(f"a value lies outside the bounds {bounds}: correct the bounds or the values")
    width = bounds[1] - bounds[0]
    missing = int(np.isnan(one).sum() + np.isnan(two).sum())

    def filled(low: float, high: float, which: str) -> Estimate:
        values = np.where(np.isnan(one), low, one) - np.where(np.isnan(two), high, two)
        found = mean_of_clusters(values, clusters, level=level, bounds=(-width, width))
        return replace(found, notes=(*found.notes, f"{missing} missing values at their {which}")) if missing else found

    return filled(bounds[0], bounds[1], "worst"), filled(bounds[1], bounds[0], "best")


def attrition(
    first: ArrayLike, second: ArrayLike, clusters: Labels | None = None, *, level: float = 0.95, seed: int = 0
) -> Estimate:
    """Give the difference of the two arms' rates of missing values, tested by sign flips over clusters.

    If values go missing more often in one arm, the complete cases of the two are no longer alike, and their contrast is
    not the effect. The interval is that of `mean_of_clusters`, the p value that of `sign_flip`.

    Args:
        first: (n,) values of one arm; NaN is missing.
        second: (n,) values of the other arm for the same scenario and replicate.
        clusters: (n,) labels; None makes every pair its own cluster.
        level: Confidence level.
        seed: Seed of the test's draws beyond 30 clusters.

    Returns:
        As `mean_of_clusters`; a p value of 1 where nothing, or equally much, is missing.

    Raises:
        ValueError: Lengths differ or the level is outside (0, 1).

    Example:
        >>> nan = float("nan")
        >>> found = attrition([nan, 1, nan, nan, 0, nan, nan, nan], [1, 1, 0, 0, 1, 1, 0, 1])
        >>> found.value, found.p
        (0.75, 0.03125)
    """
    one, two = _pair(first, second)
    gone = np.isnan(one).astype(np.float64) - np.isnan(two)
    found = mean_of_clusters(gone, clusters, level=level, bounds=(-1.0, 1.0))
    return replace(found, p=sign_flip(gone, clusters, seed=seed), method="difference of missing rates, sign-flip test")
