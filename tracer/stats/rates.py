"""One rate from independent trials, and the difference of two independent estimates.

Wilson for description, Clopper-Pearson where a rate must not be understated (safety, false positives), Jeffreys between
the two. Runs of one scenario are not independent trials: `clustered_rate` or `tracer.stats.clustered` for those.
"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy import special

from tracer.stats.estimate import Estimate
from tracer.stats.robust import design_effect
from tracer.stats.samples import Labels, check_level, sample, z_of

__all__ = ["clopper_pearson", "clustered_rate", "difference", "jeffreys", "rule_of_three", "wilson"]


def _check_counts(successes: float, trials: float) -> None:
    if not (0 <= successes <= trials):
        raise ValueError(f"{successes} successes in {trials} trials: successes must lie between 0 and the trials")


def _rate(successes: float, trials: float, low: float, high: float, level: float, method: str) -> Estimate:
    nan = float("nan")
    if trials == 0:
        return Estimate(nan, nan, nan, level, 0, 0, method=method, notes=("no trials",))
    value = successes / trials
    # Rounding must not push an end past the estimate, 0 or 1.
    low, high = max(0.0, min(low, value)), min(1.0, max(high, value))
    return Estimate(value, low, high, level, round(trials), round(trials), method=method)


def wilson(successes: float, trials: float, *, level: float = 0.95) -> Estimate:
    """Give a rate with Wilson's score interval.

    (p + z^2/2n +- z sqrt(p(1-p)/n + z^2/4n^2)) / (1 + z^2/n). Source: Wilson 1927; Brown, Cai and DasGupta 2001.

    Args:
        successes: Number of successes.
        trials: Number of independent trials.
        level: Confidence level.

    Returns:
        NaN with a note for no trials.

    Raises:
        ValueError: The level is outside (0, 1), or successes are not between 0 and trials.

    Example:
        >>> found = wilson(8, 10)
        >>> found.value, round(found.low, 4), round(found.high, 4)
        (0.8, 0.4902, 0.9433)
    """
    z = z_of(level)
    _check_counts(successes, trials)
    n = trials or float("nan")
    p = successes / n
    centre, reach = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return _rate(successes, trials, (centre - reach) / scale, (centre + reach) / scale, level, "Wilson")


def clopper_pearson(successes: float, trials: float, *, level: float = 0.95) -> Estimate:
    """Give a rate with the exact interval, whose coverage never falls below the level.

    Ends are the alpha/2 quantile of Beta(k, n-k+1) and the 1-alpha/2 quantile of Beta(k+1, n-k).
    Source: Clopper and Pearson 1934.

    Args:
        successes: Number of successes.
        trials: Number of independent trials.
        level: Confidence level.

    Returns:
        NaN with a note for no trials.

    Raises:
        ValueError: The level is outside (0, 1), or successes are not between 0 and trials.

    Example:
        >>> found = clopper_pearson(0, 300)
        >>> found.low, round(found.high, 4)
        (0.0, 0.0122)
    """
    alpha = check_level(level)
    _check_counts(successes, trials)
    misses = trials - successes
    low = float(special.betaincinv(successes, misses + 1, alpha / 2)) if successes > 0 else 0.0
    high = float(special.betaincinv(successes + 1, misses, 1 - alpha / 2)) if misses > 0 else 1.0
    return _rate(successes, trials, low, high, level, "Clopper-Pearson")


def jeffreys(successes: float, trials: float, *, level: float = 0.95) -> Estimate:
    """Give a rate with the equal-tailed interval of the posterior under the prior Beta(1/2, 1/2).

    Quantiles of Beta(k + 1/2, n - k + 1/2), with end 0 at k = 0 and end 1 at k = n. Source: Brown, Cai and
    DasGupta 2001, section 4.1.2.

    Args:
        successes: Number of successes.
        trials: Number of independent trials.
        level: Confidence level.

    Returns:
        NaN with a note for no trials.

    Raises:
        ValueError: The level is outside (0, 1), or successes are not between 0 and trials.

    Example:
        >>> found = jeffreys(8, 10)
        >>> round(found.low, 4), round(found.high, 4)
        (0.4972, 0.9559)
    """
    alpha = check_level(level)
    _check_counts(successes, trials)
    a, b = successes + 0.5, trials - successes + 0.5
    low = float(special.betaincinv(a, b, alpha / 2)) if successes > 0 else 0.0
    high = float(special.betaincinv(a, b, 1 - alpha / 2)) if successes < trials else 1.0
    return _rate(successes, trials, low, high, level, "Jeffreys")


def rule_of_three(trials: int, *, level: float = 0.95) -> float:
    """Give the upper bound of a rate of which no case was seen: 1 - (1-level)^(1/n), about 3 / n at 95 %.

    One-sided; the two-sided end of `clopper_pearson(0, n)` halves the error rate. Source: Hanley and Lippman-Hand 1983.

    Raises:
        ValueError: The level is outside (0, 1), or there are no trials.

    Example:
        >>> round(rule_of_three(300), 4)
        0.0099
    """
    if trials < 1:
        raise ValueError("no trials: a rate of which nothing was observed has no bound")
    return float(1 - check_level(level) ** (1 / trials))


def clustered_rate(values: ArrayLike, clusters: Labels, *, level: float = 0.95) -> Estimate:
    """Give a rate with the exact interval at the effective number of trials.

    Clopper-Pearson with n* = n / deff (t_{n-1} / t_{G-1})^2, at most n, and k* = p n*. Keeps its coverage for
    rates near 0 and 1, where `mean_of_clusters` is too short. Source: Korn and Graubard 1998.

    Args:
        values: (n,) outcomes in [0, 1]; NaN is missing.
        clusters: (n,) labels.
        level: Confidence level.

    Returns:
        Without any variation the clusters are the trials (n* = G). NaN bounds, with a note, for fewer than two.

    Raises:
        ValueError: The level is outside (0, 1), or a value is outside [0, 1].

    Example:
        >>> found = clustered_rate([1, 1, 0, 0, 1, 1, 1, 1], [1, 1, 2, 2, 3, 3, 4, 4])
        >>> found.value, round(found.low, 3), round(found.high, 3)
        (0.75, 0.076, 1.0)
    """
    alpha = check_level(level)
    data = sample(values, clusters)
    if data.size and (data.values.min() < 0 or data.values.max() > 1):
        raise ValueError("a rate needs outcomes between 0 and 1")
    method = "Clopper-Pearson at the effective sample size"
    nan = float("nan")
    if data.clusters < 2:
        value = float(data.values.mean()) if data.size else nan
        notes = (*data.notes, "fewer than two clusters: no interval")
        return Estimate(value, nan, nan, level, data.size, data.clusters, method=method, notes=notes)
    value, effect = float(data.values.mean()), design_effect(data.values, data.codes)
    quantiles = special.stdtrit([data.size - 1, data.clusters - 1], 1 - alpha / 2)
    effective = float(data.clusters)
    if not np.isnan(effect):
        shrink = float(quantiles[0] / quantiles[1]) ** 2
        effective = min(float(data.size), data.size * shrink / effect) if effect > 0 else float(data.size)
    exact = clopper_pearson(value * effective, effective, level=level)
    return Estimate(value, exact.low, exact.high, level, data.size, data.clusters, method=method, notes=data.notes)


def difference(first: Estimate, second: Estimate) -> Estimate:
    """Give first - second for two independent estimates, from their own intervals.

    low = d - sqrt((v1 - low1)^2 + (high2 - v2)^2), high = d + sqrt((high1 - v1)^2 + (v2 - low2)^2). With Wilson
    intervals this is Newcombe's method 10 for two independent rates. Source: Newcombe 1998 (Stat Med 17:873);
    Zou and Donner 2008 ("MOVER").

    Args:
        first: An estimate.
        second: An independent estimate at the same level; not for paired or shared scenarios.

    Returns:
        NaN bounds where an estimate has none.

    Raises:
        ValueError: The levels differ.

    Example:
        >>> found = difference(wilson(56, 70), wilson(48, 80))
        >>> round(found.value, 2), round(found.low, 4), round(found.high, 4)
        (0.2, 0.0524, 0.3339)
    """
    if first.level != second.level:
        raise ValueError(f"intervals at {first.level} and {second.level} cannot be joined: use one level")
    value = first.value - second.value
    return Estimate(
        value,
        value - sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2),
        value + sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2),
        first.level,
        first.n + second.n,
        first.clusters + second.clusters,
        method=f"difference of independent estimates ({first.method})",
        notes=(*first.notes, *second.notes),
    )
