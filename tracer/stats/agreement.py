"""Agreement of raters: judges with people, judges with judges, one classifier with another.

Ratings come as (units, raters), NaN where a rater did not rate. All intervals leave out one cluster of units at a time.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracer.stats.estimate import Estimate
from tracer.stats.jackknife import Totals, jackknife, totals_by_cluster
from tracer.stats.samples import Labels, codes_for

__all__ = ["Scale", "cohen_kappa", "gwet_ac1", "krippendorff_alpha"]

Scale = Literal["nominal", "ordinal", "interval"]


def cohen_kappa(
    first: ArrayLike, second: ArrayLike, clusters: Labels | None = None, *, level: float = 0.95
) -> Estimate:
    """Give Cohen's kappa of two raters: agreement beyond what their own marginals would give by chance.

    kappa = (p_o - p_e) / (1 - p_e), p_e = sum_k p_k. p_.k. Source: Cohen 1960. Low where nearly all units are of one
    kind, however well raters agree (then see `gwet_ac1`).

    Args:
        first: (n,) codes of the categories; NaN is missing.
        second: (n,) codes of the other rater.
        clusters: (n,) labels; None makes every unit its own cluster.
        level: Confidence level.

    Returns:
        NaN, with a note, without units that both rated, or if both used one and the same category throughout.

    Raises:
        ValueError: Lengths differ or the level is outside (0, 1).

    Example:
        >>> a, b = [1] * 25 + [0] * 25, [1] * 20 + [0] * 5 + [1] * 10 + [0] * 15
        >>> round(cohen_kappa(a, b).value, 3)
        0.4
    """
    ratings = np.column_stack([np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)])
    codes, kept, notes = _coded(ratings, clusters, least=2)
    marks = _marks(ratings[kept])
    tables = np.einsum("ui,uj->uij", marks[:, 0], marks[:, 1])

    def kappa(table: NDArray[np.float64]) -> NDArray[np.float64]:
        share = table / table.sum(axis=(-2, -1), keepdims=True)
        seen = np.trace(share, axis1=-2, axis2=-1)
        chance = (share.sum(axis=-1) * share.sum(axis=-2)).sum(axis=-1)
        return (seen - chance) / (1 - chance)

    totals = Totals(totals_by_cluster(tables, codes), len(tables), notes)
    return jackknife(totals, kappa, method="Cohen's kappa", level=level)


def krippendorff_alpha(
    ratings: ArrayLike, clusters: Labels | None = None, *, scale: Scale = "nominal", level: float = 0.95
) -> Estimate:
    """Give Krippendorff's alpha: 1 - disagreement seen / disagreement of randomly paired ratings.

    From the coincidence matrix o_ck (each unit gives its ordered pairs of ratings, weighted 1 / (m_u - 1)), with
    n_c = sum_k o_ck: alpha = 1 - (n - 1) sum o_ck d_ck / sum n_c n_k d_ck; d is 1 for unlike (nominal), (c - k)^2
    (interval), or the squared number of ratings between the ranks (ordinal). Source: Krippendorff 2011.

    Args:
        ratings: (units, raters) numbers; NaN is missing. Units with fewer than two ratings say nothing about agreement.
        clusters: (units,) labels; None makes every unit its own cluster.
        scale: What differences between ratings mean.
        level: Confidence level.

    Returns:
        NaN, with a note, without pairable ratings or if all of them are the same.

    Raises:
        ValueError: Ratings are not two-dimensional, labels do not fit, or the level is outside (0, 1).

    Example:
        >>> found = krippendorff_alpha([[1, 1], [2, 2], [3, 3], [1, 2], [2, 3]], scale="interval")
        >>> round(found.value, 3)
        0.7
    """
    table = np.asarray(ratings, dtype=np.float64)
    codes, kept, notes = _coded(table, clusters, least=2)
    marks = _marks(table[kept])
    counts = marks.sum(axis=1)
    pairable = np.maximum(counts.sum(axis=1) - 1, 1)[:, None, None]
    own = np.einsum("uk,kj->ukj", counts, np.eye(counts.shape[1]))
    pairs = (np.einsum("ui,uj->uij", counts, counts) - own) / pairable
    points = np.unique(table[kept][~np.isnan(table[kept])])

    def alpha(coincidences: NDArray[np.float64]) -> NDArray[np.float64]:
        used = coincidences.sum(axis=-1)
        apart = _distances(used, points, scale)
        total = used.sum(axis=-1)
        expected = (used[..., :, None] * used[..., None, :] * apart).sum(axis=(-2, -1))
        return 1 - (total - 1) * (coincidences * apart).sum(axis=(-2, -1)) / expected

    totals = Totals(totals_by_cluster(pairs, codes), len(pairs), notes)
    return jackknife(totals, alpha, method=f"Krippendorff's alpha ({scale})", level=level)


def gwet_ac1(ratings: ArrayLike, clusters: Labels | None = None, *, level: float = 0.95) -> Estimate:
    """Give Gwet's AC1: agreement beyond chance that does not collapse when one category is rare.

    (p_a - p_e) / (1 - p_e) with p_a the share of agreeing pairs of raters within units and
    p_e = sum_k pi_k (1 - pi_k) / (K - 1), pi_k the mean share of category k. Source: Gwet 2008.

    Args:
        ratings: (units, raters) codes of the categories; NaN is missing.
        clusters: (units,) labels; None makes every unit its own cluster.
        level: Confidence level.

    Returns:
        NaN, with a note, without units rated twice, or if only one category was ever used.

    Raises:
        ValueError: Ratings are not two-dimensional, labels do not fit, or the level is outside (0, 1).

    Example:
        >>> found = gwet_ac1([[1, 1]] * 118 + [[1, 0]] * 5 + [[0, 1]] * 2)
        >>> round(found.value, 3)
        0.941
    """
    table = np.asarray(ratings, dtype=np.float64)
    codes, kept, notes = _coded(table, clusters, least=2)
    counts = _marks(table[kept]).sum(axis=1)
    raters = counts.sum(axis=1)
    agreeing = (counts * (counts - 1)).sum(axis=1) / np.maximum(raters * (raters - 1), 1)
    parts = np.column_stack([np.ones(len(counts)), agreeing, counts / np.maximum(raters, 1)[:, None]])

    def ac1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
        share = sums[..., 1:] / sums[..., :1]
        kinds = share.shape[-1] - 1
        chance = (share[..., 1:] * (1 - share[..., 1:])).sum(axis=-1) / (kinds - 1 if kinds > 1 else np.nan)
        return (share[..., 0] - chance) / (1 - chance)

    totals = Totals(totals_by_cluster(parts, codes), len(parts), notes)
    return jackknife(totals, ac1, method="Gwet's AC1", level=level)


def _coded(
    table: NDArray[np.float64], clusters: Labels | None, *, least: int
) -> tuple[NDArray[np.intp], NDArray[np.bool_], tuple[str, ...]]:
    if table.ndim != 2:
        raise ValueError(f"ratings of shape {table.shape}: give one row per unit and one column per rater")
    kept = (~np.isnan(table)).sum(axis=1) >= least
    dropped = int((~kept).sum())
    return (
        codes_for(clusters, kept),
        kept,
        (f"{dropped} units with fewer than {least} ratings, dropped",) if dropped else (),
    )


def _marks(table: NDArray[np.float64]) -> NDArray[np.float64]:
    # (units, raters, categories), 1 where the rater chose the category.
    kinds = np.unique(table[~np.isnan(table)])
    return (table[:, :, None] == kinds).astype(np.float64)


def _distances(used: NDArray[np.float64], points: NDArray[np.float64], scale: Scale) -> NDArray[np.float64]:
    if scale == "nominal":
        return 1.0 - np.eye(len(points))
    if scale == "interval":
        return (points[:, None] - points[None, :]) ** 2
    # Ratings from c to k inclusive, less half of those at c and at k: a difference of mid-ranks.
    middle = np.cumsum(used, axis=-1) - used / 2
    return (middle[..., :, None] - middle[..., None, :]) ** 2
