"""What LangChain and LangGraph leave in every dialect that records them: metadata, tool messages, commands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tracer.spans.names import StepKind
from tracer.trajectory.decode import as_text, decode
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["command_target", "response_id_in", "settle_graph_kinds", "tool_message", "updated_messages"]

_GOTO = re.compile(r"""Command\(.*\bgoto=(?:'([^']+)'|"([^"]+)"|Send\(node='([^']+)')""", re.DOTALL)


def settle_graph_kinds(draft: Draft, reader: MessageReader) -> None:
    """Tell agents from graph nodes by LangChain's own word, where an instrumentation only guesses from names."""
    told = draft.framework
    if draft.kind not in (StepKind.WORKFLOW, StepKind.AGENT) or not told.get("ls_integration"):
        return
    if told.get("lc_agent_name") == draft.name and told["ls_integration"] != "langgraph":
        draft.kind = StepKind.AGENT
    elif draft.kind == StepKind.AGENT:
        draft.kind = StepKind.WORKFLOW


def tool_message(value: Any) -> Mapping[str, Any] | None:
    """Give the fields of the LangChain tool message that a recorded tool result is, if it is one."""
    told = decode(value)
    if isinstance(told, Mapping) and set(told) <= {"output", "kwargs"} and isinstance(told.get("output"), Mapping):
        told = told["output"]
    if not isinstance(told, Mapping):
        return None
    for inner in ("kwargs", "data"):
        if isinstance(told.get(inner), Mapping) and ("lc" in told or "type" in told):
            told = told[inner]
    return told if "tool_call_id" in told and "content" in told else None


def command_target(value: Any) -> str:
    """Give where a `Command` to the parent graph goes, from a recorded result, status message or exception; else ""."""
    told = decode(value)
    if isinstance(told, Mapping) and isinstance(told.get("output"), Mapping):
        told = told["output"]
    if isinstance(told, Mapping):
        if told.get("graph") and told.get("goto"):
            goto = told["goto"]
            first = goto[0] if isinstance(goto, (list, tuple)) else goto
            return as_text(first.get("node") if isinstance(first, Mapping) else first)
        return ""
    found = _GOTO.search(told) if isinstance(told, str) and "Command(" in told else None
    return next((group for group in found.groups() if group), "") if found else ""


def updated_messages(value: Any) -> Any:
    """Give the messages that a `Command` puts into the state, None where the value is no command."""
    told = decode(value)
    if isinstance(told, Mapping) and isinstance(told.get("output"), Mapping):
        told = told["output"]
    if not isinstance(told, Mapping) or "graph" not in told or not isinstance(told.get("update"), Mapping):
        return None
    return told["update"].get("messages", [])


def response_id_in(value: Any) -> str:
    """Give the provider's response id from a recorded raw response or LangChain generation."""
    told = decode(value)
    if not isinstance(told, Mapping):
        return ""
    if isinstance(told.get("id"), str):
        return told["id"]
    generations = told.get("generations")
    while isinstance(generations, list) and generations:
        generations = generations[0]
    message = generations.get("message") if isinstance(generations, Mapping) else None
    if not isinstance(message, Mapping):
        return ""
    fields = message.get("kwargs") or message.get("data") or message
    metadata = fields.get("response_metadata") if isinstance(fields, Mapping) else None
    return as_text(metadata.get("id")) if isinstance(metadata, Mapping) else ""
