"""Spans -> forest: each span read by the first dialect that recognises it, however damaged the tree is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tracer.spans.otlp import is_log
from tracer.spans.span import Event, Span
from tracer.trajectory.dialects import DIALECTS, UNKNOWN
from tracer.trajectory.dialects.dialect import read_draft
from tracer.trajectory.draft import Draft, Forest
from tracer.trajectory.messages import MessageReader

__all__ = ["read_forest"]

_NAMED = 5  # how many of a kind of problem are named one by one


def read_forest(spans: Iterable[Span]) -> Forest:
    """Give the steps that the spans are, one each, in order of start, under their containers.

    Children may come before parents, spans twice, parents never; a circle of parents is cut at its earliest span.
    """
    problems: list[str] = []
    unique = _unique(spans, problems)
    logs = _take_logs(unique)
    reader = MessageReader()
    ordered = sorted(unique.values(), key=lambda s: (s.start_ns, -1 if s.sequence is None else s.sequence))
    drafts: dict[str, Draft] = {}
    places: dict[tuple[str, str], str] = {}
    for span in ordered:
        told = logs.pop((span.trace_id, span.span_id), [])
        draft = _read(_with_events(span, told), reader)
        draft.spans.extend(log.span_id for log in told)
        if draft.id in drafts:  # span ids are unique only within a trace
            draft.id = f"{span.trace_id}:{span.span_id}"
        drafts[draft.id] = draft
        places[span.trace_id, span.span_id] = draft.id
    forest = Forest(drafts, problems=problems)
    _connect(forest, places)
    _cut_circles(forest)
    problems.extend(line for span in ordered for line in span.problems)
    return forest


def _read(span: Span, reader: MessageReader) -> Draft:
    dialect = next((d for d in DIALECTS if d.recognises(span)), UNKNOWN)
    return read_draft(dialect, span, reader)


def _take_logs(spans: dict[tuple[str, str], Span]) -> dict[tuple[str, str], list[Span]]:
    """Take the log records whose span is there out of the spans, by their span."""
    taken: dict[tuple[str, str], list[Span]] = {}
    for key, span in list(spans.items()):
        owner = (span.trace_id, span.parent_id or "")
        if is_log(span) and owner in spans:
            taken.setdefault(owner, []).append(spans.pop(key))
    return taken


def _with_events(span: Span, logs: list[Span]) -> Span:
    if not logs:
        return span
    events = tuple(Event(log.name, log.start_ns, log.attributes) for log in logs)
    return replace(span, events=span.events + events)


def _unique(spans: Iterable[Span], problems: list[str]) -> dict[tuple[str, str], Span]:
    kept: dict[tuple[str, str], Span] = {}
    differing: list[str] = []
    for span in spans:
        key = (span.trace_id, span.span_id)
        known = kept.get(key)
        if known is None or (known.is_open and not span.is_open):
            kept[key] = span
        elif known != span and not span.is_open:
            differing.append(span.span_id)
    _name(problems, differing, "span {} came again with other content; the first is kept")
    return kept


def _connect(forest: Forest, places: dict[tuple[str, str], str]) -> None:
    lost: list[str] = []
    for draft in forest.drafts.values():
        if draft.parent is None:
            continue
        place = places.get((draft.span.trace_id, draft.parent))
        if place is None or place == draft.id:
            draft.lost_parent = draft.parent
            lost.append(draft.id)
        draft.parent = None if place == draft.id else place
    _name(forest.problems, lost, "the parent of span {} is not among the spans")


def _cut_circles(forest: Forest) -> None:
    safe: set[str] = set()
    cut: list[str] = []
    for draft in forest.drafts.values():
        path: dict[str, None] = {}
        at: str | None = draft.id
        while at is not None and at not in safe:
            if at in path:
                first = min(list(path)[list(path).index(at) :], key=lambda i: forest.drafts[i].start_ns)
                forest.drafts[first].lost_parent = forest.drafts[first].parent or ""
                forest.drafts[first].parent = None
                cut.append(first)
                break
            path[at] = None
            at = forest.drafts[at].parent
        safe.update(path)
    _name(forest.problems, cut, "the parents of span {} form a circle; it is cut here")


def _name(problems: list[str], found: list[str], text: str) -> None:
    problems.extend(text.format(identity) for identity in found[:_NAMED])
    if len(found) > _NAMED:
        problems.append(text.format(f"({len(found) - _NAMED} more)"))
