"""Export: what a receiver or a file gets is what the store says, whatever the receiver answers on the way."""

from __future__ import annotations

import asyncio
import email.utils
import json
import socket
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage, SystemMessage
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

import tracer
from tracer.errors import TracerError
from tracer.exchange import Shipped, export_runs, import_runs
from tracer.spans import Event, Link, Scope, Span, Status
from tracer.spans.names import GenAI, Prosaic
from tracer.spans.otlp import decode_json
from tracer.spans.protobuf import decode_protobuf
from tracer.store import Store, open_store
from tracer.testing import scripted_model

TRACE = "1" * 32


@dataclass
class Answer:
    """One answer of the receiver."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict[str, str])


@dataclass
class Receiver:
    """A collector: answers as told, the last answer repeats; refuses what is over `limit` bytes."""

    url: str = ""
    answers: list[Answer] = field(default_factory=lambda: [Answer()])
    limit: int = 4 * 2**20
    bodies: list[bytes] = field(default_factory=list[bytes])
    paths: list[str] = field(default_factory=list[str])
    times: list[float] = field(default_factory=list[float])
    taken: list[Span] = field(default_factory=list[Span])

    def answer(self, path: str, body: bytes) -> Answer:
        self.bodies.append(body)
        self.paths.append(path)
        self.times.append(time.monotonic())
        if len(body) > self.limit:
            return Answer(413)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer.status == 200:
            self.taken += decode_protobuf(body)
        return answer


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """A collector on a loopback port."""
    collector = Receiver()

    class Handler(BaseHTTPRequestHandler):
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            assert self.headers["content-type"] == "application/x-protobuf"
            body = self.rfile.read(int(self.headers["content-length"]))
            answer = collector.answer(self.path, body)
            self.send_response(answer.status)
            for name, value in {"content-length": str(len(answer.body)), **answer.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    collector.url = f"otlp://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield collector
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = open_store(tmp_path / "store")
    yield opened
    opened.close()


def spans(count: int, size: int = 10) -> list[Span]:
    return [Span(TRACE, f"{n + 1:016x}", f"act {n}", n, n + 1, attributes={"text": "x" * size}) for n in range(count)]


def names(found: Sequence[Span]) -> list[str]:
    return [span.name for span in found]


def a_chat(tmp_path: Path) -> str:
    """Record a run of two calls, the second with a long history, and give its id."""
    with scripted_model("Hm. " * 100, "Gone.") as script, tracer.record("cats", tmp_path / "store") as session:
        model = script.for_run().chat
        history: list[Any] = [SystemMessage("Be brief."), HumanMessage("Where is the cat? " * 30)]
        history += [model.invoke(history, {"callbacks": [session.callback]}), HumanMessage("Where?")]
        model.invoke(history, {"callbacks": [session.callback]})
    return session.run_id


@pytest.mark.parametrize("to", ["file", "receiver"])
def test_messages_are_complete_json_in_every_chat(tmp_path: Path, store: Store, receiver: Receiver, to: str) -> None:
    """Though the store keeps each message once, every chat span goes out with its whole history as a JSON string."""
    run = a_chat(tmp_path)
    store.ingest()
    if to == "file":
        export_runs(store, [run], str(tmp_path / "out.jsonl"))
        sent = list(decode_json(json.loads((tmp_path / "out.jsonl").read_text())))
    else:
        export_runs(store, [run], receiver.url)
        sent = receiver.taken
    chats = [span for span in sent if span.attributes.get(GenAI.OPERATION) == "chat"]
    contents = [
        [part["content"] for message in json.loads(chat.attributes[key]) for part in message["parts"]]
        for chat in chats
        for key in (GenAI.INPUT_MESSAGES, GenAI.OUTPUT_MESSAGES)
    ]
    asked = ["Be brief.", "Where is the cat? " * 30]
    assert contents == [asked, ["Hm. " * 100], [*asked, "Hm. " * 100, "Where?"], ["Gone."]]
    assert not [key for span in sent for key in span.attributes if key.endswith(Prosaic.REF)]
    assert {span.resource["service.name"] for span in sent} == {"prosaic"}
    assert {span.scope.name for span in sent} == {"prosaic"}
    assert {span.attributes[Prosaic.RUN_ID] for span in sent} == {run}


def test_what_a_study_knows_comes_back(tmp_path: Path, store: Store) -> None:
    """An exported run is imported elsewhere with all that its study knew of it, and says where it is from."""
    run = a_chat(tmp_path)
    store.ingest()
    known = replace(store.run(run), study="f" * 64, scenario="s-1", condition="told", model="m", values={"right": 1.0})
    store.put_runs([known])
    export_runs(store, [run], str(tmp_path / "out.jsonl"))
    with closing(open_store(tmp_path / "other")) as other:
        report = import_runs(other, [str(tmp_path / "out.jsonl")])
        (back,) = other.runs()
    assert not report.problems
    assert back == replace(known, study="", facts=back.facts, source=back.source)
    assert back.facts["study"] == known.study
    assert back.facts["conditions"] == {"condition": "told"}
    assert back.source


def test_a_row_that_lies_is_told(tmp_path: Path, store: Store) -> None:
    """A root that claims to hold a row and does not is imported as any other span, and counted as a problem."""
    span = Span(TRACE, "2" * 16, "root", 5, 9, attributes={Prosaic.RUN_ROW: '{"id": 3, "values": []}'})
    store.put_spans("r", [span])
    export_runs(store, ["r"], str(tmp_path / "out.jsonl"), raw=True)
    with closing(open_store(tmp_path / "other")) as other:
        report = import_runs(other, [str(tmp_path / "out.jsonl")])
        (back,) = other.runs()
    assert back.values == {}
    assert any("cannot be read" in problem for problem in report.problems)


FOREIGN = Span(
    TRACE,
    "2" * 16,
    "theirs",
    5,
    9,
    parent_id="3" * 16,
    kind=3,
    attributes={"text": "long " * 200, "n": 3, "yes": True, "x": 0.5, "many": ["a", "b"], "raw": b"\xff", "none": None},
    events=(Event("e", 6, {"a": 1}),),
    links=(Link("4" * 32, "5" * 16, {"why": "x"}, "s=1", 0, 1),),
    status=Status(2, "no"),
    resource={"service.name": "other", "k": 1},
    scope=Scope("lib", "1", {"s": "t"}, "https://example.org/s"),
    trace_state="a=b",
    flags=1,
    dropped_attributes=2,
)


@pytest.mark.parametrize("to", ["file", "receiver"])
def test_what_goes_out_is_what_the_store_says(tmp_path: Path, store: Store, receiver: Receiver, to: str) -> None:
    """Every field of a span that came from elsewhere goes out as it came."""
    store.put_spans("r", [FOREIGN])
    if to == "file":
        assert export_runs(store, ["r"], str(tmp_path / "out.jsonl")) == Shipped(1, 1)
        sent = list(decode_json(json.loads((tmp_path / "out.jsonl").read_text())))
    else:
        assert export_runs(store, ["r"], receiver.url) == Shipped(1, 1)
        sent = receiver.taken
    (kept,) = store.spans("r")
    assert sent == [kept]


def test_structured_values_go_out_as_json(tmp_path: Path, store: Store) -> None:
    """A value that many backends cannot hold, nested or with bytes in it, goes out as JSON; plain ones stay."""
    values = {"dict": {"a": [1]}, "nested": [["x"]], "odd": {"raw": b"\xff", "nan": float("nan")}, "plain": [1, 2]}
    store.put_spans("r", [Span(TRACE, "1" * 16, "s", 1, 2, attributes=values)])
    export_runs(store, ["r"], str(tmp_path / "out.jsonl"))
    (sent,) = decode_json(json.loads((tmp_path / "out.jsonl").read_text()))
    told = {key: sent.attributes[key] for key in values}
    assert told == {"dict": '{"a":[1]}', "nested": '[["x"]]', "odd": '{"nan":null,"raw":"ff"}', "plain": [1, 2]}


def test_an_open_span_goes_out_as_partial(store: Store, receiver: Receiver) -> None:
    """A span that never ended is closed at its start for the receiver's sake, and marked."""
    store.put_spans("r", [Span(TRACE, "1" * 16, "open", 7, None)])
    export_runs(store, ["r"], receiver.url)
    (sent,) = receiver.taken
    assert (sent.end_ns, sent.attributes[Prosaic.PARTIAL]) == (7, True)


def test_a_file_has_a_line_a_run(tmp_path: Path, store: Store) -> None:
    """A file gets one document a run, and its log records, which are another signal, in one of their own."""
    log = Span(TRACE, "9" * 16, "gen_ai.event", 4, 4, "1" * 16, attributes={"prosaic.signal": "log"})
    store.put_spans("a", [*spans(2), log])
    store.put_spans("b", [Span("2" * 32, "1" * 16, "other", 1, 2)])
    assert export_runs(store, ["a", "b"], str(tmp_path / "out.jsonl")) == Shipped(2, 4)
    documents = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert [list(document) for document in documents] == [["resourceSpans"], ["resourceLogs"], ["resourceSpans"]]


@pytest.mark.parametrize(
    ("answers", "rejected", "message"),
    [
        ([Answer()], 0, ""),
        ([Answer(body=b"{}", headers={"content-type": "application/json"})], 0, ""),
        ([Answer(body=b"ok\xff")], 0, ""),
        ([Answer(503), Answer(502), Answer()], 0, ""),
        ([Answer(429, headers={"retry-after": "soon"}), Answer()], 0, ""),
    ],
    ids=["empty 200", "JSON 200", "odd 200", "busy at first", "odd Retry-After"],
)
def test_receivers_that_take_the_spans(
    store: Store, receiver: Receiver, answers: list[Answer], rejected: int, message: str
) -> None:
    """A receiver that takes the spans at last gets each of them once."""
    receiver.answers = answers
    store.put_spans("r", spans(3))
    assert export_runs(store, ["r"], receiver.url) == Shipped(1, 3 - rejected, rejected, message)
    assert names(receiver.taken) == ["act 0", "act 1", "act 2"]
    assert set(receiver.paths) == {"/v1/traces"}


def test_partial_success_is_told(store: Store, receiver: Receiver) -> None:
    """What a receiver refuses within a 200 is counted, in its own words."""
    refusal = ExportTraceServiceResponse()
    refusal.partial_success.rejected_spans = 2
    refusal.partial_success.error_message = "too old"
    receiver.answers = [Answer(body=refusal.SerializeToString())]
    store.put_spans("r", spans(3))
    assert export_runs(store, ["r"], receiver.url) == Shipped(1, 1, 2, "too old")


@pytest.mark.parametrize("as_date", [False, True], ids=["seconds", "date"])
def test_retry_after_is_kept(store: Store, receiver: Receiver, as_date: bool) -> None:
    """A receiver that asks for a pause gets it."""
    asked = email.utils.formatdate(time.time() + 2, usegmt=True) if as_date else "1"
    receiver.answers = [Answer(429, headers={"retry-after": asked}), Answer()]
    store.put_spans("r", spans(1))
    export_runs(store, ["r"], receiver.url)
    assert receiver.times[1] - receiver.times[0] > 0.9


@pytest.mark.parametrize(
    ("status", "requests"), [(400, 1), (401, 1), (404, 1), (500, 1)], ids=["bad", "no key", "no path", "broken"]
)
def test_receivers_that_refuse(store: Store, receiver: Receiver, status: int, requests: int) -> None:
    """A lasting refusal ends the export at once, with what the receiver said and what to do."""
    receiver.answers = [Answer(status, b"no such thing")]
    store.put_spans("r", spans(1))
    with pytest.raises(TracerError, match=rf"HTTP {status}: no such thing\. Nothing is lost: export again"):
        export_runs(store, ["r"], receiver.url)
    assert len(receiver.bodies) == requests


def test_a_receiver_that_is_not_there(store: Store) -> None:
    """A destination that nobody listens at is named after a few tries."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    store.put_spans("r", spans(1))
    with pytest.raises(
        TracerError, match=rf"http://127\.0\.0\.1:{port}/v1/traces does not take the spans: ConnectError"
    ):
        export_runs(store, ["r"], f"otlp://127.0.0.1:{port}")


def test_requests_are_split_by_bytes(store: Store, receiver: Receiver) -> None:
    """No request is larger than receivers take, and every span arrives once and in order."""
    store.put_spans("r", spans(30, size=300_000))
    assert export_runs(store, ["r"], receiver.url) == Shipped(1, 30)
    assert names(receiver.taken) == [f"act {n}" for n in range(30)]
    assert len(receiver.bodies) >= 3
    assert max(map(len, receiver.bodies)) < receiver.limit


def test_a_receiver_that_takes_less_gets_less(store: Store, receiver: Receiver) -> None:
    """A 413 splits the request; a span that is too large by itself is refused alone, and the others arrive."""
    receiver.limit = 50_000
    large = Span(TRACE, "f" * 16, "giant", 3, 4, attributes={"text": "x" * 60_000})
    store.put_spans("r", [*spans(20, size=10_000), large])
    shipped = export_runs(store, ["r"], receiver.url)
    assert (shipped.spans, shipped.rejected) == (20, 1)
    assert "'giant' is larger than the receiver takes" in shipped.message
    assert sorted(names(receiver.taken)) == sorted(f"act {n}" for n in range(20))


@pytest.mark.parametrize(
    ("to", "message"),
    [
        ("file.json", "is no destination: write otlp://"),
        ("ftp://host", "is no destination"),
        ("otlp://", "is no destination"),
        ("no/such/folder/out.jsonl", "cannot write no/such/folder/out.jsonl: No such file or directory"),
    ],
)
def test_destinations_that_cannot_be(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, to: str, message: str
) -> None:
    """A destination that cannot be is named, with those that can."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(TracerError, match=message):
        export_runs(store, ["r"], to)


def test_progress_is_told(store: Store, receiver: Receiver) -> None:
    """Whoever shows progress hears of every run, and of the end, also where it fails."""
    heard: list[Any] = []

    class Progress:
        def start(self, label: str, total: int | None) -> None:
            heard.append((label, total))

        def advance(self, steps: int = 1, note: str = "") -> None:
            heard.append(steps)

        def finish(self) -> None:
            heard.append("end")

    for n in range(2):
        store.put_spans(f"r{n}", [Span(f"{n + 1:032x}", "1" * 16, "s", 1, 2)])
    export_runs(store, ["r0", "r1"], receiver.url, Progress())
    receiver.answers = [Answer(400)]
    with pytest.raises(TracerError):
        export_runs(store, ["r0"], receiver.url, Progress())
    assert heard == [("export", 2), 1, 1, "end", ("export", 1), "end"]


def test_export_within_a_running_loop(store: Store, receiver: Receiver) -> None:
    """A notebook, in which a loop runs already, can export too."""
    store.put_spans("r", spans(1))

    async def in_loop() -> Shipped:
        return export_runs(store, ["r"], receiver.url)

    assert asyncio.run(in_loop()) == Shipped(1, 1)
