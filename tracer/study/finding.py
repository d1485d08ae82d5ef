"""One check held against the runs: estimate, interval, exclusions and outcome."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any, Literal

from tracer.contracts import Check, Scenario
from tracer.stats import Estimate
from tracer.stats.clustered import mean_of_clusters
from tracer.stats.power import clusters_needed, smallest_visible_effect
from tracer.study.anytime import Prefix, anytime_interval
from tracer.study.missing import Cells, attrition_between_arms, if_missing_had_shown
from tracer.study.table import Cell, Table

__all__ = ["Finding", "evaluate", "interval_of", "outcome_of", "span_of"]

_LOPSIDED = 0.05  # p value below which missing runs are called unequal between the arms
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
        attrition: Difference between the arms in the share of missing runs, where a contrast has any.
        overturned: True where the missing runs could have shown what would change PASS or FAIL.
        as_judged: For a judged measure: the estimate in the judgements as they are. The estimate is then corrected for
            the judge's errors, or has no interval where it cannot be.
    """

    check: Check
    estimate: Estimate
    outcome: Outcome
    excluded: Mapping[str, int]
    if_missing_were: tuple[float, float] | None = None
    notes: tuple[str, ...] = ()
    attrition: Estimate | None = None
    overturned: bool = False
    as_judged: Estimate | None = None

    @property
    def lopsided(self) -> bool:
        """Tell whether runs go missing more often in one arm than chance explains."""
        return self.attrition is not None and self.attrition.p < _LOPSIDED

    @property
    def on_missing(self) -> tuple[str, ...]:
        """What the missing runs mean for this finding, one sentence each; empty where they change nothing."""
        told: list[str] = []
        if self.attrition is not None and self.lopsided:
            told.append(
                f"runs go missing more often in one arm ({self.attrition.value:+.0%}, p = {self.attrition.p:.2g}): "
                "what is left of the arms is no longer alike"
            )
        if self.overturned:
            word = outcome_of(self.check, self.estimate).lower()
            without = f"no {word}, as it would be without the missing runs: they could have changed it"
            held = self.outcome == outcome_of(self.check, self.estimate)
            told.append(f"the missing runs could have changed this {word}" if held else without)
        return tuple(told)

    @property
    def smallest_visible(self) -> float:
        """Smallest effect that this many clusters would have shown in 8 of 10 studies; NaN where no error is known."""
        if math.isnan(self._sd):
            return math.nan
        return smallest_visible_effect(self._sd, self.estimate.clusters, level=self.estimate.level)

    @property
    def clusters_to_settle(self) -> int | None:
        """Clusters that would settle it in 8 of 10 studies if the estimate is right; None where it is settled."""
        found, check = self.estimate, self.check
        margin = math.copysign(check.margin, found.value) if check.direction == "within" else check.margin
        distance = abs(found.value - margin)
        is_open = self.outcome == "UNRESOLVED" and check.role != "null" and not self.overturned
        if not is_open or math.isnan(self._sd) or distance <= 1e-9:
            return None
        if self._sd == 0:  # an exact bound, whose ends move towards the value as the share of unlike clusters shrinks
            share = 1 - ((1 - found.level) / 2) ** (1 / found.clusters)
            reach = (found.value - found.low if found.value > margin else found.high - found.value) / share
            return clusters_needed(0.0, min(distance / reach, 1.0), level=found.level)
        return clusters_needed(self._sd, distance, level=found.level)

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
            "attrition": self.attrition.to_dict() if self.attrition else None,
            "overturned_by_missing": self.overturned,
            **({"as_judged": self.as_judged.to_dict()} if self.as_judged else {}),
        }


def evaluate(
    check: Check,
    table: Table,
    *,
    level: float,
    bounds: tuple[float | None, float | None],
    null_alpha: float = 0.01,
    prefix: Prefix | None = None,
) -> Finding:
    """Hold one check against the runs.

    Args:
        check: The check.
        table: The runs of one stack and model.
        level: Confidence level of the interval.
        bounds: Smallest and largest value of the measure, None where there is none.
        null_alpha: For a null: the p value below which it rejects.
        prefix: In a sequential study, the clusters that this look is at; the interval then holds at all looks.
    """
    needs = table.needs(check)
    if needs:
        return _absent(check, level, {}, f"absent: needs {needs}")
    scope = table.in_scope(check)
    if prefix is not None:
        prefix = prefix.over(scope)
        scope = [s for s in scope if s in prefix]
    excluded: Counter[str] = Counter()
    kept: list[tuple[Scenario, dict[str, Cell]]] = []
    lost: list[tuple[Scenario, dict[str, Cell]]] = []
    for scenario in scope:
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
        reasons = ", ".join(f"{count} {reason[:60]}" for reason, count in excluded.most_common(3))
        return _absent(check, level, excluded, wrong or f"no scenario has a value ({reasons})")
    weights = check.estimand.weights
    thetas = [sum(w * fmean(cells[name].values) for name, w in weights.items()) for _, cells in kept]
    clusters = [s.cluster or s.id for s, _ in kept]
    estimate = interval_of(check, thetas, clusters, level, span_of(check, bounds), prefix)
    outcome = _null_outcome(estimate, null_alpha) if check.role == "null" else outcome_of(check, estimate)
    finding = Finding(check, estimate, outcome, excluded, notes=_notes(check, thetas, kept))
    return _held_against_missing(finding, [*kept, *lost], bounds, prefix)


def _absent(check: Check, level: float, excluded: Mapping[str, int], why: str) -> Finding:
    nothing = Estimate(math.nan, math.nan, math.nan, level, 0, 0, method="no values")
    return Finding(check, nothing, "ABSENT", excluded, notes=(why,))


def _held_against_missing(
    finding: Finding, cells: Cells, bounds: tuple[float | None, float | None], prefix: Prefix | None
) -> Finding:
    """Add what the missing runs could have shown; an outcome that they could change stands only if they miss alike.

    At one of many looks it never stands: no test of whether they miss alike would hold at all of them.
    """
    check, level = finding.check, finding.estimate.level
    found = replace(finding, attrition=attrition_between_arms(check, cells))
    extremes = if_missing_had_shown(check, cells, bounds)
    if extremes is not None:
        clusters = [s.cluster or s.id for s, _ in cells]
        span = span_of(check, bounds)
        ends = [interval_of(check, thetas, clusters, level, span, prefix) for thetas in extremes]
        settled = check.role != "null" and found.outcome in ("PASS", "FAIL")
        overturned = settled and any(outcome_of(check, end) != found.outcome for end in ends)
        found = replace(
            found,
            if_missing_were=(ends[0].value, ends[1].value),
            overturned=overturned,
            outcome="UNRESOLVED" if overturned and (found.lopsided or prefix is not None) else found.outcome,
        )
    return replace(found, notes=(*found.notes, *found.on_missing))


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


def interval_of(
    check: Check,
    thetas: Sequence[float],
    clusters: Sequence[str],
    level: float,
    span: tuple[float, float] | None,
    prefix: Prefix | None = None,
) -> Estimate:
    """Give the mean over clusters of the scenarios' values, with its interval and its p value against the margin."""
    if span is not None:  # sums of weights may miss the span by a rounding error
        thetas = [min(max(theta, span[0]), span[1]) for theta in thetas]
        if prefix is not None:
            return anytime_interval(check, thetas, clusters, (level, span), prefix)
    if check.role == "null":
        return mean_of_clusters(thetas, clusters, level=level, bounds=span)
    above = mean_of_clusters(thetas, clusters, level=level, null=check.margin, bounds=span)
    if check.direction != "within":
        return above
    below = mean_of_clusters(thetas, clusters, level=level, null=-check.margin, bounds=span)
    return max(above, below, key=lambda estimate: estimate.p)  # two one-sided tests: both margins have to be excluded


def span_of(check: Check, bounds: tuple[float | None, float | None]) -> tuple[float, float] | None:
    """Give the smallest and largest value of an estimand; None where the measure has no bounds."""
    low, high = bounds
    if low is None or high is None:
        return None
    weights = check.estimand.weights.values()
    return sum(w * (low if w > 0 else high) for w in weights), sum(w * (high if w > 0 else low) for w in weights)


def outcome_of(check: Check, estimate: Estimate) -> Outcome:
    """Hold an interval against the margin of a check that is no null."""
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
