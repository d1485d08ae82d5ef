"""What the studies page says about a verdict, as plain values: rows of the plot, of the table and of the runs."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from charts import ForestRow
from palette import STATUSES
from tracer import Verdict
from tracer.store import RunRow
from tracer.study import Finding, Study, settled

__all__ = ["bearing", "check_table", "forest_rows", "progress", "reading", "run_table", "systems"]

_GROUPS = {"angle": "Angles", "rival": "Rivals", "control": "Controls", "null": "Nulls"}
_READINGS = {
    "angle": ("for the claim", "against the claim", "leaves it open"),
    "rival": ("the rival stands", "rival ruled out", "rival not ruled out"),
    "control": ("holds", "does not hold", "not shown"),
    "null": ("no difference", "differs from itself", "cannot tell"),
}
_SIGNS = {"above": ">", "below": "<", "within": "within ±"}


def reading(finding: Finding) -> str:
    """Say in words what an outcome means in the role of its check."""
    words: dict[str, str] = dict(zip(("PASS", "FAIL", "UNRESOLVED"), _READINGS[finding.check.role], strict=True))
    return words.get(finding.outcome, "could not be computed")


def bearing(finding: Finding) -> str:
    """Tell whether an outcome speaks `for` the claim, `against` it, or leaves it `open`; rivals count the other way."""
    if finding.outcome not in ("PASS", "FAIL"):
        return "open"
    return "for" if (finding.outcome == "PASS") != (finding.check.role == "rival") else "against"


def forest_rows(verdict: Verdict) -> list[ForestRow]:
    """Give the rows of a verdict's forest plot, grouped by role."""
    return [
        ForestRow(
            group=_GROUPS[role],
            label=finding.check.name,
            says=finding.check.says,
            value=finding.estimate.value,
            low=finding.estimate.low,
            high=finding.estimate.high,
            margin=None if role == "null" else finding.check.margin,
            direction=finding.check.direction,
            outcome=f"{finding.outcome} · {reading(finding)}",
            bearing=bearing(finding),
            tip=_tip(finding),
        )
        for role in _GROUPS
        for finding in verdict.findings
        if finding.check.role == role
    ]


def check_table(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Give every check of the verdicts as a row, for reading and for download."""
    return pd.DataFrame([_check_row(v, f) for v in verdicts for f in v.findings])


def run_table(rows: Sequence[RunRow]) -> pd.DataFrame:
    """Give runs as a table with a column for every measure; a missing value stands as its reason."""
    measures = list(dict.fromkeys(name for row in rows for name in row.values))
    table = [
        {
            "status": f"{STATUSES[row.status].sign} {row.status}" if row.status in STATUSES else row.status,
            "scenario": row.scenario or row.suite,
            "condition": row.condition,
            "replicate": row.replicate,
            "answer": row.answer,
            **{name: _measured(row.values.get(name)) for name in measures},
            "reason": row.reason,
            "model": row.model,
            "stack": row.stack,
            "started": pd.Timestamp(row.started_ns, unit="ns", tz="UTC") if row.started_ns else None,
            "seconds": (row.ended_ns - row.started_ns) / 1e9 if row.ended_ns and row.started_ns else None,
            "run": row.id,
        }
        for row in rows
    ]
    return pd.DataFrame(table)


def progress(study: Study, rows: Sequence[RunRow]) -> tuple[int, int]:
    """Give how many runs of a study are done, and how many it plans."""
    return len(settled(rows)), len(study.cells()) * len(systems(study))


def systems(study: Study) -> list[tuple[str, str]]:
    """List the (stack, model) pairs that a study is about."""
    return [(stack, model) for stack in study.body["stacks"] for model in study.body["models"]]


def _measured(value: Any) -> str | None:
    if isinstance(value, (int, float)):
        return f"{value:g}"
    return f"missing: {value['missing']}" if isinstance(value, dict) and "missing" in value else None


def _asked(finding: Finding) -> str:
    check = finding.check
    return "no difference" if check.role == "null" else f"{_SIGNS[check.direction]} {check.margin:g}"


def _excluded(finding: Finding) -> str:
    return "; ".join(f"{count} {reason}" for reason, count in finding.excluded.items())


def _tip(finding: Finding) -> str:
    estimate = finding.estimate
    lines = [
        f"{finding.check.name}: {finding.check.says}",
        f"{finding.outcome}: {reading(finding)}; asked: {_asked(finding)}",
        f"n = {estimate.n}, clusters = {estimate.clusters}",
        f"excluded: {_excluded(finding) or 'none'}",
        f"{estimate.level:.1%} interval, {estimate.method}" if estimate.method else "",
        "" if math.isnan(estimate.p) else f"p = {estimate.p:.3g} against {estimate.null:g}",
        *_hints(finding),
        *estimate.notes,
        *finding.notes,
    ]
    return "\n".join(filter(None, lines))


def _hints(finding: Finding) -> list[str]:
    hints: list[str] = []
    if finding.if_missing_were is not None:
        hints.append("whatever the missing runs were: {:.2f} to {:.2f}".format(*finding.if_missing_were))
    if finding.clusters_to_settle is not None:
        hints.append(f"{finding.clusters_to_settle} clusters would settle it")
    return hints


def _check_row(verdict: Verdict, finding: Finding) -> dict[str, Any]:
    estimate, check = finding.estimate, finding.check
    bounds = finding.if_missing_were or (None, None)
    return {
        "hypothesis": verdict.hypothesis.id,
        "stack": verdict.stack,
        "model": verdict.model,
        "role": check.role,
        "family": check.family or check.control or "",
        "check": check.name,
        "outcome": finding.outcome,
        "reading": reading(finding),
        "estimate": estimate.value,
        "low": estimate.low,
        "high": estimate.high,
        "level": estimate.level,
        "asked": _asked(finding),
        "n": estimate.n,
        "clusters": estimate.clusters,
        "excluded": _excluded(finding),
        "p": estimate.p,
        "if missing, low": bounds[0],
        "if missing, high": bounds[1],
        "method": estimate.method,
        "notes": "; ".join((*estimate.notes, *finding.notes)),
    }
