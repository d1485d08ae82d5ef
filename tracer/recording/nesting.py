"""The tree of LangChain runs that are open, and which of them have a span."""

from __future__ import annotations

import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from langgraph.errors import ParentCommand
from opentelemetry import trace
from opentelemetry.trace import SpanKind

from tracer.recording.acts import is_within
from tracer.recording.place import Place, Stay
from tracer.recording.recorder import Recorder, fail
from tracer.spans.names import GenAI, Prosaic, StepKind

__all__ = ["Nesting", "OpenRun"]


@dataclass(frozen=True, slots=True)
class Seat:
    """Where an agent is called from.

    Attributes:
        of: Run, instance of the agent that calls it, its name.
        turn: Which call of the calling graph it is, and which of its super-steps: tasks of one are side by side.
        task: The task of the calling graph.
    """

    of: tuple[str, str, str]
    turn: tuple[int, Any]
    task: Any

    def follows(self, other: Seat) -> bool:
        """Tell whether a call from here comes after one from there, as the graph has it and not by the clock."""
        return self.turn != other.turn or self.task == other.task


@dataclass(slots=True)
class OpenRun:
    """One LangChain run: a graph, a node, a runnable, a model call or a tool call.

    Attributes:
        place: Where the things inside it happen.
        stay: What is gone back from at its end.
        span: Its span; None for runnables, for graphs before their first node, and for nodes.
        has_spans: True once anything inside it has a span.
        told: The last exception that a span inside was left by.
        seat: For an agent: where it was called from.
    """

    name: str
    parent: OpenRun | None
    place: Place
    stay: Stay
    started_ns: int
    span: trace.Span | None = None
    is_node: bool = False
    has_spans: bool = False
    told: BaseException | None = None
    seat: Seat | None = None

    def enclosing(self) -> Iterator[OpenRun]:
        """Yield the runs around this one, the innermost first."""
        parent = self.parent
        while parent is not None:
            yield parent
            parent = parent.parent


class Nesting:
    """Opens and closes LangChain runs, with the context that belongs to each.

    Contexts are put back by value, not by token: a callback may end a run in another task than it began in. An agent
    that is called again is the instance that it was; several that are called side by side are as many instances.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._open: dict[UUID, OpenRun] = {}
        self._becoming = threading.Lock()
        self._idle: defaultdict[tuple[str, str, str], dict[str, Seat]] = defaultdict(dict)

    def get(self, run_id: UUID | None) -> OpenRun | None:
        """Give an open run."""
        return self._open.get(run_id) if run_id is not None else None

    def enter(self, run_id: UUID, parent_id: UUID | None, name: str) -> OpenRun:
        """Note that a run has started, without a span."""
        parent = self.get(parent_id)
        stay = Stay.begin()
        place = parent.place if parent is not None else stay.outer[1]
        entry = OpenRun(name, parent, place, stay, time.time_ns())
        self._open[run_id] = entry
        return entry

    def enter_node(self, entry: OpenRun, facts: Mapping[str, Any]) -> None:
        """Make an entered run a node: what happens inside carries its name, and the graph around it is an agent."""
        parent = entry.parent
        if parent is not None and not parent.is_node:
            with self._becoming:  # the first nodes of a graph may start at once, each in a thread
                if parent.span is None:
                    self._become_agent(parent)
        entry.is_node = True
        around = parent.place if parent is not None else entry.place
        entry.place = replace(around, node=facts)
        self._go_to(entry)

    def start(
        self, run_id: UUID, parent_id: UUID | None, name: str, attributes: Mapping[str, Any], kind: SpanKind
    ) -> OpenRun:
        """Open a run with a span of its own."""
        entry = self.enter(run_id, parent_id, name)
        self._give_span(entry, name, attributes, kind)
        self._go_to(entry)
        return entry

    def end(self, run_id: UUID, error: BaseException | None = None) -> None:
        """Close a run and its span, and go back to where it was opened."""
        entry = self._open.pop(run_id, None)
        if entry is None:
            return
        if entry.span is not None:
            if error is not None:
                _fail(entry, entry.span, error)
            entry.span.end()
        if entry.seat is not None:
            self._idle[entry.seat.of][entry.place.agent_instance] = entry.seat
        entry.stay.end()

    def end_node(self, run_id: UUID, error: BaseException | None = None) -> None:
        """Close a node; one with no span inside, or left by an exception that none of them tells, gets one now."""
        entry = self._open.pop(run_id, None)
        if entry is None:
            return
        handed_off = isinstance(error, ParentCommand)  # which the span of the agent around it tells
        if not entry.has_spans or not (error is None or error is entry.told or handed_off):
            attributes = {Prosaic.STEP_KIND: StepKind.WORKFLOW.value, **entry.place.attributes()}
            span = self._new_span(entry, f"node {entry.name}", attributes, SpanKind.INTERNAL)
            if error is not None:
                _fail(entry, span, error)
            span.end()
        entry.stay.end()

    def _become_agent(self, entry: OpenRun) -> None:
        attributes = {GenAI.OPERATION: "invoke_agent", GenAI.AGENT_NAME: entry.name}
        node = entry.place.node or {}
        self._give_span(entry, f"invoke_agent {entry.name}", {**attributes, **node}, SpanKind.INTERNAL)
        assert entry.span is not None
        entry.seat = _seat(entry)
        idle = self._idle[entry.seat.of]
        own = f"{entry.span.get_span_context().span_id:016x}"
        instance = next((i for i, last in list(idle.items()) if entry.seat.follows(last)), own)
        idle.pop(instance, None)
        entry.span.set_attribute(Prosaic.AGENT_INSTANCE, instance)
        entry.place = Place(entry.place.run, entry.name, instance)

    def _give_span(self, entry: OpenRun, name: str, attributes: Mapping[str, Any], kind: SpanKind) -> None:
        entry.span = self._new_span(entry, name, attributes, kind)
        for around in entry.enclosing():
            if around.span is not None:
                break
            around.has_spans = True

    def _new_span(self, entry: OpenRun, name: str, attributes: Mapping[str, Any], kind: SpanKind) -> trace.Span:
        inside = next((around.span for around in entry.enclosing() if around.span is not None), None)
        context = entry.stay.outer[0]
        if inside is not None and not is_within(context, inside):
            context = trace.set_span_in_context(inside, context)
        return self._recorder.tracer.start_span(
            name, context, kind=kind, attributes=dict(attributes), start_time=entry.started_ns
        )

    def _go_to(self, entry: OpenRun) -> None:
        span = entry.span or next((around.span for around in entry.enclosing() if around.span is not None), None)
        outer = entry.stay.outer[0]
        entry.stay.go(outer if span is None else trace.set_span_in_context(span, outer), entry.place)


def _seat(entry: OpenRun) -> Seat:
    calling = next((around.span for around in entry.enclosing() if around.span is not None), None)
    node = entry.place.node or {}
    turn = calling.get_span_context().span_id if calling is not None else 0
    of = (entry.place.run, entry.place.agent_instance, entry.name)
    return Seat(of, (turn, node.get(Prosaic.NODE_STEP)), node.get(Prosaic.NODE_TASK))


def _fail(entry: OpenRun, span: trace.Span, error: BaseException) -> None:
    fail(span, error)
    for around in entry.enclosing():
        around.told = error
