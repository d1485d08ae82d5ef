"""Times to an event, some of them cut short: steps until the goal is dropped, calls until the system gives in."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tracer.stats.estimate import Estimate
from tracer.stats.jackknife import Totals, jackknife, totals_by_cluster
from tracer.stats.samples import Labels, check_level, codes_for, complete

__all__ = ["kaplan_meier", "log_rank", "restricted_mean_difference"]


def kaplan_meier(times: ArrayLike, observed: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give the distinct event times (T,) and the share (T,) still without the event after each.

    S(t) = prod_{t_k <= t} (1 - d_k / Y_k) with d_k events and Y_k still at risk. Source: Kaplan and Meier 1958.

    Args:
        times: (n,) time of the event, or until which it was not seen; NaN is missing.
        observed: (n,) 1 if the event was seen, 0 if the run ended before it.

    Raises:
        ValueError: Lengths differ, a time is negative, or `observed` is not 0 or 1.

    Example:
        >>> when, left = kaplan_meier([2, 3, 3, 5, 8], [1, 1, 0, 1, 0])
        >>> when.tolist(), left.round(3).tolist()
        ([2.0, 3.0, 5.0], [0.8, 0.6, 0.3])
    """
    data = _checked(times, observed)[0]
    grid = np.unique(data[0][data[1] == 1])
    events, risk = _counts(data[0], data[1], grid)
    return grid, np.cumprod(1 - events.sum(axis=0) / risk.sum(axis=0))


def restricted_mean_difference(
    times: ArrayLike,
    observed: ArrayLike,
    arm: ArrayLike,
    clusters: Labels | None = None,
    *,
    horizon: float,
    level: float = 0.95,
) -> Estimate:
    """Give the difference (arm 1 - arm 0) of the mean time without the event up to a horizon.

    RMST = area under the Kaplan-Meier curve from 0 to the horizon; the error leaves out one cluster (of both arms) at a
    time. Needs no proportional hazards, unlike a hazard ratio. Source: Royston and Parmar 2013; Efron and Tibshirani
    1993 for the jackknife.

    Args:
        times: (n,) time of the event, or until which it was not seen; NaN is missing.
        observed: (n,) 1 if the event was seen, 0 if the run ended before it.
        arm: (n,) 0 or 1.
        clusters: (n,) labels; None makes every run its own cluster.
        horizon: Time up to which means are taken, fixed in advance.
        level: Confidence level.

    Returns:
        In units of time. NaN bounds, with a note, if leaving out a cluster empties an arm; a note says so if an arm
        was not followed to the horizon (its curve is then carried on flat).

    Raises:
        ValueError: An arm is empty, lengths differ, a time is negative, or the horizon is not positive.

    Example:
        >>> times, seen, arm = [4, 6, 8, 8, 2, 3, 5, 8], [1, 1, 0, 0, 1, 1, 1, 1], [1, 1, 1, 1, 0, 0, 0, 0]
        >>> found = restricted_mean_difference(times, seen, arm, horizon=8)
        >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
        (2.0, -2.17, 6.17)
    """
    check_level(level)
    (time, event, group), kept, notes = _checked(times, observed, arm)
    _require_arms(group)
    if not horizon > 0:
        raise ValueError(f"horizon is {horizon}: give the time up to which to compare, above 0")
    grid = np.unique(np.concatenate([[0.0], time[(event == 1) & (time < horizon)]]))
    steps = np.diff(np.append(grid, horizon))
    # (n, arms, 2, T): events and presence at each time, which add up over runs and clusters.
    counts = np.stack(_counts(time, event, grid), axis=1)
    parts = np.stack([counts * (group == a)[:, None, None] for a in (0, 1)], axis=1)
    codes = codes_for(clusters, kept)

    def difference(totals: NDArray[np.float64]) -> NDArray[np.float64]:
        events, risk = totals[..., 0, :], totals[..., 1, :]
        left = 1 - np.divide(events, risk, out=np.zeros_like(events), where=risk > 0)
        area = (np.cumprod(left, axis=-1) * steps).sum(axis=-1)
        area = np.where(risk[..., 0] > 0, area, np.nan)
        return area[..., 1] - area[..., 0]

    last = [(group == a) & (time == time[group == a].max()) for a in (0, 1)]
    short = [a for a in (0, 1) if time[last[a]][0] < horizon and not event[last[a]].all()]
    notes = (*notes, *(f"arm {a} was not followed to the horizon" for a in short))
    totals = Totals(totals_by_cluster(parts, codes), time.size, notes)
    return jackknife(totals, difference, method="difference of restricted means", level=level)


def log_rank(times: ArrayLike, observed: ArrayLike, arm: ArrayLike, clusters: Labels | None = None) -> float:
    """Give the two-sided p value of the log-rank test of two arms with a cluster-robust error.

    U = sum_i e_i with e_i = d_i (x_i - xbar(t_i)) - sum_{t_k <= t_i} (d_k / Y_k) (x_i - xbar(t_k)), xbar(t) the share
    of arm 1 at risk; t = U / sqrt(G/(G-1) sum_g (sum_{i in g} e_i)^2) on G - 1 degrees of freedom.
    Source: Lin and Wei 1989 (robust score of the Cox model at no effect).

    Args:
        times: (n,) time of the event, or until which it was not seen; NaN is missing.
        observed: (n,) 1 if the event was seen, 0 if the run ended before it.
        arm: (n,) 0 or 1.
        clusters: (n,) labels; None makes every run its own cluster.

    Returns:
        NaN for fewer than two clusters, or if the test has no variation (no events).

    Raises:
        ValueError: An arm is empty, lengths differ, or a time is negative.

    Example:
        >>> round(log_rank([4, 6, 8, 8, 2, 3, 5, 8], [1, 1, 0, 0] + [1] * 4, [1] * 4 + [0] * 4), 3)
        0.117
    """
    (time, event, group), kept, _ = _checked(times, observed, arm)
    _require_arms(group)
    grid = np.unique(time[event == 1])
    events, risk = _counts(time, event, grid)
    at_risk = risk.sum(axis=0)
    share = (risk * group[:, None]).sum(axis=0) / at_risk
    hazard = events.sum(axis=0) / at_risk
    scores = ((events - risk * hazard) * (group[:, None] - share)).sum(axis=1)
    sums = np.bincount(codes_for(clusters, kept), scores)
    units = len(sums)
    spread = float((sums**2).sum()) * units / max(1, units - 1)
    if units < 2 or spread == 0:
        return float("nan")
    return float(2 * special.stdtr(units - 1, -abs(float(sums.sum())) / spread**0.5))


def _checked(*columns: ArrayLike) -> tuple[list[NDArray[np.float64]], NDArray[np.bool_], tuple[str, ...]]:
    found, kept, notes = complete(*columns)
    if found[0].size and found[0].min() < 0:
        raise ValueError("a time is negative: count from the start of the run")
    if not np.isin(found[1], (0.0, 1.0)).all():
        raise ValueError("`observed` has to be 1 where the event was seen and 0 where the run ended before it")
    return found, kept, notes


def _require_arms(group: NDArray[np.float64]) -> None:
    if sorted(set(group.tolist())) != [0.0, 1.0]:
        raise ValueError(f"arms {sorted(set(group.tolist()))}: both arm 0 and arm 1 need observed runs")


def _counts(
    time: NDArray[np.float64], event: NDArray[np.float64], grid: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    # (n, T) each: whether a run has its event at a time of the grid, and whether it is still at risk then.
    events = ((time[:, None] == grid) & (event[:, None] == 1)).astype(np.float64)
    return events, (time[:, None] >= grid).astype(np.float64)
