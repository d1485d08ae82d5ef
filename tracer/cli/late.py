"""Hypotheses that came after the data: judged with the measures of their own suite, and marked for good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tracer.execution import measure
from tracer.store import RunRow, Store
from tracer.study import Study, Verdict, judge_late, load_suite

__all__ = ["late_verdicts"]


def late_verdicts(store: Store, study: Study, rows: Sequence[RunRow], address: str) -> list[Verdict]:
    """Judge what the suite at an address claims beyond the frozen study, measuring the study's runs anew with it.

    Raises:
        StudyError: There is no late hypothesis, or it needs a condition that was not run.
        TracerError: The suite cannot be loaded.
    """
    suite = load_suite(address)
    scenarios = {s.id: s for s in suite.scenarios}
    conditions = {c.name: c for c in suite.conditions}

    def measured(row: RunRow) -> RunRow:
        known = row.scenario in scenarios and row.condition in conditions
        if row.status != "completed" or not known:
            return replace(row, values={})
        values = measure(suite, scenarios[row.scenario], conditions[row.condition], row, store)
        return replace(row, values=dict(values))

    return judge_late(study, [measured(row) for row in rows], suite)
