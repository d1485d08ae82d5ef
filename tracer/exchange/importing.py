"""Runs from elsewhere into the store: idempotent, so that an import that was cut off is begun again at no loss."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tracer.exchange.reading import ImportOptions, read_runs
from tracer.exchange.report import ImportReport
from tracer.exchange.transcripts import ImportedRun
from tracer.progress import Progress
from tracer.spans.names import Prosaic, RunStatus
from tracer.store import RunRow, Store

__all__ = ["import_runs"]

_ROW = TypeAdapter(RunRow)


def import_runs(
    store: Store, paths: Iterable[str], options: ImportOptions | None = None, progress: Progress | None = None
) -> ImportReport:
    """Import every run in `paths` and give the books: what was read, what was new, what was wrong.

    A span that is in the store already is left as it is; one with the same id and another content is counted as a
    problem. Conditions and outcomes stand in the run's `facts`, outcomes that are numbers in its `values` as well.

    Args:
        store: Where the runs go.
        paths: Files, folders, globs, archives.
        options: How to read them.
        progress: What hears how far it is.

    Raises:
        ImportFailure: A path names nothing, or a recipe is not well formed.
        StoreError: The store cannot be written.
    """
    report = ImportReport()
    for run in read_runs(paths, options, report, progress):
        kept = store.put_spans(run.id, run.spans)
        report.new_spans += kept.added
        for span in kept.different:
            report.note("a span id is in the store with another content; the first is kept", f"{run.source} {span}")
        store.put_runs([_told(run, report) or _row(run)])
    return report


def _told(run: ImportedRun, report: ImportReport) -> RunRow | None:
    """Give the row that an export of ours wrote at the root of its run; None for any other run."""
    told = next((span.attributes[Prosaic.RUN_ROW] for span in run.spans if Prosaic.RUN_ROW in span.attributes), None)
    if told is None:
        return None
    try:
        row = _ROW.validate_json(told)
    except ValidationError as error:
        problem = error.errors()[0]
        report.note(f"{Prosaic.RUN_ROW} cannot be read ({problem['msg']})", f"run {run.id}")
        return None
    facts = {"conditions": {"condition": row.condition}, "outcome": dict(row.values), "study": row.study}
    return replace(row, id=run.id, study="", facts={**row.facts, **facts}, source=run.source or "prosaic")


def _row(run: ImportedRun) -> RunRow:
    started = min((span.start_ns for span in run.spans), default=0)
    ended = max((span.end_ns or span.start_ns for span in run.spans), default=0)
    return RunRow(
        id=run.id,
        suite=run.form,
        scenario=run.scenario or _root_name(run),
        cluster=run.scenario,
        condition=", ".join(f"{name}={value}" for name, value in run.conditions.items()),
        model=run.model,
        status=RunStatus.COMPLETED.value,
        started_ns=started,
        ended_ns=ended,
        answer=run.answer,
        values=_numbers(run.outcome),
        facts={"conditions": dict(run.conditions), "outcome": dict(run.outcome)},
        source=run.source or run.form,
    )


def _root_name(run: ImportedRun) -> str:
    """Name a run of foreign spans by its first root, so that a list of them can be told apart."""
    inside = {span.span_id for span in run.spans}
    roots = [span for span in run.spans if span.parent_id not in inside]
    return min(roots, key=lambda span: span.start_ns).name if roots else ""


def _numbers(outcome: Mapping[str, Any]) -> dict[str, Any]:
    return {name: float(value) for name, value in outcome.items() if isinstance(value, (bool, int, float))}
