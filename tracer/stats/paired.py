"""Two outcomes of the same item: exact McNemar, intervals for the difference of paired rates, paired t.

These take pairs as independent. Where pairs cluster (items of one task, runs of one scenario), the interval is too
short: use `tracer.stats.clustered` on the differences, which is what a verdict does.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tracer.stats.clustered import mean_of_clusters
from tracer.stats.estimate import Estimate
from tracer.stats.rates import wilson
from tracer.stats.roots import root
from tracer.stats.samples import check_level, z_of

__all__ = ["mcnemar", "mcnemar_chi2", "newcombe", "paired_t", "tango", "tango_z"]


def mcnemar(first_only: int, second_only: int) -> float:
    """Give McNemar's exact two-sided p value from the discordant pairs: 2 P(X <= min) with X ~ Binomial(b + c, 1/2).

    Source: McNemar 1947; exact form in Fagerland, Lydersen and Laake 2013.

    Args:
        first_only: Pairs in which only the first succeeds.
        second_only: Pairs in which only the second succeeds.

    Returns:
        1.0 without discordant pairs: they carry no evidence either way.

    Raises:
        ValueError: A count is negative.

    Example:
        >>> mcnemar(1, 9)
        0.021484375
    """
    _check_counts(first_only, second_only)
    return min(1.0, 2 * float(special.bdtr(min(first_only, second_only), first_only + second_only, 0.5)))


def mcnemar_chi2(first_only: int, second_only: int) -> float:
    """Give McNemar's statistic without continuity correction, (b - c)^2 / (b + c); NaN without discordant pairs.

    Source: McNemar 1947.

    Raises:
        ValueError: A count is negative.

    Example:
        >>> mcnemar_chi2(1, 9)
        6.4
    """
    _check_counts(first_only, second_only)
    total = first_only + second_only
    return (first_only - second_only) ** 2 / total if total else float("nan")


def _check_counts(*counts: int) -> None:
    if min(counts) < 0:
        raise ValueError(f"counts {counts}: a count of pairs cannot be negative")


def _check_table(*counts: int) -> int:
    _check_counts(*counts)
    if sum(counts) == 0:
        raise ValueError("no pairs: both outcomes of an item have to be observed")
    return sum(counts)


def newcombe(both: int, first_only: int, second_only: int, neither: int, *, level: float = 0.95) -> Estimate:
    """Give the difference of two paired rates, first minus second, with Newcombe's hybrid score interval.

    Wilson intervals of the two rates joined with their correlation phi (continuity-corrected when positive):
    low = d - sqrt(dl1^2 - 2 phi dl1 du2 + du2^2), high = d + sqrt(du1^2 - 2 phi du1 dl2 + dl2^2).
    Source: Newcombe 1998 (Stat Med 17:2635), method 10. `p` is McNemar's exact p value.

    Args:
        both: Pairs in which both succeed.
        first_only: Pairs in which only the first succeeds.
        second_only: Pairs in which only the second succeeds.
        neither: Pairs in which neither succeeds.
        level: Confidence level.

    Raises:
        ValueError: Counts are negative or all 0, or the level is outside (0, 1).

    Example:
        >>> found = newcombe(36, 12, 2, 0)
        >>> round(found.value, 3), round(found.low, 4), round(found.high, 4)
        (0.2, 0.0569, 0.3404)
    """
    check_level(level)
    n = _check_table(both, first_only, second_only, neither)
    one, two = wilson(both + first_only, n, level=level), wilson(both + second_only, n, level=level)
    product = (both + first_only) * (second_only + neither) * (both + second_only) * (first_only + neither)
    spread = both * neither - first_only * second_only
    corrected = max(spread - n / 2, 0.0) if spread > 0 else spread
    phi = corrected / sqrt(product) if product else 0.0
    below, above = (one.value - one.low, two.high - two.value), (one.high - one.value, two.value - two.low)
    value = one.value - two.value
    return Estimate(
        value,
        value - sqrt(max(0.0, below[0] ** 2 - 2 * phi * below[0] * below[1] + below[1] ** 2)),
        value + sqrt(max(0.0, above[0] ** 2 - 2 * phi * above[0] * above[1] + above[1] ** 2)),
        level,
        n,
        n,
        p=mcnemar(first_only, second_only),
        method="Newcombe's method 10",
    )


def tango_z(both: int, first_only: int, second_only: int, neither: int, null: float) -> float:
    """Give Tango's score statistic for a difference of paired rates of `null`; standard normal if it is true.

    z = (b - c - n d) / sqrt(n (2 q + d (1 - d))) with q the likelihood's estimate of the second discordant rate at
    d: q = (sqrt(B^2 - 4AC) - B) / (2A), A = 2n, B = -b - c + (2n - b + c) d, C = -c d (1 - d). Source: Tango 1998.

    Raises:
        ValueError: Counts are negative or all 0, or null is outside [-1, 1].

    Example:
        >>> round(tango_z(36, 12, 2, 0, 0.0), 4)  # at 0 it is McNemar's without correction
        2.6726
    """
    n = _check_table(both, first_only, second_only, neither)
    if not -1 <= null <= 1:
        raise ValueError(f"null is {null}: a difference of rates lies between -1 and 1")
    half = -first_only - second_only + (2 * n - first_only + second_only) * null
    root = sqrt(max(0.0, half * half + 8 * n * second_only * null * (1 - null)))
    other = max(0.0, (root - half) / (4 * n))
    top, variance = first_only - second_only - n * null, n * (2 * other + null * (1 - null))
    if variance <= 0:
        return 0.0 if abs(top) < 1e-12 else float(np.copysign(np.inf, top))
    return top / sqrt(variance)


def tango(both: int, first_only: int, second_only: int, neither: int, *, level: float = 0.95) -> Estimate:
    """Give the difference of two paired rates, first minus second, with Tango's score interval.

    The differences d at which |tango_z| <= z_{alpha/2}; keeps its coverage with few discordant pairs.
    Source: Tango 1998 (Stat Med 17:891). `p` is McNemar's exact p value.

    Args:
        both: Pairs in which both succeed.
        first_only: Pairs in which only the first succeeds.
        second_only: Pairs in which only the second succeeds.
        neither: Pairs in which neither succeeds.
        level: Confidence level.

    Raises:
        ValueError: Counts are negative or all 0, or the level is outside (0, 1).

    Example:
        >>> found = tango(43, 0, 1, 0)
        >>> round(found.value, 4), round(found.low, 4), round(found.high, 4)
        (-0.0227, -0.1181, 0.0594)
    """
    z = z_of(level)
    n = _check_table(both, first_only, second_only, neither)
    value = (first_only - second_only) / n

    def end(limit: float, target: float) -> float:
        def gap(d: float) -> float:
            return float(np.clip(tango_z(both, first_only, second_only, neither, d), -1e6, 1e6)) - target

        if abs(value - limit) < 1e-12 or gap(value) * gap(limit) > 0:
            return limit
        return root(gap, value, limit)

    p = mcnemar(first_only, second_only)
    return Estimate(value, end(-1.0, z), end(1.0, -z), level, n, n, p=p, method="Tango's score interval")


def paired_t(first: ArrayLike, second: ArrayLike, *, level: float = 0.95, null: float = 0.0) -> Estimate:
    """Give mean(first - second) over independent pairs with Student's interval on n - 1 degrees of freedom.

    SE^2 = Var(first - second) / n. Source: Student 1908. A pair with a missing member is dropped with a note.

    Args:
        first: (n,) numbers; NaN is missing.
        second: (n,) numbers of the same items.
        level: Confidence level.
        null: Difference tested against.

    Returns:
        As `tracer.stats.clustered.mean_of_clusters` with every pair its own cluster.

    Raises:
        ValueError: Lengths differ or the level is outside (0, 1).

    Example:
        >>> found = paired_t([3.0, 4.0, 5.0, 7.0], [2.0, 4.0, 3.0, 4.0])
        >>> round(found.value, 2), round(found.p, 4)
        (1.5, 0.1027)
    """
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != two.shape:
        raise ValueError(f"{one.shape} and {two.shape} values: a pair needs both members, NaN for a missing one")
    return mean_of_clusters(one - two, level=level, null=null)
