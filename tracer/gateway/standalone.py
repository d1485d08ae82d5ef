"""The gateway on its own: a proxy before a model, whose calls become runs by the conversation that they go on with."""

from __future__ import annotations

import contextlib
import contextvars
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import Request

from tracer.gateway.application import gateway_application
from tracer.gateway.doors import Door, Doors
from tracer.models import Meter, Model, RunCalls
from tracer.recording import Recorder, new_run_id, recording_stage, traced_run
from tracer.serving import LoopbackServer
from tracer.spans.names import RunStatus
from tracer.store import RunRow, content_id, dump_json

__all__ = ["serve_gateway"]

_IDLE_S = 600.0
_SHOWN = 80


@dataclass
class _Conversation:
    """A run made of the calls of one conversation."""

    row: RunRow
    door: Door
    root: AbstractContextManager[Any]
    meter: Meter
    last_s: float = 0.0


@dataclass
class _Reception:
    """Gives the calls that belong to no run a run of their own."""

    model: Model
    recorder: Recorder
    caps: Meter
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _open: dict[str, _Conversation] = field(default_factory=dict[str, _Conversation])
    _begun: dict[str, str] = field(default_factory=dict[str, str])

    def admit(self, request: Request, body: dict[str, Any]) -> Door:
        """Give the door of the run that a call goes on with: that of its trace, else the last that began as it does.

        A call that holds nothing but such a beginning begins a run.
        """
        first, begins = _beginning(body)
        run = traced_run(request.headers.get("traceparent", ""))
        with self._lock:
            self._end_idle()
            if not run:
                key = content_id(dump_json(first))
                run = self._begun[key] = new_run_id() if begins else self._begun.get(key) or new_run_id()
            found = self._open.get(run)
            if found is None:
                found = self._open[run] = self._begin(run, first)
            found.last_s = time.monotonic()
            return found.door

    def end_all(self) -> None:
        """End every run; for the end of the gateway."""
        with self._lock:
            for run in list(self._open):
                self._end(run)

    def _begin(self, run: str, first: list[Any]) -> _Conversation:
        told = next((m.get("content") for m in reversed(first) if isinstance(m, Mapping)), "")
        row = RunRow(
            id=run,
            suite="gateway",
            scenario=" ".join(str(told).split())[:_SHOWN],
            model=self.model.spec.name,
            started_ns=time.time_ns(),
        )
        self.recorder.journal.write({"r": "run", "run": row.to_dict()})
        context, root, meter = contextvars.Context(), self.recorder.run(row), self.caps.child()
        context.run(root.__enter__)
        # A call is sent as it came: neither seeded nor heated.
        stages = (recording_stage(self.recorder, whole=True),)
        calls = RunCalls(seed_of=lambda call: None, meter=meter, stages=stages)
        door = Door(run, self.model.for_run(calls), self.recorder, context=context)
        return _Conversation(row, door, root, meter)

    def _end_idle(self) -> None:
        late = time.monotonic() - _IDLE_S
        for run in [run for run, found in self._open.items() if found.last_s < late]:
            self._end(run)

    def _end(self, run: str) -> None:
        found = self._open.pop(run)
        self._begun = {first: of for first, of in self._begun.items() if of != run}
        found.door.context.run(found.root.__exit__, None, None, None)
        used = found.meter.usage
        usage = {"input_tokens": used.input_tokens, "output_tokens": used.output_tokens, "usd": used.usd}
        ended = replace(
            found.row,
            status=RunStatus.COMPLETED.value,
            ended_ns=time.time_ns(),
            usage={"calls": used.calls, **usage},
        )
        self.recorder.journal.write({"r": "run", "run": ended.to_dict()})


def _beginning(body: Mapping[str, Any]) -> tuple[list[Any], bool]:
    """Give what a conversation begins with and keeps, up to its first user message, and whether there is no more."""
    told = body.get("messages") or body.get("input") or ()
    messages: list[Any] = [{"role": "user", "content": told}] if isinstance(told, str) else list(told)
    roles = [m.get("role") if isinstance(m, Mapping) else None for m in messages]
    end = roles.index("user") + 1 if "user" in roles else len(messages)
    return [body.get("instructions"), *messages[:end]], end == len(messages)


@contextlib.contextmanager
def serve_gateway(model: Model, recorder: Recorder, *, port: int = 0, caps: Meter | None = None) -> Generator[str]:
    """Serve a recording proxy before a model while the block runs, and give its base URL.

    A call belongs to the run of its W3C trace; one without a trace to the run of its conversation, which ends after
    ten minutes without a call. Calls are sent as they came, but for the name of the model.

    Args:
        model: What answers.
        recorder: What records.
        port: Where it listens on 127.0.0.1; 0 takes a free one.
        caps: Counts and caps the calls of all runs.

    Raises:
        TracerError: The port is taken.
    """
    reception = _Reception(model, recorder, caps or Meter())
    server = LoopbackServer("gateway", lambda: gateway_application(Doors(), reception.admit))
    with server.running(port) as url:
        try:
            yield f"{url}/v1"
        finally:
            reception.end_all()
