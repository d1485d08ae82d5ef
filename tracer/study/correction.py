"""A check over a judged measure: corrected for the judge's errors, as labels by people show them.

Without such labels, or with a judge that is no better than chance, such a check can neither pass nor fail.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from statistics import fmean

from tracer.contracts import Check
from tracer.stats import Estimate
from tracer.stats.judge import Calibration, calibrate, corrected_combination
from tracer.store import RunRow
from tracer.study.finding import Finding, outcome_of
from tracer.study.labels import Part, first_judgement, part_of, stratum_of, truth_of
from tracer.study.table import Table

__all__ = ["Item", "calibration_of", "correct", "labelled_items"]

_ENOUGH = 10  # labels of each kind in a condition, from which its own errors of the judge are taken
_MOSTLY = 0.5  # share of a corrected variance from which more labels narrow it better than more runs


@dataclass(frozen=True, slots=True)
class Item:
    """A run that was judged and labelled.

    Attributes:
        condition: Its condition.
        cluster: Its cluster.
        judged: Share of the judge's draws that were positive.
        truth: 1 or 0, by the majority of the labelers.
        weight: Judged runs of its stratum for each that is labelled: strata are not labelled in proportion.
    """

    condition: str
    cluster: str
    judged: float
    truth: float
    weight: float


def labelled_items(rows: Iterable[RunRow], measure: str, part: Part) -> list[Item]:
    """List the runs of one part that have a label, each with its weight."""
    of_part = [row for row in rows if part_of(row, measure) == part and isinstance(row.values.get(measure), float)]
    judged = [(r, j) for r in of_part if (j := first_judgement(r, measure)) is not None]
    known = [(r, t) for r, j in judged if isinstance(t := truth_of(r, measure, j.positive), float)]
    all_of = Counter(stratum_of(row, measure) for row, _ in judged)
    labelled = Counter(stratum_of(row, measure) for row, _ in known)
    return [
        Item(row.condition, row.cluster or row.scenario, float(row.values[measure]), truth, all_of[s] / labelled[s])
        for row, truth in known
        for s in [stratum_of(row, measure)]
    ]


def calibration_of(items: Sequence[Item]) -> Calibration:
    """Give how a judge did on labelled items.

    Raises:
        ValueError: There are none, or only of one kind.
    """
    return calibrate(
        [item.judged for item in items],
        [item.truth for item in items],
        [item.weight for item in items],
        [item.cluster for item in items],
    )


def correct(finding: Finding, table: Table, items: Sequence[Item], command: str) -> Finding:
    """Give the finding of a check over a judged measure with the judge's errors in its estimate and interval.

    Args:
        finding: What the check found in the judgements as they are.
        table: The runs of one stack and model.
        items: The labelled runs of the test part.
        command: What to type for more labels.

    Returns:
        A null keeps its outcome, since it compares like with like. Any other check is UNRESOLVED, with the reason and
        the way out, where no correction can be had.
    """
    if finding.outcome == "ABSENT":
        return finding
    if finding.check.role == "null":
        return replace(finding, notes=(*finding.notes, "as judged: whatever the judge's errors, they are alike here"))
    try:
        calibrations, how = _calibrations(finding.check, items)
        corrected = _Corrected(finding, table, calibrations)
        estimate = corrected.estimate()
    except ValueError as error:
        return _uncorrected(finding, f"{error}", command)
    if math.isnan(estimate.low):
        return _uncorrected(finding, "; ".join(estimate.notes) or "no interval can be had", command)
    before = finding.estimate
    told = (
        f"{how}; as judged it is {before.value:+.2f} [{before.low:+.2f}, {before.high:+.2f}]",
        *([f"most of its width is the judge's: {command}"] if corrected.share_of_judge(estimate) > _MOSTLY else []),
    )
    notes = tuple(note for note in finding.notes if note not in finding.on_missing)
    found = replace(
        finding,
        estimate=estimate,
        outcome=outcome_of(finding.check, estimate),
        notes=(*notes, *told),
        as_judged=before,
        overturned=False,
    )
    return corrected.held_against_missing(found)


def _uncorrected(finding: Finding, reason: str, command: str) -> Finding:
    """Give the finding without interval, so that nothing can be read from it but what the judge said."""
    nan, before = math.nan, finding.estimate
    estimate = replace(before, low=nan, high=nan, se=nan, p=nan, method="as judged, uncorrected")
    interval = f"[{before.low:+.2f}, {before.high:+.2f}]"
    told = f"uncorrected {before.value:+.2f} {interval}: {reason}; {command}"
    return replace(finding, estimate=estimate, outcome="UNRESOLVED", notes=(*finding.notes, told), as_judged=before)


def _calibrations(check: Check, items: Sequence[Item]) -> tuple[list[Calibration], str]:
    """Give the calibration of each condition of a check, and how it was had."""
    names = list(check.estimand.weights)
    if not items:
        raise ValueError("nobody has labelled runs of the test part, so that the judge's errors are not known")
    kinds = Counter((item.condition, item.truth) for item in items)
    if all(kinds[name, truth] >= _ENOUGH for name in names for truth in (0.0, 1.0)):
        each = [calibration_of([item for item in items if item.condition == name]) for name in names]
        errors = ", ".join(f"{n} {_rates(c)}" for n, c in zip(names, each, strict=True))
        return each, f"corrected for the judge's errors in each condition ({errors}; {len(items)} test labels)"
    pooled = calibration_of(items)
    return [pooled] * len(names), (
        f"corrected for the judge's errors ({_rates(pooled)}; {len(items)} test labels of all conditions together, "
        "as if it erred alike in each)"
    )


def _rates(calibration: Calibration) -> str:
    return f"sensitivity {calibration.sensitivity:.2f}, specificity {calibration.specificity:.2f}"


class _Corrected:
    """The estimand of a check over corrected rates, from the cells of its scenarios."""

    def __init__(self, finding: Finding, table: Table, calibrations: Sequence[Calibration]) -> None:
        self.check, self.level = finding.check, finding.estimate.level
        self.calibrations = calibrations
        self.names = list(self.check.estimand.weights)
        self.weights = list(self.check.estimand.weights.values())
        measure = self.check.estimand.measure
        cells = [(s, [table.cell(measure, s.id, name) for name in self.names]) for s in table.in_scope(self.check)]
        self.cells = [(s.cluster or s.id, of_one) for s, of_one in cells if all(cell.applies for cell in of_one)]

    def estimate(self) -> Estimate:
        """Give the estimate over the scenarios that have a value in every condition."""
        kept = [(cluster, cells) for cluster, cells in self.cells if all(cell.values for cell in cells)]
        return self._of([[fmean(cell.values) for cell in cells] for _, cells in kept], [cluster for cluster, _ in kept])

    def share_of_judge(self, estimate: Estimate) -> float:
        """Give the share of the variance of an estimate that comes from the labels being few."""
        exact = [_many_times(c) for c in self.calibrations]
        kept = [(cluster, cells) for cluster, cells in self.cells if all(cell.values for cell in cells)]
        judged = [[fmean(cell.values) for cell in cells] for _, cells in kept]
        own = corrected_combination(judged, self.weights, exact, [c for c, _ in kept], level=self.level).se
        return 1 - (own / estimate.se) ** 2

    def held_against_missing(self, found: Finding) -> Finding:
        """Add what the missing runs could have shown; an outcome that they could change has to miss alike."""
        if found.if_missing_were is not None:
            ends = [self._filled(for_positive) for for_positive in (0.0, 1.0)]
            overturned = found.outcome in ("PASS", "FAIL") and any(
                outcome_of(self.check, end) != found.outcome for end in ends
            )
            found = replace(found, if_missing_were=(ends[0].value, ends[1].value), overturned=overturned)
            if overturned and found.lopsided:
                found = replace(found, outcome="UNRESOLVED")
        return replace(found, notes=(*found.notes, *found.on_missing))

    def _filled(self, for_positive: float) -> Estimate:
        fills = [for_positive if weight > 0 else 1 - for_positive for weight in self.weights]
        judged = [[cell.mean(fill) for cell, fill in zip(cells, fills, strict=True)] for _, cells in self.cells]
        return self._of(judged, [cluster for cluster, _ in self.cells])

    def _of(self, judged: Sequence[Sequence[float]], clusters: Sequence[str]) -> Estimate:
        nulls = (self.check.margin, -self.check.margin) if self.check.direction == "within" else (self.check.margin,)
        found = [
            corrected_combination(judged, self.weights, self.calibrations, clusters, level=self.level, null=null)
            for null in nulls
        ]
        low, high = sum(w for w in self.weights if w < 0), sum(w for w in self.weights if w > 0)
        widest = max(found, key=lambda estimate: estimate.p)  # two one-sided tests: both margins have to be excluded
        ends = [end if math.isnan(end) else min(max(end, low), high) for end in (widest.value, widest.low, widest.high)]
        return replace(widest, value=ends[0], low=ends[1], high=ends[2])


def _many_times(calibration: Calibration) -> Calibration:
    many = 1e9
    return Calibration(
        calibration.rejected * many,
        calibration.negatives * many,
        calibration.accepted * many,
        calibration.positives * many,
    )
