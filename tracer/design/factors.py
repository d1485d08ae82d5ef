"""Conditions from factors: crossed fully, in a fraction, or nested."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from math import prod

from tracer.contracts import Condition, Level
from tracer.errors import SuiteError

__all__ = ["again", "crossed", "fractional", "nested"]

Levels = Mapping[str, Sequence[Level]]


def crossed(*conditions: Condition, **factors: Sequence[Level]) -> tuple[Condition, ...]:
    """Give every combination of levels as a condition, named by its levels: `crossed(goal=("ab", "ba"), ...)`.

    Args:
        conditions: Conditions to cross with the factors, which add to their names; none starts from nothing.
        factors: Factor -> its levels.

    Raises:
        SuiteError: A factor has fewer than two levels or one of them twice, or two conditions get one name.
    """
    _check(factors)
    made: list[Condition] = []
    for base in conditions or (Condition(name=""),):
        doubled = sorted(factors.keys() & base.levels.keys())
        if doubled:
            raise SuiteError(f"condition {base.name!r} has the factor {doubled[0]!r} already: cross it with others")
        for levels in product(*factors.values()):
            name = "-".join([*([base.name] if base.name else []), *map(str, levels)])
            told = {**base.levels, **dict(zip(factors, levels, strict=True))}
            made.append(base.model_copy(update={"name": name, "levels": told}))
    return _distinct(made)


def fractional(generators: Mapping[str, Sequence[str]], **factors: Sequence[Level]) -> tuple[Condition, ...]:
    """Give a regular fraction of a two-level design: `fractional({"d": ("a", "b", "c")}, a=..., b=..., c=..., d=...)`.

    Each generated factor takes its second level where an even number of its generators have their first, as the
    product of their signs does (Box and Hunter 1961). What cannot be told apart by then is listed by `aliases`, and by
    `tracer freeze`.

    Args:
        generators: Generated factor -> the two or more others that determine it.
        factors: Every factor -> its two levels.

    Raises:
        SuiteError: A factor does not have two levels, or a generator names no factor that is crossed fully.
    """
    _check(factors)
    free = [name for name in factors if name not in generators]
    for name, levels in factors.items():
        if len(levels) != 2:
            raise SuiteError(f"factor {name!r} has {len(levels)} levels: a fraction is made of factors with two")
    for name, sources in generators.items():
        wrong = [source for source in sources if source not in free]
        if name not in factors or wrong or len(set(sources)) < 2:
            raise SuiteError(
                f"generator {name!r} from {', '.join(sources) or 'nothing'}: give two or more of the factors that are "
                f"crossed fully: {', '.join(free)}"
            )
    made: list[Condition] = []
    for signs in product((-1, 1), repeat=len(free)):
        sign = dict(zip(free, signs, strict=True))
        sign |= {name: prod(sign[source] for source in sources) for name, sources in generators.items()}
        levels = {name: factors[name][(sign[name] + 1) // 2] for name in factors}
        made.append(Condition(name="-".join(map(str, levels.values())), levels=levels))
    return _distinct(made)


def nested(factor: str, within: Mapping[Level, Levels]) -> tuple[Condition, ...]:
    """Give conditions whose further factors exist only within a level of the first.

    `nested("memory", {"none": {}, "notes": {"length": ("short", "long")}})` gives `none`, `notes-short` and
    `notes-long`. An effect of an inner factor is one within its outer level.

    Raises:
        SuiteError: The outer factor has fewer than two levels, or an inner one as for `crossed`.
    """
    _check({factor: tuple(within)})
    made: list[Condition] = []
    for level, inner in within.items():
        outer = Condition(name=str(level), levels={factor: level})
        made += crossed(outer, **inner) if inner else [outer]
    return _distinct(made)


def again(condition: Condition, name: str = "again") -> Condition:
    """Give the A/A lane of a condition: the same treatment with other seeds."""
    return condition.model_copy(update={"name": name, "reseed": True})


def _check(factors: Levels) -> None:
    if not factors:
        raise SuiteError("a design needs a factor at least: give its name and its levels")
    for name, levels in factors.items():
        if len(levels) < 2 or len(set(levels)) < len(levels):
            raise SuiteError(f"factor {name!r} has the levels {list(levels)}: give two or more that differ")


def _distinct(conditions: Sequence[Condition]) -> tuple[Condition, ...]:
    names = [condition.name for condition in conditions]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise SuiteError(f"two conditions would be named {doubled[0]!r}: give levels whose words differ")
    return tuple(conditions)
