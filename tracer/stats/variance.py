"""Where the variation comes from: model, scaffold, tools, their interactions, and what is left between runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log, nan

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tracer.stats.estimate import Estimate
from tracer.stats.roots import root
from tracer.stats.samples import Labels, check_level, codes_for, codes_of, complete, z_of

__all__ = ["variance_components"]

_FEW_LEVELS = 5
# Of the variance of all values: where the residual counts as 0, and from where on an end counts as infinite.
_LEAST, _MOST = 1e-8, 1e8


@dataclass(frozen=True, slots=True)
class _Cells:
    # Runs of one cell enter through their mean, number and spread, which are sufficient: cost is by cells, not by runs.
    means: NDArray[np.float64]
    counts: NDArray[np.float64]
    within: float
    spare: int
    blocks: tuple[NDArray[np.float64], ...]


def variance_components(
    values: ArrayLike,
    factors: Mapping[str, Labels],
    *,
    interactions: Sequence[tuple[str, ...]] = (),
    level: float = 0.95,
) -> dict[str, Estimate]:
    """Give the variance due to each crossed factor, each interaction, and the residual.

    y = mean + sum_k u_k[level of term k] + e with independent normal effects of variances s_k^2 and s_e^2, by
    restricted maximum likelihood; intervals by profile likelihood (all other variances refitted at each value), p by
    the likelihood ratio with the mixture of chi2_0 and chi2_1 that a variance of 0 calls for. Unbalanced designs and
    missing cells are fine. Source: Patterson and Thompson 1971; Self and Liang 1987.

    Args:
        values: (n,) outcomes; NaN is missing.
        factors: Name -> (n,) levels, e.g. {"model": ..., "scaffold": ..., "tools": ...}.
        interactions: Sets of factor names that also get a component of their own, named "model:scaffold".
        level: Confidence level.

    Returns:
        Term -> variance, "residual" last; `n` runs, `clusters` levels of the term. NaN, with a note, for a term with
        fewer than two levels or where nothing varies. An upper end of infinity: the levels are too few to bound it.

    Raises:
        ValueError: Lengths differ, an interaction names no factor, more than 1,000 cells, a term has a level of its own
            for every run or the same levels as another term (no data can tell them apart), or the level is bad.

    Example:
        >>> model = ["a"] * 4 + ["b"] * 4 + ["c"] * 4
        >>> parts = variance_components([1, 2, 1, 2, 5, 6, 5, 6, 9, 8, 9, 8], {"model": model})
        >>> round(parts["model"].value, 2), round(parts["residual"].value, 3)
        (12.25, 0.333)
    """
    check_level(level)
    (seen,), kept, notes = complete(values)
    codes = {name: codes_for(labels, kept) for name, labels in factors.items()}
    for names in interactions:
        unknown = [name for name in names if name not in factors]
        if unknown or len(names) < 2:
            raise ValueError(f"interaction {names}: name two or more of the factors {list(factors)}")
        codes[":".join(names)] = codes_of(np.stack([codes[name] for name in names], axis=1))
    levels = {name: len(np.unique(found)) for name, found in codes.items()}
    used = [name for name, count in levels.items() if count > 1]
    scale = float(seen.std()) if seen.size else 0.0
    if not used or scale == 0:
        why = "no factor has two levels" if scale else "the values do not vary"
        return {
            name: Estimate(nan, nan, nan, level, seen.size, levels.get(name, seen.size), notes=(*notes, why))
            for name in (*codes, "residual")
        }
    _require_distinct({name: codes[name] for name in used}, seen.size)
    data = _cells((seen - seen.mean()) / scale, [codes[name] for name in used])
    found = _intervals(data, level)
    result: dict[str, Estimate] = {}
    for name in (*codes, "residual"):
        count = levels.get(name, seen.size)
        few = (*notes, f"few levels ({count})") if count < _FEW_LEVELS else notes
        method = "REML, profile likelihood"
        if name not in used and name != "residual":
            why = (*few, "one level: no component")
            result[name] = Estimate(nan, nan, nan, level, seen.size, count, method=method, notes=why)
            continue
        value, low, high, p = found[used.index(name) if name in used else -1]
        size = scale**2
        few = few if high < inf else (*few, "too few levels for an upper end")
        result[name] = Estimate(
            value * size, low * size, high * size, level, seen.size, count, p=p, method=method, notes=few
        )
    return result


def _require_distinct(codes: Mapping[str, NDArray[np.intp]], n: int) -> None:
    partitions: dict[bytes, str] = {}
    for name, found in codes.items():
        plain = codes_of(found)
        if int(plain.max()) + 1 == n:
            raise ValueError(f"{name!r} has a level of its own for every run: repeat runs, or drop the term")
        twin = partitions.setdefault(plain.tobytes(), name)
        if twin != name:
            raise ValueError(f"{name!r} and {twin!r} have the same levels: no data can tell them apart; drop one")


def _cells(values: NDArray[np.float64], terms: list[NDArray[np.intp]]) -> _Cells:
    keys = codes_of(np.stack(terms, axis=1))
    counts = np.bincount(keys).astype(np.float64)
    if counts.size > 1000:
        raise ValueError(f"{counts.size} cells: average over some factor first, 1,000 are the limit")
    means = np.bincount(keys, values) / counts
    within = float(((values - means[keys]) ** 2).sum())
    first = np.unique(keys, return_index=True)[1]
    blocks = tuple((term[first][:, None] == term[first][None, :]).astype(np.float64) for term in terms)
    return _Cells(means, counts, within, values.size - counts.size, blocks)


def _deviance(variances: NDArray[np.float64], data: _Cells) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    # -2 log restricted likelihood up to a constant, its slope in the variances, and the slope's expected slope.
    residual = variances[-1]
    inner = np.diag(1 / data.counts)
    directions = (*data.blocks, inner)
    spread = sum((size * block for size, block in zip(variances, directions, strict=True)), np.zeros_like(inner))
    inverse = np.linalg.inv(spread)
    weight = inverse.sum(axis=1)
    total = float(weight.sum())
    projection = inverse - np.outer(weight, weight) / total
    pull = projection @ data.means
    value = float(np.linalg.slogdet(spread)[1]) + log(total) + float(data.means @ pull)
    value += data.spare * log(residual) + data.within / residual
    turned = [projection @ block for block in directions]
    slopes = np.array([np.trace(t) - pull @ block @ pull for t, block in zip(turned, directions, strict=True)])
    slopes[-1] += data.spare / residual - data.within / residual**2
    bends = np.array([[float((one * two.T).sum()) for two in turned] for one in turned])
    bends[-1, -1] += data.spare / residual**2
    return value, slopes, bends


def _minimum(data: _Cells, start: NDArray[np.float64], fixed: int | None = None) -> tuple[float, NDArray[np.float64]]:
    # Fisher scoring with halved steps; a variance at 0 that would fall below it is held there.
    free = np.arange(start.size) != fixed
    variances = start.copy()
    floor = np.append(np.zeros(start.size - 1), _LEAST)
    value, slopes, bends = _deviance(variances, data)
    for _ in range(200):
        active = np.flatnonzero(free & ~((variances <= floor) & (slopes > 0)))
        if not active.size:
            break
        step = np.zeros_like(variances)
        step[active] = np.linalg.lstsq(bends[np.ix_(active, active)], -slopes[active], rcond=None)[0]
        size, moved = 1.0, _deviance(np.maximum(variances + step, floor), data)
        while moved[0] > value and size > 1e-6:
            size /= 2
            moved = _deviance(np.maximum(variances + size * step, floor), data)
        gained = value - moved[0]
        if gained < 0:
            break
        variances = np.maximum(variances + size * step, floor)
        value, slopes, bends = moved
        if gained < 1e-9:
            break
    return value, variances


def _intervals(data: _Cells, level: float) -> list[tuple[float, float, float, float]]:
    terms = len(data.blocks) + 1
    starts = [np.full(terms, 0.5), np.append(np.full(terms - 1, 0.01), 1.0), np.append(np.ones(terms - 1), 0.05)]
    best, variances = min((_minimum(data, start) for start in starts), key=lambda pair: pair[0])
    allowed = z_of(level) ** 2
    result: list[tuple[float, float, float, float]] = []
    for term, centre in enumerate(variances.tolist()):
        profile = _profile(data, variances, term, best + allowed)
        least = 0.0 if term < terms - 1 else _LEAST
        at_least = profile(least)
        fine = 1e-4 * max(centre, 1e-3)
        low = 0.0 if at_least <= 0 else root(profile, least, centre, tolerance=fine)
        top = max(2 * centre, 0.01)
        while profile(top) < 0 and top < _MOST:
            top *= 2
        high = inf if top >= _MOST else root(profile, centre, top, tolerance=fine)
        p = float(special.chdtrc(1, max(0.0, at_least + allowed))) / 2 if term < terms - 1 else nan
        result.append((centre, low, high, p))
    return result


def _profile(data: _Cells, variances: NDArray[np.float64], term: int, limit: float) -> Callable[[float], float]:
    def profile(size: float) -> float:
        start = np.maximum(variances, 0.01)
        start[term] = size
        return _minimum(data, start, term)[0] - limit

    return profile
