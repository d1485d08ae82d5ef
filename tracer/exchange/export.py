"""Runs -> OpenTelemetry backends and files: complete messages, split by bytes, tried again, refusals told."""

from __future__ import annotations

import contextlib
import email.utils
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import orjson
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tracer.errors import StoreError, TracerError
from tracer.progress import NoProgress, Progress
from tracer.spans import Scope, Span
from tracer.spans.encode import encode_json
from tracer.spans.names import Prosaic
from tracer.spans.otlp import is_log
from tracer.spans.protobuf import encode_protobuf
from tracer.store import Store, dump_json

__all__ = ["Shipped", "export_runs"]

_MOST_BYTES = 3_500_000  # receivers refuse requests from about 4 MiB on, and the innocent spans with them
_WAITS = (0.2, 0.4, 0.8, 1.6, 3.2)  # seconds before each further try
_LONGEST_WAIT = 30.0
_TOO_LARGE = 413
_PASSING = (429, 502, 503, 504)
_OTLP_PORT = 4318  # of OTLP over HTTP; 4317 speaks gRPC
_SERVICE = {"service.name": "prosaic"}
_SCOPE = Scope("prosaic")


@dataclass(frozen=True, slots=True)
class Shipped:
    """What an export came to.

    Attributes:
        runs: Runs sent.
        spans: Spans taken by the receiver.
        rejected: Spans that it refused, by its own count.
        message: What it said of them.
    """

    runs: int
    spans: int
    rejected: int = 0
    message: str = ""


def export_runs(
    store: Store, runs: Sequence[str], to: str, progress: Progress | None = None, *, raw: bool = False
) -> Shipped:
    """Send the spans of runs to `to`, with their whole content.

    Args:
        store: Where the runs are.
        runs: Ids of the runs.
        to: `otlp://HOST:PORT` or `http(s)://HOST:PORT` for a collector over HTTP, or a file ending in `.jsonl`, to
            which OTLP/JSON documents are written, one a line: the spans of a run, then its log records if it has any.
        progress: What hears how far it is.
        raw: Give the spans exactly as they came; else as any backend can read them (`portable`).

    Raises:
        TracerError: The destination cannot be written or reached, or refuses everything.
    """
    shown = progress or NoProgress()
    shown.start("export", len(runs))
    batches = (store.spans(run) if raw else _with_row(store, run) for run in runs)
    try:
        if to.endswith(".jsonl"):
            return _to_file(batches, Path(to), shown)
        parts = urlsplit(to)
        if parts.scheme not in ("otlp", "http", "https") or not parts.hostname:
            raise TracerError(f"{to!r} is no destination: write otlp://HOST:PORT, https://HOST/PATH or a file.jsonl")
        return _to_collector(batches, to, shown)
    finally:
        shown.finish()


def _with_row(store: Store, run: str) -> list[Span]:
    """Give the spans of a run as any backend can read them; its root says what the study knows of it."""
    spans = [portable(span) for span in store.spans(run)]
    try:
        row = store.run(run)
    except StoreError:
        return spans
    told = dump_json(row.to_dict()).decode()
    roots = (n for n, s in enumerate(spans) if not s.parent_id and s.attributes.get(Prosaic.RUN_ID) == row.id)
    for number in roots if not row.source else ():
        spans[number] = replace(spans[number], attributes={**spans[number].attributes, Prosaic.RUN_ROW: told})
    return spans


def portable(span: Span) -> Span:
    """Give a span as any backend can read it: messages as JSON strings, an end, a resource."""
    attributes = {key: _portable(value) for key, value in span.attributes.items()}
    if span.end_ns is None:
        attributes[Prosaic.PARTIAL] = True
    return replace(
        span,
        attributes=attributes,
        end_ns=span.end_ns or span.start_ns,
        resource=span.resource or _SERVICE,
        scope=_SCOPE if span.scope == Scope() else span.scope,
    )


def _portable(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(item, (str, int, float, bool)) for item in value):
        return value
    return dump_json(value).decode() if isinstance(value, (dict, list, tuple)) else value


def _to_file(runs: Iterable[list[Span]], file: Path, shown: Progress) -> Shipped:
    total = Shipped(0, 0)
    try:
        with file.open("wb") as out:
            for spans in runs:
                logs = [span for span in spans if is_log(span)]  # a document holds one signal
                for signal in ([span for span in spans if not is_log(span)], logs):
                    if signal:
                        out.write(orjson.dumps(encode_json(signal)) + b"\n")
                total = replace(total, runs=total.runs + 1, spans=total.spans + len(spans))
                shown.advance()
    except OSError as error:
        raise TracerError(f"cannot write {file}: {error.strerror}") from error
    return total


def _to_collector(runs: Iterable[list[Span]], to: str, shown: Progress) -> Shipped:
    total = Shipped(0, 0)
    with httpx2.Client(timeout=60, trust_env=False) as client:
        for spans in runs:
            for batch in _batches(spans):
                rejected, message = _send(client, _endpoint(to), batch)
                total = replace(
                    total,
                    spans=total.spans + len(batch) - rejected,
                    rejected=total.rejected + rejected,
                    message=message or total.message,
                )
            total = replace(total, runs=total.runs + 1)
            shown.advance()
    return total


def _endpoint(to: str) -> str:
    parts = urlsplit(to)
    scheme = "http" if parts.scheme == "otlp" else parts.scheme
    path = parts.path.rstrip("/")
    place = parts.netloc if parts.port or parts.scheme != "otlp" else f"{parts.netloc}:{_OTLP_PORT}"
    return f"{scheme}://{place}{path if path.endswith('/v1/traces') else path + '/v1/traces'}"


def _batches(spans: Iterable[Span]) -> Iterator[list[Span]]:
    batch: list[Span] = []
    size = 0
    for span in spans:
        own = len(encode_protobuf([span]))
        if batch and size + own > _MOST_BYTES:
            yield batch
            batch, size = [], 0
        batch.append(span)
        size += own
    if batch:
        yield batch


def _send(client: httpx2.Client, url: str, batch: list[Span]) -> tuple[int, str]:
    """Send one batch and give how many of its spans the receiver refused, and why.

    Raises:
        TracerError: The receiver cannot be reached, or takes nothing.
    """
    answer = _post(client, url, encode_protobuf(batch))
    if answer.status_code == 200:
        return _refused(answer.content)
    if answer.status_code != _TOO_LARGE:
        raise _untaken(url, f"HTTP {answer.status_code}: {answer.text[:200]}")
    if len(batch) == 1:
        return 1, f"span {batch[0].name!r} is larger than the receiver takes (HTTP 413)"
    half = len(batch) // 2
    first, then = _send(client, url, batch[:half]), _send(client, url, batch[half:])
    return first[0] + then[0], then[1] or first[1]


def _post(client: httpx2.Client, url: str, body: bytes) -> httpx2.Response:
    """Give the receiver's answer; a passing refusal is tried again, after as long as it asks for."""
    waits = iter(_WAITS)
    while True:
        wait = next(waits, None)
        try:
            answer = client.post(url, content=body, headers={"content-type": "application/x-protobuf"})
        except httpx2.HTTPError as error:
            if wait is None:
                raise _untaken(url, f"{type(error).__name__}: {error}") from error
        else:
            if answer.status_code not in _PASSING or wait is None:
                return answer
            wait = _asked_wait(answer.headers.get("retry-after", "")) or wait
        time.sleep(min(wait, _LONGEST_WAIT))


def _untaken(url: str, why: str) -> TracerError:
    return TracerError(f"{url} does not take the spans: {why}. Nothing is lost: export again once it does")


def _refused(content: bytes) -> tuple[int, str]:
    try:
        partial = ExportTraceServiceResponse.FromString(content).partial_success
    except DecodeError:  # some receivers answer in JSON, or not at all
        return 0, ""
    return partial.rejected_spans, partial.error_message


def _asked_wait(header: str) -> float:
    with contextlib.suppress(ValueError):
        return max(0.0, float(header))
    with contextlib.suppress(ValueError):
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    return 0.0
