"""Which of several crossed factors moves an outcome: variance components of exactly the levels that were tried.

Three models are no sample of all models, so that "the variance over all models" has no upper end. What can be estimated
is how much *these* models, scaffolds and tool sets differ: the finite-population components of Gelman 2005 ("Analysis
of variance: why it is more important than ever"). Only the clusters (scenarios) are taken as drawn at random, and the
intervals are about other clusters like them.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tracer.stats.estimate import Estimate
from tracer.stats.samples import FEW_CLUSTERS, Labels, check_level, codes_for, complete

__all__ = ["CLUSTER", "RESIDUAL", "Component", "crossed_components"]

CLUSTER = "cluster"
RESIDUAL = "residual"
_MOST_CELLS = 100
_BATCH = 200
_DUST = 1e-10  # of the variance of all values: what is smaller comes from rounding
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Component:
    """What one term contributes.

    Attributes:
        variance: In squared units of the outcome; unbiased, so that it may fall a little below 0.
        share: Of the sum of all components, those below 0 counted as 0.
    """

    variance: Estimate
    share: Estimate


@dataclass(frozen=True, slots=True)
class _Moments:
    # (C, K) means of the runs of a cluster in a cell (0 where there are none), and whether there are any. What runs of
    # one cluster in one cell vary by: (C,) sums of squares and degrees of freedom, and (C, K) 1 / runs.
    means: Array
    there: Array
    squares: Array
    spare: Array
    inverse: Array


def crossed_components(
    values: ArrayLike,
    factors: Mapping[str, Labels],
    clusters: Labels,
    *,
    level: float = 0.95,
    draws: int = 2000,
    seed: int = 0,
) -> dict[str, Component]:
    """Give the variance due to each factor, each interaction, the clusters, and what is left, with shares of the sum.

    With y[c, k] the mean of the runs of cluster c in cell k of K, and P_T the projection on the contrasts of term T:
    the component of T is tr(P_T M) / K, where M[k, l] is the mean of y[c, k] y[d, l] over pairs of *different* clusters
    c and d, so that chance and clusters do not inflate it. Clusters: the variance of their mean over all cells. Runs of
    one cluster in one cell give the residual, and what the clusters' profiles vary by beyond it is "cluster:cell";
    without repeated runs the two are one and called residual. Intervals: expanded percentiles over draws of whole
    clusters, with pairs of a cluster with itself left out. An absent pair of cluster and cell is missing: nothing is
    put in its place.
    Source: Gelman 2005 (finite populations); Hoeffding 1948 (U-statistics); Cornfield and Tukey 1956 (crossed
    designs); Hesterberg 2015 (expanded percentiles).

    Args:
        values: (n,) outcomes; NaN is missing.
        factors: Name -> (n,) levels; each combination needs values in two clusters.
        clusters: (n,) what scenarios share, each seen in several cells.
        level: Confidence level.
        draws: Draws of clusters.
        seed: Seed of the draws.

    Returns:
        Term -> component: the factors, their interactions as "model:stack", "cluster", "cluster:cell" where it can be
        told, "residual". An interval that holds 0: the term is not shown to contribute. No interval, with a note, where
        all clusters are the same.

    Raises:
        ValueError: Lengths differ, no factor has two levels, a combination has no values, two cells share no cluster,
            more than 100 cells, fewer than two clusters, or the level is bad.

    Example:
        >>> model, tools = ["a", "a", "b", "b"] * 8, ["few", "many"] * 16
        >>> values = [m == "b" for m in model]
        >>> parts = crossed_components(values, {"model": model, "tools": tools}, [i // 4 for i in range(32)])
        >>> {name: round(part.share.value, 2) for name, part in parts.items()}
        {'model': 1.0, 'tools': 0.0, 'model:tools': 0.0, 'cluster': 0.0, 'residual': 0.0}
    """
    check_level(level)
    (seen,), kept, notes = complete(values)
    if not seen.size:
        raise ValueError("there are no values: nothing can be divided")
    codes = {name: codes_for(labels, kept) for name, labels in factors.items()}
    sizes = {name: int(found.max()) + 1 for name, found in codes.items()}
    codes = {name: found for name, found in codes.items() if sizes[name] > 1}
    if not codes:
        raise ValueError("no factor has two levels: vary the model, the stack or a condition")
    levels = [sizes[name] for name in codes]
    held, order = codes_for(clusters, kept), list(codes)
    cells = np.asarray(np.ravel_multi_index(tuple(codes[name] for name in order), levels), dtype=np.intp)
    _require_cells(cells, levels, order, held)
    data = _moments(seen, cells, int(np.prod(levels)), held)
    terms, projections = zip(*_projections(order, levels), strict=True)
    repeated = bool(data.spare.sum())
    names = [*terms, CLUSTER, *([f"{CLUSTER}:cell"] if repeated else []), RESIDUAL]
    count = len(data.means)
    once = np.ones((1, count))
    dust = _DUST * float(seen.var())
    (found,) = _swept(_components(data, once, projections), dust)
    weights = np.random.default_rng(seed).multinomial(count, np.full(count, 1 / count), draws).astype(np.float64)
    drawn = _swept(np.vstack([_components(data, part, projections) for part in _parts(weights)]), dust)
    alike = np.nanmax(np.nanmax(drawn, axis=0) - np.nanmin(drawn, axis=0)) <= dust
    tail = _tail(level, count)
    few = (f"few clusters ({count})",) if count < FEW_CLUSTERS else ()
    why = "the same in every cluster" if count > 2 else "two clusters are too few"
    same = (f"{why}: no interval can be given",) if alike else ()
    told = (*notes, *few, *same, *(() if repeated else ("one run a cell: residual and cluster:cell are one",)))

    def estimate(value: float, column: Array) -> Estimate:
        ends = column[~np.isnan(column)]
        low, high = np.quantile(ends, [tail, 1 - tail]) if ends.size and not alike else (np.nan, np.nan)
        method = "U-statistic over pairs of clusters, bootstrap of clusters"
        return Estimate(value, float(low), float(high), level, seen.size, count, method=method, notes=told)

    share, shares = _shares(found[None])[0], _shares(drawn)
    return {
        name: Component(estimate(float(found[i]), drawn[:, i]), estimate(float(share[i]), shares[:, i]))
        for i, name in enumerate(names)
    }


def _tail(level: float, clusters: int) -> float:
    """Give the expanded percentile (Hesterberg 2015), which makes up for what a bootstrap of few clusters lacks."""
    reach = special.stdtrit(clusters - 1, 0.5 + level / 2) * np.sqrt(clusters / (clusters - 1))
    return float(special.ndtr(-reach))


def _require_cells(cells: NDArray[np.intp], levels: list[int], order: list[str], held: NDArray[np.intp]) -> None:
    count = int(np.prod(levels))
    if count > _MOST_CELLS:
        raise ValueError(f"{count} combinations of {' x '.join(order)}: {_MOST_CELLS} are the limit; leave levels out")
    if int(held.max()) < 1:
        raise ValueError("one cluster: what holds beyond it cannot be told; use two or more")
    absent = count - len(np.unique(cells))
    if absent:
        raise ValueError(f"{absent} of {count} combinations of {' x '.join(order)} have no value: cross the factors")


def _moments(values: Array, cells: NDArray[np.intp], count: int, held: NDArray[np.intp]) -> _Moments:
    clusters = int(held.max()) + 1
    keys = held * count + cells
    runs = np.bincount(keys, minlength=clusters * count).astype(np.float64)
    means = np.bincount(keys, values, minlength=clusters * count) / np.maximum(runs, 1)
    squares = np.bincount(held, (values - means[keys]) ** 2, minlength=clusters)
    runs, means = runs.reshape(clusters, count), means.reshape(clusters, count)
    there = (runs > 0).astype(np.float64)
    if ((there.T @ there) == 0).any() or there.sum(axis=0).min() < 2:
        raise ValueError("two combinations of levels have no cluster in common, or one has only one: run all in each")
    centre = means.sum() / there.sum()
    inverse = there / np.maximum(runs, 1)
    return _Moments(
        (means - centre) * there, there, np.asarray(squares, dtype=np.float64), (runs - there).sum(axis=1), inverse
    )


def _projections(names: Sequence[str], levels: Sequence[int]) -> Iterator[tuple[str, Array]]:
    """Give each term with the projection of a table of cells on its contrasts."""
    flat = [np.full((size, size), 1 / size) for size in levels]
    for size in range(1, len(names) + 1):
        for term in itertools.combinations(range(len(names)), size):
            parts = [np.eye(n) - flat[i] if i in term else flat[i] for i, n in enumerate(levels)]
            yield ":".join(names[i] for i in term), reduce(np.kron, parts)


def _parts(weights: Array) -> Iterator[Array]:
    return (weights[start : start + _BATCH] for start in range(0, len(weights), _BATCH))


def _components(data: _Moments, weights: Array, projections: Sequence[Array]) -> Array:
    """Give (draws, terms) components when clusters count by (draws, C) weights."""
    clusters, cells = data.means.shape
    same = (data.means[:, :, None] * data.means[:, None, :]).reshape(clusters, -1)
    both = (data.there[:, :, None] * data.there[:, None, :]).reshape(clusters, -1)
    sums, counts = weights @ data.means, _or_nan(weights @ data.there)
    pairs = _or_nan(
        np.nan_to_num(counts[:, :, None] * counts[:, None, :]).reshape(len(weights), -1) - weights**2 @ both
    )
    across = ((sums[:, :, None] * sums[:, None, :]).reshape(len(weights), -1) - weights**2 @ same) / pairs
    spread = (weights @ same) / _or_nan(weights @ both) - across
    within = (weights @ data.squares) / _or_nan(weights @ data.spare)
    noise = within[:, None] * (weights @ data.inverse) / counts
    terms = [across @ projection.ravel() / cells for projection in projections]
    common = spread @ np.full(cells * cells, 1 / cells) / cells
    every = spread[:, :: cells + 1].sum(axis=1) / cells
    profile = every - common
    if data.spare.sum():
        left = noise.sum(axis=1) / cells
        parts = [common - left / cells, profile - left * (1 - 1 / cells), within]
    else:
        chance = profile / (cells - 1)
        parts = [common - chance, profile + chance]
    return np.stack([*terms, *parts], axis=1)


def _or_nan(counts: Array) -> Array:
    """Give counts with NaN for 0: a draw of clusters that lacks a cell has no value, and is left out."""
    return np.where(counts > 0, counts, np.nan)


def _swept(components: Array, dust: float) -> Array:
    return np.where(np.abs(components) <= dust, 0.0, components)


def _shares(components: Array) -> Array:
    held = np.maximum(components, 0.0)
    return held / _or_nan(held.sum(axis=1, keepdims=True))
