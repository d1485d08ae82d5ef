"""Equivalence: showing that an effect is too small to matter, which a large p value never shows."""

from __future__ import annotations

from dataclasses import replace

from numpy.typing import ArrayLike
from scipy import special

from tracer.stats.clustered import mean_of_clusters, unvaried_p
from tracer.stats.estimate import Estimate
from tracer.stats.paired import tango, tango_z
from tracer.stats.samples import Labels, check_level

__all__ = ["tost", "tost_proportions"]


def _check_margin(margin: float) -> None:
    if not margin > 0:
        raise ValueError(f"margin is {margin!r}: give the smallest difference that would matter, above 0")


def tost(
    values: ArrayLike,
    clusters: Labels | None = None,
    *,
    margin: float,
    level: float = 0.95,
    bounds: tuple[float, float] | None = None,
) -> Estimate:
    """Give the mean difference with the two one-sided tests of |mean| >= margin.

    p = max(P(T > (value + margin) / se), P(T < (value - margin) / se)) with t_{G-1} on cluster means; p < 1 - level
    exactly if the interval, which has level 2 level - 1 (90 % for 95 %), lies inside +-margin. Source: Schuirmann 1987.

    Args:
        values: (n,) paired differences; NaN is missing.
        clusters: (n,) labels; None makes every difference its own cluster.
        margin: Half-width of the region of equivalence, fixed before the data.
        level: Confidence of the claim of equivalence.
        bounds: As in `mean_of_clusters`, for differences that do not vary.

    Returns:
        `p` is that of the claim "equivalent"; `null` is the margin. NaN bounds and p where `mean_of_clusters` has none.

    Raises:
        ValueError: The margin is not positive, or the level is not between 0.5 and 1.

    Example:
        >>> found = tost([0.1, -0.1, 0.0, 0.05, -0.05, 0.0], margin=0.15)
        >>> round(found.p, 4), round(found.low, 3), round(found.high, 3)
        (0.0017, -0.058, 0.058)
    """
    _check_margin(margin)
    width = 1 - 2 * check_level(level)
    if not width > 0:
        raise ValueError(f"level is {level}: equivalence needs a level above 0.5")
    found = mean_of_clusters(values, clusters, level=width, bounds=bounds)
    df = found.clusters - 1
    method = "two one-sided t tests on cluster means"
    if found.se > 0:
        p = max(
            float(special.stdtr(df, -(found.value + margin) / found.se)),
            float(special.stdtr(df, (found.value - margin) / found.se)),
        )
        return replace(found, p=p, null=margin, method=method)
    if found.low != found.low:
        return replace(found, p=float("nan"), null=margin, method=method)
    edges = bounds or (-1.0, 1.0)
    inside = abs(found.value) < margin
    p = max(unvaried_p(found.value, found.clusters, edges, end) for end in (-margin, margin)) if inside else 1.0
    return replace(found, p=p, null=margin)


def tost_proportions(
    both: int, first_only: int, second_only: int, neither: int, *, margin: float, level: float = 0.95
) -> Estimate:
    """Give the difference of two paired rates with the score test of equivalence.

    p is the larger of the two one-sided p values of Tango's score at -margin and +margin; the interval is Tango's at
    level 2 level - 1. For independent pairs; for clustered ones use `tost`. Source: Tango 1998.

    Args:
        both: Pairs in which both succeed.
        first_only: Pairs in which only the first succeeds.
        second_only: Pairs in which only the second succeeds.
        neither: Pairs in which neither succeeds.
        margin: Half-width of the region of equivalence, below 1.
        level: Confidence of the claim of equivalence.

    Raises:
        ValueError: Counts are negative or all 0, the margin is not in (0, 1), or the level is not between 0.5 and 1.

    Example:
        >>> found = tost_proportions(43, 0, 1, 0, margin=0.1)
        >>> round(found.p, 4), found.high < 0.1
        (0.0438, True)
    """
    _check_margin(margin)
    if margin >= 1 or not level > 0.5:
        raise ValueError(f"margin {margin} and level {level}: give a margin below 1 and a level above 0.5")
    width = 1 - 2 * check_level(level)
    found = tango(both, first_only, second_only, neither, level=width)
    counts = (both, first_only, second_only, neither)
    p = max(float(special.ndtr(-tango_z(*counts, -margin))), float(special.ndtr(tango_z(*counts, margin))))
    return replace(found, p=p, null=margin, method="two one-sided score tests (Tango)")
