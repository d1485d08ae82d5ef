"""Means of clustered observations: the cluster, not the run, is the unit.

Runs of one scenario are alike, so that n runs tell less than n scenarios would. `mean_of_clusters` weighs scenarios
alike and is the default; `tracer.stats.robust` has means that weigh observations alike.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracer.stats.estimate import Estimate
from tracer.stats.samples import Labels, Sample, Weighting, blank, check_level, noted, nothing, sample, student
from tracer.stats.signs import random_signs

__all__ = [
    "difference_of_clusters",
    "mean_of_clusters",
    "sign_flip",
    "unvaried_interval",
    "unvaried_p",
]

# Up to here all 2^G sign patterns are counted (in two halves of 2^(G/2)); beyond, they are drawn.
EXACT_CLUSTERS = 30


def mean_of_clusters(
    values: ArrayLike,
    clusters: Labels | None = None,
    *,
    level: float = 0.95,
    null: float = 0.0,
    bounds: tuple[float, float] | None = None,
) -> Estimate:
    """Give the mean over clusters of the cluster means, with Student's interval on G - 1 degrees of freedom.

    With m_g the mean of cluster g: value = mean(m), se = sd(m) / sqrt(G), interval value +- t_{G-1} se.
    Unbiased for the mean over the population of clusters whatever the cluster sizes, and the error needs no
    assumption about what happens within clusters. Source: Miller 2024 (arXiv 2411.00640), section 3; Donald and
    Lang 2007.

    Without variation between clusters the se is 0 but the uncertainty is not: if a share q of clusters had another
    value, all G would agree with probability (1 - q)^G. So q <= 1 - (alpha/2)^(1/G) (Clopper-Pearson for 0 of G),
    and the mean lies within that share of the way to the bounds; a note says so.

    Args:
        values: (n,) numbers; NaN is missing and dropped with a note.
        clusters: (n,) labels; None makes every value its own cluster.
        level: Confidence level.
        null: Mean tested against.
        bounds: Smallest and largest possible value, at which the interval is cut: (0, 1) for a rate, (-1, 1) for a
            difference of rates. None cuts nothing; where nothing varies it stands for (-1, 1) if all values lie in it.

    Returns:
        Bounds and p are NaN, with a note, for one cluster, for no observed values, and for unvarying values of
        unknown bounds.

    Raises:
        ValueError: The level is outside (0, 1), lengths differ, a value is infinite or outside the bounds.

    Example:
        >>> found = mean_of_clusters([1, 1, 0, 1, 0, 0], ["a", "a", "b", "b", "c", "c"])
        >>> round(found.value, 3), round(found.low, 3), round(found.high, 3), found.clusters
        (0.5, -0.742, 1.742, 3)
        >>> found = mean_of_clusters([0] * 20)  # nothing seen in 20 clusters is not "surely nothing"
        >>> round(found.low, 3), round(found.high, 3)
        (-0.168, 0.168)
    """
    check_level(level)
    data = sample(values, clusters)
    method = "mean of cluster means, t"
    if data.clusters < 2:
        return nothing(data, level, method, null)
    if bounds is not None and data.size and not bounds[0] <= data.values.min() <= data.values.max() <= bounds[1]:
        raise ValueError(f"a value lies outside the bounds {bounds}: correct the bounds or the values")
    means = data.means
    value = float(means.mean())
    if float(np.ptp(means)) <= 1e-12 * max(1.0, abs(value)):
        return _unvaried(data, value, bounds, level, null)
    se = float(means.std(ddof=1)) / data.clusters**0.5
    found = student(blank(data, value, level, method, null), se, data.clusters - 1)
    # The mean cannot lie outside what its values can be, whatever the normal approximation says.
    return found if bounds is None else replace(found, low=max(found.low, bounds[0]), high=min(found.high, bounds[1]))


def unvaried_interval(value: float, clusters: int, bounds: tuple[float, float], level: float) -> tuple[float, float]:
    """Give the interval of a mean where all G clusters had the same value.

    With q = 1 - (alpha/2)^(1/G): [value - q (value - lowest), value + q (highest - value)]. See `mean_of_clusters`.

    Example:
        >>> [round(x, 3) for x in unvaried_interval(1.0, 30, (0, 1), 0.95)]
        [0.884, 1.0]
    """
    share = 1 - (check_level(level) / 2) ** (1 / clusters)
    return value - share * (value - bounds[0]), value + share * (bounds[1] - value)


def unvaried_p(value: float, clusters: int, bounds: tuple[float, float], null: float) -> float:
    """Give the one-sided p value that belongs to `unvaried_interval`: (1 - distance / span)^G, 0 beyond the bounds.

    Example:
        >>> unvaried_p(1.0, 3, (0, 1), 0.5)
        0.125
    """
    span = value - bounds[0] if null < value else bounds[1] - value
    distance = abs(value - null)
    return 1.0 if distance == 0 else 0.0 if distance >= span else (1 - distance / span) ** clusters


def _unvaried(data: Sample, value: float, bounds: tuple[float, float] | None, level: float, null: float) -> Estimate:
    found = replace(blank(data, value, level, "exact bound without variation", null), se=0.0)
    inside = bounds or ((-1.0, 1.0) if np.abs(data.values).max() <= 1 else None)
    if inside is None:
        return noted(found, "no variation between clusters: bounds of the values unknown, no interval")
    low, high = unvaried_interval(value, data.clusters, inside, level)
    p = min(1.0, 2 * unvaried_p(value, data.clusters, inside, null))
    return noted(
        replace(found, low=low, high=high, p=p), "no variation between clusters: interval by the exact bound for 0 of G"
    )


def difference_of_clusters(
    first: tuple[ArrayLike, Labels | None],
    second: tuple[ArrayLike, Labels | None],
    *,
    level: float = 0.95,
    null: float = 0.0,
) -> Estimate:
    """Give mean(first) - mean(second) for two arms that share no clusters: Welch's t on cluster means.

    Where the arms share their scenarios, pair them: `mean_of_clusters` of the differences.

    Args:
        first: Values (n,) and labels (n,) or None of one arm.
        second: The same of the other arm.
        level: Confidence level.
        null: Difference tested against.

    Returns:
        Bounds are NaN, with a note, if an arm has fewer than two clusters or neither arm varies.

    Raises:
        ValueError: The level is outside (0, 1), or an arm has no observed values.

    Example:
        >>> found = difference_of_clusters(([1, 0, 1, 1], None), ([0, 0, 1, 0], None))
        >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
        (0.5, -0.37, 1.37)
    """
    check_level(level)
    a, b = sample(*first), sample(*second)
    if not (a.size and b.size):
        raise ValueError(f"an arm is empty (observed values: {a.size} and {b.size}): run it, or drop the contrast")
    nan = float("nan")
    value = float(a.means.mean() - b.means.mean())
    found = Estimate(
        value,
        nan,
        nan,
        level,
        a.size + b.size,
        a.clusters + b.clusters,
        null=null,
        method="Welch's t on cluster means",
        notes=(*a.notes, *b.notes),
    )
    parts = [float(x.means.var(ddof=1)) / x.clusters if x.clusters > 1 else nan for x in (a, b)]
    se = (parts[0] + parts[1]) ** 0.5
    if not se > 0:
        return noted(found, "an arm of one cluster, or no variation in either arm: no interval")
    return student(found, se, se**4 / (parts[0] ** 2 / (a.clusters - 1) + parts[1] ** 2 / (b.clusters - 1)))


def sign_flip(
    values: ArrayLike,
    clusters: Labels | None = None,
    *,
    null: float = 0.0,
    weighting: Weighting = "clusters",
    draws: int = 10_000,
    seed: int = 0,
) -> float:
    """Give the two-sided p value of the sign-flip test over clusters.

    If cluster means are symmetric about `null`, each is as likely on one side as on the other. p is the share of the
    2^G sign patterns whose |mean| reaches the one seen: exact to 30 clusters, beyond that (1 + hits) / (1 + draws)
    from seeded draws, which is valid too. The smallest possible p is 2^(1-G): below 6 clusters it never reaches .05.
    Source: Fisher 1935, section 21; Canay, Romano and Shaikh 2017; Phipson and Smyth 2010 for the +1.

    Args:
        values: (n,) numbers; NaN is missing.
        clusters: (n,) labels; None makes every value its own cluster.
        null: Centre tested against.
        weighting: Whether clusters weigh alike, or observations (then sums over clusters are flipped, not means).
        draws: Sign patterns drawn beyond 30 clusters.
        seed: Seed of the draws.

    Returns:
        1.0 for a single cluster; NaN without observed values.

    Raises:
        ValueError: Lengths differ, a value is infinite, a label is missing, or fewer than 100 draws are asked for.

    Example:
        >>> sign_flip([0.2, 0.4, 0.1, 0.3, 0.5, 0.2])  # six scenarios, all on one side: 2 of 64 patterns
        0.03125
    """
    data = sample(values, clusters)
    if not data.size:
        return float("nan")
    shifts = data.means - null if weighting == "clusters" else data.sums - null * data.counts
    # Patterns that tie with the one seen must count as reaching it in spite of rounding.
    reached = abs(float(shifts.sum())) - 1e-9 * max(float(np.abs(shifts).sum()), 1e-300)
    shifts = shifts[shifts != 0]  # the sign of 0 changes no sum, so that these patterns come in equal numbers
    if shifts.size <= EXACT_CLUSTERS:
        return _all_patterns(shifts, reached)
    sums = random_signs(shifts.size, draws, seed) @ shifts
    return float((1 + np.count_nonzero(np.abs(sums) >= reached)) / (1 + draws))


def _all_patterns(shifts: NDArray[np.float64], reached: float) -> float:
    # Every pattern is a pattern of one half plus a pattern of the other: sort one half, look the other up in it.
    left, right = (_signed_sums(half) for half in np.array_split(shifts, 2))
    right.sort()
    above = right.size - np.searchsorted(right, reached - left, side="left")
    below = np.searchsorted(right, -reached - left, side="right")
    hits = int(above.sum() + below.sum()) if reached > 0 else left.size * right.size
    return hits / (left.size * right.size)


def _signed_sums(half: NDArray[np.float64]) -> NDArray[np.float64]:
    sums = np.zeros(1)
    for shift in half:
        sums = np.concatenate([sums + shift, sums - shift])
    return sums
