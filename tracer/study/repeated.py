"""Several runs of one scenario: how often the same comes out every time, with the task as the unit."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracer.stats import Estimate
from tracer.stats.passk import pass_all
from tracer.store import RunRow
from tracer.study.freeze import Study
from tracer.study.judging import settled
from tracer.study.table import read_value

__all__ = ["Repeated", "passes_of", "repeated"]


@dataclass(frozen=True, slots=True)
class Repeated:
    """What repeated runs of the scenarios of one condition come to, on one system.

    Attributes:
        measure: The measure; 1 is a success.
        condition: The condition.
        stack: The stack.
        model: The model.
        passes: pass^k for k = 1, 2, ... replicates.
        notes: What a reader has to know, such as scenarios with too few runs that have a value.
    """

    measure: str
    condition: str
    stack: str
    model: str
    passes: tuple[Estimate, ...]

    @property
    def notes(self) -> list[str]:
        """What the estimates say of themselves, each once."""
        return list(dict.fromkeys(note for one in self.passes for note in one.notes))


def repeated(study: Study, rows: Sequence[RunRow]) -> list[Repeated]:
    """Give pass^k of every 0/1 measure that a claim rests on, in every condition; empty without replicates.

    Measures that a model judges are left out: the errors of a judge do not add up over k attempts as those of a rate
    do. What was not frozen as a check is exploratory.

    Args:
        study: The frozen study.
        rows: Its runs.
    """
    most = study.body["replicates"]
    final = settled(rows)
    names = _binary(study, final) if most > 1 else []
    found: list[Repeated] = []
    for stack in study.body["stacks"]:
        for model in study.body["models"]:
            of_system = [row for row in final if (row.stack, row.model) == (stack, model)]
            for name in names:
                for condition in study.conditions:
                    here = [r for r in of_system if r.condition == condition.name and _is_value(r, name)]
                    if here:
                        clusters = {s.id: s.cluster or s.id for s in study.scenarios}
                        passes = passes_of(here, name, 1.0, most, clusters)
                        found.append(Repeated(name, condition.name, stack, model, passes))
    return found


def passes_of(
    rows: Sequence[RunRow], measure: str, success: float, most: int, clusters: Mapping[str, str]
) -> tuple[Estimate, ...]:
    """Give pass^k for k = 1 to `most`; scenarios with fewer than k runs are left out of it, with a note.

    Args:
        rows: Runs of one condition that have a value.
        measure: The measure.
        success: The least value that is a success.
        most: The largest k.
        clusters: Scenario -> its cluster.
    """
    trials = Counter(row.scenario for row in rows)
    wins = Counter(row.scenario for row in rows if row.values[measure] >= success)
    won, tried, of_each = zip(*((wins[s], n, clusters[s]) for s, n in trials.items()), strict=True)
    return tuple(pass_all(won, tried, k, of_each) for k in range(1, most + 1))


def _binary(study: Study, rows: Sequence[RunRow]) -> list[str]:
    """List the measures of the checks whose values are all 0 or 1."""
    claimed = {check.estimand.measure for h in study.hypotheses for check in h.checks}
    plain: list[dict[str, Any]] = [m for m in study.body["measures"] if m["name"] in claimed and "judge" not in m]
    names = [m["name"] for m in plain if (m["low"], m["high"]) == (0.0, 1.0)]
    return [n for n in names if all(row.values[n] in (0.0, 1.0) for row in rows if _is_value(row, n))]


def _is_value(row: RunRow, measure: str) -> bool:
    return isinstance(read_value(row, measure), float)
