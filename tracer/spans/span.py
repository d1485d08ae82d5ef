"""The span as a value: one OpenTelemetry span, kept exactly as it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Event", "Link", "Scope", "Span", "Status"]


@dataclass(frozen=True, slots=True)
class Status:
    """Span status; `code` is 0 unset, 1 ok, 2 error, as in OTLP."""

    code: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened at one moment within a span."""

    name: str
    time_ns: int
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    dropped_attributes: int = 0


@dataclass(frozen=True, slots=True)
class Link:
    """A reference from one span to another, possibly of another trace."""

    trace_id: str
    span_id: str
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    trace_state: str = ""
    dropped_attributes: int = 0
    flags: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """The instrumentation scope that made the span."""

    name: str = ""
    version: str = ""
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    schema_url: str = ""


@dataclass(frozen=True, slots=True)
class Span:
    """One OpenTelemetry span.

    Attributes:
        trace_id: 32 lowercase hex digits.
        span_id: 16 lowercase hex digits.
        parent_id: 16 lowercase hex digits, or None for a root.
        kind: OTLP span kind, 0 unspecified to 5 consumer.
        start_ns: Unix time in nanoseconds.
        end_ns: Unix time in nanoseconds; None where the span never ended (its process died or still runs).
        attributes: Plain Python values: str, bool, int, float, bytes, None, list or dict of these.
        sequence: Number of the record within its process, where the source counts; gaps prove loss.
        problems: What was wrong with the source record, one line each (wrong hex, bad JSON, ...).
    """

    trace_id: str
    span_id: str
    name: str
    start_ns: int
    end_ns: int | None
    parent_id: str | None = None
    kind: int = 0
    attributes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    events: tuple[Event, ...] = ()
    links: tuple[Link, ...] = ()
    status: Status = Status()
    resource: Mapping[str, Any] = field(default_factory=dict[str, Any])
    resource_schema_url: str = ""
    scope: Scope = field(default_factory=Scope)
    trace_state: str = ""
    flags: int = 0
    dropped_attributes: int = 0
    dropped_events: int = 0
    dropped_links: int = 0
    sequence: int | None = None
    problems: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Tell whether the span is known to have started but not to have ended."""
        return self.end_ns is None
