"""Two studies of one suite held against each other, scenario by scenario: another version, or a replication."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from tracer.contracts import Check, Hypothesis
from tracer.errors import StudyError
from tracer.stats import Estimate
from tracer.stats.clustered import mean_of_clusters
from tracer.stats.multiplicity import benjamini_hochberg
from tracer.stats.samples import noted
from tracer.store import RunRow
from tracer.study.finding import span_of
from tracer.study.freeze import Study, same_models
from tracer.study.judgement import judges_of
from tracer.study.judging import settled
from tracer.study.table import Table

__all__ = ["Change", "compare"]

_STOPPED = "a study that stops when it is decided: its size followed from its data, which this interval leaves out"
_AS_JUDGED = "as judged by a model, uncorrected: a change may be one of the judge's errors"
System = tuple[str, str]
Thetas = dict[str, tuple[str, float]]


@dataclass(frozen=True, slots=True)
class Change:
    """What one check shows in two studies, on the scenarios that have a value in both.

    Attributes:
        hypothesis: Id of the hypothesis.
        check: The check.
        systems: (stack, model) of the first study, and of the second.
        first: Estimate in the first study.
        second: Estimate in the second.
        change: Second less first, paired by scenario.
        adjusted: p value of the change after Benjamini and Hochberg over all changes; NaN where there is none.
        pooled: Mean of both, paired by scenario, where the second replicates the first; None where it does not.
        left_out: Scenarios of either study that are not compared: without a value in one, or changed in between.
    """

    hypothesis: str
    check: Check
    systems: tuple[System, System]
    first: Estimate
    second: Estimate
    change: Estimate
    pooled: Estimate | None
    left_out: int
    adjusted: float = float("nan")

    def to_dict(self) -> dict[str, Any]:
        """Give the change as plain JSON data."""
        return {
            "hypothesis": self.hypothesis,
            "check": self.check.name,
            "role": self.check.role,
            "systems": [list(system) for system in self.systems],
            "first": self.first.to_dict(),
            "second": self.second.to_dict(),
            "change": self.change.to_dict(),
            "adjusted_p": self.adjusted if isfinite(self.adjusted) else None,
            "pooled": self.pooled.to_dict() if self.pooled else None,
            "left_out": self.left_out,
        }


def compare(first: tuple[Study, Sequence[RunRow]], second: tuple[Study, Sequence[RunRow]]) -> list[Change]:
    """Compare every check that two studies share.

    Systems of the same stack and model are compared; where there is none and each study has one system, those two.
    Such a comparison was not frozen and is exploratory. Pooled estimates are given where the same code was run on the
    same system with another seed; the scenario stays the unit, so that pooling gains precision within scenarios only.

    Args:
        first: A study with its runs.
        second: Another study of the same suite with its runs.

    Raises:
        StudyError: The studies share no check, or it cannot be told which systems belong together.
    """
    one, two = first[0], second[0]
    if one.hash == two.hash:
        raise StudyError(f"{one.hash[:12]} is compared with itself: name two studies")
    theirs = {h.id: h for h in two.hypotheses}
    shared = [(h, c) for h in one.hypotheses for c in h.checks if _same(c, theirs.get(h.id))]
    if not shared:
        raise StudyError(f"studies {one.hash[:12]} and {two.hash[:12]} share no check: they are of different suites")
    same = {s["id"] for s in one.body["scenarios"]} & {s["id"] for s in two.body["scenarios"]}
    same -= {s["id"] for s in one.body["scenarios"] if s not in two.body["scenarios"]}  # its data changed in between
    found: list[Change] = []
    for pair in _systems(one, two):
        tables = (_table(*first, pair[0]), _table(*second, pair[1]))
        replicates = pair[0] == pair[1] and _replicates(one, two)
        found += [_change(h, c, tables, (pair, one), same, replicates) for h, c in shared]
    if any("sequential" in study.body for study in (one, two)):
        found = [_marked(c, _STOPPED) for c in found]
    judged = judges_of(one.body).keys() | judges_of(two.body).keys()
    found = [_marked(c, _AS_JUDGED) if c.check.estimand.measure in judged else c for c in found]
    adjusted = benjamini_hochberg([c.change.p for c in found])
    return [replace(c, adjusted=float(p)) for c, p in zip(found, adjusted, strict=True)]


def _marked(change: Change, note: str) -> Change:
    return replace(change, change=noted(change.change, note), pooled=change.pooled and noted(change.pooled, note))


def _same(check: Check, theirs: Hypothesis | None) -> bool:
    return theirs is not None and any(c.name == check.name and c.estimand == check.estimand for c in theirs.checks)


def _replicates(one: Study, two: Study) -> bool:
    alike = same_models(one, two) and all(one.body.get(key) == two.body.get(key) for key in ("code", "temperature"))
    return alike and one.body["seed"] != two.body["seed"]


def _systems(one: Study, two: Study) -> list[tuple[System, System]]:
    firsts, seconds = (
        [(stack, model) for stack in study.body["stacks"] for model in study.body["models"]] for study in (one, two)
    )
    common = [(system, system) for system in firsts if system in seconds]
    if common:
        return common
    if len(firsts) == len(seconds) == 1:
        return [(firsts[0], seconds[0])]
    raise StudyError(
        f"studies {one.hash[:12]} and {two.hash[:12]} have no stack and model in common, and several systems: it "
        "cannot be told which belong together. Compare studies of one system each"
    )


def _table(study: Study, rows: Sequence[RunRow], system: System) -> Table:
    return Table(study.scenarios, study.conditions, settled(row for row in rows if (row.stack, row.model) == system))


def _change(
    hypothesis: Hypothesis,
    check: Check,
    tables: tuple[Table, Table],
    of: tuple[tuple[System, System], Study],
    same: set[str],
    replicates: bool,
) -> Change:
    pair, study = of
    one, two = ({s.id: (s.cluster or s.id, theta) for s, theta in t.thetas(check)} for t in tables)
    both = [name for name in one if name in two and name in same]
    clusters = [one[name][0] for name in both]
    measures = {m["name"]: (m["low"], m["high"]) for m in study.body["measures"]}
    span = span_of(check, measures[check.estimand.measure])

    def mean(first: float, second: float, bounds: tuple[float, float] | None) -> Estimate:
        values = [first * one[name][1] + second * two[name][1] for name in both]
        if bounds is not None:  # sums of weights may miss the span by a rounding error
            values = [min(max(value, bounds[0]), bounds[1]) for value in values]
        return mean_of_clusters(values, clusters, bounds=bounds)

    return Change(
        hypothesis.id,
        check,
        pair,
        mean(1, 0, span),
        mean(0, 1, span),
        mean(-1, 1, None if span is None else (span[0] - span[1], span[1] - span[0])),
        mean(0.5, 0.5, span) if replicates else None,
        len(one.keys() | two.keys()) - len(both),
    )
