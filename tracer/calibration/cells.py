"""One cell of a calibration: studies drawn from executed runs, judged without their labels."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from tracer.calibration.pool import Pool
from tracer.store import RunRow
from tracer.study import Study, Table, evaluate, judge, run_seed

__all__ = ["Cell", "CellResult", "Sealed", "draw", "judge_cells"]


@dataclass(frozen=True, slots=True)
class Cell:
    """What studies have in common.

    Attributes:
        effect: Share of runs in which the organism acts as itself; in the others it is the null organism.
        noise: Share of all runs in which it acts at random.
        damage: Share of runs lost, and share of the values of the others that are.
        scenarios: Scenarios of a study.
    """

    effect: float
    noise: float
    damage: float
    scenarios: int


@dataclass(frozen=True, slots=True)
class Sealed:
    """The runs that studies of one organism are drawn from, under a label that does not tell which one it is.

    Attributes:
        label: Stands for the organism's name.
        pool: Its runs.
        null: Runs of the null organism.
        noise: Runs of the random one.
    """

    label: str
    pool: Pool
    null: Pool
    noise: Pool


@dataclass(frozen=True)
class CellResult:
    """What came out in one cell.

    Attributes:
        label: Label of the organism.
        cell: The cell.
        studies: Studies judged.
        verdicts: Claim -> verdict -> number of studies.
        supported: Sorted claims that one study supported together -> number of studies; joined by a space.
        coverage: Level, as text -> intervals that held the value of the runs drawn from, and intervals in all. Checks
            in which those runs do not vary are left out, as they would count for nothing.
    """

    label: str
    cell: Cell
    studies: int
    verdicts: Mapping[str, Mapping[str, int]]
    supported: Mapping[str, int]
    coverage: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])

    def to_dict(self) -> dict[str, Any]:
        """Give the result as plain data."""
        return asdict(self)


def judge_cells(sealed: Sealed, cells: Iterable[Cell], studies: int, seed: int) -> list[CellResult]:
    """Draw and judge studies in each cell; which organism it is stands nowhere in what is judged."""
    truths = [_values(pool) for pool in (sealed.pool, sealed.null, sealed.noise)]
    return [_judge_cell(sealed, cell, studies, seed, truths) for cell in cells]


def draw(sealed: Sealed, cell: Cell, rng: random.Random) -> tuple[Study, list[RunRow]]:
    """Draw one study: scenarios with replacement, and for each of their runs whose it is and whether it is lost."""
    body = sealed.pool.study.body
    tags = {s["id"]: s["tags"] for s in body["scenarios"]}
    reseeded = {c["name"] for c in body["conditions"] if c["reseed"]}
    units = list(sealed.pool.units)
    scenarios: list[dict[str, Any]] = []
    rows: list[RunRow] = []
    for number in range(cell.scenarios):
        unit, name = rng.choice(units), f"s{number:04d}"
        scenarios.append({"id": name, "tags": tags[unit[0]], "cluster": name})
        for condition in sealed.pool.units[unit]:
            run = _damaged(_source(sealed, cell, rng).units[unit][condition], cell.damage, rng)
            lane = condition if condition in reseeded else ""
            own = {"scenario": name, "cluster": name, "replicate": 0, "attempt": 1, "study": sealed.label}
            own |= {"started_ns": 0, "ended_ns": None, "answer": None}  # one run may be drawn twice
            seed = run_seed(body["seed"], name, 0, lane)
            rows.append(replace(run, id=f"{name}-{condition}", model=sealed.label, seed=seed, **own))
    return Study(sealed.label, {**body, "scenarios": scenarios, "models": {sealed.label: {}}, "replicates": 1}), rows


def _source(sealed: Sealed, cell: Cell, rng: random.Random) -> Pool:
    if rng.random() < cell.noise:
        return sealed.noise
    return sealed.pool if rng.random() < cell.effect else sealed.null


def _damaged(run: RunRow, damage: float, rng: random.Random) -> RunRow:
    if not damage:
        return run
    if rng.random() < damage:
        return replace(run, status="failed", reason="lost", values={})
    lost = {"missing": "lost", "applies": True}
    return replace(run, values={n: lost if rng.random() < damage else v for n, v in run.values.items()})


def _judge_cell(sealed: Sealed, cell: Cell, studies: int, seed: int, truths: list[dict[str, Known]]) -> CellResult:
    rng = random.Random(f"{seed}|{sealed.label}|{cell}")
    shares = ((1 - cell.noise) * cell.effect, (1 - cell.noise) * (1 - cell.effect), cell.noise)
    verdicts: dict[str, Counter[str]] = {h.id: Counter() for h in sealed.pool.study.hypotheses}
    supported: Counter[str] = Counter()
    held: dict[str, list[int]] = {}
    for _ in range(studies):
        judged = judge(*draw(sealed, cell, rng))
        supported[" ".join(sorted(v.hypothesis.id for v in judged if v.answer == "supported"))] += 1
        for verdict in judged:
            verdicts[verdict.hypothesis.id][verdict.answer.value] += 1
            for finding in verdict.findings:
                known = _mixed([t[f"{verdict.hypothesis.id}/{finding.check.name}"] for t in truths], shares)
                estimate = finding.estimate
                if known.varies and estimate.low == estimate.low:
                    counts = held.setdefault(f"{estimate.level:.4f}", [0, 0])
                    counts[0] += estimate.low - 1e-9 <= known.value <= estimate.high + 1e-9
                    counts[1] += 1
    coverage = {level: (counts[0], counts[1]) for level, counts in held.items()}
    return CellResult(sealed.label, cell, studies, {k: dict(v) for k, v in verdicts.items()}, dict(supported), coverage)


@dataclass(frozen=True, slots=True)
class Known:
    """The value of a check in a whole pool, and whether its scenarios vary in it."""

    value: float
    varies: bool


def _values(pool: Pool) -> dict[str, Known]:
    study = pool.study
    table = Table(study.scenarios, study.conditions, pool.rows)
    bounds = {m["name"]: (m["low"], m["high"]) for m in study.body["measures"]}
    found: dict[str, Known] = {}
    for hypothesis in study.hypotheses:
        for check in hypothesis.checks:
            estimate = evaluate(check, table, level=0.95, bounds=bounds[check.estimand.measure]).estimate
            found[f"{hypothesis.id}/{check.name}"] = Known(estimate.value, estimate.se > 0)
    return found


def _mixed(known: list[Known], shares: tuple[float, ...]) -> Known:
    """Give the value of a mixture: a check is linear in the runs of its conditions."""
    parts = [(k, share) for k, share in zip(known, shares, strict=True) if share > 0]
    value = sum(k.value * share for k, share in parts)
    return Known(value, any(k.varies for k, _ in parts) or len({k.value for k, _ in parts}) > 1)
