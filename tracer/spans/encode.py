"""`Span` -> OTLP/JSON, as the file exporter writes it."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

from tracer.spans.otlp import BODY, OBSERVED, SEVERITY, SIGNAL, is_log
from tracer.spans.span import Span

__all__ = ["encode_json"]

_LOG_FACTS = {SIGNAL, BODY, SEVERITY, OBSERVED}


def encode_json(spans: Iterable[Span]) -> dict[str, Any]:
    """Give spans as one OTLP/JSON document, grouped by resource and scope in their order.

    Log records go back to `resourceLogs`. The specification wants one signal a document: give spans and log records
    apart where the receiver is strict.
    """
    blocks: dict[tuple[bool, int], dict[str, Any]] = {}
    scopes: dict[tuple[bool, int, int], dict[str, Any]] = {}
    for span in spans:
        log = is_log(span)
        scope_key, record_key = ("scopeLogs", "logRecords") if log else ("scopeSpans", "spans")
        block = blocks.get((log, id(span.resource)))
        if block is None:
            block = dict[str, Any]({"resource": {"attributes": _pairs(span.resource)}, scope_key: []})
            if span.resource_schema_url:
                block["schemaUrl"] = span.resource_schema_url
            blocks[log, id(span.resource)] = block
        inner = scopes.get((log, id(span.resource), id(span.scope)))
        if inner is None:
            inner = dict[str, Any]({"scope": _scope(span), record_key: []})
            if span.scope.schema_url:
                inner["schemaUrl"] = span.scope.schema_url
            block[scope_key].append(inner)
            scopes[log, id(span.resource), id(span.scope)] = inner
        inner[record_key].append(_log(span) if log else _span(span))
    document: dict[str, Any] = {}
    for (log, _), block in blocks.items():
        document.setdefault("resourceLogs" if log else "resourceSpans", []).append(block)
    return document or {"resourceSpans": []}


def _scope(span: Span) -> dict[str, Any]:
    told = {"name": span.scope.name, "version": span.scope.version, "attributes": _pairs(span.scope.attributes)}
    return {key: value for key, value in told.items() if value}


def _span(span: Span) -> dict[str, Any]:
    status = {"message": span.status.message, "code": span.status.code}
    told: dict[str, Any] = {
        "traceId": span.trace_id,
        "spanId": span.span_id,
        "traceState": span.trace_state,
        "parentSpanId": span.parent_id,
        "flags": span.flags,
        "name": span.name,
        "kind": span.kind,
        "startTimeUnixNano": str(span.start_ns),
        "endTimeUnixNano": None if span.end_ns is None else str(span.end_ns),
        "attributes": _pairs(span.attributes),
        "droppedAttributesCount": span.dropped_attributes,
        "events": [_event(event) for event in span.events],
        "droppedEventsCount": span.dropped_events,
        "links": [_link(link) for link in span.links],
        "droppedLinksCount": span.dropped_links,
    }
    record = {key: value for key, value in told.items() if value}
    record["status"] = {key: value for key, value in status.items() if value}
    return record


def _event(event: Any) -> dict[str, Any]:
    told = {
        "timeUnixNano": str(event.time_ns),
        "name": event.name,
        "attributes": _pairs(event.attributes),
        "droppedAttributesCount": event.dropped_attributes,
    }
    return {key: value for key, value in told.items() if value}


def _link(link: Any) -> dict[str, Any]:
    told = {
        "traceId": link.trace_id,
        "spanId": link.span_id,
        "traceState": link.trace_state,
        "attributes": _pairs(link.attributes),
        "droppedAttributesCount": link.dropped_attributes,
        "flags": link.flags,
    }
    return {key: value for key, value in told.items() if value}


def _log(span: Span) -> dict[str, Any]:
    attributes = span.attributes
    observed = attributes.get(OBSERVED)
    told: dict[str, Any] = {
        "timeUnixNano": str(span.start_ns) if span.start_ns and span.start_ns != observed else None,
        "observedTimeUnixNano": str(observed) if observed else None,
        "severityText": attributes.get(SEVERITY),
        "attributes": _pairs({key: value for key, value in attributes.items() if key not in _LOG_FACTS}),
        "traceId": span.trace_id.strip("0") and span.trace_id,
        "spanId": span.parent_id,
        "eventName": span.name,
    }
    told["flags"] = span.flags
    record = {key: value for key, value in told.items() if value}
    return record if BODY not in attributes else {"body": _value(attributes[BODY]), **record}


def _pairs(values: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": key, "value": _value(value)} for key, value in values.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, str):
        return {"stringValue": value}
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value if value - value == 0 else _not_a_number(value)}
    if isinstance(value, bytes):
        return {"bytesValue": base64.b64encode(value).decode("ascii")}
    if isinstance(value, Mapping):
        return {"kvlistValue": {"values": _pairs(value)}}
    if isinstance(value, (list, tuple)):
        return {"arrayValue": {"values": [_value(item) for item in value]}}
    return {} if value is None else {"stringValue": str(value)}


def _not_a_number(value: float) -> str:
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
