"""OTLP/JSON -> `Span`: spans and log records, sound or damaged.

A log record that belongs to a span travels as a `Span` of its own, of no duration, whose parent is that span and whose
attribute `prosaic.signal` is "log": content may come in log records alone, in another file, before or after its span,
and so one kind of record is enough for reading, storing and building.

Wrong input is repaired where its meaning is plain, and the repair is named in `Span.problems`; what cannot be read at
all raises `ValueError`.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from tracer.spans.span import Event, Link, Scope, Span, Status

__all__ = ["BODY", "OBSERVED", "SEVERITY", "SIGNAL", "decode_json", "is_log", "log_as_span", "make_id"]

SIGNAL = "prosaic.signal"
BODY = "prosaic.log.body"
SEVERITY = "prosaic.log.severity"
OBSERVED = "prosaic.log.observed_ns"

_HEX = re.compile(r"[0-9a-f]*\Z")
_KINDS = {"INTERNAL": 1, "SERVER": 2, "CLIENT": 3, "PRODUCER": 4, "CONSUMER": 5}
_CODES = {"OK": 1, "ERROR": 2}
_NOT_NUMBERS = {"nan": float("nan"), "infinity": float("inf"), "-infinity": float("-inf")}


def is_log(span: Span) -> bool:
    """Tell whether the record came as a log record of a span rather than as a span."""
    return span.attributes.get(SIGNAL) == "log"


def make_id(*parts: Any, size: int = 8) -> str:
    """Give a span id (or with `size=16` a trace id) that depends on nothing but the parts."""
    text = "\x1f".join(map(str, parts)).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=size).hexdigest()


def decode_json(document: Any) -> Iterator[Span]:
    """Give the spans and log records of one OTLP/JSON document (`TracesData`, `LogsData` or a list of them).

    Accepted besides the specification: snake_case names, base64 ids, attributes as a plain mapping, enums by name, and
    the pre-1.0 `instrumentationLibrarySpans`.

    Raises:
        ValueError: The document is not OTLP at all.
    """
    if isinstance(document, list):
        for part in document:
            yield from decode_json(part)
        return
    if not isinstance(document, Mapping):
        raise ValueError("not an OTLP document: neither an object nor a list of objects")
    spans = _get(document, "resourceSpans", "resource_spans")
    logs = _get(document, "resourceLogs", "resource_logs")
    if spans is None and logs is None:
        raise ValueError("not an OTLP document: it has neither resourceSpans nor resourceLogs")
    for block in _objects(spans):
        yield from _decode_block(block, ("scopeSpans", "scope_spans", "instrumentationLibrarySpans"), "spans")
    for block in _objects(logs):
        yield from _decode_block(block, ("scopeLogs", "scope_logs", "instrumentationLibraryLogs"), "logRecords")


def _decode_block(block: Mapping[str, Any], scopes: tuple[str, ...], records: str) -> Iterator[Span]:
    resource = _attributes(_get(_object(block.get("resource")), "attributes"), [])
    schema = _text(_get(block, "schemaUrl", "schema_url"))
    for inner in _objects(_get(block, *scopes)):
        scope = _scope(inner)
        for record in _objects(_get(inner, records, "log_records")):
            shared = {"resource": resource, "resource_schema_url": schema, "scope": scope}
            yield _span(record, shared) if records == "spans" else _log(record, shared)


def _scope(block: Mapping[str, Any]) -> Scope:
    told = _object(_get(block, "scope", "instrumentationLibrary"))
    return Scope(
        name=_text(told.get("name")),
        version=_text(told.get("version")),
        attributes=_attributes(told.get("attributes"), []),
        schema_url=_text(_get(block, "schemaUrl", "schema_url")),
    )


def _span(record: Mapping[str, Any], shared: dict[str, Any]) -> Span:
    problems: list[str] = []
    status = _object(record.get("status"))
    end = _time(_get(record, "endTimeUnixNano", "end_time_unix_nano"), "end", problems)
    attributes = _attributes(record.get("attributes"), problems)
    name = _text(record.get("name"))
    start = _time(_get(record, "startTimeUnixNano", "start_time_unix_nano"), "start", problems)
    trace_id = _identity(_get(record, "traceId", "trace_id"), 32, "trace id", problems)
    span_id = _identity(_get(record, "spanId", "span_id"), 16, "span id", problems)
    return Span(
        trace_id=trace_id or make_id("trace", name, start, size=16),
        span_id=span_id or make_id("span", trace_id, name, start, end),
        parent_id=_identity(_get(record, "parentSpanId", "parent_span_id") or "", 16, "parent id", problems) or None,
        name=name,
        kind=_enum(record.get("kind"), _KINDS),
        start_ns=start or 0,
        end_ns=end or None,
        attributes=attributes,
        events=tuple(_event(event) for event in _objects(record.get("events"))),
        links=tuple(_link(link, problems) for link in _objects(record.get("links"))),
        status=Status(_enum(status.get("code"), _CODES), _text(status.get("message"))),
        trace_state=_text(_get(record, "traceState", "trace_state")),
        flags=_count(record, "flags"),
        dropped_attributes=_count(record, "droppedAttributesCount", "dropped_attributes_count"),
        dropped_events=_count(record, "droppedEventsCount", "dropped_events_count"),
        dropped_links=_count(record, "droppedLinksCount", "dropped_links_count"),
        sequence=_sequence(attributes),
        problems=tuple(problems),
        **shared,
    )


def _event(event: Mapping[str, Any]) -> Event:
    return Event(
        name=_text(event.get("name")),
        time_ns=_time(_get(event, "timeUnixNano", "time_unix_nano"), "event", []) or 0,
        attributes=_attributes(event.get("attributes"), []),
        dropped_attributes=_count(event, "droppedAttributesCount", "dropped_attributes_count"),
    )


def _link(link: Mapping[str, Any], problems: list[str]) -> Link:
    return Link(
        trace_id=_identity(_get(link, "traceId", "trace_id"), 32, "trace id of a link", problems),
        span_id=_identity(_get(link, "spanId", "span_id"), 16, "span id of a link", problems),
        attributes=_attributes(link.get("attributes"), problems),
        trace_state=_text(_get(link, "traceState", "trace_state")),
        dropped_attributes=_count(link, "droppedAttributesCount", "dropped_attributes_count"),
        flags=_count(link, "flags"),
    )


def _log(record: Mapping[str, Any], shared: dict[str, Any]) -> Span:
    problems: list[str] = []
    observed = _time(_get(record, "observedTimeUnixNano", "observed_time_unix_nano"), "observed", problems)
    return log_as_span(
        trace_id=_identity(_get(record, "traceId", "trace_id") or "", 32, "trace id", problems),
        span_id=_identity(_get(record, "spanId", "span_id") or "", 16, "span id", problems),
        name=_text(_get(record, "eventName", "event_name")),
        time_ns=_time(_get(record, "timeUnixNano", "time_unix_nano"), "time", problems) or 0,
        attributes=_attributes(record.get("attributes"), problems),
        facts={
            BODY: _value(record.get("body")),
            SEVERITY: _get(record, "severityText", "severity_text"),
            OBSERVED: observed,
        },
        shared={**shared, "problems": tuple(problems), "flags": _count(record, "flags")},
    )


def log_as_span(
    *,
    trace_id: str,
    span_id: str,
    name: str,
    time_ns: int,
    attributes: Mapping[str, Any],
    facts: Mapping[str, Any],
    shared: Mapping[str, Any],
) -> Span:
    """Give a log record as a span of no duration under the span that it belongs to.

    Args:
        trace_id: Trace of the record, "" for none.
        span_id: Span of the record, "" for none.
        name: Event name.
        time_ns: Time, 0 where only the time of observation is known (in `facts`).
        attributes: Attributes of the record.
        facts: Body, severity and time of observation under `BODY`, `SEVERITY` and `OBSERVED`, None where absent.
        shared: Resource, scope, flags and problems, as fields of `Span`.
    """
    told: dict[str, Any] = {SIGNAL: "log"} | {key: value for key, value in facts.items() if value not in (None, "", {})}
    time: int = time_ns or facts.get(OBSERVED) or 0
    return Span(
        trace_id=trace_id or "0" * 32,
        span_id=make_id("log", trace_id, span_id, name, time, attributes),
        parent_id=span_id or None,
        name=name or _text(attributes.get("event.name")) or "log",
        start_ns=time,
        end_ns=time,
        attributes={**attributes, **told},
        **shared,
    )


def _get(record: Mapping[str, Any], *names: str) -> Any:
    for name in names:
        value = record.get(name)
        if value is not None:
            return value
    return None


def _object(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    return (item for item in value if isinstance(item, Mapping)) if isinstance(value, list) else iter(())


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _count(record: Mapping[str, Any], *names: str) -> int:
    value = _get(record, *names)
    try:
        return int(value) if value is not None else 0
    except (TypeError, ValueError, OverflowError):
        return 0


def _enum(value: Any, names: Mapping[str, int]) -> int:
    if isinstance(value, str):
        return names.get(value.rpartition("_")[2].upper(), int(value) if value.isdecimal() else 0)
    return value if isinstance(value, int) else 0


def _time(value: Any, which: str, problems: list[str]) -> int | None:
    if value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        problems.append(f"the {which} time is not a number: {str(value)[:40]!r}")
        return None


def _identity(value: Any, size: int, which: str, problems: list[str]) -> str:
    """Give an id in lower-case hex, "" where there is none; ids of other forms are kept apart but made to fit."""
    text = _text(value).strip().lower()
    if len(text) == size and _HEX.match(text):
        return "" if not text.strip("0") else text
    if not text:
        if value is None:
            problems.append(f"the {which} is missing")
        return ""
    if len(text) in (12, 24):  # base64 of 8 or 16 bytes: the protobuf mapping instead of OTLP's own
        try:
            raw = base64.b64decode(_text(value).strip(), validate=True)
        except (binascii.Error, ValueError):
            raw = b""
        if len(raw) == size // 2:
            problems.append(f"the {which} is base64, not hex")
            return raw.hex()
    problems.append(f"the {which} is not {size} hex digits: {text[:40]!r}")
    return make_id(text, size=size // 2)


def _sequence(attributes: Mapping[str, Any]) -> int | None:
    value = attributes.get("prosaic.seq")
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _attributes(value: Any, problems: list[str]) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {str(k): _value(v) if isinstance(v, Mapping) else v for k, v in value.items()}
    if not isinstance(value, list):
        return {}
    made: dict[str, Any] = {}
    for pair in value:
        if not isinstance(pair, Mapping) or "key" not in pair:
            problems.append("an attribute has no key")
            continue
        key = _text(pair["key"])
        if key in made:
            problems.append(f"attribute {key!r} stands twice; the last one counts")
        told = pair.get("value")
        # Strings are nearly all there is: the short way for them halves the time of decoding.
        text = told.get("stringValue") if isinstance(told, dict) else None
        made[key] = text if isinstance(text, str) else _value(told)
    return made


def _value(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    for key, told in value.items():
        reader = _VALUES.get(key)
        if reader is not None:
            return reader(told)
    return None if not value else dict(value)


def _boolean(told: Any) -> bool:
    return told if isinstance(told, bool) else str(told).lower() == "true"


def _integer(told: Any) -> Any:
    try:
        return int(told)
    except (TypeError, ValueError, OverflowError):
        return told


def _double(told: Any) -> Any:
    if isinstance(told, str):
        return _NOT_NUMBERS.get(told.lower(), told)
    return float(told) if isinstance(told, int) and not isinstance(told, bool) else told


def _bytes(told: Any) -> Any:
    try:
        return base64.b64decode(told, validate=False)
    except (binascii.Error, ValueError, TypeError):
        return told


def _array(told: Any) -> list[Any]:
    return [_value(item) for item in _object(told).get("values") or ()]


def _mapping(told: Any) -> dict[str, Any]:
    return {_text(pair.get("key")): _value(pair.get("value")) for pair in _objects(_object(told).get("values"))}


_VALUES = {
    "stringValue": _text,
    "string_value": _text,
    "intValue": _integer,
    "int_value": _integer,
    "boolValue": _boolean,
    "bool_value": _boolean,
    "doubleValue": _double,
    "double_value": _double,
    "arrayValue": _array,
    "array_value": _array,
    "kvlistValue": _mapping,
    "kvlist_value": _mapping,
    "bytesValue": _bytes,
    "bytes_value": _bytes,
}
