"""When did it change: a change point in a behaviour over steps, episodes or versions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from tracer.stats.samples import check_level, z_of
from tracer.stats.signs import check_draws, random_signs

__all__ = ["ChangePoint", "change_point"]

# With fewer runs, all sign patterns together cannot reach p = .05.
_FEWEST_RUNS = 6


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """The likeliest place of one change, and whether there was any.

    Attributes:
        at: First time index (0-based column) of the new regime; -1 where nothing varies.
        before: Mean before it.
        after: Mean from it on.
        p: p value of "no change anywhere", over all places at once.
        low: Earliest place of the interval for `at`.
        high: Latest place of the interval for `at`.
        level: Confidence of that interval, given that there was one change.
        runs: Number of runs.
        method: How p and the interval were made.
        notes: What a reader has to know.
    """

    at: int
    before: float
    after: float
    p: float
    low: int
    high: int
    level: float
    runs: int
    method: str
    notes: tuple[str, ...] = ()


def change_point(values: ArrayLike, *, level: float = 0.95, draws: int = 2_000, seed: int = 0) -> ChangePoint:
    """Give the likeliest change of the mean over time, in one run or over runs that share it.

    For each place k, score_k = sqrt(a_k b_k / (a_k + b_k)) |mean after - mean before| with a, b the observations before
    and after (the likelihood-ratio statistic of one change in a normal mean), and `at` where it is largest. From six
    runs on, p compares the largest |mean over runs of the contrast| sqrt(R) / sd with sign flips of whole runs,
    whatever the dependence within a run. With fewer, times are permuted within runs, which takes them as exchangeable
    if nothing changed; a note says so. The interval for `at` resamples runs; with fewer than six it keeps the places
    whose profile likelihood is within chi2_1(level)/2. Source: Hinkley 1970; Csorgo and Horvath 1997, section 2.

    Args:
        values: (T,) one run, or (runs, T); NaN is missing.
        level: Confidence level of the interval for the place.
        draws: Permutations or sign patterns, and bootstrap resamples.
        seed: Seed of the draws.

    Returns:
        `at` is -1 and p is 1, with a note, where nothing varies.

    Raises:
        ValueError: Fewer than four times have values, a value is infinite, the level is outside (0, 1), or fewer than
            100 draws are asked for.

    Example:
        >>> found = change_point([0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 1, 1, 1])
        >>> found.at, round(found.before, 2), round(found.after, 2), found.p < 0.05
        (7, 0.14, 0.89, True)
    """
    check_level(level)
    check_draws(draws)
    table = np.atleast_2d(np.asarray(values, dtype=np.float64))
    seen = ~np.isnan(table)
    if table.ndim != 2 or np.isinf(table).any() or np.count_nonzero(seen.any(axis=0)) < 4:
        raise ValueError(f"values of shape {table.shape}: a change needs finite values at four times or more")
    table = table[seen.any(axis=1)]
    runs = len(table)
    drawn = np.random.default_rng(seed)
    scores, contrasts = _scores(table[None]), _contrasts(table)
    spread = float(np.nanstd(table))
    if spread == 0:
        value = float(np.nanmean(table))
        return ChangePoint(-1, value, value, 1.0, -1, -1, level, runs, "none", ("nothing varies: no change to find",))
    at = int(np.nanargmax(scores[0])) + 1
    if runs >= _FEWEST_RUNS:
        method, notes = "sign flips and bootstrap of runs", ()
        p = _flip_p(contrasts, draws, seed)
        places = np.nanargmax(_resampled_scores(table, draws, drawn), axis=1) + 1
        low, high = np.quantile(places, [(1 - level) / 2, (1 + level) / 2], method="closest_observation")
    else:
        method = "permutation of times, profile likelihood"
        notes = ("few runs: takes the times of a run as exchangeable unless something changed",)
        permuted = np.stack([_shuffled(table, drawn) for _ in range(draws)])
        largest = np.nanmax(_scores(permuted), axis=1)
        p = float((1 + np.count_nonzero(largest >= np.nanmax(scores[0]) * (1 - 1e-9))) / (1 + draws))
        low, high = _profile(scores[0], table, level)
    before, after = float(np.nanmean(table[:, :at])), float(np.nanmean(table[:, at:]))
    return ChangePoint(at, before, after, p, int(low), int(high), level, runs, method, notes)


def _scores(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    # (..., T-1) for (..., runs, T): the score of a change after each time but the last.
    sums, counts = np.nansum(tables, axis=-2), (~np.isnan(tables)).sum(axis=-2)
    return _split_scores(sums.astype(np.float64), counts.astype(np.float64))


def _split_scores(sums: NDArray[np.float64], counts: NDArray[np.float64]) -> NDArray[np.float64]:
    top, a = np.cumsum(sums, axis=-1), np.cumsum(counts, axis=-1)
    rest, b = top[..., -1:] - top, a[..., -1:] - a
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.sqrt(a * b / (a + b)) * np.abs(rest / b - top / a)
    return found[..., :-1]


def _contrasts(table: NDArray[np.float64]) -> NDArray[np.float64]:
    # (runs, T-1): mean after minus mean before, in each run by itself; 0 where a run has nothing on one side.
    counts = np.cumsum(~np.isnan(table), axis=1)
    sums = np.cumsum(np.nan_to_num(table, nan=0.0), axis=1)
    rest, left = sums[:, -1:] - sums, counts[:, -1:] - counts
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.nan_to_num(rest / left - sums / counts, nan=0.0)[:, :-1]


def _flip_p(contrasts: NDArray[np.float64], draws: int, seed: int) -> float:
    runs = len(contrasts)
    squares = (contrasts**2).sum(axis=0)
    used = squares > 0
    means = np.concatenate([np.ones((1, runs)), random_signs(runs, draws, seed)]) @ contrasts[:, used] / runs
    with np.errstate(divide="ignore"):
        t = np.abs(means) / np.sqrt(np.maximum(squares[used] / runs - means**2, 1e-15) / runs)
    largest = t.max(axis=1)
    return float((1 + np.count_nonzero(largest[1:] >= largest[0] * (1 - 1e-9))) / (1 + draws))


def _resampled_scores(table: NDArray[np.float64], draws: int, drawn: np.random.Generator) -> NDArray[np.float64]:
    weights = drawn.multinomial(len(table), np.full(len(table), 1 / len(table)), size=draws).astype(np.float64)
    counts = weights @ (~np.isnan(table)).astype(np.float64)
    return _split_scores(weights @ np.nan_to_num(table, nan=0.0), counts)


def _shuffled(table: NDArray[np.float64], drawn: np.random.Generator) -> NDArray[np.float64]:
    # Missing values keep their places: when something was not seen is not what is tested.
    shuffled = table.copy()
    for row in shuffled:
        seen = np.flatnonzero(~np.isnan(row))
        row[seen] = row[drawn.permutation(seen)]
    return shuffled


def _profile(scores: NDArray[np.float64], table: NDArray[np.float64], level: float) -> tuple[int, int]:
    n = int((~np.isnan(table)).sum())
    total = float(np.nansum((table - np.nanmean(table)) ** 2))
    residual = np.maximum(total - scores**2, 1e-12 * total)
    drop = n / 2 * np.log(residual / np.nanmin(residual))
    inside = np.flatnonzero(drop <= z_of(level) ** 2 / 2) + 1
    return int(inside.min()), int(inside.max())
