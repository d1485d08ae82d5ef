"""Messages of any dialect -> `Message`: one reader for every shape that a chat history is written in.

Understood are GenAI parts, OpenAI chat and Responses items, Anthropic and Bedrock blocks, Google parts, the Vercel AI
SDK, LangChain's serialised messages (`lc` constructors, `{type, data}`, flat), AutoGen events, and the envelopes
around them (`messages`, `choices`, `generations`, `output`, `inputs`, `update`, ...). A shape that is none of these
becomes one message with the text of the value, so that nothing is lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracer.trajectory.decode import as_text, decode, encode
from tracer.trajectory.step import Message, ToolCall

__all__ = ["MessageReader"]

_ROLES = {
    "human": "user",
    "humanmessage": "user",
    "humanmessagechunk": "user",
    "ai": "assistant",
    "aimessage": "assistant",
    "aimessagechunk": "assistant",
    "model": "assistant",
    "tool-call": "assistant",
    "developer": "system",
    "systemmessage": "system",
    "function": "tool",
    "toolmessage": "tool",
    "tool-response": "tool",
}
# Keys under which an envelope holds its messages, the surest first.
_ENVELOPES = (
    "messages",
    "choices",
    "generations",
    "message",
    "outputs",
    "output",
    "inputs",
    "update",
    "kwargs",
    "data",
    "contents",
)
_CALLS = {"tool_call", "tool_use", "tool-call", "function_call", "server_tool_call", "mcp_call"}
_RESPONSES = {
    "tool_call_response",
    "tool_result",
    "tool-result",
    "function_call_output",
    "server_tool_call_response",
    "custom_tool_call_output",
}
_REASONING = {"reasoning", "thinking", "redacted_thinking"}
_DEPTH = 12


@dataclass(slots=True)
class _Draft:
    """A message while its parts are gathered."""

    role: str
    name: str = ""
    tool_call_id: str = ""
    texts: list[str] = field(default_factory=list)
    reasoning: list[str] = field(default_factory=list)
    calls: list[ToolCall] = field(default_factory=list)
    responses: list[Message] = field(default_factory=list)

    def finish(self) -> list[Message]:
        spoken = self.texts or self.calls or self.reasoning
        if self.responses and not spoken:
            return self.responses
        message = Message(
            role=self.role,
            content="\n".join(self.texts),
            reasoning="\n".join(self.reasoning),
            tool_calls=tuple(self.calls),
            tool_call_id=self.tool_call_id,
            name=self.name,
        )
        return [*self.responses, message]


class MessageReader:
    """Reads messages and remembers them, so that a history that grows at every call is read once.

    Equal messages come out as the same object. Messages that the store shares between calls are recognised by
    identity alone, which keeps a long run linear in what is new at each call.
    """

    def __init__(self) -> None:
        self._by_content: dict[bytes, tuple[Message, ...]] = {}
        self._by_identity: dict[int, tuple[Any, tuple[Message, ...]]] = {}
        self._interned: dict[bytes, Message] = {}
        self._histories: dict[int, tuple[Sequence[Any], tuple[Message, ...]]] = {}

    def read(self, value: Any, role: str = "user") -> tuple[Message, ...]:
        """Give the messages that a value stands for; `role` is for text that names none."""
        if value is None or value == "":
            return ()
        if isinstance(value, (list, tuple)):
            return self._read_shared(value, role)
        decoded = decode(value)
        if isinstance(decoded, (list, tuple)):
            return tuple(message for item in decoded for message in self._read_item(item, role))
        return self._read_item(decoded, role)

    def intern(self, message: Message) -> Message:
        """Give the one object that stands for all messages equal to this one."""
        calls = [[c.name, c.id, as_text(c.arguments)] for c in message.tool_calls]
        key = encode([message.role, message.content, message.reasoning, calls, message.tool_call_id, message.name])
        return self._interned.setdefault(key, message)

    def _read_shared(self, items: Sequence[Any], role: str) -> tuple[Message, ...]:
        before, read = self._histories.get(id(items[0]), ((), ())) if items else ((), ())
        # Comparing lists of the same objects costs next to nothing; what follows is all that has to be read.
        known = len(before) if items[: len(before)] == before else 0
        gathered = list(read) if known else []
        for item in items[known:]:
            entry = self._by_identity.get(id(item))
            if entry is None or entry[0] is not item:
                # The item is kept beside its messages: an id is only unique while its object lives.
                entry = self._by_identity[id(item)] = (item, self._read_item(item, role))
            gathered.extend(entry[1])
        messages = tuple(gathered)
        if items:
            self._histories[id(items[0])] = (items, messages)
        return messages

    def _read_item(self, item: Any, role: str) -> tuple[Message, ...]:
        key = role.encode() + encode(item)
        found = self._by_content.get(key)
        if found is None:
            found = tuple(self.intern(message) for message in _read_any(item, role))
            self._by_content[key] = found
        return found


def _read_any(item: Any, role: str) -> list[Message]:
    try:
        return _messages(item, role, _DEPTH)
    except RecursionError:  # deeper nesting than any message has: the text is all there is to keep
        return _plain(as_text(item), role)


def _messages(item: Any, role: str, depth: int) -> list[Message]:
    if item is None or depth == 0:
        return []
    if isinstance(item, str):
        decoded = decode(item)
        return _plain(item, role) if isinstance(decoded, str) else _messages(decoded, role, depth - 1)
    if isinstance(item, (list, tuple)):
        return [message for inner in item for message in _messages(inner, role, depth - 1)]
    if not isinstance(item, Mapping):
        return _plain(as_text(item), role)
    if "lc" in item and isinstance(item.get("kwargs"), Mapping):
        return _lang_chain(item, role, depth)
    if isinstance(item.get("data"), Mapping) and isinstance(item.get("type"), str):
        return _messages({**item["data"], "type": item["type"]}, role, depth - 1)
    if _speaks(item):
        return _spoken(item, role)
    for key in _ENVELOPES:
        if key in item:
            inner = item[key]
            return _messages(inner, "assistant" if key in ("choices", "generations") else role, depth - 1)
    return _plain(as_text(item), role)


def _plain(text: str, role: str) -> list[Message]:
    return [Message(role=role, content=text)] if text else []


def _speaks(item: Mapping[str, Any]) -> bool:
    if "role" in item or "parts" in item or "source" in item:
        return True
    kind = _kind(item)
    if kind in _CALLS or kind in _RESPONSES or kind in _REASONING or kind in _ROLES:
        return True
    return "content" in item or ("text" in item and "message" not in item) or "tool_calls" in item


def _lang_chain(item: Mapping[str, Any], role: str, depth: int) -> list[Message]:
    identity = item.get("id")
    kind = identity[-1].lower() if isinstance(identity, list) and identity and isinstance(identity[-1], str) else ""
    return _messages({"type": kind, **item["kwargs"]}, _ROLES.get(kind, role), depth - 1)


def _spoken(item: Mapping[str, Any], role: str) -> list[Message]:
    named = item.get("role") or _role_of_type(item.get("type")) or role
    draft = _Draft(
        role=_ROLES.get(str(named).lower(), str(named).lower()),
        name=as_text(item.get("name") or item.get("source")),
        tool_call_id=as_text(item.get("tool_call_id") or item.get("toolCallId")),
    )
    kind = _kind(item)
    if kind in _CALLS or kind in _RESPONSES or kind in _REASONING:
        _take(draft, item)
        if kind in _CALLS or kind in _REASONING:
            draft.role = "assistant"
        return draft.finish()
    for key in ("parts", "content", "text"):
        _take(draft, item.get(key))
        if draft.texts or draft.calls or draft.responses or draft.reasoning:
            break
    for key in ("reasoning_content", "reasoning"):
        if isinstance(item.get(key), str) and item[key]:
            draft.reasoning.append(item[key])
            break
    if not draft.calls:
        _take_calls(draft, item)
    return draft.finish()


def _kind(item: Mapping[str, Any]) -> str:
    kind = item.get("type")
    return kind if isinstance(kind, str) else ""


def _role_of_type(kind: Any) -> str:
    if not isinstance(kind, str):
        return ""
    return _ROLES.get(kind.lower(), kind if kind in ("system", "tool", "user", "assistant") else "")


def _take_calls(draft: _Draft, item: Mapping[str, Any]) -> None:
    calls = item.get("tool_calls") or item.get("toolCalls")
    if not calls and isinstance(item.get("additional_kwargs"), Mapping):
        calls = item["additional_kwargs"].get("tool_calls")
    if isinstance(calls, (list, tuple)):
        draft.calls.extend(_call(call) for call in calls if isinstance(call, Mapping))
    legacy = item.get("function_call")
    if isinstance(legacy, Mapping) and not draft.calls:
        draft.calls.append(_call(legacy))


def _call(call: Mapping[str, Any]) -> ToolCall:
    function = call.get("function")
    source: Mapping[str, Any] = {**call, **function} if isinstance(function, Mapping) else call
    name = function if isinstance(function, str) else _any(source, "name", "toolName", "tool_name")
    arguments = _any(source, "arguments", "args", "input", "parameters")
    identity = _any(call, "call_id", "id", "toolCallId", "toolUseId", "tool_call_id")
    return ToolCall(name=as_text(name), arguments=decode(arguments), id=as_text(identity))


def _any(source: Mapping[str, Any], *keys: str) -> Any:
    for key in keys:
        if source.get(key) is not None:
            return source[key]
    return None


def _take(draft: _Draft, part: Any) -> None:
    """Put one part, of whatever form, where it belongs."""
    if part is None or part == "":
        return
    if isinstance(part, str):
        draft.texts.append(part)
    elif isinstance(part, (list, tuple)):
        _take_all(draft, part)
    elif isinstance(part, Mapping):
        _take_mapping(draft, part)
    else:
        draft.texts.append(as_text(part))


def _take_all(draft: _Draft, parts: Iterable[Any]) -> None:
    for part in parts:
        _take(draft, part)


def _take_mapping(draft: _Draft, part: Mapping[str, Any]) -> None:
    kind = _kind(part)
    for key in ("toolUse", "functionCall", "function_call", "tool_use"):
        if isinstance(part.get(key), Mapping):
            draft.calls.append(_call(part[key]))
            return
    for key in ("toolResult", "functionResponse", "function_response", "tool_result"):
        if isinstance(part.get(key), Mapping):
            draft.responses.append(_response(part[key]))
            return
    if kind in _CALLS:
        draft.calls.append(_call(part))
    elif kind in _RESPONSES:
        draft.responses.append(_response(part))
    elif kind in _REASONING or "reasoningContent" in part:
        draft.reasoning.append(_reasoning(part))
    elif isinstance(part.get("text"), str) and kind != "tool_call":
        draft.texts.append(part["text"])
    elif "content" in part:
        _take(draft, part["content"])
    elif kind in ("", "json", "uri", "file", "blob", "data"):
        draft.texts.append(as_text(_any(part, "json", "uri", "file_id", "data") or part))
    elif isinstance(part.get(kind), (str, Mapping)):  # {"type": "image_url", "image_url": {...}}
        draft.texts.append(as_text(part[kind]))
    else:
        draft.texts.append(as_text(part))


def _response(part: Mapping[str, Any]) -> Message:
    identity = _any(part, "call_id", "tool_call_id", "tool_use_id", "toolCallId", "toolUseId", "id")
    result = _any(part, "response", "result", "output", "content")
    return Message(
        role="tool",
        content=_result_text(result),
        tool_call_id=as_text(identity),
        name=as_text(_any(part, "name", "toolName")),
    )


def _result_text(result: Any) -> str:
    if isinstance(result, (list, tuple)) and result and all(isinstance(r, Mapping) for r in result):
        inner = _Draft(role="tool")
        _take_all(inner, result)
        return "\n".join(inner.texts)
    if isinstance(result, Mapping) and set(result) == {"type", "value"}:  # the Vercel AI SDK's wrapping of tool output
        return as_text(result["value"])
    return as_text(result)


def _reasoning(part: Mapping[str, Any]) -> str:
    told = _any(part, "content", "thinking", "text", "reasoning", "reasoningContent", "summary")
    if isinstance(told, (list, tuple)):
        return "\n".join(as_text(_any(t, "text") if isinstance(t, Mapping) else t) for t in told)
    if isinstance(told, Mapping):
        return as_text(_any(told, "text") or _any(told.get("reasoningText") or {}, "text"))
    return as_text(told)
