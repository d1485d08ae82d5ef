"""Pydantic AI (and Logfire): GenAI names, one instance id per run of an agent, older names still about."""

from __future__ import annotations

from tracer.spans.names import StepKind
from tracer.spans.span import Span
from tracer.trajectory.dialects.dialect import Dialect, aliases
from tracer.trajectory.dialects.genai import OPERATIONS
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["PYDANTIC_AI"]


def _is_pydantic_ai(span: Span) -> bool:
    return span.scope.name.startswith("pydantic-ai") or "pydantic_ai.all_messages" in span.attributes


def _kind_of_older_names(draft: Draft, reader: MessageReader) -> None:
    if draft.kind != StepKind.UNKNOWN:
        return
    if draft.name in ("agent run",) or "agent_name" in draft.attributes:
        draft.kind = StepKind.AGENT
    elif draft.name.startswith("running tool") and "gen_ai.tool.name" in draft.attributes:
        draft.kind = StepKind.TOOL
    elif draft.name.startswith("running "):
        draft.kind = StepKind.WORKFLOW


PYDANTIC_AI = Dialect(
    name="pydantic_ai",
    recognises=_is_pydantic_ai,
    kinds={"gen_ai.operation.name": OPERATIONS},
    aliases=aliases(
        agent_name=("gen_ai.agent.name", "agent_name"),
        arguments=("gen_ai.tool.call.arguments", "tool_arguments"),
        result=("gen_ai.tool.call.result", "tool_response"),
        input=("gen_ai.input.messages", "pydantic_ai.all_messages", "all_messages_events", "events"),
        output=("gen_ai.output.messages", "final_result"),
    ),
    rekind=(_kind_of_older_names,),
)
