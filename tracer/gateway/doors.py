"""Doors: by which address, token or trace a call from outside belongs to a run, and what the run lets it do."""

from __future__ import annotations

import contextlib
import contextvars
import secrets
import threading
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracer.models import RunModel
from tracer.recording import Recorder, traced_run
from tracer.spans import Span

__all__ = ["Door", "Doors", "ToolOffer"]


@dataclass(frozen=True, slots=True)
class ToolOffer:
    """One tool of a world, as it is offered over MCP.

    Attributes:
        name: What it is called.
        description: What it does.
        schema: JSON schema of its arguments, an object.
        call: Arguments -> what it returns, as text; raises what the tool raises.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    call: Callable[[Mapping[str, Any]], Awaitable[str]]


@dataclass(frozen=True)
class Door:
    """What a run lets in from outside: model calls, tool calls, spans.

    Attributes:
        run: Id of the run.
        model: The run's model: calls through it are seeded, counted, capped and recorded as those of any stack.
        recorder: What records them.
        tools: The tools of its world.
        context: Where in the run calls from outside take place: within its root span.
        answers: Response id -> the conversation up to it, for calls that name an earlier response.
    """

    run: str
    model: RunModel
    recorder: Recorder
    tools: Sequence[ToolOffer] = ()
    context: contextvars.Context = field(default_factory=contextvars.copy_context)
    answers: dict[str, list[Any]] = field(default_factory=dict[str, list[Any]])

    def here(self) -> contextvars.Context:
        """Give a context of its own for one call, which may run beside others."""
        return self.context.run(contextvars.copy_context)

    def take_spans(self, spans: Sequence[Span]) -> None:
        """Put spans of the outside program into the run, exactly as they came.

        Raises:
            StoreError: The journal cannot be written.
        """
        for span in spans:
            self.recorder.keep(span, self.run)


class Doors:
    """The doors that are open now, by token and by run; safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_token: dict[str, Door] = {}
        self._by_run: dict[str, Door] = {}

    @contextlib.contextmanager
    def open(self, door: Door) -> Generator[str]:
        """Keep a door open while the block runs, and give its token."""
        token = "run-" + secrets.token_hex(16)
        with self._lock:
            self._by_token[token] = self._by_run[door.run] = door
        try:
            yield token
        finally:
            with self._lock:
                del self._by_token[token], self._by_run[door.run]

    def find(self, token: str, headers: Mapping[str, str]) -> Door | None:
        """Give the door of a call: by its trace, else by the token in its path, else by the token sent as its key."""
        key = headers.get("authorization", "").removeprefix("Bearer ").strip()
        run = traced_run(headers.get("traceparent", ""))
        with self._lock:
            return self._by_run.get(run) or self._by_token.get(token) or self._by_token.get(key)
