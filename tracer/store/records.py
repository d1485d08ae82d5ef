"""Journal and database records of spans <-> `Span` values: the one place where the record's short keys are known.

A span record: `t` trace, `s` span, `p` parent, `name`, `k` kind, `b` start, `e` end, `a` attributes, `ev` events,
`l` links, `st` [code, message], `res` resource, `sc` scope, `ts` trace state, `f` flags, `d` dropped counts,
`n` sequence number, `x` problems, `o` set where the span came from elsewhere.
What is empty is left out.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tracer.spans import Event, Link, Scope, Span, Status
from tracer.spans.names import Prosaic
from tracer.store.content import ContentReader, ContentWriter, dump_json

__all__ = ["SEQUENCE_MARK", "encode_attributes", "encode_scope", "span_from_record", "span_to_record"]

SEQUENCE_MARK = "~"  # before the id of a stored list of messages, which our recorder writes; others are plain values
_LONG = 256  # characters from which an attribute of a foreign span is kept as content
_MANY = 32  # items from which a plain list is


def span_to_record(span: Span, content: ContentWriter) -> bytes:
    """Encode a span that came from elsewhere; long attribute values are stored once."""
    record: dict[str, Any] = {
        "t": span.trace_id,
        "s": span.span_id,
        "p": span.parent_id,
        "name": span.name,
        "k": span.kind,
        "b": span.start_ns,
        "e": span.end_ns,
        "a": _encode_foreign(span.attributes, content),
        "ev": [[e.name, e.time_ns, _encode_foreign(e.attributes, content), e.dropped_attributes] for e in span.events],
        "l": [
            [
                x.trace_id,
                x.span_id,
                _encode_foreign(x.attributes, content),
                x.trace_state,
                x.dropped_attributes,
                x.flags,
            ]
            for x in span.links
        ],
        "st": [span.status.code, span.status.message] if span.status != Status() else None,
        "res": content.value(dict(span.resource)) if span.resource else None,
        "rs": span.resource_schema_url,
        "sc": encode_scope(span.scope, content),
        "ts": span.trace_state,
        "f": span.flags,
        "d": [span.dropped_attributes, span.dropped_events, span.dropped_links],
        "n": span.sequence,
        "x": list(span.problems),
        "o": 1,
    }
    if record["d"] == [0, 0, 0]:
        record["d"] = None
    return dump_json({k: v for k, v in record.items() if v or k in ("b", "e") or (k == "n" and v == 0)})


def span_from_record(record: dict[str, Any], content: ContentReader, run: str) -> Span:
    """Read a span record of the journal or the database, with its content put together again and its run named."""
    code, message = record.get("st") or (0, "")
    ours = {} if record.get("o") else {Prosaic.RUN_ID: run}  # what came from elsewhere is given back as it came
    dropped = record.get("d") or (0, 0, 0)
    return Span(
        trace_id=record["t"],
        span_id=record["s"],
        parent_id=record.get("p"),
        name=record.get("name", ""),
        kind=record.get("k", 0),
        start_ns=record["b"],
        end_ns=record.get("e"),
        attributes=ours | _resolve(record.get("a") or {}, content),
        events=tuple(Event(e[0], e[1], _resolve(e[2], content), *e[3:4]) for e in record.get("ev") or ()),
        links=tuple(Link(x[0], x[1], _resolve(x[2], content), *x[3:6]) for x in record.get("l") or ()),
        status=Status(code, message),
        resource=content.value(record["res"]) if record.get("res") else {},
        resource_schema_url=record.get("rs", ""),
        scope=_scope_from_plain(content.value(record["sc"])) if record.get("sc") else Scope(),
        trace_state=record.get("ts", ""),
        flags=record.get("f", 0),
        dropped_attributes=dropped[0],
        dropped_events=dropped[1],
        dropped_links=dropped[2],
        sequence=record.get("n"),
        problems=tuple(record.get("x") or ()),
    )


def encode_attributes(attributes: Mapping[str, Any], content: ContentWriter) -> dict[str, Any]:
    """Encode attributes; what is long, or what JSON cannot say, is stored as content and referred to."""
    apart = {k for k, v in attributes.items() if not k.endswith(Prosaic.REF) and _belongs_apart(v)}
    return {
        (k + Prosaic.REF if k in apart else k): (content.value(v) if k in apart else v) for k, v in attributes.items()
    }


def _encode_foreign(attributes: Mapping[str, Any], content: ContentWriter) -> dict[str, Any]:
    """Encode attributes from elsewhere, where a key that happens to end as our references do is no reference."""
    alike = {k + Prosaic.REF: content.value(v) for k, v in attributes.items() if k.endswith(Prosaic.REF)}
    return alike | encode_attributes({k: v for k, v in attributes.items() if k + Prosaic.REF not in alike}, content)


def encode_scope(scope: Scope, content: ContentWriter) -> str | None:
    """Store a scope once and give its id; None for an empty one."""
    if scope == Scope():
        return None
    return content.value({"n": scope.name, "v": scope.version, "a": dict(scope.attributes), "u": scope.schema_url})


def _belongs_apart(value: Any) -> bool:
    if isinstance(value, str):
        return len(value) > _LONG
    if isinstance(value, float):
        return not math.isfinite(value)
    if isinstance(value, (list, tuple)):
        return len(value) > _MANY or any(isinstance(item, (list, tuple)) or _belongs_apart(item) for item in value)
    return isinstance(value, (bytes, dict))


def _resolve(attributes: dict[str, Any], content: ContentReader) -> dict[str, Any]:
    resolved: dict[str, Any] = {}
    for key, value in attributes.items():
        if key.endswith(Prosaic.REF):
            name = key.removesuffix(Prosaic.REF)
            is_list = value.startswith(SEQUENCE_MARK)
            resolved[name] = content.sequence(value[1:]) if is_list else content.value(value)
        else:
            resolved[key] = value
    return resolved


def _scope_from_plain(plain: dict[str, Any]) -> Scope:
    return Scope(plain.get("n", ""), plain.get("v", ""), plain.get("a") or {}, plain.get("u", ""))
