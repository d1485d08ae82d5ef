"""LangChain messages -> GenAI messages: the one place where LangChain's message types are read."""

from __future__ import annotations

from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, ToolMessage
from langgraph.types import Command

__all__ = ["message_mark", "message_to_genai", "tool_output"]

_ROLES = {"human": "user", "ai": "assistant", "tool": "tool", "system": "system", "function": "tool", "chat": "user"}


def message_mark(message: BaseMessage) -> Any:
    """Give what tells whether a message object still is the message that it was."""
    calls = message.__dict__.get("tool_calls")
    return (message.content, calls) if calls else message.content


def message_to_genai(message: BaseMessage) -> dict[str, Any]:
    """Convert one message to the form of the GenAI conventions: `{role, parts: [...], name?}`."""
    role = str(getattr(message, "role", "")) or _ROLES.get(message.type, message.type)
    if isinstance(message, ToolMessage):
        part = {"type": "tool_call_response", "id": message.tool_call_id, "response": message.content}
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
    refusal = message.additional_kwargs.get("refusal")
    if refusal:
        parts.append({"type": "refusal", "content": str(refusal)})
    converted: dict[str, Any] = {"role": role, "parts": parts}
    return converted | ({"name": message.name} if message.name else {})


def tool_output(output: Any) -> Any:
    """Give what a tool returned, out of the messages and commands that LangChain wraps it in."""
    if isinstance(output, ToolMessage):
        return output.content
    if isinstance(output, Command):
        update = output.update if isinstance(output.update, dict) else {}
        messages: Any = update.get("messages")
        told: Any = messages if isinstance(messages, (list, tuple)) else [messages]
        said = [tool_output(m) for m in told if isinstance(m, ToolMessage)]
        return said[0] if len(said) == 1 else {"goto": output.goto, "said": said}
    if isinstance(output, (list, tuple)):
        return [tool_output(item) if isinstance(item, (ToolMessage, Command)) else item for item in output]
    return output


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
