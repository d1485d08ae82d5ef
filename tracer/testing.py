"""For tests of stacks and suites: a model that says what it is told to, behind a real endpoint.

with scripted_model(("look", {"place": "shed"}), "It is in the shed.") as script:
    kit = script.kit(Task(messages=[{"role": "user", "content": "Where is the cat?"}]), tools=[look])
    state = await build(kit).ainvoke({"messages": kit.task.messages})
assert len(script.requests) == 2
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias

from tracer.contracts import Counterpart, Kit, Task
from tracer.execution import world_tools
from tracer.models import Capabilities, Meter, Model, ModelSpec, RetryPolicy, RunCalls, RunModel, Stage
from tracer.models.endpoint import Endpoint

__all__ = ["Reply", "Script", "Turn", "scripted_model"]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of the endpoint that is not a completion.

    Attributes:
        status: HTTP status; 0 hangs up without one.
        body: What stands in it.
        headers: Beyond the content type.
        wait_s: Seconds before it is sent.
    """

    status: int = 500
    body: str = '{"error": {"message": "scripted"}}'
    headers: tuple[tuple[str, str], ...] = ()
    wait_s: float = 0.0


# What the model does at one call: it says a text, calls a tool or several at once (name and arguments), sends a message
# of any form, or fails; a function decides by the body of the request.
Turn: TypeAlias = (
    "str | tuple[str, Any] | list[tuple[str, Any]] | dict[str, Any] | Reply | Callable[[dict[str, Any]], Turn]"
)


@dataclass(slots=True)
class Script:
    """A model that says what it is told to.

    Attributes:
        turns: What it does, call by call; the last turn repeats.
        model: The model, as a bench of runs takes it.
        requests: The body of every call so far.
    """

    turns: Sequence[Turn]
    model: Model
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])

    def for_run(self, *stages: Stage) -> RunModel:
        """Give the model as one run sees it; the seed of a call is its number."""
        return self.model.for_run(RunCalls(seed_of=lambda call: call, meter=Meter(), stages=stages))

    def kit(self, task: Task, tools: Sequence[Any] = (), emit: Any = None, user: Counterpart | None = None) -> Kit:
        """Give what a stack is built from, with the tools of the task's world before those given."""
        run = self.for_run()
        offered = [tool for tool in world_tools(task.world) if task.offers(tool.name)]
        return Kit(task, run.chat, run.client, run.name, [*offered, *tools], emit, user=user)

    def answer(self, body: dict[str, Any]) -> Reply:
        """Give what the endpoint answers to the next call."""
        self.requests.append(body)
        number = len(self.requests)
        turn = self.turns[min(number, len(self.turns)) - 1]
        while callable(turn):
            turn = turn(body)
        if isinstance(turn, Reply):
            return turn
        message = {"role": "assistant", "content": None} | _said(turn, number)
        choice = {"index": 0, "finish_reason": "tool_calls" if "tool_calls" in message else "stop", "message": message}
        usage = {"prompt_tokens": 3, "completion_tokens": 2, "total_tokens": 5}
        facts = {"id": f"response-{number}", "object": "chat.completion", "created": 0, "model": "scripted"}
        return Reply(200, json.dumps(facts | {"choices": [choice], "usage": usage}))


@contextlib.contextmanager
def scripted_model(*turns: Turn, tries: int = 1) -> Generator[Script]:
    """Serve a model that takes `turns` one by one, on a loopback port, while the block runs.

    Args:
        turns: What it does at each call; the last one repeats.
        tries: Attempts at a call that fails.
    """
    handler = type("_Bound", (_Handler,), {"script": None})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    url = f"http://127.0.0.1:{server.server_port}/v1"
    able = Capabilities(tools=True, json_schema=True, logprobs=False, seed=True)
    with contextlib.closing(Endpoint(url, None)) as endpoint:
        spec = ModelSpec("scripted", url, price_in=0.0, price_out=0.0)
        model = Model(spec, {"model": "scripted"}, able, endpoint, RetryPolicy(tries=tries, first_s=0.01))
        script = Script(turns or ("",), model)
        handler.script = script
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield script
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Handler(BaseHTTPRequestHandler):
    script: Script
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        reply = Reply(404) if self.path.endswith("/responses") else self.script.answer(body)
        time.sleep(reply.wait_s)
        if not reply.status:
            self.close_connection = True
            return
        sent = reply.body.encode()
        self.send_response(reply.status)
        for name, value in (("content-type", "application/json"), ("content-length", str(len(sent))), *reply.headers):
            self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):  # whoever asked may have given up waiting
            self.wfile.write(sent)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _said(turn: Any, number: int) -> dict[str, Any]:
    if isinstance(turn, str):
        return {"content": turn}
    if isinstance(turn, dict):
        return turn
    calls = turn if isinstance(turn, list) else [turn]
    made = [
        {
            "id": f"call-{number}-{place}",
            "type": "function",
            "function": {"name": name, "arguments": arguments if isinstance(arguments, str) else json.dumps(arguments)},
        }
        for place, (name, arguments) in enumerate(calls, 1)
    ]
    return {"tool_calls": made}
