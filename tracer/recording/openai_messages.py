"""Messages of the OpenAI wire -> GenAI messages: chat completions, and the items of the Responses API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

__all__ = ["items_to_genai", "openai_to_genai"]

_TEXTS = ("text", "input_text", "output_text", "summary_text")


def openai_to_genai(message: Mapping[str, Any]) -> dict[str, Any]:
    """Convert one chat message of the OpenAI wire to the form of the GenAI conventions."""
    role = message.get("role", "")
    content = message.get("content")
    if role == "tool":
        return _result(message.get("tool_call_id", ""), content)
    parts = _parts(content)
    if message.get("refusal"):
        parts.append({"type": "refusal", "content": message["refusal"]})
    for made in message.get("tool_calls") or ():
        function = made.get("function") or {}
        parts.append(_call(made.get("id", ""), function))
    return {"role": role, "parts": parts} | ({"name": message["name"]} if message.get("name") else {})


def items_to_genai(items: str | Iterable[Any]) -> list[dict[str, Any]]:
    """Convert input or output of the Responses API; what an assistant says and calls in one go is one message."""
    if isinstance(items, str):
        return [{"role": "user", "parts": _parts(items)}]
    messages: list[dict[str, Any]] = []
    for item in items:
        if not isinstance(item, Mapping):
            continue
        message = _item_to_genai(item)
        if messages and message["role"] == "assistant" == messages[-1]["role"]:
            messages[-1]["parts"] += message["parts"]
        else:
            messages.append(message)
    return messages


def _item_to_genai(item: Mapping[str, Any]) -> dict[str, Any]:
    kind = item.get("type", "message")
    if kind == "function_call":
        return {"role": "assistant", "parts": [_call(item.get("call_id", ""), item)]}
    if kind == "function_call_output":
        return _result(item.get("call_id", ""), item.get("output"))
    if kind == "reasoning":
        told = "\n".join(str(part.get("text", "")) for part in item.get("summary") or ())
        return {"role": "assistant", "parts": [{"type": "reasoning", "content": told}]}
    if kind == "message":
        return {"role": item.get("role", ""), "parts": _parts(item.get("content"))}
    return {"role": "assistant", "parts": [dict(item)]}


def _parts(content: Any) -> list[dict[str, Any]]:
    blocks = content if isinstance(content, list) else [{"type": "text", "text": content}] if content else []
    return [_part(block) for block in blocks]


def _part(block: Any) -> dict[str, Any]:
    if not isinstance(block, Mapping):
        return {"type": "text", "content": str(block)}
    return {"type": "text", "content": block.get("text")} if block.get("type") in _TEXTS else dict(block)


def _call(identity: Any, function: Mapping[str, Any]) -> dict[str, Any]:
    arguments = function.get("arguments", "")
    return {"type": "tool_call", "id": identity, "name": function.get("name", ""), "arguments": arguments}


def _result(identity: Any, content: Any) -> dict[str, Any]:
    return {"role": "tool", "parts": [{"type": "tool_call_response", "id": identity, "response": content}]}
