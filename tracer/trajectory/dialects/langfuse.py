"""Langfuse SDK: observations with a type, usage that leaves cached tokens out of the input."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracer.spans.names import StepKind
from tracer.trajectory.decode import as_int, decode, decode_mapping
from tracer.trajectory.dialects.dialect import Dialect, aliases, has
from tracer.trajectory.dialects.langchain import response_id_in, settle_graph_kinds
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["LANGFUSE"]

_INPUT = ("input", "input_tokens", "prompt_tokens", "promptTokens")
_CACHED = ("input_cache_read", "input_cached_tokens", "cache_read_input_tokens", "cached_tokens")
_OUTPUT = ("output", "output_tokens", "completion_tokens", "completionTokens")


def _read_usage(draft: Draft, reader: MessageReader) -> None:
    if draft.kind != StepKind.MODEL:
        return
    usage = decode_mapping(draft.attributes.get("langfuse.observation.usage_details"))
    given, cached, made = (_first_number(usage, keys) for keys in (_INPUT, _CACHED, _OUTPUT))
    if given is not None:
        draft.input_tokens = given + (cached or 0)
    draft.output_tokens = draft.output_tokens if made is None else made
    draft.response_id = draft.response_id or response_id_in(draft.attributes.get("langfuse.observation.output"))


def _first_number(usage: Mapping[str, Any], keys: tuple[str, ...]) -> int | None:
    return next((number for key in keys if (number := as_int(usage.get(key))) is not None), None)


def _set_tool_definitions_apart(draft: Draft, reader: MessageReader) -> None:
    """Tool definitions are recorded as messages of the role tool at the end of the input."""
    if draft.kind != StepKind.MODEL:
        return
    told = decode(draft.attributes.get("langfuse.observation.input"))
    if isinstance(told, Mapping):
        draft.data.setdefault("tools", told.get("tools"))
        told = told.get("messages", told)
    if isinstance(told, list):
        definitions = [m for m in told if _is_definition(m)]
        if definitions:
            draft.data["tools"] = [m["content"] for m in definitions]
            draft.input = reader.read([m for m in told if not _is_definition(m)])


def _is_definition(message: Any) -> bool:
    if not isinstance(message, Mapping) or message.get("role") != "tool" or message.get("tool_call_id"):
        return False
    content = decode(message.get("content"))
    return isinstance(content, Mapping) and ("function" in content or "parameters" in content)


LANGFUSE = Dialect(
    name="langfuse",
    recognises=has("langfuse.observation.type", "langfuse.observation.input", "langfuse.observation.model.name"),
    kinds={
        "langfuse.observation.type": {
            "generation": StepKind.MODEL,
            "agent": StepKind.AGENT,
            "tool": StepKind.TOOL,
            "chain": StepKind.WORKFLOW,
            "span": StepKind.WORKFLOW,
            "event": StepKind.WORKFLOW,
            "retriever": StepKind.RETRIEVAL,
            "embedding": StepKind.RETRIEVAL,
            "guardrail": StepKind.WORKFLOW,
            "evaluator": StepKind.WORKFLOW,
        }
    },
    aliases=aliases(
        conversation=("langfuse.session.id", "session.id"),
        model=("langfuse.observation.model.name",),
        tool_call_id=("langfuse.observation.metadata.tool_call_id",),
        arguments=("langfuse.observation.input",),
        result=("langfuse.observation.output",),
        input=("langfuse.observation.input",),
        output=("langfuse.observation.output",),
        query=("langfuse.observation.input",),
        records=("langfuse.observation.output",),
    ),
    metadata=("langfuse.observation.metadata", "langfuse.observation.metadata."),
    rekind=(settle_graph_kinds,),
    repairs=(_read_usage, _set_tool_definitions_apart),
)
