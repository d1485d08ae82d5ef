"""Record model calls where they leave for the model: stacks without LangChain, and questions put after a run.

A call made within a chat span (LangChain's callbacks opened it) only adds what is known at the wire; any other call
gets a span of its own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from tracer.recording.recorder import Recorder
from tracer.spans.names import GenAI, Prosaic, StepKind

__all__ = ["PROBING", "openai_to_genai", "recording_stage"]

PROBING: ContextVar[bool] = ContextVar("tracer_probing", default=False)

_EMULATED = "prosaic_emulated"


class _Request(Protocol):
    @property
    def body(self) -> dict[str, Any]: ...


_R = TypeVar("_R", bound=_Request)
_Wire = Callable[[_R], Awaitable[dict[str, Any]]]


def recording_stage(recorder: Recorder) -> Callable[[_Wire[_R]], _Wire[_R]]:
    """Give the stage of the model pipeline that records every chat completion."""

    def stage(following: _Wire[_R]) -> _Wire[_R]:
        async def call(request: _R) -> dict[str, Any]:
            if "messages" not in request.body:
                return await following(request)
            current = trace.get_current_span()
            if _is_chat(current) and not PROBING.get():
                return _tell(current, request.body, await following(request))
            name = f"chat {request.body.get('model', '')}"
            with recorder.span(name, _asked(recorder, request.body), SpanKind.CLIENT) as span:
                response = await following(request)
                span.set_attributes(_answered(recorder, response))
                return _tell(span, request.body, response)

        return call

    return stage


def openai_to_genai(message: dict[str, Any]) -> dict[str, Any]:
    """Convert one chat message of the OpenAI wire to the form of the GenAI conventions."""
    role = message.get("role", "")
    content = message.get("content")
    if role == "tool":
        part = {"type": "tool_call_response", "id": message.get("tool_call_id", ""), "response": content}
        return {"role": "tool", "parts": [part]}
    blocks = content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []
    parts = [{"type": "text", "content": b.get("text")} if b.get("type") == "text" else dict(b) for b in blocks]
    if message.get("refusal"):
        parts.append({"type": "refusal", "content": message["refusal"]})
    for made in message.get("tool_calls") or ():
        function = made.get("function") or {}
        parts.append(
            {
                "type": "tool_call",
                "id": made.get("id", ""),
                "name": function.get("name", ""),
                "arguments": function.get("arguments", ""),
            }
        )
    return {"role": role, "parts": parts} | ({"name": message["name"]} if message.get("name") else {})


def _is_chat(span: trace.Span) -> bool:
    known = span.attributes if isinstance(span, ReadableSpan) else None
    return known is not None and known.get(GenAI.OPERATION) == "chat"


def _asked(recorder: Recorder, body: dict[str, Any]) -> dict[str, Any]:
    ids = [recorder.content.value(openai_to_genai(message)) for message in body["messages"]]
    attributes: dict[str, Any] = {GenAI.OPERATION: "chat", GenAI.REQUEST_MODEL: str(body.get("model", ""))}
    attributes |= recorder.messages(GenAI.INPUT_MESSAGES, ids)
    if PROBING.get():
        attributes[Prosaic.STEP_KIND] = StepKind.PROBE.value
    if body.get("tools"):
        attributes |= recorder.stored(GenAI.TOOL_DEFINITIONS, body["tools"])
    return attributes


def _answered(recorder: Recorder, response: dict[str, Any]) -> dict[str, Any]:
    choices = response.get("choices") or []
    ids = [recorder.content.value(openai_to_genai(choice.get("message") or {})) for choice in choices]
    attributes = recorder.messages(GenAI.OUTPUT_MESSAGES, ids)
    attributes[GenAI.FINISH_REASONS] = [str(c.get("finish_reason")) for c in choices]
    for key, name in (("id", GenAI.RESPONSE_ID), ("model", GenAI.RESPONSE_MODEL)):
        if response.get(key):
            attributes[name] = str(response[key])
    usage = response.get("usage") or {}
    for key, name in (("prompt_tokens", GenAI.INPUT_TOKENS), ("completion_tokens", GenAI.OUTPUT_TOKENS)):
        if isinstance(usage.get(key), int):
            attributes[name] = usage[key]
    return attributes


def _tell(span: trace.Span, body: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    """Add what only the wire knows: the seed and temperature really sent, and whether tool calls were emulated."""
    for key, name in (("seed", GenAI.REQUEST_SEED), ("temperature", GenAI.REQUEST_TEMPERATURE)):
        if body.get(key) is not None:
            span.set_attribute(name, body[key])
    if response.get(_EMULATED):
        span.set_attribute(Prosaic.EMULATED_TOOLS, True)
    return response
