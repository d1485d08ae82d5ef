"""Choices under budgets: does any utility explain them all, and would a random chooser have been caught?"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracer.stats.estimate import Estimate
from tracer.stats.rates import clopper_pearson

__all__ = ["afriat_efficiency", "bronars_power", "garp_violations"]


def garp_violations(prices: ArrayLike, quantities: ArrayLike) -> int:
    """Give the number of ordered pairs of choices that contradict each other (GARP).

    x_t is revealed preferred to x_s if p_t x_t >= p_t x_s, or through a chain of such; the pair contradicts if then
    p_s x_s > p_s x_t. 0 if and only if some increasing, concave utility explains all choices. Source: Varian 1982;
    Afriat 1967.

    Args:
        prices: (T, goods) prices above 0 in each situation.
        quantities: (T, goods) what was chosen.

    Raises:
        ValueError: Shapes differ, a price is not positive, or a quantity is negative or NaN.

    Example:
        >>> garp_violations([[1, 2], [2, 1]], [[0, 4], [4, 0]]), garp_violations([[1, 2], [2, 1]], [[4, 1], [1, 4]])
        (2, 0)
    """
    return _violations(_costs(prices, quantities), 1.0)


def afriat_efficiency(prices: ArrayLike, quantities: ArrayLike) -> float:
    """Give the critical cost efficiency index: the largest share e of each budget at which no choices contradict.

    x_t is revealed preferred to x_s only if e p_t x_t >= p_t x_s; 1 is fully consistent. The index is one of the ratios
    p_t x_s / p_t x_t, found by bisection. It is a supremum: at the index itself, ties may still contradict.
    Source: Afriat 1972; Varian 1990.

    Args:
        prices: (T, goods) prices above 0 in each situation.
        quantities: (T, goods) what was chosen.

    Raises:
        ValueError: As `garp_violations`.

    Example:
        >>> afriat_efficiency([[1, 2], [2, 1]], [[0, 4], [4, 0]])
        0.5
    """
    costs = _costs(prices, quantities)
    if _violations(costs, 1.0) == 0:
        return 1.0
    ratios = costs / np.diag(costs)[:, None]
    steps = np.unique(np.concatenate([[0.0], ratios[ratios < 1], [1.0]]))
    # Between two neighbouring ratios nothing changes: test each gap at its middle.
    low, high = 0, len(steps) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if _violations(costs, (steps[middle] + steps[middle + 1]) / 2):
            high = middle
        else:
            low = middle
    return float(steps[low + 1])


def bronars_power(prices: ArrayLike, budgets: ArrayLike, *, draws: int = 1_000, seed: int = 0) -> Estimate:
    """Give the share of random choosers whom this set of budgets would catch, with Clopper-Pearson's interval.

    A random chooser spends each whole budget in uniformly distributed shares. Consistency found by a design of little
    power shows nothing. Source: Bronars 1987.

    Args:
        prices: (T, goods) prices above 0 in each situation.
        budgets: (T,) budgets above 0.
        draws: Random choosers.
        seed: Seed of the draws.

    Raises:
        ValueError: Shapes differ, or a price or budget is not positive.

    Example:
        >>> found = bronars_power([[1, 2], [2, 1]], [8, 8], draws=400)
        >>> found.low < 1 / 9 < found.high
        True
    """
    price, budget = np.asarray(prices, dtype=np.float64), np.asarray(budgets, dtype=np.float64)
    if price.ndim != 2 or budget.shape != price.shape[:1] or not ((price > 0).all() and (budget > 0).all()):
        raise ValueError(f"prices {price.shape} and budgets {budget.shape}: give one budget above 0 per row of prices")
    shares = np.random.default_rng(seed).dirichlet(np.ones(price.shape[1]), size=(draws, price.shape[0]))
    chosen = shares * budget[:, None] / price
    caught = sum(_violations(price @ bundle.T, 1.0) > 0 for bundle in chosen)
    return clopper_pearson(caught, draws)


def _costs(prices: ArrayLike, quantities: ArrayLike) -> NDArray[np.float64]:
    # (T, T): what bundle s would have cost in situation t.
    price, bundle = np.asarray(prices, dtype=np.float64), np.asarray(quantities, dtype=np.float64)
    if price.ndim != 2 or price.shape != bundle.shape or not price.size:
        raise ValueError(f"prices {price.shape} and quantities {bundle.shape}: give the same goods for each choice")
    if not ((price > 0).all() and (bundle >= 0).all() and (bundle.sum(axis=1) > 0).all()):
        raise ValueError("prices have to be above 0 and quantities not negative, with something chosen each time")
    return price @ bundle.T


def _violations(costs: NDArray[np.float64], efficiency: float) -> int:
    spent = np.diag(costs)
    # Rounding must not turn a bundle on the budget line into one beyond it.
    slack = 1e-12 * spent[:, None]
    preferred = efficiency * spent[:, None] >= costs - slack
    for middle in range(len(preferred)):
        preferred |= preferred[:, middle, None] & preferred[None, middle, :]
    strictly = efficiency * spent[:, None] > costs + slack
    return int(np.count_nonzero(preferred & strictly.T))
