"""Looking at the data whenever one likes: confidence sequences and e-processes by betting.

A fixed-n interval looked at after every run is wrong far more often than it says. These stay right at every look and at
any stopping time, provided that the values are *cluster-level* (one per scenario, given in the order in which scenarios
were finished): runs of one scenario are not a fair game against the mean over scenarios.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracer.stats.estimate import Estimate
from tracer.stats.samples import check_level, complete

__all__ = ["ConfidenceSequence", "Side", "betting", "betting_sequence", "e_process"]

Side = Literal["two-sided", "greater", "less"]

# A bet may lose at most this share of the wealth at once: large, because cluster-level differences vary little within
# their bounds.
_LARGEST_BET = 0.9
_GRID = 1001


@dataclass(frozen=True, slots=True)
class ConfidenceSequence:
    """Intervals after each value, which all cover the mean at once with the stated confidence.

    Attributes:
        low: (n,) lower ends, never falling.
        high: (n,) upper ends, never rising.
        level: Confidence that the mean lies in every one of them.
    """

    low: NDArray[np.float64]
    high: NDArray[np.float64]
    level: float


def _scaled(values: ArrayLike, bounds: tuple[float, float]) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    (observed,), _, notes = complete(values)
    if not bounds[0] < bounds[1]:
        raise ValueError(f"bounds {bounds}: the smallest possible value has to lie below the largest")
    if observed.size and not bounds[0] <= observed.min() <= observed.max() <= bounds[1]:
        raise ValueError(f"a value lies outside the bounds {bounds}, without which a bet is not fair: correct them")
    return (observed - bounds[0]) / (bounds[1] - bounds[0]), notes


def _bets(x: NDArray[np.float64], alpha: float, expected: int | None) -> NDArray[np.float64]:
    # The bet on x_t may depend on x_1..x_{t-1} only: that is what makes the wealth a martingale.
    times = np.arange(1, x.size + 1)
    means = (0.5 + np.cumsum(x)) / (times + 1)
    spreads = (0.25 + np.cumsum((x - means) ** 2)) / (times + 1)
    before = np.concatenate([[0.25], spreads[:-1]])
    horizon = times * np.log(times + 1) if expected is None else np.maximum(times, expected)
    return np.sqrt(2 * log(2 / alpha) / (before * horizon))


def _log_wealth(
    x: NDArray[np.float64], bets: NDArray[np.float64], mean: NDArray[np.float64], side: Side
) -> NDArray[np.float64]:
    gap = x[:, None] - mean[None, :]
    tiny = np.finfo(np.float64).tiny
    up = np.cumsum(np.log1p(np.minimum(bets[:, None], _LARGEST_BET / np.maximum(mean, tiny)) * gap), axis=0)
    if side == "greater":
        return up
    down = np.cumsum(np.log1p(-np.minimum(bets[:, None], _LARGEST_BET / np.maximum(1 - mean, tiny)) * gap), axis=0)
    return down if side == "less" else np.logaddexp(up, down) - log(2)


def e_process(
    values: ArrayLike,
    *,
    null: float = 0.0,
    bounds: tuple[float, float] = (-1.0, 1.0),
    side: Side = "two-sided",
    alpha: float = 0.05,
    expected: int | None = None,
) -> NDArray[np.float64]:
    """Give the evidence against "the mean is `null`" after each value: the wealth of a gambler who bets against it.

    E_t = prod_i (1 + lambda_i (x_i - m)) on values scaled to [0, 1], with bets lambda_i that use only what came before
    (plug-in for the variance, at most 0.9/m). If the null is true, E passes 1/alpha with probability <= alpha, however
    often one looks; 1/max E is a p value valid at any time. `greater` tests mean <= null, `less` mean >= null,
    `two-sided` averages both wagers. Source: Waudby-Smith and Ramdas 2024 (JRSS B 86:1), sections 4.2 to 4.4.

    Args:
        values: (n,) cluster-level values in the order in which they were seen; NaN is missing and skipped.
        null: Mean bet against.
        bounds: Smallest and largest possible value, (-1, 1) for differences of rates.
        side: Which means are the null.
        alpha: Error rate that the size of the bets is tuned for; the guarantee holds for every rate.
        expected: Planned number of values, fixed in advance: tunes the bets to it and costs no validity.

    Returns:
        (n,) e values.

    Raises:
        ValueError: A value or the null lies outside the bounds, or alpha is outside (0, 1).

    Example:
        >>> bool(e_process([0.5, 0.4, 0.6, 0.5, 0.3, 0.5, 0.4, 0.6, 0.5, 0.4, 0.5, 0.6])[-1] > 20)
        True
    """
    check_level(1 - alpha)
    x, _ = _scaled(values, bounds)
    mean = (null - bounds[0]) / (bounds[1] - bounds[0])
    if not 0 <= mean <= 1:
        raise ValueError(f"null {null} lies outside the bounds {bounds}: no data could come from it")
    with np.errstate(over="ignore", divide="ignore"):
        return np.exp(_log_wealth(x, _bets(x, alpha, expected), np.array([mean]), side)[:, 0])


def betting_sequence(
    values: ArrayLike,
    *,
    level: float = 0.95,
    bounds: tuple[float, float] = (-1.0, 1.0),
    expected: int | None = None,
) -> ConfidenceSequence:
    """Give the interval after each value: the means against which betting has not yet won 1/alpha.

    C_t = {m : E_s(m) < 1/alpha for all s <= t} with E the two-sided `e_process`, on a grid of 1,001 means and rounded
    outwards. Source: Waudby-Smith and Ramdas 2024, theorem 3 (hedged capital; the average of both wagers in place of
    their maximum).

    Args:
        values: (n,) cluster-level values in the order in which they were seen; NaN is missing and skipped.
        level: Confidence that all intervals cover the mean.
        bounds: Smallest and largest possible value.
        expected: Planned number of values, fixed in advance.

    Raises:
        ValueError: A value lies outside the bounds, or the level is outside (0, 1).

    Example:
        >>> found = betting_sequence([0.0, 0.5] * 40)
        >>> bool(found.low[-1] > 0), bool(found.low[9] > 0)
        (True, False)
    """
    alpha = check_level(level)
    x, _ = _scaled(values, bounds)
    bets, grid = _bets(x, alpha, expected), np.linspace(0.0, 1.0, _GRID)
    low, high = np.zeros(x.size), np.ones(x.size)
    step, lowest, highest = grid[1], np.zeros(x.size), np.ones(x.size)
    if x.size:
        # Twenty columns at a time bound the memory for long sequences.
        wealth = [_log_wealth(x, bets, part, "two-sided") for part in np.array_split(grid, max(1, x.size // 1000))]
        alive = np.maximum.accumulate(np.concatenate(wealth, axis=1), axis=0) < log(1 / alpha)
        some = alive.any(axis=1)
        lowest = np.where(some, grid[alive.argmax(axis=1)], np.nan)
        highest = np.where(some, grid[_GRID - 1 - alive[:, ::-1].argmax(axis=1)], np.nan)
        low, high = np.maximum(lowest - step, 0.0), np.minimum(highest + step, 1.0)
    width = bounds[1] - bounds[0]
    return ConfidenceSequence(bounds[0] + width * low, bounds[0] + width * high, level)


def betting(
    values: ArrayLike,
    *,
    level: float = 0.95,
    null: float = 0.0,
    bounds: tuple[float, float] = (-1.0, 1.0),
    expected: int | None = None,
) -> Estimate:
    """Give the mean with the latest interval of its confidence sequence: valid however often and whenever one stops.

    `p` is 1 / max_t E_t, valid at any time. See `betting_sequence` and `e_process`.

    Args:
        values: (n,) cluster-level values in the order in which they were seen; NaN is missing and skipped.
        level: Confidence level.
        null: Mean tested against.
        bounds: Smallest and largest possible value.
        expected: Planned number of values, fixed in advance.

    Returns:
        Without values the interval is the whole range and the value NaN. NaN bounds, with a note, if no mean survives
        (values that no constant mean explains).

    Raises:
        ValueError: A value or the null lies outside the bounds, or the level is outside (0, 1).

    Example:
        >>> found = betting([0.2, 0.4, 0.3, 0.5, 0.1, 0.4, 0.3, 0.2] * 4)
        >>> round(found.value, 2), found.low > 0, found.p < 0.05
        (0.3, True, True)
    """
    alpha = check_level(level)
    x, notes = _scaled(values, bounds)
    wealth = e_process(values, null=null, bounds=bounds, alpha=alpha, expected=expected)
    name = "betting confidence sequence"
    if not x.size:
        nan = float("nan")
        return Estimate(nan, *bounds, level, 0, 0, p=1.0, null=null, method=name, notes=(*notes, "no observed values"))
    path = betting_sequence(values, level=level, bounds=bounds, expected=expected)
    low, high = float(path.low[-1]), float(path.high[-1])
    if low != low:
        notes = (*notes, "no constant mean explains these values: did the system change during the study?")
    value = bounds[0] + (bounds[1] - bounds[0]) * float(x.mean())
    p = min(1.0, 1 / float(wealth.max()))
    return Estimate(value, low, high, level, x.size, x.size, p=p, null=null, method=name, notes=notes)
