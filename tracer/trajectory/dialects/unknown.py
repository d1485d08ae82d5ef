"""What no dialect recognises: a step of kind `unknown`, or of the kind that a standard span name gives away."""

from __future__ import annotations

from tracer.spans.names import Method, StepKind
from tracer.trajectory.dialects.dialect import Dialect, aliases
from tracer.trajectory.dialects.genai import OPERATIONS
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["UNKNOWN"]

# Span names begin with the operation; of these, only what nobody calls a span by chance.
_TELLING = {name: kind for name, kind in OPERATIONS.items() if "_" in name} | {"chat": StepKind.MODEL}


def _kind_by_name(draft: Draft, reader: MessageReader) -> None:
    operation, _, target = draft.name.partition(" ")
    kind = _TELLING.get(operation)
    if kind is not None and target:
        draft.kind, draft.name = kind, target
        draft.inferred["kind"] = (Method.CONTENT_MATCH, 0.7)
        if kind == StepKind.AGENT:
            draft.agent_name = target


UNKNOWN = Dialect(
    name="unknown",
    recognises=lambda span: True,
    kinds={},
    aliases=aliases(
        input=("input.value", "input", "prompt", "request", "messages"),
        output=("output.value", "output", "completion", "response"),
        arguments=("input.value", "input", "arguments"),
        result=("output.value", "output", "result"),
        agent_name=("agent.name", "agent_name", "agent"),
        conversation=("conversation.id", "thread.id", "thread_id", "session_id"),
    ),
    rekind=(_kind_by_name,),
)
