"""What a stack can say about itself: plans, memory, goals, beliefs, handoffs and messages.

Inferred structure is never as good as recorded structure. Each call needs one line in a stack and becomes spans and
events of the conventions (or of our namespace, where they have none).
"""

from __future__ import annotations

import contextlib
import itertools
from collections import Counter
from collections.abc import Generator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Literal

from opentelemetry import trace

from tracer.recording.place import come_back
from tracer.recording.recorder import Recorder
from tracer.spans.names import GenAI, Prosaic, StepKind

__all__ = ["Emitter"]

GoalStatus = Literal["adopted", "active", "achieved", "failed", "abandoned", "revised"]
BeliefOperation = Literal["assert", "revise", "retract"]
MemoryOperation = Literal["create_memory", "update_memory", "upsert_memory", "delete_memory", "search_memory"]

_PLAN_STEP: ContextVar[str] = ContextVar("tracer_plan_step", default="")


class Emitter:
    """Emits spans and events at the current place of a run; `kit.emit` in a stack."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._numbers = itertools.count(1)
        self._plans: Counter[str] = Counter()

    @contextlib.contextmanager
    def plan(self, name: str = "plan") -> Generator[PlanSpan]:
        """Record planning; model calls inside are its children. Call `steps(...)` with the plan that comes out.

        A second `plan` of the same name is a new version of it.
        """
        with self._recorder.span(f"plan {name}", {GenAI.OPERATION: "plan", Prosaic.PLAN_ID: name}) as span:
            self._plans[name] += 1
            yield PlanSpan(self._recorder, span, self._plans[name])

    @contextlib.contextmanager
    def plan_step(self, step: str) -> Generator[None]:
        """Mark everything inside as the execution of one step of a plan."""
        token = _PLAN_STEP.set(step)
        attributes = {Prosaic.STEP_KIND: StepKind.WORKFLOW.value, Prosaic.PLAN_STEP_ID: step}
        try:
            with self._recorder.span(f"plan step {step}", attributes):
                yield
        finally:
            _PLAN_STEP.reset(token)

    @contextlib.contextmanager
    def branch(self, branch: str, content: str, *, parent: str = "") -> Generator[BranchSpan]:
        """Record one branch of a search; what is done to judge it lies inside. Call `value(...)` with what comes out.

        Args:
            branch: Id of the branch, unique within the run.
            content: What it adds to the branch that it goes on from.
            parent: Id of that branch; "" for one that begins a search.
        """
        attributes: dict[str, Any] = {Prosaic.STEP_KIND: StepKind.WORKFLOW.value, Prosaic.BRANCH_ID: branch}
        attributes |= {Prosaic.BRANCH_PARENT: parent} if parent else {}
        with self._recorder.span(
            f"branch {branch}", attributes | self._content(Prosaic.BRANCH_CONTENT, content)
        ) as span:
            yield BranchSpan(span)

    def memory(
        self,
        operation: MemoryOperation,
        *,
        query: str = "",
        records: Sequence[Mapping[str, Any]] = (),
        store: str = "memory",
    ) -> None:
        """Record one read or write of a memory.

        Args:
            operation: What was done, in the words of the conventions.
            query: What was looked for.
            records: What was found or written: `{"id": ..., "content": ...}`.
            store: Which memory.
        """
        attributes: dict[str, Any] = {GenAI.OPERATION: operation, GenAI.MEMORY_STORE: store}
        if query:
            attributes |= self._recorder.stored(GenAI.MEMORY_QUERY, query)
        if records:
            attributes |= self._recorder.stored(GenAI.MEMORY_RECORDS, [dict(r) for r in records])
        with self._recorder.span(operation, attributes):
            pass

    def goal(self, text: str, *, status: GoalStatus = "active", source: str = "agent", goal_id: str = "") -> None:
        """Record a goal that the agent states or changes, as an event on the current span.

        Args:
            text: The goal.
            status: What happened to it.
            source: `user`, `system`, `agent` or `inferred`.
            goal_id: Stable name, to follow a goal through its revisions.
        """
        attributes = {Prosaic.GOAL_TEXT: text, Prosaic.GOAL_STATUS: status, Prosaic.GOAL_SOURCE: source}
        self._event(Prosaic.GOAL_EVENT, attributes | ({Prosaic.GOAL_ID: goal_id} if goal_id else {}))

    def belief(
        self,
        proposition: str,
        *,
        confidence: float = 1.0,
        operation: BeliefOperation = "assert",
        source: str = "inferred",
        belief_id: str = "",
    ) -> None:
        """Record a belief that the agent states, revises or gives up, as an event on the current span.

        Args:
            proposition: What is held to be true.
            confidence: 0 to 1.
            operation: What happened to it.
            source: `observed`, `told`, `inferred` or `prompted`.
            belief_id: Stable name, to follow a belief through its revisions.
        """
        attributes: dict[str, Any] = {
            Prosaic.BELIEF_PROPOSITION: proposition,
            Prosaic.BELIEF_CONFIDENCE: confidence,
            Prosaic.BELIEF_OPERATION: operation,
            Prosaic.BELIEF_SOURCE: source,
        }
        self._event(Prosaic.BELIEF_EVENT, attributes | ({Prosaic.BELIEF_ID: belief_id} if belief_id else {}))

    def handoff(self, source: str, target: str, reason: str = "") -> None:
        """Record that control passes from one agent to another."""
        attributes: dict[str, Any] = {
            Prosaic.STEP_KIND: StepKind.HANDOFF.value,
            Prosaic.HANDOFF_FROM: source,
            Prosaic.HANDOFF_TO: target,
        }
        with self._recorder.span(f"handoff {target}", attributes | self._content(Prosaic.HANDOFF_REASON, reason)):
            pass

    def message(self, sender: str, to: Sequence[str], content: str) -> str:
        """Record a message between agents and give its id."""
        identity = f"m{next(self._numbers)}"
        attributes: dict[str, Any] = {
            Prosaic.STEP_KIND: StepKind.MESSAGE.value,
            Prosaic.MESSAGE_ID: identity,
            Prosaic.MESSAGE_FROM: sender,
            Prosaic.MESSAGE_TO: list(to),
        }
        with self._recorder.span(f"message {sender}", attributes | self._content(Prosaic.MESSAGE_CONTENT, content)):
            pass
        return identity

    def _content(self, key: str, text: str) -> dict[str, Any]:
        return self._recorder.stored(key, text) if text else {}

    def _event(self, name: str, attributes: dict[str, Any]) -> None:
        come_back()
        step = _PLAN_STEP.get()
        trace.get_current_span().add_event(name, attributes | ({Prosaic.PLAN_STEP_ID: step} if step else {}))


class PlanSpan:
    """An open plan; `steps` says what was planned."""

    def __init__(self, recorder: Recorder, span: trace.Span, version: int) -> None:
        self._recorder = recorder
        self._span = span
        self._version = version

    def steps(self, steps: Sequence[str | Mapping[str, Any]]) -> None:
        """Record the steps of the plan; strings, or `{"id": ..., "text": ...}` where executing spans name an id."""
        numbered = [
            dict(step) if isinstance(step, Mapping) else {"id": str(i), "text": step} for i, step in enumerate(steps, 1)
        ]
        self._span.set_attribute(Prosaic.PLAN_VERSION, self._version)
        self._span.set_attributes(self._recorder.stored(Prosaic.PLAN_STEPS, numbered))


class BranchSpan:
    """An open branch of a search; `value` says what it was found to be worth."""

    def __init__(self, span: trace.Span) -> None:
        self._span = span

    def value(self, value: float) -> None:
        """Record the value of the branch; one that is never given is missing, not 0."""
        self._span.set_attribute(Prosaic.BRANCH_VALUE, float(value))
