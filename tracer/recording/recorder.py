"""The recorder: a real OpenTelemetry tracer provider whose only exporter is the write-ahead journal."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Generator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import orjson
from langgraph.errors import GraphBubbleUp, ParentCommand
from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import SpanKind, Status, StatusCode

from tracer.recording.acts import enter_act
from tracer.recording.place import PLACE, Place, come_back
from tracer.spans import Scope
from tracer.spans import Span as SpanValue
from tracer.spans.names import GenAI, Prosaic
from tracer.store import (
    SEQUENCE_MARK,
    ContentWriter,
    Journal,
    RunRow,
    dump_json,
    encode_attributes,
    encode_scope,
    span_to_record,
)

__all__ = ["Recorder", "annotate", "fail", "is_failed", "new_run_id"]

_NEXT_TRACE: ContextVar[int | None] = ContextVar("tracer_next_trace", default=None)
_NO_LIMIT = SpanLimits.UNSET  # None would mean the default of 128, which loses the start of long conversations
_SHORT = 96  # characters up to which a value is kept on its span: a reference would not be much shorter
_SPAN_KINDS = {SpanKind.INTERNAL: 1, SpanKind.SERVER: 2, SpanKind.CLIENT: 3, SpanKind.PRODUCER: 4, SpanKind.CONSUMER: 5}


class Recorder:
    """Records runs into one journal. One recorder serves all runs of a process."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.content = ContentWriter(journal.write_part)
        limits = SpanLimits(_NO_LIMIT, _NO_LIMIT, _NO_LIMIT, _NO_LIMIT, _NO_LIMIT, _NO_LIMIT, _NO_LIMIT, _NO_LIMIT)
        self._provider = TracerProvider(
            sampler=ALWAYS_ON,
            resource=Resource({"service.name": "prosaic"}),
            span_limits=limits,
            id_generator=_RunIds(),
            shutdown_on_exit=False,
        )
        self._provider.add_span_processor(_JournalProcessor(journal, self.content))
        self.tracer = self._provider.get_tracer("prosaic")

    @property
    def provider(self) -> TracerProvider:
        """The provider, for other instrumentation whose spans are to be recorded in the same runs."""
        return self._provider

    @contextlib.contextmanager
    def run(self, row: RunRow) -> Generator[trace.Span]:
        """Open the root span of a run; what happens inside, in any task or thread, belongs to it."""
        attributes = {
            GenAI.OPERATION: "invoke_workflow",
            GenAI.WORKFLOW_NAME: row.suite or "run",
            GenAI.CONVERSATION_ID: row.id,
        }
        begin = _NEXT_TRACE.set(int(row.id, 16))
        place = PLACE.set(Place(run=row.id))
        empty = otel_context.Context()  # a run is a root, whatever span the caller may have open
        span = self.tracer.start_span(f"invoke_workflow {row.suite or 'run'}", empty, attributes=attributes)
        _NEXT_TRACE.reset(begin)
        outer = otel_context.attach(trace.set_span_in_context(span, empty))
        try:
            yield span
        except BaseException as error:
            fail(span, error)
            raise
        finally:
            span.end()
            PLACE.reset(place)
            otel_context.detach(outer)
            self.content.forget(row.id)

    @contextlib.contextmanager
    def beside(self, run: str, *, own: bool) -> Generator[None]:
        """Record what happens inside with a run that has ended: in its trace, but in none of its spans.

        Args:
            run: Id of the run.
            own: The run was made here, so that its id is that of its trace; else the spans get a trace of their own.
        """
        begin = _NEXT_TRACE.set(int(run, 16) if own else None)
        place = PLACE.set(Place(run=run))
        outer = otel_context.attach(otel_context.Context())
        try:
            yield
        finally:
            otel_context.detach(outer)
            PLACE.reset(place)
            _NEXT_TRACE.reset(begin)
            self.content.forget(run)

    @contextlib.contextmanager
    def span(
        self, name: str, attributes: Mapping[str, Any], kind: SpanKind = SpanKind.INTERNAL
    ) -> Generator[trace.Span]:
        """Record one act at the current place; an exception becomes its error status and goes on."""
        come_back()
        span = self.tracer.start_span(name, kind=kind, attributes={**attributes, **PLACE.get().attributes()})
        outer = otel_context.attach(enter_act(span))
        try:
            yield span
        except BaseException as error:
            fail(span, error)
            raise
        finally:
            span.end()
            otel_context.detach(outer)

    def messages(self, key: str, ids: Sequence[str]) -> dict[str, Any]:
        """Give the attribute `key` for a list of stored messages, stored as what it adds to an earlier list."""
        return {key + Prosaic.REF: SEQUENCE_MARK + self.content.sequence(ids, PLACE.get().run)}

    def stored(self, key: str, value: Any) -> dict[str, Any]:
        """Give the attribute `key` for a value: short ones as they are (JSON, if no text), others stored once."""
        short = value if isinstance(value, str) else dump_json(value).decode()
        if len(short) <= _SHORT:
            return {key: short}
        return {key + Prosaic.REF: self.content.value(value)}

    def keep(self, span: SpanValue, run: str) -> None:
        """Put a span that was recorded elsewhere into a run, exactly as it came.

        Raises:
            StoreError: The journal cannot be written.
        """
        record = orjson.loads(span_to_record(span, self.content))
        record.pop("n", None)  # its own number, where the journal puts that of the record
        self.journal.write({"r": "start", "run": run, **record})

    def close(self) -> None:
        """Close the journal; spans still open stay known as open."""
        self._provider.shutdown()
        self.journal.close()


def fail(span: trace.Span, error: BaseException) -> None:
    """Mark a span as left by an exception: failed, or passing control where LangGraph does that by raising.

    Only the type and message are kept, since a stack trace repeats content.
    """
    if isinstance(error, GraphBubbleUp):
        span.set_attribute(Prosaic.CONTROL_FLOW, "handoff" if isinstance(error, ParentCommand) else "interrupt")
        return
    span.set_attribute(GenAI.ERROR_TYPE, type(error).__name__)
    span.set_status(Status(StatusCode.ERROR, str(error)[:2000]))


def is_failed(span: trace.Span) -> bool:
    """Tell whether a span has been marked as failed."""
    return isinstance(span, ReadableSpan) and span.status.status_code is StatusCode.ERROR


def annotate(attributes: Mapping[str, Any], error: str = "") -> None:
    """Add attributes to the span that is current, if one is, and mark it as failed where an error is given."""
    span = trace.get_current_span()
    span.set_attributes(attributes)
    if error:
        span.set_attribute(GenAI.ERROR_TYPE, error.partition(":")[0])
        span.set_status(Status(StatusCode.ERROR, error[:2000]))


def new_run_id() -> str:
    """Give a fresh run id: 32 hex digits, the trace id of the run."""
    return secrets.token_hex(16)


class _RunIds(RandomIdGenerator):
    """Trace id of a run = its run id, so that one run is one trace by construction."""

    def generate_trace_id(self) -> int:
        return _NEXT_TRACE.get() or super().generate_trace_id()


@dataclass(frozen=True, slots=True)
class _Known:
    """What the journal has of a span, which its end record need not repeat."""

    name: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    links: int = 0


class _JournalProcessor(SpanProcessor):
    """Writes a record at span start and at span end, before anything else happens."""

    def __init__(self, journal: Journal, content: ContentWriter) -> None:
        self._journal = journal
        self._content = content
        self._started: dict[str, _Known] = {}

    def on_start(self, span: Span, parent_context: otel_context.Context | None = None) -> None:
        run = PLACE.get().run
        record = _identity(span)
        if run and run != record["t"]:
            span.set_attribute(Prosaic.RUN_ID, run)
        record |= {"r": "start", "name": span.name, "k": _SPAN_KINDS[span.kind], "b": span.start_time}
        if span.parent is not None:
            record["p"] = f"{span.parent.span_id:016x}"
        scope = span.instrumentation_scope
        if scope is not None and scope.name != "prosaic":
            told = Scope(scope.name, scope.version or "", dict(scope.attributes or {}), scope.schema_url or "")
            record["sc"] = encode_scope(told, self._content)
        self._journal.write(record | self._changes(span, _Known()))
        self._started[record["t"] + record["s"]] = _Known(span.name, dict(span.attributes or {}), len(span.links))

    def on_end(self, span: ReadableSpan) -> None:
        record = _identity(span)
        record |= {"r": "end", "e": span.end_time}
        known = self._started.pop(record["t"] + record["s"], _Known())
        if span.name != known.name:
            record["name"] = span.name
        if span.events:
            record["ev"] = [
                [e.name, e.timestamp, encode_attributes(e.attributes or {}, self._content)] for e in span.events
            ]
        if span.status.status_code is not StatusCode.UNSET:
            record["st"] = [span.status.status_code.value, span.status.description or ""]
        self._journal.write(record | self._changes(span, known))

    def _changes(self, span: ReadableSpan, known: _Known) -> dict[str, Any]:
        """Give the attributes and links that a span has beyond what is known of it."""
        before, now = known.attributes, span.attributes or {}
        added = {k: v for k, v in now.items() if k not in before or before[k] != v}
        record: dict[str, Any] = {"a": encode_attributes(added, self._content)} if added else {}
        if len(span.links) > known.links:
            record["l"] = [
                [
                    f"{x.context.trace_id:032x}",
                    f"{x.context.span_id:016x}",
                    encode_attributes(x.attributes or {}, self._content),
                ]
                for x in span.links
            ]
        return record


def _identity(span: ReadableSpan) -> dict[str, Any]:
    context = span.get_span_context()
    if context is None:
        return {"t": "", "s": ""}
    return {"t": f"{context.trace_id:032x}", "s": f"{context.span_id:016x}"}
