"""Native records of the OpenAI Agents SDK (`trace` and `trace.span` objects) -> spans."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tracer.spans.names import GenAI, Prosaic
from tracer.spans.otlp import make_id
from tracer.spans.span import Scope, Span, Status
from tracer.trajectory.decode import as_text, encode

__all__ = ["is_agents_record", "read_agents_record"]

_SCOPE = Scope("prosaic.openai_agents")
_OPERATIONS = {
    "response": "chat",
    "generation": "chat",
    "function": "execute_tool",
    "agent": "invoke_agent",
    "handoff": "handoff",
    "mcp_tools": "fetch_response",
}


def is_agents_record(record: Any) -> bool:
    """Tell whether a record is one of the SDK's."""
    return isinstance(record, Mapping) and record.get("object") in ("trace", "trace.span")


def read_agents_record(record: Mapping[str, Any]) -> Span | None:
    """Give the span that a `trace.span` record is; None for a `trace`, which holds no time of its own.

    What the record says is kept whole as JSON under `openai_agents.record`.
    """
    if record.get("object") != "trace.span":
        return None
    data = record.get("span_data")
    told: Mapping[str, Any] = data if isinstance(data, Mapping) else {}
    kind = as_text(told.get("type"))
    trace = make_id("openai-agents", record.get("trace_id"), size=16)
    error = record.get("error")
    return Span(
        trace_id=trace,
        span_id=make_id("openai-agents", record.get("id")),
        parent_id=make_id("openai-agents", record["parent_id"]) if record.get("parent_id") else None,
        name=as_text(told.get("name")) or kind or "span",
        kind=1,
        start_ns=_nanoseconds(record.get("started_at")) or 0,
        end_ns=_nanoseconds(record.get("ended_at")),
        attributes=_attributes(kind, told) | {"openai_agents.record": encode(record).decode("utf-8", "replace")},
        status=Status(2, as_text(error.get("message"))) if isinstance(error, Mapping) else Status(),
        scope=_SCOPE,
    )


def _attributes(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    usage = told.get("usage")
    counted: Mapping[str, Any] = usage if isinstance(usage, Mapping) else {}
    made: dict[str, Any] = {GenAI.OPERATION: _OPERATIONS.get(kind, "chain")}
    if kind in ("response", "generation"):
        made |= {
            GenAI.RESPONSE_ID: told.get("response_id"),
            GenAI.REQUEST_MODEL: told.get("model"),
            GenAI.INPUT_TOKENS: counted.get("input_tokens"),
            GenAI.OUTPUT_TOKENS: counted.get("output_tokens"),
            GenAI.INPUT_MESSAGES: told.get("input"),
            GenAI.OUTPUT_MESSAGES: told.get("output"),
        }
    elif kind == "function":
        made |= {
            GenAI.TOOL_NAME: told.get("name"),
            GenAI.TOOL_ARGUMENTS: told.get("input"),
            GenAI.TOOL_RESULT: told.get("output"),
        }
    elif kind == "agent":
        made[GenAI.AGENT_NAME] = told.get("name")
    elif kind == "handoff":
        made |= {Prosaic.HANDOFF_FROM: told.get("from_agent"), Prosaic.HANDOFF_TO: told.get("to_agent")}
    elif kind == "guardrail":
        made["openai_agents.triggered"] = told.get("triggered")
    return {key: value for key, value in made.items() if value is not None}


def _nanoseconds(value: Any) -> int | None:
    try:
        return int(datetime.fromisoformat(value).timestamp() * 1e9)
    except (TypeError, ValueError, OverflowError):
        return None
