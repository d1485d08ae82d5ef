"""Content that travels in events or log records of a span instead of its attributes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracer.spans.names import StepKind
from tracer.spans.otlp import BODY
from tracer.spans.span import Event
from tracer.trajectory.decode import as_text, decode
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader
from tracer.trajectory.step import Message

__all__ = ["read_events"]

_ROLES = {f"gen_ai.{role}.message": role for role in ("system", "user", "assistant", "tool")}
_IN = ("gen_ai.input.messages", "gen_ai.prompt")
_OUT = ("gen_ai.output.messages", "gen_ai.completion")


def read_events(draft: Draft, reader: MessageReader) -> None:
    """Take input and output from events where the attributes hold none: of every generation of the conventions."""
    given: list[Message] = []
    made: list[Message] = []
    for event in draft.span.events:
        if event.name.startswith("gen_ai."):
            _read_event(event, given, made, reader)
    if draft.kind in (StepKind.MODEL, StepKind.PROBE):
        draft.input = draft.input or tuple(given)
        draft.output = draft.output or tuple(made)
    elif draft.kind == StepKind.TOOL:
        if "arguments" not in draft.data and given:
            draft.data["arguments"] = decode(given[-1].content)
        if "result" not in draft.data and made:
            draft.data["result"] = made[-1].content
            answer = Message("tool", made[-1].content, tool_call_id=draft.tool_call_id, name=draft.name)
            draft.output = (reader.intern(answer),)
    else:
        draft.input = draft.input or tuple(given[-1:])
        draft.output = draft.output or tuple(made[-1:])


def _read_event(event: Event, given: list[Message], made: list[Message], reader: MessageReader) -> None:
    attributes = event.attributes
    body = decode(attributes.get(BODY))
    told: Mapping[str, Any] = {**attributes, **body} if isinstance(body, Mapping) else attributes
    if event.name in _ROLES:
        role = _ROLES[event.name]
        given.extend(reader.read([{"role": role, **_plain(told)}]))
        return
    if event.name == "gen_ai.choice":
        message = decode(told.get("message"))
        inner = message if isinstance(message, (Mapping, list)) else {"content": as_text(message), **_plain(told)}
        made.extend(reader.read([{"role": "assistant", **inner}] if isinstance(inner, Mapping) else inner, "assistant"))
        return
    system = reader.read(told.get("gen_ai.system_instructions"), "system")
    messages = tuple(m for key in _IN for m in reader.read(told.get(key)))
    given.extend(messages if messages[:1] and messages[0].role == "system" else system + messages)
    made.extend(m for key in _OUT for m in reader.read(told.get(key), "assistant"))


def _plain(told: Mapping[str, Any]) -> dict[str, Any]:
    """Give the fields of a message: tool messages name their call `id`."""
    fields = {key: decode(value) for key, value in told.items() if "." not in key}
    if "id" in fields:
        fields.setdefault("tool_call_id", fields["id"])
    return fields
