"""The runs of one system as a table: scenario x condition -> the values of a measure, and what is missing."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean

from tracer.contracts import Check, Condition, Scenario, matches
from tracer.store import RunRow

__all__ = ["NOT_RUN", "Cell", "Table", "read_value"]

NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one measure has of the runs of one scenario in one condition.

    Attributes:
        values: One for each run that has a value.
        missing: One reason for each run that should have a value and has none.
    """

    values: tuple[float, ...]
    missing: tuple[str, ...]

    @property
    def applies(self) -> bool:
        """Tell whether the measure applies here at all; where it does not, nothing is lost."""
        return bool(self.values or self.missing)

    def mean(self, fill: float) -> float:
        """Give the mean over all runs that should have a value, those without one counted as `fill`."""
        return (math.fsum(self.values) + fill * len(self.missing)) / (len(self.values) + len(self.missing))


class Table:
    """The runs of one stack and model, as scenario x condition -> values of each measure."""

    def __init__(self, scenarios: Sequence[Scenario], conditions: Iterable[Condition], rows: Iterable[RunRow]) -> None:
        self.scenarios = scenarios
        self.conditions = {c.name: c for c in conditions}
        self._rows: dict[tuple[str, str], list[RunRow]] = {}
        for row in rows:
            if row.status != "running":
                self._rows.setdefault((row.scenario, row.condition), []).append(row)

    def cell(self, measure: str, scenario: str, condition: str) -> Cell:
        """Give what a measure has of one scenario in one condition; runs to which it does not apply are left out."""
        found = [read_value(row, measure) for row in self._rows.get((scenario, condition), ())] or [NOT_RUN]
        return Cell(
            tuple(f for f in found if isinstance(f, float)),
            tuple(f for f in found if isinstance(f, str)),
        )

    def thetas(self, check: Check) -> list[tuple[Scenario, float]]:
        """List the scenarios that have a value in every condition of a check, with that of its estimand."""
        found: list[tuple[Scenario, float]] = []
        for scenario in self.in_scope(check):
            cells = [(w, self.cell(check.estimand.measure, scenario.id, c)) for c, w in check.estimand.weights.items()]
            if all(cell.values for _, cell in cells):
                found.append((scenario, sum(w * fmean(cell.values) for w, cell in cells)))
        return found

    def needs(self, check: Check) -> str:
        """Name what the runs of a check need beyond plain runs; "" for nothing."""
        conditions = (self.conditions.get(name) for name in check.estimand.weights)
        return next((c.needs for c in conditions if c is not None and c.needs), "")

    def in_scope(self, check: Check) -> list[Scenario]:
        """List the scenarios that a check is about."""
        wanted = [self.conditions[name].where for name in check.estimand.weights if name in self.conditions]
        return [s for s in self.scenarios if all(matches(s, w) for w in (check.estimand.where, *wanted))]


def read_value(row: RunRow, measure: str) -> float | str | None:
    """Give a run's value, the reason why it has none, or None where the measure does not apply to it."""
    if row.status != "completed":
        return row.status
    found = row.values.get(measure, {"missing": "not measured"})
    if isinstance(found, Mapping):
        return str(found.get("missing")) if found.get("applies", True) else None
    number = isinstance(found, int | float) and math.isfinite(found)
    return float(found) if number else "the measure gave no finite number"
