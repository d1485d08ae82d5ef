"""Forced choices: the utilities that explain them, and whether they can be ordered at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tracer.stats.estimate import Estimate
from tracer.stats.samples import FEW_CLUSTERS, check_level, student

__all__ = ["Triads", "Utilities", "bradley_terry", "cyclic_triads", "preference_between", "thurstone"]

Link = Literal["logistic", "normal"]


@dataclass(frozen=True, slots=True)
class Utilities:
    """Utilities of options, up to a constant.

    Attributes:
        values: (k,) utilities with mean 0.
        covariance: (k, k) of their errors.
        n: Choices.
        clusters: Clusters of choices; 0 if choices were taken as independent.
        method: Name of the model and of the errors.
        notes: What a reader has to know.
    """

    values: NDArray[np.float64]
    covariance: NDArray[np.float64]
    n: int
    clusters: int
    method: str
    notes: tuple[str, ...] = ()


def bradley_terry(wins: ArrayLike, *, prior: float = 0.0) -> Utilities:
    """Give utilities with P(i over j) = 1 / (1 + exp(u_j - u_i)), by maximum likelihood.

    Source: Bradley and Terry 1952; Ford 1957 for when the maximum exists. Errors: inverse Fisher information for one
    table, delete-one-cluster jackknife for a stack of tables.

    Args:
        wins: (k, k) times that option i was chosen over j, or (G, k, k) one table for each cluster.
        prior: Choices added each way to every pair: pulls utilities together and makes them finite.

    Returns:
        With two or more clusters the jackknife's errors; notes say if clusters are few.

    Raises:
        ValueError: Counts are negative, fewer than two options, or the options split into two groups of which one never
            lost to the other (no finite utilities: ask more pairs, or give a prior such as 0.5).

    Example:
        >>> found = bradley_terry([[0, 8, 9], [2, 0, 7], [1, 3, 0]])
        >>> found.values.round(2).tolist()
        [1.2, -0.18, -1.02]
    """
    return _utilities(wins, "logistic", "Bradley-Terry", prior)


def thurstone(wins: ArrayLike, *, prior: float = 0.0) -> Utilities:
    """Give utilities with P(i over j) = Phi(u_i - u_j), by maximum likelihood: Thurstone's case V.

    The unit is the sd of the difference of two noisy utilities. Source: Thurstone 1927.

    Args:
        wins: As in `bradley_terry`.
        prior: As in `bradley_terry`.

    Returns:
        As `bradley_terry`.

    Raises:
        ValueError: As `bradley_terry`.

    Example:
        >>> thurstone([[0, 8, 9], [2, 0, 7], [1, 3, 0]]).values.round(2).tolist()
        [0.71, -0.1, -0.61]
    """
    return _utilities(wins, "normal", "Thurstone, case V", prior)


def preference_between(utilities: Utilities, first: int, second: int, *, level: float = 0.95) -> Estimate:
    """Give u_first - u_second with its interval: normal, or Student's on G - 1 for clustered choices.

    Raises:
        ValueError: The level is outside (0, 1).

    Example:
        >>> found = preference_between(bradley_terry([[0, 8, 9], [2, 0, 7], [1, 3, 0]]), 0, 2)
        >>> round(found.value, 2), found.low > 0
        (2.22, True)
    """
    check_level(level)
    pick = np.zeros(len(utilities.values))
    pick[first], pick[second] = 1.0, -1.0
    value, se, nan = float(pick @ utilities.values), float(np.sqrt(pick @ utilities.covariance @ pick)), float("nan")
    units = utilities.clusters or utilities.n
    found = Estimate(value, nan, nan, level, utilities.n, units, method=utilities.method, notes=utilities.notes)
    return student(found, se, utilities.clusters - 1 if utilities.clusters > 1 else np.inf)


def _utilities(wins: ArrayLike, link: Link, name: str, prior: float) -> Utilities:
    tables = np.asarray(wins, dtype=np.float64)
    stack = tables[None] if tables.ndim == 2 else tables
    if stack.ndim != 3 or stack.shape[1] != stack.shape[2] or stack.shape[1] < 2:
        raise ValueError(f"wins of shape {tables.shape}: give (k, k) or (G, k, k) counts for two options or more")
    if not (stack >= 0).all() or prior < 0:
        raise ValueError("counts of choices and the prior must not be negative or NaN: leave out unreadable choices")
    off = 1 - np.eye(stack.shape[1])
    total = stack.sum(axis=0) * off
    values, information = _fit(total + prior * off, link)
    n, clusters = int(total.sum()), len(stack) if tables.ndim == 3 else 0
    if clusters < 2:
        return Utilities(values, np.linalg.pinv(information).astype(np.float64), n, 0, name)
    without = np.stack([_fit(total - own * off + prior * off, link)[0] for own in stack])
    gaps = without - without.mean(axis=0)
    notes = (f"few clusters ({clusters})",) if clusters < FEW_CLUSTERS else ()
    covariance = (clusters - 1) / clusters * gaps.T @ gaps
    return Utilities(values, covariance, n, clusters, f"{name}, jackknife over clusters", notes)


def _fit(wins: NDArray[np.float64], link: Link) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    _require_connected(wins)
    options = len(wins)
    values = np.zeros(options)
    ones = np.ones((options, options)) / options
    height, slopes, information = _likelihood(values, wins, link)
    for _ in range(100):
        step = np.linalg.solve(information + ones, slopes)
        scale, moved = 1.0, _likelihood(values + step, wins, link)
        while moved[0] < height - 1e-12 * abs(height) and scale > 1e-10:
            scale /= 2
            moved = _likelihood(values + scale * step, wins, link)
        values = values + scale * step
        height, slopes, information = moved
        if np.abs(scale * step).max() < 1e-10:
            break
    return values - values.mean(), information


def _likelihood(
    values: NDArray[np.float64], wins: NDArray[np.float64], link: Link
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    gap = values[:, None] - values[None, :]
    if link == "logistic":
        logs, slope = -np.logaddexp(0, -gap), special.expit(-gap)
        bend = slope * (1 - slope)
    else:
        logs = special.log_ndtr(gap)
        slope = np.exp(-(gap**2) / 2 - logs) / np.sqrt(2 * np.pi)
        bend = slope * (slope + gap)
    pull, curve = wins * slope, wins * bend
    both = curve + curve.T
    return float((wins * logs).sum()), pull.sum(axis=1) - pull.sum(axis=0), np.diag(both.sum(axis=1)) - both


def _require_connected(wins: NDArray[np.float64]) -> None:
    beats = _closure(wins > 0)
    stuck = np.flatnonzero(~(beats & beats.T).all(axis=1))
    if len(stuck) and not (beats | np.eye(len(wins), dtype=bool)).all():
        reach = beats.sum(axis=1)
        raise ValueError(
            f"no finite utilities: option {int(reach.argmin())} never beat some others, even by a chain of choices; "
            "ask more pairs, leave the option out, or give a prior such as 0.5"
        )


def _closure(relation: NDArray[np.bool_]) -> NDArray[np.bool_]:
    found = relation.copy()
    for middle in range(len(found)):
        found |= found[:, middle, None] & found[None, middle, :]
    return found


@dataclass(frozen=True, slots=True)
class Triads:
    """How many triples of options go round in circles.

    Attributes:
        cyclic: Cyclic triads (a over b, b over c, c over a).
        triads: Triads of which all three pairs are decided.
        share: cyclic / triads; 1/4 is what coin flips give.
        p: p value of "coin flips" against "fewer cycles".
        undecided: Pairs left out because of a tie or no choice.
    """

    cyclic: int
    triads: int
    share: float
    p: float
    undecided: int


def cyclic_triads(wins: ArrayLike, *, draws: int = 2_000, seed: int = 0) -> Triads:
    """Give the share of cyclic triads in the majority relation, tested against coin flips.

    A chooser with one scale makes none, a coin a quarter; p = (1 + #{coin tournaments with as few}) / (1 + draws) on
    the same decided pairs. Source: Kendall and Babington Smith 1940.

    Args:
        wins: (k, k) times that option i was chosen over j.
        draws: Coin tournaments.
        seed: Seed of the draws.

    Returns:
        Share and p are NaN if no triad is decided.

    Raises:
        ValueError: The table is not square or has negative counts.

    Example:
        >>> found = cyclic_triads([[0, 3, 1, 3], [0, 0, 3, 3], [2, 0, 0, 3], [0, 0, 0, 0]])
        >>> found.cyclic, found.triads, found.share
        (1, 4, 0.25)
    """
    table = np.asarray(wins, dtype=np.float64)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not (table >= 0).all():
        raise ValueError(f"wins of shape {table.shape}: give a square table of counts, none negative")
    beats = (table > table.T).astype(np.float64)
    decided = beats + beats.T
    options = len(table)
    triads = round(float(np.trace(decided @ decided @ decided)) / 6)
    undecided = options * (options - 1) // 2 - round(float(decided.sum()) / 2)
    if not triads:
        return Triads(0, 0, float("nan"), float("nan"), undecided)
    cyclic = _cycles(beats[None])[0]
    coins = np.triu(np.random.default_rng(seed).integers(0, 2, (draws, options, options)), 1).astype(np.float64)
    upper = np.triu(np.ones((options, options)), 1)
    tournaments = (coins + (upper - coins).transpose(0, 2, 1)) * decided
    p = float((1 + np.count_nonzero(_cycles(tournaments) <= cyclic)) / (1 + draws))
    return Triads(int(cyclic), triads, float(cyclic) / triads, p, undecided)


def _cycles(beats: NDArray[np.float64]) -> NDArray[np.int64]:
    # Each cycle of three is a closed walk of length 3 from each of its members.
    return np.rint(np.einsum("dij,djk,dki->d", beats, beats, beats, optimize=True) / 3).astype(np.int64)
