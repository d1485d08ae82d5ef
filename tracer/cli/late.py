"""Hypotheses that came after the data: judged with the measures of their own suite, and marked for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tracer.contracts import Judge, Missing, Suite
from tracer.execution import measure
from tracer.store import RunRow, Store
from tracer.study import Study, Verdict, judge_key, judge_late, judgements, load_suite

__all__ = ["late_verdicts"]


def late_verdicts(store: Store, study: Study, rows: Sequence[RunRow], address: str) -> list[Verdict]:
    """Judge what the suite at an address claims beyond the frozen study, measuring the study's runs anew with it.

    Raises:
        StudyError: There is no late hypothesis, or it needs a condition that was not run.
        TracerError: The suite cannot be loaded.
    """
    suite = load_suite(address)
    scenarios = {s.id: s for s in (*suite.scenarios, *suite.develop)}
    conditions = {c.name: c for c in suite.conditions}

    def measured(row: RunRow) -> RunRow:
        known = row.scenario in scenarios and row.condition in conditions
        if row.status != "completed" or not known:
            return replace(row, values={})
        values = measure(suite, scenarios[row.scenario], conditions[row.condition], row, store)
        return replace(row, values={**values, **_judged(suite, row)})

    return judge_late(study, [measured(row) for row in rows], suite)


def _judged(suite: Suite, row: RunRow) -> dict[str, Any]:
    """Give the values of the suite's judged measures, of whichever model was asked in the same words last."""
    values: dict[str, Any] = {}
    for measured in suite.measures:
        if isinstance(measured.of, Judge):
            alike = [j.value for j in judgements(row, measured.name) if j.key == judge_key(measured.of, j.model)]
            value = alike[-1] if alike else Missing("not judged: tracer judge STUDY --also FILE:NAME")
            values[measured.name] = {"missing": value.reason} if isinstance(value, Missing) else value
    return values
