"""Trace context across the border of the process: which run a call from outside belongs to, and telling others ours."""

from __future__ import annotations

import contextlib
from collections.abc import Generator

from opentelemetry import context as otel_context
from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

__all__ = ["traced_run", "traceparent", "under"]

_W3C = TraceContextTextMapPropagator()


def traceparent() -> str:
    """Give the W3C `traceparent` of the current span; "" where there is none."""
    carrier: dict[str, str] = {}
    _W3C.inject(carrier)
    return carrier.get("traceparent", "")


def traced_run(header: str) -> str:
    """Give the trace id in a `traceparent` header, which is the id of a run; "" where it has none."""
    found = _context(header)
    return f"{found.trace_id:032x}" if found.is_valid else ""


@contextlib.contextmanager
def under(header: str) -> Generator[None]:
    """Let spans that are made inside be children of the span that a `traceparent` header names.

    One of another trace than the current is left aside: it would tear the call out of its run.
    """
    found, here = _context(header), trace.get_current_span().get_span_context()
    if not found.is_valid or found.trace_id != here.trace_id:
        yield
        return
    token = otel_context.attach(trace.set_span_in_context(trace.NonRecordingSpan(found)))
    try:
        yield
    finally:
        otel_context.detach(token)


def _context(header: str) -> trace.SpanContext:
    carried = _W3C.extract({"traceparent": header}, context=otel_context.Context())
    return trace.get_current_span(carried).get_span_context()
