"""Google ADK: GenAI names, and in older versions whole requests and responses in attributes of its own."""

from __future__ import annotations

from tracer.spans.names import StepKind
from tracer.spans.span import Span
from tracer.trajectory.decode import as_text, decode_mapping
from tracer.trajectory.dialects.dialect import Dialect, aliases
from tracer.trajectory.dialects.genai import OPERATIONS, mark_setup
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["GOOGLE_ADK"]


def _is_adk(span: Span) -> bool:
    return span.scope.name.startswith("gcp.vertex.agent") or "gcp.vertex.agent.event_id" in span.attributes


def _kind_by_name(draft: Draft, reader: MessageReader) -> None:
    if draft.name.startswith("agent_run ["):
        draft.kind, draft.agent_name = StepKind.AGENT, draft.name[len("agent_run [") :].rstrip("]")
    elif draft.kind == StepKind.UNKNOWN and draft.name in ("call_llm", "invocation"):
        draft.kind = StepKind.MODEL if draft.name == "call_llm" else StepKind.WORKFLOW


def _read_request(draft: Draft, reader: MessageReader) -> None:
    if draft.kind != StepKind.MODEL:
        return
    request = decode_mapping(draft.attributes.get("gcp.vertex.agent.llm_request"))
    response = decode_mapping(draft.attributes.get("gcp.vertex.agent.llm_response"))
    if not draft.input and request:
        system = decode_mapping(request.get("config")).get("system_instruction")
        draft.input = reader.read(as_text(system), "system") + reader.read(request.get("contents"))
    if not draft.output and response:
        draft.output = reader.read([response.get("content")], "assistant")


GOOGLE_ADK = Dialect(
    name="google_adk",
    recognises=_is_adk,
    kinds={"gen_ai.operation.name": OPERATIONS},
    aliases=aliases(
        arguments=("gen_ai.tool.call.arguments", "gcp.vertex.agent.tool_call_args"),
        result=("gen_ai.tool.call.result", "gcp.vertex.agent.tool_response"),
        conversation=("gen_ai.conversation.id", "gcp.vertex.agent.session_id"),
    ),
    rekind=(_kind_by_name,),
    repairs=(mark_setup, _read_request),
)
