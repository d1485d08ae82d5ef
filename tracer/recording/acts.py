"""Acts that a stack tells of itself, as places for what happens inside them.

LangChain knows nothing of them: it takes a model call inside a plan for a child of the node around both.
"""

from __future__ import annotations

from opentelemetry import context as otel_context
from opentelemetry import trace

__all__ = ["enter_act", "is_within"]

_AROUND = otel_context.create_key("prosaic-around-act")


def enter_act(span: trace.Span) -> otel_context.Context:
    """Give the context inside an act; it remembers the spans around it, up to the first that is no act."""
    outer = trace.get_current_span()
    around: tuple[trace.Span, ...] = (outer, *_around(outer))
    return otel_context.set_value(_AROUND, (span, around), trace.set_span_in_context(span))


def is_within(context: otel_context.Context, span: trace.Span) -> bool:
    """Tell whether the current span of a context is an act that is still going on inside of `span`."""
    current = trace.get_current_span(context)
    return current.is_recording() and span in _around(current, context)


def _around(act: trace.Span, context: otel_context.Context | None = None) -> tuple[trace.Span, ...]:
    held: object = otel_context.get_value(_AROUND, context)
    return held[1] if isinstance(held, tuple) and held[0] is act else ()
