"""The Responses API on top of chat completions, for models that only have these."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tracer.errors import TracerError

__all__ = ["as_chat", "as_response", "response_events"]

_SAME = ("model", "temperature", "top_p", "parallel_tool_calls", "seed", "user")


def as_chat(body: Mapping[str, Any], before: Sequence[Any] = ()) -> dict[str, Any]:
    """Give the chat completion that asks for the same.

    Args:
        body: A request to `/responses`.
        before: The items of the conversation that it goes on from.

    Raises:
        TracerError: It asks for what a chat completion does not have: a tool that the endpoint itself runs.
    """
    given = body.get("input") or ()
    items = [{"role": "user", "content": given}] if isinstance(given, str) else list(given)
    told = body.get("instructions")
    messages = [{"role": "system", "content": told}] if told else []
    for item in [*before, *items]:
        _add(messages, item)
    chat: dict[str, Any] = {key: body[key] for key in _SAME if body.get(key) is not None} | {"messages": messages}
    if body.get("max_output_tokens"):
        chat["max_tokens"] = body["max_output_tokens"]
    if body.get("tools"):
        chat["tools"] = [_tool(tool) for tool in body["tools"]]
        choice = body.get("tool_choice")
        if isinstance(choice, Mapping):
            choice = {"type": "function", "function": {"name": choice.get("name", "")}}
        if choice is not None:
            chat["tool_choice"] = choice
    form = (body.get("text") or {}).get("format") or {}
    if form.get("type") == "json_schema":
        chat["response_format"] = {"type": "json_schema", "json_schema": {k: v for k, v in form.items() if k != "type"}}
    elif form.get("type") == "json_object":
        chat["response_format"] = {"type": "json_object"}
    return chat


def _add(messages: list[dict[str, Any]], item: Mapping[str, Any]) -> None:
    kind = item.get("type", "message")
    if kind == "message":
        role = item.get("role", "user")
        messages.append({"role": "system" if role == "developer" else role, "content": _text(item.get("content"))})
    elif kind == "function_call":
        function = {"name": item.get("name", ""), "arguments": item.get("arguments", "")}
        call = {"id": item.get("call_id", ""), "type": "function", "function": function}
        if not messages or messages[-1]["role"] != "assistant":
            messages.append({"role": "assistant", "content": None})
        messages[-1].setdefault("tool_calls", []).append(call)
    elif kind == "function_call_output":
        told = {"tool_call_id": item.get("call_id", ""), "content": _text(item.get("output"))}
        messages.append({"role": "tool", **told})


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return content if isinstance(content, str) else "" if content is None else json.dumps(content)


def _tool(tool: Mapping[str, Any]) -> dict[str, Any]:
    if tool.get("type") != "function":
        raise TracerError(f"the tool {tool.get('type')!r} is run by the endpoint itself, and this model has none such")
    wanted = ("name", "description", "parameters", "strict")
    return {"type": "function", "function": {key: tool[key] for key in wanted if tool.get(key) is not None}}


def as_response(chat: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    """Give a chat completion as the answer to a request to `/responses`, under the same id."""
    choice = chat["choices"][0]
    message, identity = choice["message"], str(chat.get("id") or "response")
    output: list[dict[str, Any]] = []
    if message.get("content") or not message.get("tool_calls"):
        text = {"type": "output_text", "text": message.get("content") or "", "annotations": [], "logprobs": []}
        said = {"role": "assistant", "status": "completed", "content": [text]}
        output.append({"type": "message", "id": f"msg_{identity}", **said})
    for place, call in enumerate(message.get("tool_calls") or ()):
        called = {"call_id": call["id"], **call["function"], "status": "completed"}
        output.append({"type": "function_call", "id": f"fc_{identity}_{place}", **called})
    cut = choice.get("finish_reason") == "length"
    usage = chat.get("usage") or {}
    return {
        "id": identity,
        "object": "response",
        "created_at": chat.get("created") or int(time.time()),
        "status": "incomplete" if cut else "completed",
        "incomplete_details": {"reason": "max_output_tokens"} if cut else None,
        "error": None,
        "model": chat.get("model"),
        "output": output,
        "instructions": body.get("instructions"),
        "metadata": body.get("metadata") or {},
        "parallel_tool_calls": body.get("parallel_tool_calls", True),
        "previous_response_id": body.get("previous_response_id"),
        "temperature": body.get("temperature"),
        "top_p": body.get("top_p"),
        "tool_choice": body.get("tool_choice", "auto"),
        "tools": body.get("tools") or [],
        "usage": {
            "input_tokens": usage.get("prompt_tokens", 0),
            "input_tokens_details": {"cached_tokens": 0, "cache_write_tokens": 0},
            "output_tokens": usage.get("completion_tokens", 0),
            "output_tokens_details": {"reasoning_tokens": 0},
            "total_tokens": usage.get("total_tokens", 0),
        }
        if usage
        else None,
    }


def response_events(response: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Give a whole response as the events of a streamed one."""
    for number, event in enumerate(_events(response)):
        yield event | {"sequence_number": number}


def _events(response: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    begun = dict(response) | {"status": "in_progress", "output": [], "usage": None}
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    for place, item in enumerate(response["output"]):
        at = {"output_index": place, "item_id": item["id"]}
        empty = {"content": []} if item["type"] == "message" else {"arguments": ""}
        opened = item | empty | {"status": "in_progress"}
        yield {"type": "response.output_item.added", "output_index": place, "item": opened}
        if item["type"] == "message":
            yield from _text_events(item["content"][0], at | {"content_index": 0})
        else:
            told = {"arguments": item["arguments"]}
            yield {"type": "response.function_call_arguments.delta", **at, "delta": item["arguments"]}
            yield {"type": "response.function_call_arguments.done", **at, "name": item["name"], **told}
        yield {"type": "response.output_item.done", "output_index": place, "item": item}
    yield {"type": f"response.{response['status']}", "response": dict(response)}


def _text_events(part: Mapping[str, Any], at: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": "response.content_part.added", **at, "part": dict(part) | {"text": ""}}
    yield {"type": "response.output_text.delta", **at, "delta": part["text"], "logprobs": []}
    yield {"type": "response.output_text.done", **at, "text": part["text"], "logprobs": []}
    yield {"type": "response.content_part.done", **at, "part": dict(part)}
