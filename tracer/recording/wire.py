"""Record model calls where they leave for the model: stacks without LangChain, outside stacks, questions after a run.

A call made within a chat span (LangChain's callbacks opened it) only adds what is known at the wire; any other call
gets a span of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Any

from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.trace import SpanKind

from tracer.models.streaming import GarbledStream, assemble
from tracer.models.wire import CHAT, EMBEDDINGS, RESPONSES, Stage, Wire, WireFailure, WireRequest, WireResponse
from tracer.recording.openai_messages import items_to_genai, openai_to_genai
from tracer.recording.recorder import Recorder
from tracer.spans.names import GenAI, Prosaic, StepKind

__all__ = ["PROBING", "recording_stage"]

PROBING: ContextVar[bool] = ContextVar("tracer_probing", default=False)

_EMULATED = "prosaic_emulated"


@dataclass(frozen=True, slots=True)
class _Form:
    """How the calls to one path are told."""

    operation: str
    input: str
    asked: Callable[[Mapping[str, Any]], list[dict[str, Any]]]
    answered: Callable[[Mapping[str, Any]], list[dict[str, Any]]]


def _chat_input(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [openai_to_genai(message) for message in body["messages"]]


def _chat_output(response: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [openai_to_genai(choice.get("message") or {}) for choice in response.get("choices") or ()]


def _items_input(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    told = body.get("instructions")
    first = [{"role": "system", "parts": [{"type": "text", "content": told}]}] if told else []
    return first + items_to_genai(body.get("input") or ())


def _items_output(response: Mapping[str, Any]) -> list[dict[str, Any]]:
    return items_to_genai(response.get("output") or ())


def _texts(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    given = body.get("input") or ()
    texts = [given] if isinstance(given, str) else given
    return [{"role": "user", "parts": [{"type": "text", "content": text}]} for text in texts]


_FORMS = {
    CHAT: _Form("chat", "messages", _chat_input, _chat_output),
    RESPONSES: _Form("chat", "input", _items_input, _items_output),
    EMBEDDINGS: _Form("embeddings", "input", _texts, lambda response: []),
}


def recording_stage(recorder: Recorder, *, whole: bool = False) -> Stage:
    """Give the stage of the model pipeline that records every model call.

    Args:
        recorder: What records them.
        whole: Keep request and response as they went over the wire beside what the conventions have names for, so
            that the call can be made or answered again.
    """

    def stage(following: Wire) -> Wire:
        async def call(request: WireRequest) -> WireResponse:
            form = _FORMS.get(request.path)
            if form is None:
                return await following(request)
            current = trace.get_current_span()
            if _is_chat(current) and not PROBING.get():
                return _tell(current, request.body, await following(request))
            name = f"{form.operation} {request.body.get('model', '')}"
            asked = _asked(recorder, form, request.body) | (_raw_request(recorder, form, request.body) if whole else {})
            heard: list[dict[str, Any]] = []
            with recorder.span(name, asked, SpanKind.CLIENT) as span:
                try:
                    response = await following(_overheard(request, heard))
                except BaseException as error:
                    _tell_failure(recorder, span, error, form, heard)
                    raise
                span.set_attributes(_answered(recorder, form, response))
                if whole:
                    span.set_attributes(recorder.stored(Prosaic.WIRE_RESPONSE, response))
                return _tell(span, request.body, response)

        return call

    return stage


def _overheard(request: WireRequest, heard: list[dict[str, Any]]) -> WireRequest:
    """Note the events of a streamed answer too, so that one that breaks off is kept as far as it came."""
    hear = request.hear
    if hear is None:
        return request

    def note(event: dict[str, Any]) -> None:
        heard.append(event)
        hear(event)

    return replace(request, hear=note)


def _tell_failure(
    recorder: Recorder, span: trace.Span, error: BaseException, form: _Form, heard: list[dict[str, Any]]
) -> None:
    if isinstance(error, WireFailure) and error.http_status is not None:
        span.set_attribute("http.response.status_code", error.http_status)
    if heard:
        try:
            partial = assemble(heard)
        except GarbledStream:
            partial = {}
        span.set_attributes(_answered(recorder, form, partial) | {Prosaic.WIRE_BROKEN_OFF: True})


def _is_chat(span: trace.Span) -> bool:
    known = span.attributes if isinstance(span, ReadableSpan) else None
    return known is not None and known.get(GenAI.OPERATION) == "chat"


def _asked(recorder: Recorder, form: _Form, body: dict[str, Any]) -> dict[str, Any]:
    ids = [recorder.content.value(message) for message in form.asked(body)]
    attributes: dict[str, Any] = {GenAI.OPERATION: form.operation, GenAI.REQUEST_MODEL: str(body.get("model", ""))}
    attributes |= recorder.messages(GenAI.INPUT_MESSAGES, ids)
    if PROBING.get():
        attributes[Prosaic.STEP_KIND] = StepKind.PROBE.value
    if body.get("tools"):
        attributes |= recorder.stored(GenAI.TOOL_DEFINITIONS, body["tools"])
    return attributes


def _raw_request(recorder: Recorder, form: _Form, body: dict[str, Any]) -> dict[str, Any]:
    """Give the request as it was: its messages as a stored list, its tools beside, all the rest as one value."""
    rest = {k: v for k, v in body.items() if k not in (form.input, "tools")}
    given = body.get(form.input)
    if not isinstance(given, list):
        return recorder.stored(Prosaic.WIRE_REQUEST, rest | {form.input: given})
    ids = [recorder.content.value(item) for item in given]
    return recorder.stored(Prosaic.WIRE_REQUEST, rest) | recorder.messages(Prosaic.WIRE_INPUT, ids)


def _answered(recorder: Recorder, form: _Form, response: Mapping[str, Any]) -> dict[str, Any]:
    ids = [recorder.content.value(message) for message in form.answered(response)]
    attributes = recorder.messages(GenAI.OUTPUT_MESSAGES, ids)
    reasons = [str(c.get("finish_reason")) for c in response.get("choices") or ()] or [str(response.get("status"))]
    attributes[GenAI.FINISH_REASONS] = reasons
    for key, name in (("id", GenAI.RESPONSE_ID), ("model", GenAI.RESPONSE_MODEL)):
        if response.get(key):
            attributes[name] = str(response[key])
    usage = response.get("usage") or {}
    for keys, name in (
        (("prompt_tokens", "input_tokens"), GenAI.INPUT_TOKENS),
        (("completion_tokens", "output_tokens"), GenAI.OUTPUT_TOKENS),
    ):
        count = next((usage[key] for key in keys if isinstance(usage.get(key), int)), None)
        if count is not None:
            attributes[name] = count
    return attributes


def _tell(span: trace.Span, body: dict[str, Any], response: dict[str, Any]) -> dict[str, Any]:
    """Add what only the wire knows: the seed and temperature really sent, and whether tool calls were emulated."""
    for key, name in (("seed", GenAI.REQUEST_SEED), ("temperature", GenAI.REQUEST_TEMPERATURE)):
        if body.get(key) is not None:
            span.set_attribute(name, body[key])
    if response.get(_EMULATED):
        span.set_attribute(Prosaic.EMULATED_TOOLS, True)
    return response
