"""smolagents as OpenInference records it: tool calls and observations written as text, Python reprs, unnamed plans."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tracer.spans.names import StepKind
from tracer.trajectory.decode import decode
from tracer.trajectory.dialects.dialect import scoped
from tracer.trajectory.dialects.flat import unflatten
from tracer.trajectory.dialects.openinference import OPENINFERENCE
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["SMOLAGENTS"]

_CALLING = "Calling tools:\n"
_OBSERVED = "Observation:\n"


def _name_by_run(draft: Draft, reader: MessageReader) -> None:
    if draft.kind == StepKind.AGENT:
        draft.agent_name = draft.agent_name or draft.name.removesuffix(".run")
        draft.name = draft.agent_name


def _read_written_calls(draft: Draft, reader: MessageReader) -> None:
    """Give tool calls and observations, which the history holds as plain text, their own form back."""
    if draft.kind != StepKind.MODEL:
        return
    history = unflatten(draft.attributes, "llm.input_messages")
    asked: list[str] = []
    for message in history:
        text = _text(message.get("content"))
        if message.get("role") == "tool-call" and text.startswith(_CALLING):
            calls = decode(text.removeprefix(_CALLING))
            if isinstance(calls, list):
                message.update(content="", tool_calls=calls)
                asked = [call["id"] for call in calls if isinstance(call, dict) and isinstance(call.get("id"), str)]
        elif message.get("role") == "tool-response":
            message.update(content=text.removeprefix(_OBSERVED), tool_call_id=asked.pop(0) if asked else "")
    if history:
        draft.input = reader.read(history)


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(part.get("text", "") for part in content if isinstance(part, dict))
    return content if isinstance(content, str) else ""


SMOLAGENTS = replace(
    OPENINFERENCE,
    name="smolagents",
    recognises=scoped("openinference.instrumentation.smolagents"),
    rekind=(*OPENINFERENCE.rekind, _name_by_run),
    repairs=(*OPENINFERENCE.repairs, _read_written_calls),
)
