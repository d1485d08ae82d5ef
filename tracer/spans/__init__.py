"""One OpenTelemetry span as a plain value, the attribute names we use, and the OTLP codec.

Imports nothing of ours: every other layer may build on it.
"""

from __future__ import annotations

from tracer.spans.span import Event, Link, Scope, Span, Status

__all__ = ["Event", "Link", "Scope", "Span", "Status"]
