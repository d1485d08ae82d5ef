"""One check held against the runs: estimate, interval, exclusions and outcome."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
        smallest_visible: Smallest effect that this many clusters would have shown in 8 of 10 studies.
        clusters_to_settle: Clusters that would settle it if the estimate is right; None where it is settled.
        notes: What a reader has to know.
    """

    check: Check
    estimate: Estimate
    outcome: Outcome
    excluded: Mapping[str, int]
    if_missing_were: tuple[float, float] | None = None
    smallest_visible: float = math.nan
    clusters_to_settle: int | None = None
    notes: tuple[str, ...] = ()

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


class Table:
    """The runs of one stack and model, as scenario x condition -> values of each measure."""

    def __init__(self, scenarios: Sequence[Scenario], conditions: Iterable[Condition], rows: Iterable[RunRow]) -> None:
        self.scenarios = scenarios
        self.conditions = {c.name: c for c in conditions}
        self._rows: dict[tuple[str, str], list[RunRow]] = {}
        for row in rows:
            self._rows.setdefault((row.scenario, row.condition), []).append(row)

    def theta(self, check: Check, scenario: Scenario) -> float | str | None:
        """Give a scenario's value of the estimand, the reason why it is missing, or None where it does not apply."""
        total = 0.0
        for condition, weight in check.estimand.weights.items():
            values, reasons, applies = self._values(check.estimand.measure, scenario.id, condition)
            if not values:
                return reasons[0] if applies else None
            total += weight * fmean(values)
        return total

    def _values(self, measure: str, scenario: str, condition: str) -> tuple[list[float], list[str], bool]:
        values: list[float] = []
        reasons: list[str] = []
        applies = False
        for row in self._rows.get((scenario, condition), ()):
            if row.status == "running":
                continue
            found = row.values.get(measure) if row.status == "completed" else {"missing": row.status, "applies": True}
            if isinstance(found, (int, float)):
                values.append(float(found))
            else:
                reasons.append(str(found["missing"]) if found else "not measured")
                applies = applies or not found or bool(found.get("applies", True))
        if not values and not reasons:
            return [], ["not run"], True
        return values, reasons, applies

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
    thetas: list[float] = []
    clusters: list[str] = []
    excluded: Counter[str] = Counter()
    missing = 0
    for scenario in table.in_scope(check):
        theta = table.theta(check, scenario)
        if isinstance(theta, str):
            excluded[theta] += 1
            missing += 1
        elif theta is None:
            excluded["does not apply"] += 1
        else:
            thetas.append(theta)
            clusters.append(scenario.cluster)
    if not thetas:
        empty = Estimate(math.nan, math.nan, math.nan, level, 0, 0, method="no values")
        return Finding(check, empty, "ABSENT", excluded, notes=("no run gives this check a value",))
    span = _span(check, bounds)
    against = 0.0 if check.role == "null" else check.margin
    estimate = mean_of_clusters(thetas, clusters, level=level, null=against, bounds=span)
    finding = Finding(
        check,
        estimate,
        _null_outcome(estimate, null_alpha) if check.role == "null" else _outcome(check, estimate),
        excluded,
        _bounds_if_missing(thetas, missing, span),
        notes=_notes(check, thetas),
    )
    return _with_power(finding)


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
    thetas: Sequence[float], missing: int, span: tuple[float, float] | None
) -> tuple[float, float] | None:
    if not missing or span is None:
        return None
    known, n = sum(thetas), len(thetas) + missing
    return (known + missing * span[0]) / n, (known + missing * span[1]) / n


def _notes(check: Check, thetas: Sequence[float]) -> tuple[str, ...]:
    if check.role == "null" and not any(thetas):
        return ("nothing varied in this lane: it could not have caught anything",)
    return ()


def _with_power(finding: Finding) -> Finding:
    estimate, margin = finding.estimate, finding.check.margin
    if math.isnan(estimate.se) or estimate.clusters < 2:
        return finding
    sd = estimate.se * math.sqrt(estimate.clusters)
    visible = smallest_visible_effect(sd, estimate.clusters, level=estimate.level)
    distance = abs(estimate.value - margin)
    needed = None
    if finding.outcome == "UNRESOLVED" and distance > 1e-9 and sd > 0:
        needed = clusters_needed(sd, distance, level=estimate.level)
    return replace(finding, smallest_visible=visible, clusters_to_settle=needed)
