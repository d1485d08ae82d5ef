"""The actions that a model without tool calls may take: one JSON object a turn, bound by a schema.

The form is as short as can be, `{"TOOL": {ARGUMENTS}}` or `{"reply": "TEXT"}`: a small model writes every token of it
slowly, and copies the form best from example turns that look exactly like it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Action", "Actions", "list_actions", "read_action", "write_action"]


@dataclass(frozen=True, slots=True)
class Action:
    """One tool call, or a reply where `tool` is empty."""

    tool: str
    arguments: Any = None
    reply: Any = None


@dataclass(frozen=True, slots=True)
class Actions:
    """The actions open to a model in one request.

    Attributes:
        tools: Names of the tools that may be called.
        reply_key: Key of a plain reply in place of a tool's name.
        may_reply: False where the request demands a tool call.
        schema: JSON schema of one action.
        description: What the model is told about them.
    """

    tools: tuple[str, ...]
    reply_key: str
    may_reply: bool
    schema: Mapping[str, Any]
    description: str


def list_actions(
    tools: Sequence[Mapping[str, Any]], tool_choice: object = None, reply_schema: Mapping[str, Any] | None = None
) -> Actions:
    """Give the actions that a request allows.

    Args:
        tools: The request's `tools`, in OpenAI form.
        tool_choice: The request's `tool_choice`: auto (default), required, or one named function.
        reply_schema: Schema of a plain reply, where the request has one besides its tools; default any text.
    """
    functions = [tool["function"] for tool in tools if "function" in tool]
    named = tool_choice["function"]["name"] if isinstance(tool_choice, Mapping) and "function" in tool_choice else None
    if named is not None:
        functions = [f for f in functions if f["name"] == named]
    may_reply = named is None and tool_choice != "required"
    reply_key = _free_key({str(f["name"]) for f in functions})
    definitions: dict[str, Any] = {}
    branches = [_branch(f["name"], _arguments(f, definitions)) for f in functions]
    if may_reply:
        branches.append(_branch(reply_key, _closed(reply_schema, "reply", definitions) or {"type": "string"}))
    schema = {"anyOf": branches} | ({"$defs": definitions} if definitions else {})
    lines = [_describe(f) for f in functions]
    if may_reply:
        lines.append(f"{json.dumps({reply_key: '<text>'})}: say something instead")
    return Actions(
        tools=tuple(f["name"] for f in functions),
        reply_key=reply_key,
        may_reply=may_reply,
        schema=schema,
        description="Act by writing one JSON object in each turn:\n" + "\n".join(lines),
    )


def write_action(action: Action, reply_key: str = "reply") -> str:
    """Give the text by which a model takes `action`."""
    content = {action.tool: action.arguments} if action.tool else {reply_key: action.reply}
    return json.dumps(content, ensure_ascii=False)


def read_action(text: str, actions: Actions) -> Action | None:
    """Give the action that stands in `text`, None where it is none of `actions` (cut off, unbound, free text)."""
    start = text.find("{")
    if start < 0:
        return None
    try:
        content, _ = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    if len(content) != 1:
        return None
    ((key, value),) = content.items()
    if key in actions.tools and isinstance(value, dict):
        return Action(key, arguments=value)
    return Action("", reply=value) if key == actions.reply_key and actions.may_reply else None


def _free_key(taken: set[str]) -> str:
    key = "reply"
    while key in taken:
        key += "_"
    return key


def _branch(key: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": {key: value}, "required": [key], "additionalProperties": False}


def _arguments(function: Mapping[str, Any], definitions: dict[str, Any]) -> Mapping[str, Any]:
    empty = {"type": "object", "properties": {}, "additionalProperties": False}
    return _closed(function.get("parameters"), function["name"], definitions) or empty


def _closed(schema: Mapping[str, Any] | None, owner: str, definitions: dict[str, Any]) -> Mapping[str, Any] | None:
    """Give a schema fit to stand inside another: definitions moved to the root, objects closed."""
    if not schema:
        return None
    for place in ("$defs", "definitions"):
        for name, definition in schema.get(place, {}).items():
            definitions[f"{owner}.{name}"] = _close(definition, owner)
    closed: Mapping[str, Any] = _close({k: v for k, v in schema.items() if k not in ("$defs", "definitions")}, owner)
    return closed


def _close(schema: Any, owner: str) -> Any:
    if isinstance(schema, list):
        return [_close(item, owner) for item in schema]
    if not isinstance(schema, Mapping):
        return schema
    closed = {k: _close_keyword(k, v, owner) for k, v in schema.items()}
    pattern = closed.get("pattern")
    if isinstance(pattern, str) and not (pattern.startswith("^") and pattern.endswith("$")):
        del closed["pattern"]  # grammars can bind only whole strings; the tool itself checks the rest
    if isinstance(closed.get("properties"), Mapping):
        closed.setdefault("additionalProperties", False)  # JSON broke without it
    return closed


def _close_keyword(keyword: str, value: Any, owner: str) -> Any:
    if keyword == "$ref" and isinstance(value, str):
        return f"#/$defs/{owner}.{value.rpartition('/')[2]}" if value.startswith("#/") else value
    if keyword in ("enum", "const", "default", "examples", "required"):
        return value
    if keyword == "properties" and isinstance(value, Mapping):
        return {name: _close(schema, owner) for name, schema in value.items()}
    return _close(value, owner)


def _describe(function: Mapping[str, Any]) -> str:
    """Give one line on a tool; values of an enum are bound by the schema and left out, listing them misleads."""
    properties: Mapping[str, Any] = (function.get("parameters") or {}).get("properties") or {}
    form = {function["name"]: {name: f"<{_kind(schema)}>" for name, schema in properties.items()}}
    says = [" ".join(str(function.get("description") or "").split())]
    says += [f"{name}: {s['description']}" for name, s in properties.items() if _has_description(s)]
    told = "; ".join(text for text in says if text)
    return json.dumps(form, ensure_ascii=False) + (f": {told}" if told else "")


def _has_description(schema: Any) -> bool:
    return isinstance(schema, Mapping) and bool(schema.get("description"))


def _kind(schema: Any) -> str:
    kind = schema.get("type") if isinstance(schema, Mapping) else None
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), None)
    return {"string": "text", "integer": "number", "boolean": "true or false", "array": "list"}.get(
        str(kind), str(kind or "value")
    )
