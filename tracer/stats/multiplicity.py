"""Many tests at once: adjusted p values, and the level that "at least k of m" needs.

A NaN (a hypothesis that could not be tested) stays NaN but is counted: it was in the family when the study was frozen.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracer.stats.samples import check_level

__all__ = ["benjamini_hochberg", "bonferroni", "holm", "partial_conjunction_level"]


def _checked(p: ArrayLike) -> NDArray[np.float64]:
    values = np.asarray(p, dtype=np.float64)
    if values.ndim != 1 or np.any((values < 0) | (values > 1)):
        raise ValueError("p values must be a one-dimensional array of numbers between 0 and 1")
    return values


def bonferroni(p: ArrayLike) -> NDArray[np.float64]:
    """Give min(1, m p): controls the family-wise error under any dependence.

    Args:
        p: (m,) p values; NaN is counted and stays NaN.

    Raises:
        ValueError: A p value lies outside [0, 1].

    Example:
        >>> bonferroni([0.01, 0.6]).tolist()
        [0.02, 1.0]
    """
    values = _checked(p)
    return np.minimum(1.0, values * values.size)


def holm(p: ArrayLike) -> NDArray[np.float64]:
    """Give Holm's adjusted p values: family-wise error under any dependence, never less powerful than Bonferroni.

    With p sorted: adjusted_(i) = max_{j <= i} min(1, (m - j + 1) p_(j)). Source: Holm 1979.

    Args:
        p: (m,) p values; NaN is counted as 1 and stays NaN.

    Raises:
        ValueError: A p value lies outside [0, 1].

    Example:
        >>> holm([0.01, 0.04, 0.03]).round(3).tolist()
        [0.03, 0.06, 0.06]
    """
    values = _checked(p)
    order = np.argsort(np.nan_to_num(values, nan=1.0), kind="stable")
    steps = np.nan_to_num(values, nan=1.0)[order] * (values.size - np.arange(values.size))
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1.0, np.maximum.accumulate(steps))
    return np.where(np.isnan(values), np.nan, adjusted)


def benjamini_hochberg(p: ArrayLike) -> NDArray[np.float64]:
    """Give adjusted p values that control the false discovery rate: for exploration, not for verdicts.

    With p sorted: adjusted_(i) = min_{j >= i} min(1, m p_(j) / j). Source: Benjamini and Hochberg 1995.

    Args:
        p: (m,) p values, independent or positively dependent; NaN is counted as 1 and stays NaN.

    Raises:
        ValueError: A p value lies outside [0, 1].

    Example:
        >>> benjamini_hochberg([0.01, 0.04, 0.03]).round(3).tolist()
        [0.03, 0.04, 0.04]
    """
    values = _checked(p)
    order = np.argsort(np.nan_to_num(values, nan=1.0), kind="stable")
    steps = np.nan_to_num(values, nan=1.0)[order] * values.size / np.arange(1, values.size + 1)
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1.0, np.minimum.accumulate(steps[::-1])[::-1])
    return np.where(np.isnan(values), np.nan, adjusted)


def partial_conjunction_level(needed: int, of: int, *, level: float = 0.95) -> float:
    """Give the confidence level of each interval so that "at least `needed` of `of` hold" has error 1 - level.

    If fewer than k of m effects are real, at least m - k + 1 are not, and all claims of k or more need one of those
    to err: alpha / (m - k + 1) each (for 3 of m: alpha / (m - 2)). Source: Benjamini and Heller 2008.

    Args:
        needed: Effects that have to hold.
        of: Effects that are looked at.
        level: Confidence of the joint claim.

    Raises:
        ValueError: The level is outside (0, 1), or `needed` is not between 1 and `of`.

    Example:
        >>> round(partial_conjunction_level(3, 7), 4)
        0.99
    """
    alpha = check_level(level)
    if not 1 <= needed <= of:
        raise ValueError(f"{needed} of {of} effects cannot hold: needed has to be between 1 and {of}")
    return 1 - alpha / (of - needed + 1)
