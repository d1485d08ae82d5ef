"""Leaving clusters out, one at a time: one error for every statistic that is made from sums over clusters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from tracer.stats.estimate import Estimate
from tracer.stats.samples import FEW_CLUSTERS, check_level, noted, student

__all__ = ["Totals", "jackknife", "totals_by_cluster"]


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over clusters from which a statistic is made.

    Attributes:
        parts: (G, ...) the contribution of each cluster; their sum is what the statistic is made from.
        n: Observations in all.
        notes: What was dropped.
    """

    parts: NDArray[np.float64]
    n: int
    notes: tuple[str, ...] = ()


def totals_by_cluster(parts: NDArray[np.float64], codes: NDArray[np.intp]) -> NDArray[np.float64]:
    """Give (G, ...) sums of the (n, ...) contributions by cluster.

    Example:
        >>> totals_by_cluster(np.array([[1.0], [2.0], [4.0]]), np.array([0, 1, 0])).tolist()
        [[5.0], [2.0]]
    """
    _, codes = np.unique(codes, return_inverse=True)
    grouped = np.zeros((int(codes.max(initial=-1)) + 1, *parts.shape[1:]))
    np.add.at(grouped, codes, parts)
    return grouped


def jackknife(
    totals: Totals,
    statistic: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    *,
    method: str,
    level: float = 0.95,
    null: float = 0.0,
) -> Estimate:
    """Give a statistic of the total with its delete-one-cluster error and Student's interval.

    With T_(g) the statistic without cluster g: SE^2 = (G - 1)/G sum (T_(g) - mean T_(.))^2, t_{G-1}.
    Source: Efron and Tibshirani 1993, chapter 11.

    Args:
        totals: Contributions of the clusters.
        statistic: Takes totals of shape (..., *shape) to values of shape (...).
        method: Name of the statistic.
        level: Confidence level.
        null: Value tested against.

    Returns:
        NaN bounds, with a note, for fewer than two clusters, if the statistic does not exist without one of them, or if
        leaving a cluster out changes nothing.

    Raises:
        ValueError: The level is outside (0, 1).

    Example:
        >>> sums = Totals(np.array([[3.0, 4.0], [1.0, 3.0], [2.0, 5.0]]), 12)
        >>> found = jackknife(sums, lambda t: t[..., 0] / t[..., 1], method="ratio")
        >>> round(found.value, 3), round(found.se, 3)
        (0.5, 0.126)
    """
    check_level(level)
    parts, nan = totals.parts, float("nan")
    clusters = len(parts)
    name = f"{method}, jackknife over clusters"
    found = Estimate(nan, nan, nan, level, totals.n, clusters, null=null, method=name, notes=totals.notes)
    if clusters == 0:
        return noted(found, "no observed values: no interval")
    whole = parts.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        found = replace(found, value=float(statistic(whole[None])[0]))
        without = statistic(whole - parts) if clusters > 1 else np.array([nan])
    se = float(np.sqrt((clusters - 1) / clusters * ((without - without.mean()) ** 2).sum()))
    if clusters == 1:
        return noted(found, "one cluster: no interval")
    if se != se:
        return noted(found, "undefined without one of the clusters: no interval")
    if se <= 1e-12 * max(1.0, abs(found.value)):
        return noted(found, "no variation between clusters: no interval")
    found = student(found, se, clusters - 1)
    return noted(found, f"few clusters ({clusters})") if clusters < FEW_CLUSTERS else found
