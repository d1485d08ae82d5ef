"""OTLP/protobuf <-> `Span`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanRecord
from opentelemetry.proto.trace.v1.trace_pb2 import TracesData

from tracer.spans.otlp import BODY, OBSERVED, SEVERITY, log_as_span, make_id
from tracer.spans.span import Event, Link, Scope, Span, Status

__all__ = ["decode_logs_protobuf", "decode_protobuf", "encode_protobuf"]


def decode_protobuf(data: bytes) -> Iterator[Span]:
    """Give the spans of one `TracesData` or `ExportTraceServiceRequest` (the same bytes on the wire).

    Raises:
        ValueError: The bytes are not such a message.
    """
    try:
        document = TracesData.FromString(data)
    except DecodeError as error:
        raise ValueError(f"not OTLP protobuf: {error}") from error
    for block in document.resource_spans:
        resource = _attributes(block.resource.attributes)
        for inner in block.scope_spans:
            shared = {"resource": resource, "resource_schema_url": block.schema_url, "scope": _scope(inner)}
            for record in inner.spans:
                yield _span(record, shared)


def decode_logs_protobuf(data: bytes) -> Iterator[Span]:
    """Give the log records of one `LogsData` or `ExportLogsServiceRequest`, each as a span (`is_log`).

    Raises:
        ValueError: The bytes are not such a message.
    """
    try:
        document = LogsData.FromString(data)
    except DecodeError as error:
        raise ValueError(f"not OTLP protobuf: {error}") from error
    for block in document.resource_logs:
        resource = _attributes(block.resource.attributes)
        for inner in block.scope_logs:
            shared = {"resource": resource, "resource_schema_url": block.schema_url, "scope": _scope(inner)}
            for record in inner.log_records:
                yield log_as_span(
                    trace_id=record.trace_id.hex(),
                    span_id=record.span_id.hex(),
                    name=record.event_name,
                    time_ns=record.time_unix_nano,
                    attributes=_attributes(record.attributes),
                    facts={
                        BODY: _value(record.body),
                        SEVERITY: record.severity_text,
                        OBSERVED: record.observed_time_unix_nano or None,
                    },
                    shared={**shared, "flags": record.flags},
                )


def _scope(block: Any) -> Scope:
    told = block.scope
    return Scope(told.name, told.version, _attributes(told.attributes), block.schema_url)


def _span(record: SpanRecord, shared: Mapping[str, Any]) -> Span:
    problems: list[str] = []
    attributes = _attributes(record.attributes)
    sequence = attributes.get("prosaic.seq")
    trace_id = _identity(record.trace_id, 16, "trace id", problems)
    return Span(
        trace_id=trace_id or make_id("trace", record.name, record.start_time_unix_nano, size=16),
        span_id=_identity(record.span_id, 8, "span id", problems) or make_id(trace_id, record.SerializeToString()),
        parent_id=_identity(record.parent_span_id, 8, "", []) or None,
        name=record.name,
        kind=record.kind,
        start_ns=record.start_time_unix_nano,
        end_ns=record.end_time_unix_nano or None,
        attributes=attributes,
        events=tuple(
            Event(event.name, event.time_unix_nano, _attributes(event.attributes), event.dropped_attributes_count)
            for event in record.events
        ),
        links=tuple(
            Link(
                trace_id=link.trace_id.hex(),
                span_id=link.span_id.hex(),
                attributes=_attributes(link.attributes),
                trace_state=link.trace_state,
                dropped_attributes=link.dropped_attributes_count,
                flags=link.flags,
            )
            for link in record.links
        ),
        status=Status(record.status.code, record.status.message),
        trace_state=record.trace_state,
        flags=record.flags,
        dropped_attributes=record.dropped_attributes_count,
        dropped_events=record.dropped_events_count,
        dropped_links=record.dropped_links_count,
        sequence=sequence if isinstance(sequence, int) and not isinstance(sequence, bool) else None,
        problems=tuple(problems),
        **shared,
    )


def _identity(value: bytes, size: int, which: str, problems: list[str]) -> str:
    if not any(value):
        if which:
            problems.append(f"the {which} is missing")
        return ""
    if len(value) != size:
        problems.append(f"the {which or 'parent id'} has {len(value)} bytes instead of {size}")
        return make_id(value.hex(), size=size)
    return value.hex()


def _attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    return {pair.key: _value(pair.value) for pair in pairs}


def _value(value: AnyValue) -> Any:
    which = value.WhichOneof("value")
    if which is None:
        return None
    told = getattr(value, which)
    if which == "array_value":
        return [_value(item) for item in told.values]
    if which == "kvlist_value":
        return _attributes(told.values)
    return told


# --- encoding --------------------------------------------------------------------------------------------------------


def encode_protobuf(spans: Sequence[Span]) -> bytes:
    """Give spans as one `ExportTraceServiceRequest`, grouped by resource and scope in their order.

    Lone surrogates, which protobuf cannot hold, become U+FFFD; numbers beyond 64 bits become strings.
    """
    document = TracesData()
    blocks: dict[int, Any] = {}
    scopes: dict[tuple[int, int], Any] = {}
    for span in spans:
        block = blocks.get(id(span.resource))
        if block is None:
            block = blocks[id(span.resource)] = document.resource_spans.add(schema_url=span.resource_schema_url)
            _put(block.resource.attributes, span.resource)
        inner = scopes.get((id(span.resource), id(span.scope)))
        if inner is None:
            inner = scopes[id(span.resource), id(span.scope)] = block.scope_spans.add(schema_url=span.scope.schema_url)
            inner.scope.name, inner.scope.version = span.scope.name, span.scope.version
            _put(inner.scope.attributes, span.scope.attributes)
        _put_span(inner.spans.add(), span)
    return document.SerializeToString()


def _put_span(record: SpanRecord, span: Span) -> None:
    record.trace_id = bytes.fromhex(span.trace_id)
    record.span_id = bytes.fromhex(span.span_id)
    record.parent_span_id = bytes.fromhex(span.parent_id or "")
    record.name = _sound(span.name)
    record.kind = span.kind  # type: ignore[assignment]  # protobuf types enums apart from the numbers they are
    record.start_time_unix_nano = max(span.start_ns, 0)
    record.end_time_unix_nano = max(span.end_ns or 0, 0)
    record.trace_state = span.trace_state
    record.flags = span.flags
    record.dropped_attributes_count = span.dropped_attributes
    record.dropped_events_count = span.dropped_events
    record.dropped_links_count = span.dropped_links
    record.status.code = span.status.code  # type: ignore[assignment]  # as above
    record.status.message = _sound(span.status.message)
    _put(record.attributes, span.attributes)
    for event in span.events:
        made = record.events.add(
            name=_sound(event.name),
            time_unix_nano=max(event.time_ns, 0),
            dropped_attributes_count=event.dropped_attributes,
        )
        _put(made.attributes, event.attributes)
    for link in span.links:
        linked = record.links.add(
            trace_id=bytes.fromhex(link.trace_id),
            span_id=bytes.fromhex(link.span_id),
            trace_state=link.trace_state,
            dropped_attributes_count=link.dropped_attributes,
            flags=link.flags,
        )
        _put(linked.attributes, link.attributes)


def _put(pairs: Any, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        _set(pairs.add(key=_sound(key)).value, value)


def _set(target: AnyValue, value: Any) -> None:
    if isinstance(value, str):
        target.string_value = _sound(value)
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int):
        if -(1 << 63) <= value < 1 << 63:
            target.int_value = value
        else:
            target.string_value = str(value)
    elif isinstance(value, float):
        target.double_value = value
    elif isinstance(value, bytes):
        target.bytes_value = value
    elif isinstance(value, Mapping):
        target.kvlist_value.SetInParent()
        _put(target.kvlist_value.values, value)
    elif isinstance(value, (list, tuple)):
        target.array_value.SetInParent()
        for item in value:
            _set(target.array_value.values.add(), item)
    elif value is not None:
        target.string_value = _sound(str(value))


def _sound(text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode("utf-8", "replace") if not text.isascii() else text
