"""Vercel AI SDK: an outer span for the whole loop, inner ones for each call to the provider."""

from __future__ import annotations

from tracer.spans.names import StepKind
from tracer.trajectory.decode import as_text, decode
from tracer.trajectory.dialects.dialect import Dialect, aliases, has
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["VERCEL"]

_OUTER = ("generateText", "streamText", "generateObject", "streamObject")


def _name_the_loop(draft: Draft, reader: MessageReader) -> None:
    """With a function id the loop is an agent of that name; each call inside belongs to it."""
    named = as_text(draft.attributes.get("ai.telemetry.functionId"))
    if draft.kind == StepKind.WORKFLOW and named:
        draft.kind, draft.agent_name = StepKind.AGENT, named


def _read_output(draft: Draft, reader: MessageReader) -> None:
    if draft.kind != StepKind.MODEL:
        return
    attributes = draft.attributes
    calls = decode(attributes.get("ai.response.toolCalls"))
    text = attributes.get("ai.response.text") or attributes.get("ai.response.object")
    if text is not None or calls:
        told = {"role": "assistant", "content": as_text(text), "tool_calls": calls or []}
        reasoning = attributes.get("ai.response.reasoning")
        draft.output = reader.read([told | ({"reasoning": as_text(reasoning)} if reasoning else {})])


VERCEL = Dialect(
    name="vercel",
    recognises=has("ai.operationId"),
    kinds={
        "ai.operationId": {
            **{f"ai.{name}".lower(): StepKind.WORKFLOW for name in _OUTER},
            **{f"ai.{name}.doGenerate".lower(): StepKind.MODEL for name in _OUTER},
            **{f"ai.{name}.doStream".lower(): StepKind.MODEL for name in _OUTER},
            "ai.toolcall": StepKind.TOOL,
            "ai.embed": StepKind.WORKFLOW,
            "ai.embedmany": StepKind.WORKFLOW,
            "ai.embed.doembed": StepKind.RETRIEVAL,
            "ai.embedmany.doembed": StepKind.RETRIEVAL,
            "ai.rerank.dorerank": StepKind.RETRIEVAL,
        }
    },
    aliases=aliases(
        conversation=("ai.telemetry.metadata.sessionId", "ai.telemetry.metadata.threadId"),
        model=("ai.model.id",),
        tool=("ai.toolCall.name",),
        tool_call_id=("ai.toolCall.id",),
        arguments=("ai.toolCall.args", "ai.toolCall.input"),
        result=("ai.toolCall.result", "ai.toolCall.output"),
        response_id=("ai.response.id",),
        input_tokens=("ai.usage.inputTokens", "ai.usage.promptTokens"),
        output_tokens=("ai.usage.outputTokens", "ai.usage.completionTokens"),
        input=("ai.prompt.messages", "ai.prompt"),
        output=("ai.response.text", "ai.response.object"),
        tools=("ai.prompt.tools",),
    ),
    rekind=(_name_the_loop,),
    repairs=(_read_output,),
)
