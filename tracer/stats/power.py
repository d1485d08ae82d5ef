"""Before spending: what a design could see, and how many clusters would settle a question.

The unit is the cluster (the scenario): `sd` is the standard deviation of the cluster values that will be averaged.
"""

from __future__ import annotations

from collections.abc import Callable
from math import ceil, isfinite, log1p
from typing import TypeVar

import numpy as np
from scipy import special

from tracer.stats.estimate import Estimate
from tracer.stats.rates import clopper_pearson
from tracer.stats.roots import root
from tracer.stats.samples import check_level, z_of

__all__ = ["clusters_needed", "power_of", "questions_needed", "simulated_power", "smallest_visible_effect"]

_Data = TypeVar("_Data")


def _check(sd: float, level: float, power: float | None = None) -> float:
    alpha = check_level(level)
    if not (isfinite(sd) and sd >= 0):
        raise ValueError(f"sd is {sd!r}: give the standard deviation of cluster values, from a pilot or assumed")
    if power is not None and not alpha < power < 1:
        raise ValueError(f"power is {power!r}: give a probability above {alpha:g} and below 1, such as 0.8")
    return alpha


def power_of(effect: float, sd: float, clusters: int, *, level: float = 0.95) -> float:
    """Give the probability that a two-sided t test over clusters rejects at this true effect.

    1 - F(t*; G-1, ncp) + F(-t*; G-1, ncp) with F the noncentral t and ncp = effect sqrt(G) / sd. Source: Cohen 1988,
    chapter 2.

    Raises:
        ValueError: Fewer than two clusters, or sd not positive.

    Example:
        >>> round(power_of(0.5, 1.0, 34), 3)
        0.808
    """
    alpha = _check(sd, level)
    if clusters < 2 or sd == 0:
        raise ValueError(f"a t test needs two clusters and an sd above 0, got {clusters} and {sd}")
    df = clusters - 1
    critical = float(special.stdtrit(df, 1 - alpha / 2))
    shift = abs(effect) * clusters**0.5 / sd
    # The noncentral t as a mixture over the sd seen: scipy's own gives NaN for large shifts.
    scores = np.linspace(-8.0, 8.0, 321)
    seen = np.sqrt(special.chdtri(df, special.ndtr(-scores)) / df)
    rejects = special.ndtr(shift - critical * seen) + special.ndtr(-shift - critical * seen)
    weights = np.exp(-(scores**2) / 2)
    return float((rejects * weights).sum() / weights.sum())


def smallest_visible_effect(sd: float, clusters: int, *, level: float = 0.95, power: float = 0.8) -> float:
    """Give the smallest true effect that this design would detect with the stated power.

    Solves `power_of(effect, sd, clusters) = power`; close to (t_{1-alpha/2} + t_power) sd / sqrt(G). With sd = 0
    (nothing varied) it is the bound that unvarying data leave open, 1 - (alpha/2)^(1/G), for values in [-1, 1].

    Args:
        sd: Standard deviation of cluster values.
        clusters: Number of clusters.
        level: Confidence level of the two-sided interval.
        power: Probability of detection.

    Returns:
        Infinity for fewer than two clusters: nothing would be seen.

    Raises:
        ValueError: sd is negative or not finite, the level is outside (0, 1), or power is not between
            1 - level and 1.

    Example:
        >>> round(smallest_visible_effect(0.4, 30), 3)
        0.212
    """
    alpha = _check(sd, level, power)
    if clusters < 2:
        return float("inf")
    if sd == 0:
        return 1 - (alpha / 2) ** (1 / clusters)
    top = 1.0
    while power_of(top, 1.0, clusters, level=level) < power:
        top *= 2

    def gap(effect: float) -> float:
        return power_of(effect, 1.0, clusters, level=level) - power

    return root(gap, 0.0, top) * sd


def clusters_needed(sd: float, distance: float, *, level: float = 0.95, power: float = 0.8) -> int:
    """Give the smallest number of clusters at which a true effect `distance` away from the margin is detected.

    The smallest G >= 2 with `power_of(distance, sd, G) >= power`. With sd = 0, the smallest G whose bound for
    unvarying values in [-1, 1], 1 - (alpha/2)^(1/G), does not exceed the distance.

    Args:
        sd: Standard deviation of cluster values.
        distance: Distance between the true effect and the margin or null; its sign does not matter.
        level: Confidence level of the two-sided interval.
        power: Probability of detection.

    Raises:
        ValueError: The distance is 0 or not finite (no number of clusters settles it), or as `smallest_visible_effect`.

    Example:
        >>> clusters_needed(1.0, 0.5), clusters_needed(0.4, 0.15)
        (34, 58)
    """
    alpha = _check(sd, level, power)
    if not isfinite(distance) or distance == 0:
        raise ValueError(f"distance is {distance!r}: no number of clusters settles an effect at the margin")
    if sd == 0:
        return max(2, ceil(float(np.log(alpha / 2)) / log1p(-min(abs(distance), 1 - 1e-12))))
    z = z_of(level) + float(special.ndtri(power))
    # The normal approximation is a lower bound, and t needs only a few clusters more.
    clusters = max(2, ceil((z * sd / distance) ** 2))
    while clusters < 1000 and power_of(distance, sd, clusters, level=level) < power:
        clusters += 1
    return clusters


def questions_needed(
    effect: float,
    between: float,
    within: tuple[float, float],
    samples: tuple[int, int],
    *,
    level: float = 0.95,
    power: float = 0.8,
) -> int:
    """Give the number of questions that a paired comparison of two systems needs.

    n = (z_{alpha/2} + z_beta)^2 (omega^2 + s_A^2 / K_A + s_B^2 / K_B) / effect^2. Source: Miller 2024
    (arXiv 2411.00640), section 5. A large-sample formula: below about 30 use `clusters_needed`.

    Args:
        effect: Difference of the systems' means to be detected.
        between: omega^2, variance over questions of the difference of the expected scores.
        within: s_A^2 and s_B^2, mean variance over repeated samples of one question.
        samples: K_A and K_B, samples per question.
        level: Confidence level.
        power: Probability of detection.

    Raises:
        ValueError: The effect is 0, a variance is negative, or a number of samples is below 1.

    Example:
        >>> questions_needed(0.03, 1 / 9, (1 / 6, 1 / 6), (1, 1))
        3876
    """
    _check(between, level, power)
    if effect == 0 or min(*within) < 0 or min(samples) < 1:
        raise ValueError("the effect must differ from 0, variances must not be negative, samples must be at least 1")
    z = z_of(level) + float(special.ndtri(power))
    return ceil(z**2 * (between + within[0] / samples[0] + within[1] / samples[1]) / effect**2)


def simulated_power(
    sampler: Callable[[np.random.Generator], _Data],
    rejects: Callable[[_Data], bool],
    *,
    studies: int = 1000,
    level: float = 0.95,
    seed: int = 0,
) -> Estimate:
    """Give the share of simulated studies of the real design that reject, with Clopper-Pearson's interval.

    Args:
        sampler: Draws one study's data from a generator.
        rejects: Analyses it as the study would and says whether it rejects.
        studies: Simulated studies.
        level: Confidence level of the interval of the share.
        seed: Seed; study i gets its own stream, so that results do not depend on the order.

    Raises:
        ValueError: No studies are asked for, or the level is outside (0, 1).

    Example:
        >>> from tracer.stats.clustered import mean_of_clusters
        >>> found = simulated_power(
        ...     lambda draw: draw.normal(0.5, 1, 34), lambda x: mean_of_clusters(x).p < 0.05, studies=200
        ... )
        >>> found.low < 0.81 < found.high
        True
    """
    check_level(level)
    if studies < 1:
        raise ValueError(f"{studies} studies: simulate at least one")
    streams = np.random.SeedSequence(seed).spawn(studies)
    hits = sum(bool(rejects(sampler(np.random.default_rng(stream)))) for stream in streams)
    return clopper_pearson(hits, studies, level=level)
