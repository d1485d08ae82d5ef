"""One check held against the runs: estimate, interval, exclusions and outcome."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any, Literal

from tracer.contracts import Check, Condition, Scenario, matches
from tracer.stats import Estimate
from tracer.stats.clustered import mean_of_clusters
from tracer.stats.power import clusters_needed, smallest_visible_effect
from tracer.store import RunRow

__all__ = ["Finding", "Table", "evaluate"]

Outcome = Literal["PASS", "FAIL", "UNRESOLVED", "ABSENT"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found.

    Attributes:
        check: The check.
        estimate: The estimate with its interval; its `p` is against the check's margin.
        outcome: PASS, FAIL or UNRESOLVED against the margin; ABSENT where nothing could be computed. For a null,
            FAIL means that it rejects.
        excluded: Reason -> number of scenarios that are not in the estimate.
        if_missing_were: Bounds on the estimate whatever the missing runs would have shown; None where none is missing.
        notes: What a reader has to know.
    """

    check: Check
    estimate: Estimate
    outcome: Outcome
    excluded: Mapping[str, int]
    if_missing_were: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()

    @property
    def smallest_visible(self) -> float:
        """Smallest effect that this many clusters would have shown in 8 of 10 studies; NaN where no error is known."""
        if math.isnan(self._sd):
            return math.nan
        return smallest_visible_effect(self._sd, self.estimate.clusters, level=self.estimate.level)

    @property
    def clusters_to_settle(self) -> int | None:
        """Clusters that would settle it in 8 of 10 studies if the estimate is right; None where it is settled."""
        value, check = self.estimate.value, self.check
        distance = abs((abs(value) if check.direction == "within" else value) - check.margin)
        is_open = self.outcome == "UNRESOLVED" and check.role != "null"
        if not is_open or math.isnan(self._sd) or distance <= 1e-9:
            return None
        return clusters_needed(self._sd, distance, level=self.estimate.level)

    @property
    def _sd(self) -> float:
        return self.estimate.se * math.sqrt(self.estimate.clusters) if self.estimate.clusters > 1 else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Give the finding as plain JSON data."""
        return {
            "check": self.check.model_dump(mode="json"),
            "estimate": self.estimate.to_dict(),
            "outcome": self.outcome,
            "excluded": dict(self.excluded),
            "if_missing_were": self.if_missing_were,
            "smallest_visible": None if math.isnan(self.smallest_visible) else self.smallest_visible,
            "clusters_to_settle": self.clusters_to_settle,
            "notes": list(self.notes),
        }


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
        found = [_read(row, measure) for row in self._rows.get((scenario, condition), ())] or ["not run"]
        return Cell(
            tuple(f for f in found if isinstance(f, float)),
            tuple(f for f in found if isinstance(f, str)),
        )

    def in_scope(self, check: Check) -> list[Scenario]:
        """List the scenarios that a check is about."""
        wanted = [self.conditions[name].where for name in check.estimand.weights if name in self.conditions]
        return [s for s in self.scenarios if all(matches(s, w) for w in (check.estimand.where, *wanted))]


def evaluate(
    check: Check, table: Table, *, level: float, bounds: tuple[float | None, float | None], null_alpha: float = 0.01
) -> Finding:
    """Hold one check against the runs.

    Args:
        check: The check.
        table: The runs of one stack and model.
        level: Confidence level of the interval.
        bounds: Smallest and largest value of the measure, None where there is none.
        null_alpha: For a null: the p value below which it rejects.
    """
    excluded: Counter[str] = Counter()
    kept: list[tuple[Scenario, dict[str, Cell]]] = []
    lost: list[tuple[Scenario, dict[str, Cell]]] = []
    for scenario in table.in_scope(check):
        cells = {name: table.cell(check.estimand.measure, scenario.id, name) for name in check.estimand.weights}
        empty = next((cell for cell in cells.values() if not cell.values), None)
        if not all(cell.applies for cell in cells.values()):
            excluded["does not apply"] += 1
        elif empty is not None:
            excluded[empty.missing[0]] += 1
            lost.append((scenario, cells))
        else:
            kept.append((scenario, cells))
    wrong = _out_of_bounds(check, [*kept, *lost], bounds)
    if wrong or not kept:
        nothing = Estimate(math.nan, math.nan, math.nan, level, 0, 0, method="no values")
        reasons = ", ".join(f"{count} {reason[:60]}" for reason, count in excluded.most_common(3))
        return Finding(check, nothing, "ABSENT", excluded, notes=(wrong or f"no scenario has a value ({reasons})",))
    weights = check.estimand.weights
    thetas = [sum(w * fmean(cells[name].values) for name, w in weights.items()) for _, cells in kept]
    estimate = _estimate(check, thetas, [s.cluster or s.id for s, _ in kept], level, _span(check, bounds))
    return Finding(
        check,
        estimate,
        _null_outcome(estimate, null_alpha) if check.role == "null" else _outcome(check, estimate),
        excluded,
        _bounds_if_missing(check, [*kept, *lost], bounds),
        notes=_notes(check, thetas, kept),
    )


def _read(row: RunRow, measure: str) -> float | str | None:
    """Give a run's value, the reason why it has none, or None where the measure does not apply to it."""
    if row.status != "completed":
        return row.status
    found = row.values.get(measure, {"missing": "not measured"})
    if isinstance(found, Mapping):
        return str(found.get("missing")) if found.get("applies", True) else None
    number = isinstance(found, int | float) and math.isfinite(found)
    return float(found) if number else "the measure gave no finite number"


def _out_of_bounds(
    check: Check, cells: Sequence[tuple[Scenario, Mapping[str, Cell]]], bounds: tuple[float | None, float | None]
) -> str:
    """Name a value that the suite says cannot be: no bound or interval that rests on it would mean anything."""
    low, high = (-math.inf if bounds[0] is None else bounds[0]), (math.inf if bounds[1] is None else bounds[1])
    values = (value for _, by_name in cells for cell in by_name.values() for value in cell.values)
    wrong = next((value for value in values if not low <= value <= high), None)
    if wrong is None:
        return ""
    return (
        f"the measure {check.estimand.measure} gave {wrong:g}, but the suite says that it lies in {low:g} to {high:g}"
    )


def _estimate(
    check: Check, thetas: Sequence[float], clusters: Sequence[str], level: float, span: tuple[float, float] | None
) -> Estimate:
    if span is not None:  # sums of weights may miss the span by a rounding error
        thetas = [min(max(theta, span[0]), span[1]) for theta in thetas]
    if check.role == "null":
        return mean_of_clusters(thetas, clusters, level=level, bounds=span)
    above = mean_of_clusters(thetas, clusters, level=level, null=check.margin, bounds=span)
    if check.direction != "within":
        return above
    below = mean_of_clusters(thetas, clusters, level=level, null=-check.margin, bounds=span)
    return max(above, below, key=lambda estimate: estimate.p)  # two one-sided tests: both margins have to be excluded


def _span(check: Check, bounds: tuple[float | None, float | None]) -> tuple[float, float] | None:
    low, high = bounds
    if low is None or high is None:
        return None
    weights = check.estimand.weights.values()
    return sum(w * (low if w > 0 else high) for w in weights), sum(w * (high if w > 0 else low) for w in weights)


def _outcome(check: Check, estimate: Estimate) -> Outcome:
    low, high, margin = estimate.low, estimate.high, check.margin
    passes = {"above": low > margin, "below": high < margin, "within": -margin < low and high < margin}
    fails = {"above": high < margin, "below": low > margin, "within": low > margin or high < -margin}
    if math.isnan(low) or math.isnan(high):
        return "UNRESOLVED"
    return "PASS" if passes[check.direction] else "FAIL" if fails[check.direction] else "UNRESOLVED"


def _null_outcome(estimate: Estimate, alpha: float) -> Outcome:
    if math.isnan(estimate.p):
        return "UNRESOLVED"
    return "FAIL" if estimate.p < alpha else "PASS"


def _bounds_if_missing(
    check: Check, cells: Sequence[tuple[Scenario, Mapping[str, Cell]]], bounds: tuple[float | None, float | None]
) -> tuple[float, float] | None:
    """Give the estimate if every missing run had shown the least, and the most, that its measure can be."""
    low, high = bounds
    missing = any(cell.missing for _, by_name in cells for cell in by_name.values())
    if not missing or low is None or high is None:
        return None

    def extreme(for_positive: float, for_negative: float) -> float:
        clusters: dict[str, list[float]] = {}
        for scenario, by_name in cells:
            weights = check.estimand.weights.items()
            theta = sum(w * by_name[name].mean(for_positive if w > 0 else for_negative) for name, w in weights)
            clusters.setdefault(scenario.cluster or scenario.id, []).append(theta)
        return fmean(map(fmean, clusters.values()))

    return extreme(low, high), extreme(high, low)


def _notes(
    check: Check, thetas: Sequence[float], kept: Sequence[tuple[Scenario, Mapping[str, Cell]]]
) -> tuple[str, ...]:
    notes: list[str] = []
    if check.role == "null" and not any(thetas):
        notes.append("nothing varied in this lane: it could not have caught anything")
    missing = Counter(reason for _, cells in kept for cell in cells.values() for reason in cell.missing)
    if missing:
        told = ", ".join(f"{count} {reason}" for reason, count in missing.items())
        notes.append(f"means over fewer runs in some cells: {told}")
    return tuple(notes)
