"""Microsoft Agent Framework: GenAI names, and workflow spans whose links say which message led to what."""

from __future__ import annotations

from tracer.spans.names import StepKind
from tracer.spans.span import Span
from tracer.trajectory.decode import as_text
from tracer.trajectory.dialects.dialect import Dialect, aliases
from tracer.trajectory.dialects.genai import OPERATIONS, mark_setup
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["AGENT_FRAMEWORK"]

_NAMES = ("workflow.", "executor.process", "edge_group.process", "message.send")


def _is_agent_framework(span: Span) -> bool:
    told = span.attributes.get("gen_ai.provider.name")
    return (
        span.scope.name.startswith("agent_framework")
        or told == "microsoft.agent_framework"
        or (
            span.name.startswith(_NAMES)
            and any(k.startswith(("workflow.", "executor.", "edge_group.", "message.")) for k in span.attributes)
        )
    )


def _kind_by_name(draft: Draft, reader: MessageReader) -> None:
    if draft.kind == StepKind.UNKNOWN and draft.name.startswith(_NAMES):
        draft.kind = StepKind.MESSAGE if draft.name.startswith("message.send") else StepKind.WORKFLOW
        draft.setup = draft.name.startswith("workflow.build")


def _read_workflow(draft: Draft, reader: MessageReader) -> None:
    attributes = draft.attributes
    executor = as_text(attributes.get("executor.id"))
    if executor:
        draft.name = draft.node = executor
    if draft.kind == StepKind.MESSAGE:
        source = as_text(attributes.get("message.source_id"))
        target = as_text(attributes.get("message.destination_executor_id") or attributes.get("message.target_id"))
        draft.data.update({"from": source, "to": [target] if target else [], "message": draft.id})
    definition = attributes.get("workflow.definition")
    if definition is not None:
        draft.data["definition"] = definition


AGENT_FRAMEWORK = Dialect(
    name="agent_framework",
    recognises=_is_agent_framework,
    kinds={"gen_ai.operation.name": OPERATIONS},
    aliases=aliases(
        agent=("gen_ai.agent.id",),
        agent_name=("gen_ai.agent.name", "gen_ai.agent.id"),
        workflow=("workflow.name", "workflow.id"),
    ),
    rekind=(_kind_by_name,),
    repairs=(mark_setup, _read_workflow),
)
