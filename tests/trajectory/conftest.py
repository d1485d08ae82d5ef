"""Runs written by hand, as our own recorder would write them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from tracer.spans.span import Event, Link, Span, Status

Parts = dict[str, Any]


def text(role: str, content: str, name: str = "") -> Parts:
    made: Parts = {"role": role, "parts": [{"type": "text", "content": content}]}
    return {**made, "name": name} if name else made


def asks(call: str, tool: str, **arguments: Any) -> Parts:
    part = {"type": "tool_call", "id": call, "name": tool, "arguments": arguments}
    return {"role": "assistant", "parts": [part]}


def answers(call: str, result: str) -> Parts:
    return {"role": "tool", "parts": [{"type": "tool_call_response", "id": call, "response": result}]}


@dataclass
class Story:
    """Writes spans one after the other on a clock of its own."""

    run: str = "run-1"
    trace: str = "a" * 32
    spans: list[Span] = field(default_factory=list[Span])
    now: int = 1_000
    _ids: Any = field(default_factory=lambda: itertools.count(1))

    def span(self, name: str, parent: Span | None = None, lasts: int = 10, **more: Any) -> Span:
        """Write any span; `attributes`, `start`, `end`, `status`, `events`, `links` as for `Span`."""
        start = more.pop("start", self.now)
        end = more.pop("end", start + lasts)
        attributes = {"prosaic.run.id": self.run, **more.pop("attributes", {})}
        made = Span(
            trace_id=self.trace,
            span_id=f"{next(self._ids):016x}",
            parent_id=parent.span_id if parent else None,
            name=name,
            start_ns=start,
            end_ns=end,
            attributes=attributes,
            **more,
        )
        self.spans.append(made)
        self.now = max(self.now, (end or start) + 1)
        return made

    def workflow(self, name: str = "suite", lasts: int = 100_000) -> Span:
        made = self.span(
            f"invoke_workflow {name}", lasts=lasts, attributes={"gen_ai.operation.name": "invoke_workflow"}
        )
        self.now = made.start_ns + 1
        return made

    def agent(self, name: str, parent: Span, instance: str = "", lasts: int = 50_000) -> Span:
        told = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name}
        if instance:
            told["prosaic.agent.instance.id"] = instance
        made = self.span(f"invoke_agent {name}", parent, lasts=lasts, attributes=told)
        self.now = made.start_ns + 1
        return made

    def chat(self, parent: Span, given: list[Parts], made: list[Parts], **more: Any) -> Span:
        told = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "m",
            "gen_ai.input.messages": tuple(given),
            "gen_ai.output.messages": tuple(made),
            **self._inherited(parent),
            **more.pop("attributes", {}),
        }
        return self.span("chat m", parent, attributes=told, **more)

    def tool(self, parent: Span, name: str, call: str, result: Any, **more: Any) -> Span:
        told = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.id": call,
            "gen_ai.tool.call.result": result,
            **self._inherited(parent),
            **more.pop("attributes", {}),
        }
        return self.span(f"execute_tool {name}", parent, attributes=told, **more)

    @staticmethod
    def _inherited(parent: Span) -> dict[str, Any]:
        kept = ("gen_ai.agent.name", "prosaic.agent.instance.id")
        return {key: parent.attributes[key] for key in kept if key in parent.attributes}


@dataclass(frozen=True)
class Writing:
    """The words that stories are written with."""

    text: Callable[..., Parts] = text
    asks: Callable[..., Parts] = asks
    answers: Callable[..., Parts] = answers
    event: type[Event] = Event
    link: type[Link] = Link
    status: type[Status] = Status


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def say() -> Writing:
    return Writing()
