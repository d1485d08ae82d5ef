"""The gateway on its own: a program that is not changed, recorded as runs."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import openai
import pytest

from tracer.gateway import serve_gateway
from tracer.recording import Recorder
from tracer.store import RunRow, open_store
from tracer.testing import Script, scripted_model
from tracer.trajectory import build_trajectory

HELLO: list[Any] = [{"role": "user", "content": "Hello?"}]


@contextlib.contextmanager
def served(place: Path) -> Generator[tuple[str, Script]]:
    with contextlib.closing(open_store(place)) as store, scripted_model("Yes.") as script:
        recorder = Recorder(store.open_journal())
        with serve_gateway(script.model, recorder) as url:
            yield url, script
        recorder.close()
        store.ingest()


def runs(place: Path) -> list[RunRow]:
    with contextlib.closing(open_store(place)) as store:
        return store.runs()


def ask(url: str, messages: list[Any], **headers: str) -> Any:
    with openai.OpenAI(base_url=url, api_key="sk-of-the-user") as client:
        return client.chat.completions.create(model="m", messages=messages, extra_headers=headers)


def test_calls_of_a_conversation_are_one_run(tmp_path: Path) -> None:
    """A call that goes on with an earlier one joins its run; one that begins anew is a run of its own."""
    said = [{"role": "assistant", "content": "Yes."}, {"role": "user", "content": "Sure?"}]
    with served(tmp_path) as (url, script):
        ask(url, HELLO)
        ask(url, HELLO + said)
        ask(url, HELLO)
    assert sorted((row.usage["calls"], row.scenario, row.status) for row in runs(tmp_path)) == [
        (1, "Hello?", "completed"),
        (2, "Hello?", "completed"),
    ]
    assert all("seed" not in body and "temperature" not in body for body in script.requests)


def test_calls_of_a_trace_are_one_run(tmp_path: Path) -> None:
    """Where the program sends a W3C trace, its id is that of the run, whatever the conversation."""
    trace = "0af7651916cd43dd8448eb211c80319c"
    with served(tmp_path) as (url, _):
        for text in ("One?", "Two?"):
            ask(url, [{"role": "user", "content": text}], traceparent=f"00-{trace}-b7ad6b7169203331-01")
    (row,) = runs(tmp_path)
    assert (row.id, row.usage["calls"]) == (trace, 2)
    with contextlib.closing(open_store(tmp_path)) as store:
        steps = build_trajectory(store.spans(trace), id=trace).steps
    assert sum(step.kind == "model" for step in steps) == 2


def test_the_key_of_the_client_is_written_nowhere(tmp_path: Path) -> None:
    """What a program sends as its key does not reach the store, nor the upstream."""
    with served(tmp_path) as (url, _):
        ask(url, HELLO)
    assert all(b"sk-of-the-user" not in file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_command_serves_until_it_is_stopped(tmp_path: Path) -> None:
    """`tracer gateway` prints the base URL, answers there, and ends its runs at Ctrl-C."""
    code = "from tracer.cli import main; main()"
    words = [sys.executable, "-c", code, "gateway", "--model", "organism:faithful", "--port", "0"]
    with subprocess.Popen([*words, "--store", str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip().removeprefix("OPENAI_BASE_URL=")
        assert ask(url, HELLO).choices[0].message.content
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0
    (row,) = runs(tmp_path)
    assert (row.model, row.status, row.usage["calls"]) == ("organism:faithful", "completed", 1)
