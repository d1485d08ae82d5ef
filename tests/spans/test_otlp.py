"""OTLP comes in and goes out without loss, however it is encoded, and damage is repaired or named."""

from __future__ import annotations

import base64
import math
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.logs.v1.logs_pb2 import LogsData

from tracer.spans.encode import encode_json
from tracer.spans.otlp import BODY, decode_json, is_log
from tracer.spans.protobuf import decode_logs_protobuf, decode_protobuf, encode_protobuf
from tracer.spans.span import Event, Link, Scope, Span, Status

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | TEXT
    | st.binary(max_size=4),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
ATTRIBUTES = st.dictionaries(TEXT, VALUES, max_size=4)
TIMES = st.integers(1, 2**60)
IDS = st.integers(1, 2**64 - 1).map("{:016x}".format)
TRACES = st.integers(1, 2**128 - 1).map("{:032x}".format)
COUNTS = st.integers(0, 9)
SPANS = st.builds(
    Span,
    trace_id=TRACES,
    span_id=IDS,
    name=TEXT,
    start_ns=TIMES,
    end_ns=st.none() | TIMES,
    parent_id=st.none() | IDS,
    kind=st.integers(0, 5),
    attributes=ATTRIBUTES,
    events=st.lists(st.builds(Event, TEXT, TIMES, ATTRIBUTES, COUNTS), max_size=2).map(tuple),
    links=st.lists(st.builds(Link, TRACES, IDS, ATTRIBUTES, TEXT, COUNTS, COUNTS), max_size=2).map(tuple),
    status=st.builds(Status, st.integers(0, 2), TEXT),
    resource=ATTRIBUTES,
    resource_schema_url=TEXT,
    scope=st.builds(Scope, TEXT, TEXT, ATTRIBUTES, TEXT),
    trace_state=TEXT,
    flags=st.integers(0, 2**16),
    dropped_attributes=COUNTS,
    dropped_events=COUNTS,
    dropped_links=COUNTS,
)


@settings(max_examples=60)
@given(st.lists(SPANS, max_size=4))
def test_json_there_and_back_is_the_same(spans: list[Span]) -> None:
    """Any spans written as OTLP/JSON are read back equal."""
    written = orjson.dumps(encode_json(spans))
    assert _sorted(decode_json(orjson.loads(written))) == _sorted(spans)


@settings(max_examples=60)
@given(st.lists(SPANS, max_size=4))
def test_protobuf_there_and_back_is_the_same(spans: list[Span]) -> None:
    """Any spans written as OTLP/protobuf are read back equal."""
    assert _sorted(decode_protobuf(encode_protobuf(spans))) == _sorted(spans)


def _sorted(spans: Any) -> list[str]:
    return sorted(map(repr, spans))


def document(**record: Any) -> dict[str, Any]:
    told = {"traceId": TRACE, "spanId": SPAN, "name": "s", "startTimeUnixNano": "1", "endTimeUnixNano": "2"}
    return {"resourceSpans": [{"scopeSpans": [{"spans": [told | record]}]}]}


def one(**record: Any) -> Span:
    return next(decode_json(document(**record)))


@pytest.mark.parametrize(
    ("record", "problem"),
    [
        ({"traceId": TRACE.upper()}, ""),
        ({"traceId": base64.b64encode(bytes.fromhex(TRACE)).decode()}, "the trace id is base64, not hex"),
        ({"spanId": "xyz"}, "the span id is not 16 hex digits: 'xyz'"),
        ({"spanId": None}, "the span id is missing"),
        ({"parentSpanId": "0" * 16}, ""),
        ({"startTimeUnixNano": "soon"}, "the start time is not a number: 'soon'"),
        ({"endTimeUnixNano": None}, ""),
        ({"attributes": [{"value": {}}]}, "an attribute has no key"),
        (
            {"attributes": [{"key": "a", "value": {"intValue": "1"}}] * 2},
            "attribute 'a' stands twice; the last one counts",
        ),
        ({"attributes": {"a": "b"}}, ""),
        ({"kind": "SPAN_KIND_CLIENT", "status": {"code": "STATUS_CODE_ERROR"}}, ""),
        ({"unknownField": {"x": [1]}}, ""),
    ],
)
def test_wrong_records_are_repaired_and_named(record: dict[str, Any], problem: str) -> None:
    """Every record gives a span; what was wrong with it stands in its problems."""
    made = one(**record)
    assert made.problems == ((problem,) if problem else ())
    assert len(made.trace_id) == 32
    assert len(made.span_id) == 16
    assert made.parent_id is None


def test_repaired_ids_are_the_same_at_every_reading() -> None:
    """An id that had to be made up depends on nothing but the record."""
    assert one(spanId="xyz").span_id == one(spanId="xyz").span_id != one(spanId="zyx").span_id


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({"stringValue": "x"}, "x"),
        ({"intValue": "-9223372036854775808"}, -(2**63)),
        ({"intValue": 7}, 7),
        ({"boolValue": "true"}, True),
        ({"doubleValue": "Infinity"}, math.inf),
        ({"bytesValue": "aGk="}, b"hi"),
        ({"arrayValue": {}}, []),
        ({"kvlistValue": {"values": [{"key": "a", "value": {"arrayValue": {"values": [{}]}}}]}}, {"a": [None]}),
        ({}, None),
        (None, None),
        ("bare", "bare"),
    ],
)
def test_values_of_every_type(value: Any, plain: Any) -> None:
    """AnyValue in all its forms, and plain JSON where an exporter writes that."""
    assert one(attributes=[{"key": "k", "value": value}]).attributes["k"] == plain


def test_not_a_number_stays_one() -> None:
    """NaN survives both ways."""
    made = one(attributes=[{"key": "k", "value": {"doubleValue": "NaN"}}])
    assert math.isnan(made.attributes["k"])
    assert encode_json([made])["resourceSpans"][0]["scopeSpans"][0]["spans"][0]["attributes"][0]["value"] == {
        "doubleValue": "NaN"
    }


def test_lone_surrogates_do_not_stop_protobuf() -> None:
    """What protobuf cannot hold is replaced, not dropped."""
    made = next(decode_protobuf(encode_protobuf([one(attributes={"k": "a\ud800b", "n": 2**70})])))
    assert made.attributes["k"].startswith("a")
    assert made.attributes["n"] == str(2**70)


@pytest.mark.parametrize("value", [None, 3, "x", {}, {"resource": 1}])
def test_what_is_no_otlp_is_refused(value: Any) -> None:
    """Other JSON is told from OTLP."""
    with pytest.raises(ValueError, match="not an OTLP document"):
        list(decode_json(value))


def test_old_and_foreign_spellings_are_read() -> None:
    """snake_case names and the library blocks of before 1.0."""
    record = {"trace_id": TRACE, "span_id": SPAN, "name": "s", "start_time_unix_nano": 1, "end_time_unix_nano": 2}
    old = {
        "resourceSpans": [
            {"instrumentationLibrarySpans": [{"instrumentationLibrary": {"name": "x"}, "spans": [record]}]}
        ]
    }
    snake = {"resource_spans": [{"scope_spans": [{"scope": {"name": "x"}, "spans": [record]}]}]}
    for told in (old, snake):
        (made,) = decode_json(told)
        assert (made.span_id, made.scope.name, made.end_ns) == (SPAN, "x", 2)


def test_log_records_hang_under_their_span() -> None:
    """A log record is a record of no duration under the span it names, and goes out as a log record again."""
    record = {
        "observedTimeUnixNano": "5",
        "eventName": "gen_ai.choice",
        "traceId": TRACE,
        "spanId": SPAN,
        "body": {"stringValue": "hello"},
        "attributes": [{"key": "a", "value": {"intValue": "1"}}],
    }
    logs = {"resourceLogs": [{"resource": {"attributes": []}, "scopeLogs": [{"scope": {}, "logRecords": [record]}]}]}
    (made,) = decode_json(logs)
    assert is_log(made)
    assert (made.parent_id, made.start_ns, made.attributes[BODY]) == (SPAN, 5, "hello")
    assert encode_json([made]) == logs


def test_log_records_come_as_protobuf_too() -> None:
    """The logs signal is read from protobuf like from JSON."""
    data = LogsData()
    record = data.resource_logs.add().scope_logs.add().log_records.add()
    record.trace_id, record.span_id, record.event_name = bytes.fromhex(TRACE), bytes.fromhex(SPAN), "e"
    record.body.string_value = "hello"
    (made,) = decode_logs_protobuf(data.SerializeToString())
    assert (made.parent_id, made.name, made.attributes[BODY]) == (SPAN, "e", "hello")


def test_bytes_that_are_no_protobuf_are_refused() -> None:
    """Other bytes are told from OTLP."""
    with pytest.raises(ValueError, match="not OTLP protobuf"):
        list(decode_protobuf(b"\xff\xff\xff"))
