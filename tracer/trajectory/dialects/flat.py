"""Messages flattened into numbered attributes -> messages as data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracer.trajectory.decode import decode_mapping

__all__ = ["unflatten"]


def unflatten(attributes: Mapping[str, Any], prefix: str) -> list[dict[str, Any]]:
    """Give the messages below a prefix, as `prefix.<i>.<path>` attributes spell them, in OpenAI's chat form.

    Reads OpenInference (`llm.input_messages.0.message.tool_calls.1.tool_call.function.name`) and the older Traceloop
    form (`gen_ai.prompt.0.tool_calls.1.name`) alike. Numbers may be missing: limits drop the oldest attributes first.
    """
    cut = len(prefix) + 1
    tree: dict[str, Any] = {}
    for key, value in attributes.items():
        if not key.startswith(prefix) or key[cut - 1 : cut] != ".":
            continue
        *path, leaf = key[cut:].split(".")
        at = tree
        for part in path:
            inner = at.get(part)
            if not isinstance(inner, dict):
                inner = at[part] = {}
            at = inner
        at[leaf] = value
    return [_message(message) for message in _numbered(tree)]


def _numbered(tree: Any) -> list[dict[str, Any]]:
    if not isinstance(tree, dict):
        return []
    numbers = sorted((int(key), key) for key in tree if key.isdecimal())
    return [tree[key] for _, key in numbers if isinstance(tree[key], dict)]


def _message(tree: dict[str, Any]) -> dict[str, Any]:
    told = tree.get("message") if isinstance(tree.get("message"), dict) else tree
    message = dict(told or {})
    message.setdefault("role", "user")
    contents = [_content(part) for part in _numbered(message.pop("contents", None))]
    if contents and not message.get("content"):
        message["content"] = contents
    calls = [call.get("tool_call", call) for call in _numbered(message.pop("tool_calls", None))]
    if calls:
        message["tool_calls"] = calls
    results = tree.get("function")
    if isinstance(results, dict):  # AutoGen's results of several calls in one message
        message["content"] = [{"type": "tool_result", **decode_mapping(results[key])} for key in sorted(results)]
    return message


def _content(part: dict[str, Any]) -> dict[str, Any]:
    told = part.get("message_content", part)
    return dict(told) if isinstance(told, dict) else {"type": "text", "text": told}
