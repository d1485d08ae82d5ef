"""All of k, any of k: how reliable a system is over repeated attempts at a task."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tracer.stats.clustered import mean_of_clusters
from tracer.stats.estimate import Estimate
from tracer.stats.samples import Labels

__all__ = ["pass_all", "pass_any"]


def pass_all(
    successes: ArrayLike, trials: ArrayLike, k: int, clusters: Labels | None = None, *, level: float = 0.95
) -> Estimate:
    """Give pass^k, the probability that k attempts at a task all succeed, averaged over tasks.

    Mean over tasks of C(c, k) / C(n, k), unbiased for each task's p^k; the interval takes the task (or cluster
    of tasks) as the unit. Source: Yao et al. 2024 (tau-bench, arXiv 2406.12045).

    Args:
        successes: (tasks,) successful attempts c.
        trials: (tasks,) attempts n; tasks with fewer than k are dropped with a note.
        k: Attempts that all have to succeed.
        clusters: (tasks,) labels; None makes every task its own cluster.
        level: Confidence level.

    Returns:
        As `tracer.stats.clustered.mean_of_clusters` with bounds (0, 1).

    Raises:
        ValueError: k is below 1, successes are not between 0 and trials, or the level is outside (0, 1).

    Example:
        >>> round(pass_all([4, 2, 0], [4, 4, 4], 2).value, 4)
        0.3889
    """
    wins, tries = _checked(successes, trials, k)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = special.binom(wins, k) / special.binom(tries, k)
    return mean_of_clusters(np.where(tries < k, np.nan, values), clusters, level=level, bounds=(0.0, 1.0))


def pass_any(
    successes: ArrayLike, trials: ArrayLike, k: int, clusters: Labels | None = None, *, level: float = 0.95
) -> Estimate:
    """Give pass@k, the probability that at least one of k attempts succeeds, averaged over tasks.

    Mean over tasks of 1 - C(n - c, k) / C(n, k). Source: Chen et al. 2021 (arXiv 2107.03374). A best-of-k score must
    never be passed off as one attempt's.

    Args:
        successes: (tasks,) successful attempts c.
        trials: (tasks,) attempts n; tasks with fewer than k are dropped with a note.
        k: Attempts of which one has to succeed.
        clusters: (tasks,) labels; None makes every task its own cluster.
        level: Confidence level.

    Returns:
        As `tracer.stats.clustered.mean_of_clusters` with bounds (0, 1).

    Raises:
        ValueError: k is below 1, successes are not between 0 and trials, or the level is outside (0, 1).

    Example:
        >>> round(pass_any([4, 2, 0], [4, 4, 4], 2).value, 4)
        0.6111
    """
    wins, tries = _checked(successes, trials, k)
    with np.errstate(invalid="ignore", divide="ignore"):
        values = 1 - special.binom(tries - wins, k) / special.binom(tries, k)
    return mean_of_clusters(np.where(tries < k, np.nan, values), clusters, level=level, bounds=(0.0, 1.0))


def _checked(successes: ArrayLike, trials: ArrayLike, k: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    wins, tries = np.asarray(successes, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    if k < 1:
        raise ValueError(f"k is {k}: give at least one attempt")
    if wins.shape != tries.shape or np.any((wins < 0) | (wins > tries)):
        raise ValueError("successes and trials have to be of one length, with successes between 0 and trials")
    return wins, tries
