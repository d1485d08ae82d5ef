"""Where it turns: the threshold of a yes-no act as something grows, with its uncertainty."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tracer.stats.estimate import Estimate
from tracer.stats.samples import check_level

__all__ = ["WIDTHS", "indifference"]

WIDTHS: tuple[float, ...] = tuple(float(w) for w in np.geomspace(0.01, 0.5, 12))
"""Widths of the turn, equally likely a priori (uniform in the logarithm)."""

_PLACES = 201


def indifference(thresholds: ArrayLike, acted: ArrayLike, *, lapse: float = 0.02, level: float = 0.95) -> Estimate:
    """Give the threshold at which it is indifferent between acting and not, which is its credence.

    An act that gains b if a thing is so and costs c if not pays where p > c / (b + c); one who holds it true with
    probability p acts below that threshold and not above.
    P(act | t) = lapse / 2 + (1 - lapse) / (1 + exp((t - p) / w)), with p uniform in 0 to 1 and the width w averaged
    over; the value is the posterior mean of p, the interval that of its quantiles.

    Source: psychometric functions with lapses (Wichmann and Hill 2001) with a posterior in place of a
    maximum, which a few acts that fall apart cleanly do not have (Kuss, Jaekel and Wichmann 2005).

    Args:
        thresholds: (n,) thresholds in 0 to 1.
        acted: (n,) whether it acted.
        lapse: Share of acts that have nothing to do with the threshold.
        level: Credibility of the interval.

    Returns:
        `n` counts acts; `p` is NaN.

    Raises:
        ValueError: Shapes differ, nothing was acted on, a threshold lies outside 0 to 1, or a number is out of range.

    Example:
        >>> found = indifference([0.1, 0.3, 0.5, 0.7, 0.9], [1, 1, 1, 0, 0])
        >>> round(found.value, 2), round(found.low, 2), round(found.high, 2)
        (0.6, 0.28, 0.89)
    """
    check_level(level)
    t, did = np.asarray(thresholds, dtype=np.float64), np.asarray(acted, dtype=np.float64)
    if t.ndim != 1 or t.shape != did.shape or not t.size:
        raise ValueError(f"thresholds {t.shape} and acts {did.shape}: give (n,) of each, one at least")
    if not ((t >= 0) & (t <= 1)).all() or not np.isin(did, (0, 1)).all() or not 0 < lapse < 1:
        raise ValueError("thresholds and the lapse rate lie in 0 to 1, and an act was done (1) or not (0)")
    places = np.linspace(0, 1, _PLACES)
    widths = np.asarray(WIDTHS)[:, None, None]
    chance = lapse / 2 + (1 - lapse) * special.expit((places[:, None] - t) / widths)
    logs = np.where(did > 0, np.log(chance), np.log1p(-chance)).sum(axis=-1)
    weights = special.softmax(logs).sum(axis=0)
    value = float(weights @ places)
    ends = np.interp([(1 - level) / 2, (1 + level) / 2], np.cumsum(weights), places)
    se = float(np.sqrt(weights @ (places - value) ** 2))
    return Estimate(
        value,
        float(ends[0]),
        float(ends[1]),
        level,
        int(t.size),
        int(t.size),
        se=se,
        method="posterior of the threshold",
    )
