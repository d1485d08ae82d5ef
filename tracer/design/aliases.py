"""What a design cannot tell apart: effects whose contrasts point the same way over its conditions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from tracer.contracts import Condition, Level

__all__ = ["Alias", "Cells", "Effect", "aliases", "cells_of", "complete_sets", "named", "overlap", "resolution"]

Effect = tuple[str, ...]
Cells = Sequence[Mapping[str, Level]]
_NOTHING = 1e-9


@dataclass(frozen=True, slots=True)
class Alias:
    """Two effects that a design cannot tell apart.

    Attributes:
        effect: Its factors; one for a main effect, two for an interaction.
        other: The same of the other effect.
        overlap: 1 where they are one and the same contrast, less where they are mixed in part.
    """

    effect: Effect
    other: Effect
    overlap: float

    def __str__(self) -> str:
        mixed = "" if self.overlap > 1 - _NOTHING else " (in part)"
        return f"{named(self.effect)} cannot be told apart from {named(self.other)}{mixed}"


def aliases(conditions: Iterable[Condition]) -> tuple[Alias, ...]:
    """List the main effects and interactions of two factors that the conditions mix up with each other.

    An effect is clean where the other factors can be held constant while its own vary. Else it is mixed with every
    effect whose contrasts are not at right angles to its own over the conditions (in a regular fraction: those with
    which it forms a word of the defining relation; Box and Hunter 1961). Effects of three factors are taken for nil.
    """
    cells = cells_of(conditions)
    factors = list(dict.fromkeys(name for cell in cells for name in cell))
    effects = [e for order in (1, 2) for e in combinations(factors, order)]
    clean = {effect: _clean(cells, effect) for effect in effects}
    found: list[Alias] = []
    for effect, other in combinations(effects, 2):
        here = [cell for cell in cells if all(f in cell for f in (*effect, *other))]
        if here and not (clean[effect] and clean[other]):
            mixed = overlap(here, effect, other)
            if mixed > _NOTHING:
                found.append(Alias(effect, other, mixed))
    return tuple(found)


def resolution(conditions: Iterable[Condition]) -> int | None:
    """Give the resolution of a regular fraction: the length of the shortest word of its defining relation.

    III: main effects are mixed with interactions of two factors; IV: these with each other. None for a full design.
    Source: Box and Hunter 1961.
    """
    cells = cells_of(conditions)
    factors = [f for f in dict.fromkeys(name for cell in cells for name in cell) if all(f in cell for cell in cells)]
    for order in range(1, len(factors) + 1):
        if any(overlap(cells, word, ()) > 1 - _NOTHING for word in combinations(factors, order)):
            return order
    return None


def cells_of(conditions: Iterable[Condition]) -> list[dict[str, Level]]:
    """List the distinct treatments of the conditions; lanes that repeat one or need replay are none of their own."""
    cells: list[dict[str, Level]] = []
    for condition in conditions:
        if not condition.reseed and not condition.needs and dict(condition.levels) not in cells:
            cells.append(dict(condition.levels))
    return cells


def named(effect: Effect) -> str:
    """Name an effect in words."""
    return " x ".join(effect) or "the overall mean"


def overlap(cells: Cells, effect: Effect, other: Effect) -> float:
    """Give the cosine of the smallest angle between the contrasts of two effects; 0 where one does not vary."""
    spans = [_span(cells, e) for e in (effect, other)]
    if not spans[0].size or not spans[1].size:
        return 0.0
    return float(np.linalg.svd(spans[0].T @ spans[1], compute_uv=False)[0])


def complete_sets(cells: Cells, pairs: Mapping[str, tuple[Level, Level]]) -> list[list[int]]:
    """List sets of cells that have every combination of the pairs' levels and agree in all other factors.

    Factors that some of the cells do not have are averaged over, as nested ones have to be.
    """
    here = [n for n, cell in enumerate(cells) if all(cell.get(f) in pair for f, pair in pairs.items())]
    shared = set.intersection(*(set(cells[n]) for n in here)) - set(pairs) if here else set[str]()
    groups: dict[tuple[Level, ...], list[int]] = {}
    for n in here:
        groups.setdefault(tuple(cells[n][f] for f in sorted(shared)), []).append(n)
    return [g for g in groups.values() if len({tuple(cells[n][f] for f in pairs) for n in g}) == 2 ** len(pairs)]


def _clean(cells: Cells, effect: Effect) -> bool:
    """Tell whether an effect can be seen for some pair of levels of each of its factors, all others held constant."""
    levels = [list(dict.fromkeys(cell[f] for cell in cells if f in cell)) for f in effect]
    choices = product(*(combinations(known, 2) for known in levels))
    return any(complete_sets(cells, dict(zip(effect, pairs, strict=True))) for pairs in choices)


def _span(cells: Cells, effect: Effect) -> NDArray[np.float64]:
    """Give an orthonormal basis of an effect's contrasts over the cells, as columns."""
    columns = [_contrasts([cell.get(factor) for cell in cells]) for factor in effect]
    rows = np.ones((len(cells), 1))
    rows = reduce(lambda a, b: (a[:, :, None] * b[:, None, :]).reshape(len(cells), -1), columns, rows)
    left, sizes, _ = np.linalg.svd(rows, full_matrices=False)
    return left[:, sizes > _NOTHING]


def _contrasts(levels: Sequence[Level | None]) -> NDArray[np.float64]:
    """Give the levels of a factor as contrasts that sum to nothing over its levels."""
    known = list(dict.fromkeys(levels))
    if len(known) < 2:
        return np.zeros((len(levels), 1))
    centred = np.eye(len(known)) - 1 / len(known)
    return centred[[known.index(level) for level in levels]]
