"""Everything that can be imported, through one door: `read_spans` for spans, `read_runs` for whole runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracer.errors import ImportFailure, MissingExtra
from tracer.exchange.agents_sdk import is_agents_record, read_agents_record
from tracer.exchange.files import MOST_BYTES, Document, Source, find_sources, read_documents
from tracer.exchange.grouping import TraceSpill
from tracer.exchange.inspect_logs import read_inspect_samples
from tracer.exchange.recipe import Recipe, lookup, shipped_recipes
from tracer.exchange.references import resolve_references
from tracer.exchange.report import ImportReport
from tracer.exchange.transcripts import ImportedRun, read_transcript
from tracer.progress import NoProgress, Progress
from tracer.spans.otlp import decode_json
from tracer.spans.protobuf import decode_logs_protobuf, decode_protobuf
from tracer.spans.span import Span

__all__ = ["ImportOptions", "read_runs", "read_spans"]


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How to import.

    Attributes:
        recipe: How to read transcripts; None tries the shipped ones.
        roots: Folders from which content held by reference (`*_ref`) may be read.
        most_bytes: The largest document that is read, unpacked.
    """

    recipe: Recipe | None = None
    roots: Sequence[Path] = field(default_factory=tuple)
    most_bytes: int = MOST_BYTES


def read_spans(
    paths: Iterable[str],
    options: ImportOptions | None = None,
    report: ImportReport | None = None,
    progress: Progress | None = None,
) -> Iterator[Span]:
    """Give the spans (log records among them) of all files, one by one, as they stand; transcripts are left out."""
    books = report if report is not None else ImportReport()
    for item in _items(paths, options or ImportOptions(), books, progress or NoProgress()):
        if isinstance(item, Span):
            yield item


def read_runs(
    paths: Iterable[str],
    options: ImportOptions | None = None,
    report: ImportReport | None = None,
    progress: Progress | None = None,
) -> Iterator[ImportedRun]:
    """Give the runs in all files: transcripts at once, spans once their trace and what belongs to it are together.

    Spans wait in a temporary file, so that memory is bounded by the largest run. Ids depend on nothing but the content:
    the same file imported twice gives the same runs.

    Args:
        paths: Files, folders, globs, archives.
        options: How to read them.
        report: The books, filled while reading.
        progress: What hears how far it is.

    Raises:
        ImportFailure: A path names nothing, or a recipe is not well formed.
    """
    books = report if report is not None else ImportReport()
    with TraceSpill() as spill:
        for item in _items(paths, options or ImportOptions(), books, progress or NoProgress()):
            if isinstance(item, Span):
                spill.add(item)
            else:
                books.runs += 1
                yield item
        for run in spill.runs(books):
            books.runs += 1
            yield run


def _items(
    paths: Iterable[str], options: ImportOptions, report: ImportReport, progress: Progress
) -> Iterator[Span | ImportedRun]:
    recipes = [options.recipe] if options.recipe is not None else shipped_recipes()
    progress.start("importing", None)
    for source in find_sources(paths, report):
        found = False
        for item in _source_items(source, recipes, options, report):
            found = True
            yield item
        if not found:
            report.skipped.setdefault(source.name, "it holds neither spans nor records of a known form")
        progress.advance(1, source.name)
    progress.finish()


def _source_items(
    source: Source, recipes: list[Recipe], options: ImportOptions, report: ImportReport
) -> Iterator[Span | ImportedRun]:
    if source.suffix == ".eval":
        report.files += 1
        try:
            records = ((f"{source.name}#{n}", r) for n, r in enumerate(read_inspect_samples(source.name, report)))
            yield from _transcripts(records, recipes, report)
        except (ImportFailure, MissingExtra) as error:
            report.skipped[source.name] = str(error)
        return
    grouped: list[tuple[str, Any]] = []
    for document in read_documents(source, report, options.most_bytes):
        spans = _spans_of(document, report)
        if spans is None:
            for where, record in _records(document, recipes):
                recipe = next((r for r in recipes if r.fits(record)), None)
                if recipe is not None and recipe.group:
                    grouped.append((where, record))
                else:
                    yield from _transcripts([(where, record)], recipes, report)
            continue
        for span in spans:
            report.spans += 1
            for problem in span.problems:
                report.note(problem.split(":")[0], f"{document.where}: span {span.span_id}")
            yield resolve_references(span, options.roots, report)
    yield from _transcripts(grouped, recipes, report)


def _spans_of(document: Document, report: ImportReport) -> Iterator[Span] | None:
    """Give the spans of a document, None where it is not one of spans."""
    value = document.value
    if isinstance(value, bytes):
        return _spans_of_message(document, value, report)
    head = value[0] if isinstance(value, list) and value else value
    if isinstance(head, Mapping) and {"resourceSpans", "resourceLogs", "resource_spans", "resource_logs"} & set(head):
        return decode_json(value)
    if is_agents_record(head):
        records = value if isinstance(value, list) else [value]
        made = (read_agents_record(record) for record in records if is_agents_record(record))
        return (span for span in made if span is not None)
    return None


def _spans_of_message(document: Document, value: bytes, report: ImportReport) -> Iterator[Span]:
    try:
        spans = list(decode_protobuf(value))
        if any("the trace id is missing" not in span.problems for span in spans):
            yield from spans
        else:
            yield from decode_logs_protobuf(value)
    except ValueError as error:
        report.note(str(error)[:80], document.where)


def _records(document: Document, recipes: list[Recipe]) -> Iterator[tuple[str, Any]]:
    """Give the records of a document: the list that a recipe names, the document itself, or its items."""
    value = document.value
    for recipe in recipes:
        held = lookup(value, recipe.records) if recipe.records else None
        if isinstance(held, list):
            yield from ((f"{document.where}#{n}", record) for n, record in enumerate(held))
            return
    if isinstance(value, list) and not (value and _is_message(value[0])):
        yield from ((f"{document.where}#{n}", record) for n, record in enumerate(value))
    else:
        yield document.where, {"messages": value} if isinstance(value, list) else value


def _is_message(value: Any) -> bool:
    return isinstance(value, Mapping) and "role" in value and ("content" in value or "tool_calls" in value)


def _transcripts(
    records: Iterable[tuple[str, Any]], recipes: list[Recipe], report: ImportReport
) -> Iterator[ImportedRun]:
    groups: dict[tuple[str, Any], list[tuple[str, Any]]] = {}
    for where, record in records:
        recipe = next((r for r in recipes if r.fits(record)), None)
        if recipe is None:
            if record:
                report.note("a record is of no known form", where)
        elif recipe.group:
            key = (recipe.name, str(lookup(record, recipe.group)))
            groups.setdefault(key, []).append((where, record))
        else:
            yield from _transcript(where, record, lookup(record, recipe.messages), recipe, report)
    named = {recipe.name: recipe for recipe in recipes}
    for (name, _), members in groups.items():
        yield from _grouped(members, named[name], report)


def _grouped(members: list[tuple[str, Any]], recipe: Recipe, report: ImportReport) -> Iterator[ImportedRun]:
    """Give one run from its records: calls one after the other, or the longest of growing conversations."""
    where, record = members[-1]
    if recipe.form == "calls" and not recipe.messages:
        items: Any = [member for _, member in members]
    else:
        held = [lookup(member, recipe.messages) for _, member in members]
        items = max((h for h in held if isinstance(h, list)), key=len, default=None)
    yield from _transcript(where.rsplit(":", 1)[0], record, items, recipe, report)


def _transcript(where: str, record: Any, items: Any, recipe: Recipe, report: ImportReport) -> Iterator[ImportedRun]:
    if not isinstance(items, list):
        report.note(f"a record of form {recipe.name} has no list of messages", where)
        return
    run = read_transcript(record, items, recipe, where)
    report.spans += len(run.spans)
    yield run
