"""Ordered outcomes of two arms: how often one arm's value is the larger."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracer.stats.estimate import Estimate
from tracer.stats.samples import FEW_CLUSTERS, Labels, check_level, codes_for, complete, noted, student

__all__ = ["cliffs_delta", "probability_of_superiority"]


def probability_of_superiority(
    first: ArrayLike,
    second: ArrayLike,
    clusters: tuple[Labels, Labels] | None = None,
    *,
    level: float = 0.95,
) -> Estimate:
    """Give P(X > Y) + P(X = Y)/2 for a value of each arm, tested against 1/2: needs order only.

    value = mean over all pairs of [x > y] + [x = y]/2 (Mann-Whitney U / nm). With V_i the mean of a row of pairs and
    W_j of a column, cluster g contributes r_g = sum_i (V_i - value)/n + sum_j (W_j - value)/m and
    SE^2 = G/(G-1) sum r_g^2, Student's interval on G - 1. Clusters may hold values of both arms (paired scenarios).
    Source: DeLong et al. 1988; Obuchowski 1997 for clusters.

    Args:
        first: (n,) values of one arm; NaN is missing.
        second: (m,) values of the other arm.
        clusters: Labels (n,) and (m,), one set of names for both arms; None makes every value its own cluster.
        level: Confidence level.

    Returns:
        NaN bounds, with a note, for fewer than two clusters, or if every value of one arm exceeds every one of the
        other (the error is then 0 only in appearance).

    Raises:
        ValueError: An arm has no observed values, labels do not fit, or the level is outside (0, 1).

    Example:
        >>> found = probability_of_superiority([3, 4, 2, 5, 4], [2, 3, 1, 2, 4])
        >>> round(found.value, 2), round(found.se, 3)
        (0.78, 0.142)
    """
    check_level(level)
    (x,), kept_x, notes_x = complete(first)
    (y,), kept_y, notes_y = complete(second)
    if not (x.size and y.size):
        raise ValueError(f"an arm is empty (observed values: {x.size} and {y.size}): run it, or drop the contrast")
    rows, columns = _placements(x, y), 1 - _placements(y, x)
    value, nan = float(rows.mean()), float("nan")
    kept = np.concatenate([kept_x, kept_y])
    if clusters is not None and (len(clusters[0]), len(clusters[1])) != (kept_x.size, kept_y.size):
        raise ValueError("give one cluster label for each value of either arm")
    codes = codes_for(None if clusters is None else [*clusters[0], *clusters[1]], kept)
    pull = np.concatenate([(rows - value) / x.size, (columns - value) / y.size])
    pulls = np.bincount(codes, pull)
    units = len(pulls)
    found = Estimate(
        value,
        nan,
        nan,
        level,
        x.size + y.size,
        units,
        null=0.5,
        method="probability of superiority",
        notes=(*notes_x, *notes_y),
    )
    if units == 1:
        return noted(found, "one cluster: no interval")
    se = float(np.sqrt((pulls**2).sum() * units / (units - 1)))
    if se <= 1e-12:
        return noted(found, "no overlap, or no variation between clusters: no interval")
    found = student(found, se, units - 1)
    found = replace(found, low=max(0.0, found.low), high=min(1.0, found.high))
    return noted(found, f"few clusters ({units})") if units < FEW_CLUSTERS else found


def _placements(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    ordered = np.sort(y)
    return (np.searchsorted(ordered, x, "left") + np.searchsorted(ordered, x, "right")) / (2 * y.size)


def cliffs_delta(
    first: ArrayLike, second: ArrayLike, clusters: tuple[Labels, Labels] | None = None, *, level: float = 0.95
) -> Estimate:
    """Give Cliff's delta, P(X > Y) - P(X < Y) = 2 P - 1 with P the `probability_of_superiority`, tested against 0.

    Source: Cliff 1993.

    Args:
        first: (n,) values of one arm; NaN is missing.
        second: (m,) values of the other arm.
        clusters: As in `probability_of_superiority`.
        level: Confidence level.

    Returns:
        As `probability_of_superiority`.

    Raises:
        ValueError: As `probability_of_superiority`.

    Example:
        >>> round(cliffs_delta([3, 4, 2, 5, 4], [2, 3, 1, 2, 4]).value, 2)
        0.56
    """
    found = probability_of_superiority(first, second, clusters, level=level)
    value, low, high = (2 * x - 1 for x in (found.value, found.low, found.high))
    return replace(found, value=value, low=low, high=high, se=2 * found.se, null=0.0, method="Cliff's delta")
