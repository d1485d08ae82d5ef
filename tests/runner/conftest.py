"""A folder with the quiz, real processes to end, and an endpoint that fails on demand."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

QUIZ = Path(__file__).with_name("quiz.py")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with `quiz.py`, a store of its own and a log for what stacks do."""
    shutil.copy(QUIZ, tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACER_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("QUIZ_LOG", str(tmp_path / "log"))
    return tmp_path


class Process:
    """A `tracer` command in a process of its own."""

    def __init__(self, *arguments: str) -> None:
        command = [sys.executable, "-c", "from tracer.cli import main; main()", *arguments]
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "COLUMNS": "80"}
        )

    def wait_for(self, lines: int, seconds: float = 60.0) -> None:
        """Wait until stacks have left so many marks."""
        log, deadline = Path(os.environ["QUIZ_LOG"]), time.monotonic() + seconds
        while not log.exists() or len(log.read_text().splitlines()) < lines:
            assert time.monotonic() < deadline, "the process makes no runs"
            assert self.process.poll() is None, self.end()
            time.sleep(0.02)

    def end(self) -> tuple[int, str, str]:
        """Give exit code and what was printed, once it has ended."""
        out, err = self.process.communicate(timeout=60)
        return self.process.returncode, out, err


@pytest.fixture
def start(here: Path) -> Iterator[Callable[..., Process]]:
    """Start `tracer` commands; what still runs at the end of a test is ended."""
    started: list[Process] = []

    def begin(*arguments: str) -> Process:
        started.append(Process(*arguments))
        return started[-1]

    yield begin
    for one in started:
        with suppress(ProcessLookupError):
            one.process.kill()
        one.process.communicate()


class Endpoint:
    """An OpenAI-compatible endpoint that always answers red, except where `fails` names a way to fail.

    Attributes:
        fails: What the last message says -> "" to answer, or `500`, `malformed`, `text` or `hang`.
        asked: The last message of every call.
    """

    def __init__(self) -> None:
        self.fails: Callable[[str], str] = lambda said: ""
        self.asked: list[str] = []
        self.port = 0
        self._server: ThreadingHTTPServer | None = None
        self._closing = threading.Event()
        self.up()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def up(self) -> None:
        """Listen, on the same port as before."""
        self._closing.clear()
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), self._handler())
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self) -> None:
        """Stop listening."""
        self._closing.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        endpoint = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.give(200, json.dumps({"object": "list", "data": [{"id": "m"}]}))

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                said = str(body["messages"][-1]["content"])
                endpoint.asked.append(said)
                way = endpoint.fails(said)
                if way == "hang":
                    endpoint._closing.wait(20)
                    return
                if way == "down":
                    threading.Thread(target=endpoint.down).start()
                    return
                answers = {"500": (500, '{"error": "out of order"}'), "malformed": (200, '{"choices": 3}')}
                self.give(*answers.get(way, (200, "not JSON" if way == "text" else answer())))

            def give(self, status: int, text: str) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        return Handler


def answer() -> str:
    message = {"role": "assistant", "content": '"red"'}
    choice = {"index": 0, "finish_reason": "stop", "message": message}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    head = {"id": "c", "object": "chat.completion", "created": 0, "model": "m-1"}
    return json.dumps(head | {"choices": [choice], "usage": usage})


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    served = Endpoint()
    yield served
    served.down()
