"""Estimands from factors: means at levels, main effects and interactions, with their weights computed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import prod

from tracer.contracts import Condition, Estimand, Level
from tracer.design.aliases import Effect, complete_sets, named, overlap
from tracer.errors import SuiteError

__all__ = ["average", "effect"]

_NOTHING = 1e-9
Pair = tuple[Level, Level]


def average(conditions: Iterable[Condition], measure: str, **levels: Level) -> Estimand:
    """Give "mean of the measure at these levels, over the levels of the other factors, each condition alike".

    Raises:
        SuiteError: No condition has these levels.
    """
    usable = _usable(conditions)
    chosen = [c for c in usable if all(c.levels.get(f) == level for f, level in levels.items())]
    if not chosen:
        raise SuiteError(f"no condition has {_told(levels)}; there are: {_all_levels(usable, levels)}")
    return Estimand(measure=measure, weights={c.name: 1 / len(chosen) for c in chosen})


def effect(
    conditions: Iterable[Condition],
    measure: str,
    *,
    within: Mapping[str, Level] | None = None,
    negligible: Sequence[Effect] = (),
    **factors: Pair,
) -> Estimand:
    """Give the effect of one factor, or the interaction of several: `effect(c, "m", goal=("ba", "ab"))`.

    Of one factor: the mean at its first level minus that at its second; of two: the difference of the differences.
    Averaged over the other factors where these can be held constant; in a fraction, where they cannot, over all
    conditions, provided that the effect is not mixed with another. Effects of three factors and more are taken for nil.

    Args:
        conditions: The design; A/A lanes and lanes that need replay are left out.
        measure: Name of the measure.
        within: Factor -> level, for an effect within a part of the design, as that of a nested factor is.
        negligible: Effects known to be nil, as tuples of factors: a claim of yours, that the freeze cannot check.
        factors: Factor -> (level, level against which it is held).

    Raises:
        SuiteError: A level does not occur, or the effect cannot be told apart from another.
    """
    if not factors:
        raise SuiteError("an effect is of a factor: give its name with its two levels")
    usable = [c for c in _usable(conditions) if all(c.levels.get(f) == level for f, level in (within or {}).items())]
    for factor, pair in factors.items():
        missing = [level for level in pair if not any(c.levels.get(factor) == level for c in usable)]
        if missing or len(set(pair)) != 2:
            raise SuiteError(
                f"the effect of {factor} is one between two of its levels, and not of {list(pair)}; "
                f"there are: {_all_levels(usable, [factor])}"
            )
    here = [c for c in usable if all(c.levels.get(f) in pair for f, pair in factors.items())]
    cells = [c.levels for c in here]
    sign = [prod(1 if c.levels[f] == pair[0] else -1 for f, pair in factors.items()) for c in here]
    sets = complete_sets(cells, factors)
    weights: dict[str, float] = {}
    if sets:
        for group in sets:
            for n in group:
                alike = sum(all(cells[m][f] == cells[n][f] for f in factors) for m in group)
                weights[here[n].name] = sign[n] / alike / len(sets)
    else:
        _refuse_aliased(cells, tuple(factors), negligible)
        scale = 2 ** (len(factors) - 1)
        weights = {c.name: s * scale / sign.count(s) for c, s in zip(here, sign, strict=True)}
    return Estimand(measure=measure, weights=weights)


def _refuse_aliased(cells: Sequence[Mapping[str, Level]], asked: Effect, negligible: Sequence[Effect]) -> None:
    known = [f for f in dict.fromkeys(name for cell in cells for name in cell) if all(f in cell for cell in cells)]
    nil = {frozenset(e) for e in negligible}
    others = [e for order in (0, 1, 2) for e in combinations(known, order) if set(e) != set(asked)]
    mixed = [e for e in others if frozenset(e) not in nil and overlap(cells, asked, e) > _NOTHING]
    if mixed or overlap(cells, asked, asked) < _NOTHING:
        told = ", ".join(named(e) for e in mixed) or "anything: it does not vary in these conditions"
        raise SuiteError(
            f"the effect of {named(asked)} cannot be told apart from {told}: cross the factors fully, take a fraction "
            "of higher resolution, or name what is known to be nil in `negligible`"
        )


def _usable(conditions: Iterable[Condition]) -> list[Condition]:
    return [c for c in conditions if not c.reseed and not c.needs]


def _told(levels: Mapping[str, Level]) -> str:
    return ", ".join(f"{factor} = {level!r}" for factor, level in levels.items()) or "any levels"


def _all_levels(conditions: Sequence[Condition], factors: Iterable[str]) -> str:
    found = [
        f"{factor}: {', '.join(dict.fromkeys(str(c.levels[factor]) for c in conditions if factor in c.levels)) or '-'}"
        for factor in factors
    ]
    return "; ".join(found) or ", ".join(c.name for c in conditions)
