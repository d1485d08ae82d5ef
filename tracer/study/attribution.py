"""Which part moves the behaviour: the model, the stack, what the conditions vary, or the scenario."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracer.contracts import Condition
from tracer.errors import StudyError
from tracer.stats import Estimate
from tracer.stats.clustered import mean_of_clusters
from tracer.stats.crossed import Component, crossed_components
from tracer.store import RunRow
from tracer.study.freeze import Study
from tracer.study.judging import settled
from tracer.study.table import read_value

__all__ = ["Attribution", "Level", "attribute"]

_DRAWS = 2000


@dataclass(frozen=True, slots=True)
class Level:
    """One level of a factor.

    Attributes:
        factor: `model`, `stack`, or what the conditions vary.
        name: The level.
        mean: Mean of the measure over its runs, by clusters.
        runs: Runs that should have a value.
        missing: Of these, runs that have none.
    """

    factor: str
    name: str
    mean: Estimate
    runs: int
    missing: int


@dataclass(frozen=True, slots=True)
class Attribution:
    """What the variation of one measure comes from, over all runs of a study.

    Attributes:
        measure: The measure.
        says: What a value of 1 means.
        parts: Term -> component; `cluster` stands for the scenarios.
        if_missing: Term -> its share if every missing run had shown the least, and the most; None where nothing is
            missing, or the measure has no bounds.
        levels: The levels of each factor.
        fixed: Factors with one level, which cannot be told from the rest.
    """

    measure: str
    says: str
    parts: Mapping[str, Component]
    if_missing: Mapping[str, tuple[float, float]] | None
    levels: tuple[Level, ...]
    fixed: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give the attribution as plain JSON data."""
        return {
            "measure": self.measure,
            "says": self.says,
            "parts": {n: {"variance": p.variance.to_dict(), "share": p.share.to_dict()} for n, p in self.parts.items()},
            "if_missing": None if self.if_missing is None else {n: list(v) for n, v in self.if_missing.items()},
            "levels": [
                {"factor": one.factor, "level": one.name, "mean": one.mean.to_dict()}
                | {"runs": one.runs, "missing": one.missing}
                for one in self.levels
            ],
            "fixed": list(self.fixed),
        }


@dataclass(frozen=True, slots=True)
class _Runs:
    values: list[float]
    factors: dict[str, list[str]]
    clusters: list[str]


def attribute(study: Study, rows: Sequence[RunRow], measure: str) -> Attribution:
    """Divide the variation of a measure among model, stack, the factors of the conditions, scenario and the rest.

    The factors of the conditions are those of `Condition.levels` where the conditions cross them, and otherwise one
    factor `condition`. A/A lanes are left out, and conditions that only a control rests on. Runs are those that count;
    one without a value is missing.

    Args:
        study: The study.
        rows: Its runs.
        measure: Name of one of its measures.

    Raises:
        StudyError: There is no such measure, or the study does not cross at least one factor over two scenarios.
    """
    known = {m["name"]: m for m in study.body["measures"]}
    if measure not in known:
        raise StudyError(f"study {study.hash[:12]} has no measure {measure!r}: it has {', '.join(known)}")
    levels = _levels(_varied(study))
    runs = _runs(settled(rows), levels, measure)
    order = {"model": study.body["models"], "stack": study.body["stacks"]}
    varied = {name: found for name, found in runs.factors.items() if len(set(found)) > 1}
    seed = int(study.hash[:8], 16)
    try:
        parts = crossed_components(runs.values, varied, runs.clusters, draws=_DRAWS, seed=seed)
    except ValueError as error:
        raise StudyError(f"{measure!r} of study {study.hash[:12]} cannot be divided: {error}") from error
    bounds = known[measure]["low"], known[measure]["high"]
    return Attribution(
        measure=measure,
        says=known[measure].get("says", ""),
        parts=parts,
        if_missing=_if_missing(runs, varied, bounds),
        levels=tuple(
            _level(runs, factor, name, bounds)
            for factor, found in runs.factors.items()
            for name in _in_order(found, order.get(factor, ()) or [one[factor] for one in levels.values()])
        ),
        fixed=tuple(name for name in runs.factors if name not in varied),
    )


def _varied(study: Study) -> list[Condition]:
    """Give the conditions that are varied to see what they do: no A/A lane, and none that only a control rests on."""
    checks = [check for hypothesis in study.hypotheses for check in hypothesis.checks]
    claimed = {name for c in checks if c.role in ("angle", "rival") for name in c.estimand.weights}
    controls = {name for c in checks for name in c.estimand.weights} - claimed
    return [c for c in study.conditions if not c.reseed and c.name not in controls]


def _levels(conditions: Sequence[Condition]) -> dict[str, dict[str, str]]:
    """Give condition -> factor -> level; one factor `condition` where the conditions do not cross their levels."""
    names = [name for name in dict.fromkeys(n for c in conditions for n in c.levels)]
    crossed = [tuple(str(c.levels.get(name)) for name in names) for c in conditions]
    size = math.prod(len(set(column)) for column in zip(*crossed, strict=True))
    if not names or len(set(crossed)) < len(conditions) or len(conditions) < size:
        return {c.name: {"condition": c.name} for c in conditions}
    return {c.name: dict(zip(names, found, strict=True)) for c, found in zip(conditions, crossed, strict=True)}


def _runs(rows: Sequence[RunRow], levels: Mapping[str, Mapping[str, str]], measure: str) -> _Runs:
    runs = _Runs([], {}, [])
    for row in rows:
        value = read_value(row, measure)
        if value is None or row.condition not in levels:
            continue
        runs.values.append(value if isinstance(value, float) else math.nan)
        runs.clusters.append(row.cluster or row.scenario)
        for name, level in {"model": row.model, "stack": row.stack, **levels[row.condition]}.items():
            runs.factors.setdefault(name, []).append(level)
    return runs


def _in_order(found: Sequence[str], order: Iterable[str]) -> list[str]:
    return [name for name in dict.fromkeys(order) if name in found]


def _level(runs: _Runs, factor: str, name: str, bounds: tuple[float | None, float | None]) -> Level:
    at = [i for i, level in enumerate(runs.factors[factor]) if level == name]
    values = [runs.values[i] for i in at]
    low, high = bounds
    ends = None if low is None or high is None else (low, high)
    mean = mean_of_clusters(values, [runs.clusters[i] for i in at], bounds=ends)
    return Level(factor, name, mean, len(at), sum(math.isnan(value) for value in values))


def _if_missing(
    runs: _Runs, varied: Mapping[str, list[str]], bounds: tuple[float | None, float | None]
) -> dict[str, tuple[float, float]] | None:
    low, high = bounds
    if low is None or high is None or not any(map(math.isnan, runs.values)):
        return None

    def shares(fill: float) -> dict[str, float]:
        values = [fill if math.isnan(value) else value for value in runs.values]
        found = crossed_components(values, varied, runs.clusters, draws=2)
        return {name: part.share.value for name, part in found.items()}

    least, most = shares(low), shares(high)
    return {name: (least[name], most[name]) for name in least}
