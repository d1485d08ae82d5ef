"""LangChain messages -> GenAI messages: the one place where LangChain's message types are read."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langgraph.types import Command

__all__ = ["message_to_genai", "tool_output"]

_ROLES = {"human": "user", "ai": "assistant", "tool": "tool", "system": "system", "function": "tool", "chat": "user"}


def message_to_genai(message: BaseMessage) -> dict[str, Any]:
    """Convert one message to the form of the GenAI conventions: `{role, parts: [...], name?}`."""
    role = str(getattr(message, "role", "")) or _ROLES.get(message.type, message.type)
    if isinstance(message, ToolMessage):
        part = {"type": "tool_call_response", "id": message.tool_call_id, "response": _plain(message.content)}
        return {"role": "tool", "parts": [part]}
    parts = _content_parts(message.content)
    if isinstance(message, AIMessage):
        for call in message.tool_calls:
            parts.append({"type": "tool_call", "id": call["id"] or "", "name": call["name"], "arguments": call["args"]})
        for call in message.invalid_tool_calls:
            parts.append(
                {
                    "type": "tool_call",
                    "id": call["id"] or "",
                    "name": call["name"] or "",
                    "arguments": call["args"] or "",
                }
            )
    converted: dict[str, Any] = {"role": role, "parts": parts}
    return converted | ({"name": message.name} if message.name else {})


def tool_output(output: Any) -> Any:
    """Give what a tool returned as plain data: text where it is text."""
    if isinstance(output, ToolMessage):
        return _plain(output.content)
    if isinstance(output, Command):
        update = output.update if isinstance(output.update, dict) else {}
        said = [tool_output(m) for m in update.get("messages", ()) if isinstance(m, ToolMessage)]
        return said[0] if len(said) == 1 else {"goto": _plain(output.goto), "said": said}
    return _plain(output)


def _content_parts(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, str):
        return [{"type": "text", "content": content}] if content else []
    parts: list[dict[str, Any]] = []
    for block in content:
        if isinstance(block, str):
            parts.append({"type": "text", "content": block})
        elif block.get("type") == "text":
            parts.append({"type": "text", "content": block.get("text", "")})
        elif block.get("type") in ("thinking", "reasoning"):
            parts.append({"type": "reasoning", "content": str(block.get("thinking") or block.get("reasoning") or "")})
        elif block.get("type") != "tool_use":  # said again by the message's tool calls
            parts.append(dict(block))
    return parts


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(v) for v in value]
    dump = getattr(value, "model_dump", None)
    return _plain(dump(mode="json")) if callable(dump) else repr(value)
