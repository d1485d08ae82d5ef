"""Tool calls for models that have none: the request becomes plain messages, the bound reply a tool call."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tracer.models.actions import Action, Actions, list_actions, read_action, write_action
from tracer.models.wire import CHAT, Stage, Wire, WireRequest, WireResponse

__all__ = ["EMULATED", "emulating", "to_plain", "to_tool_calls"]

EMULATED = "prosaic_emulated"  # stands in the body of every response whose tool calls are emulated


def emulating() -> Stage:
    """Give the stage that emulates tool calls; one a run, since it numbers the calls of the run."""
    numbers = itertools.count(1)

    def new_id(taken: set[str]) -> str:
        return next(name for name in (f"call_{n}" for n in numbers) if name not in taken)

    def stage(following: Wire) -> Wire:
        async def call(request: WireRequest) -> WireResponse:
            if request.path != CHAT or not _concerns_tools(request.body):
                return await following(request)
            body, actions = to_plain(request.body)
            response = await following(replace(request, body=body, hear=None))
            taken = _call_ids(request.body["messages"])
            return to_tool_calls(response, actions, lambda: new_id(taken)) | {EMULATED: True}

        return call

    return stage


def to_plain(body: Mapping[str, Any]) -> tuple[dict[str, Any], Actions | None]:
    """Give a request without tools that asks for the same, and the actions that its reply is bound to.

    The actions are None where the request offers no tool (or forbids them with `tool_choice: none`): then earlier
    tool calls are still told in plain words, and its own `response_format` stays.
    """
    plain = {k: v for k, v in body.items() if k not in ("tools", "tool_choice", "parallel_tool_calls")}
    if not body.get("tools") or body.get("tool_choice") == "none":
        return plain | {"messages": _render(body["messages"], None)}, None
    own_schema = ((body.get("response_format") or {}).get("json_schema") or {}).get("schema")
    actions = list_actions(body["tools"], body.get("tool_choice"), own_schema)
    plain["messages"] = _render(body["messages"], actions)
    schema = {"name": "action", "strict": True, "schema": actions.schema}
    plain["response_format"] = {"type": "json_schema", "json_schema": schema}
    return plain, actions


def to_tool_calls(response: WireResponse, actions: Actions | None, new_id: Callable[[], str]) -> WireResponse:
    """Give `response` with the actions in its texts as tool calls or plain content; other text stays as it is."""
    if actions is None:
        return dict(response)
    return response | {"choices": [_act(choice, actions, new_id) for choice in response["choices"]]}


def _act(choice: Mapping[str, Any], actions: Actions, new_id: Callable[[], str]) -> dict[str, Any]:
    message: dict[str, Any] = choice["message"]
    action = read_action(_text(message.get("content")), actions)
    if action is None:
        return dict(choice)
    if not action.tool:
        told = action.reply if isinstance(action.reply, str) else json.dumps(action.reply, ensure_ascii=False)
        return {**choice, "message": message | {"content": told}}
    function = {"name": action.tool, "arguments": json.dumps(action.arguments, ensure_ascii=False)}
    calls = [{"id": new_id(), "type": "function", "function": function}]
    return {**choice, "finish_reason": "tool_calls", "message": message | {"content": None, "tool_calls": calls}}


def _concerns_tools(body: Mapping[str, Any]) -> bool:
    return bool(body.get("tools")) or any(m.get("tool_calls") or m.get("role") == "tool" for m in body["messages"])


def _call_ids(messages: Sequence[Mapping[str, Any]]) -> set[str]:
    return {str(call.get("id")) for message in messages for call in message.get("tool_calls") or ()}


def _render(messages: Sequence[Mapping[str, Any]], actions: Actions | None) -> list[dict[str, str]]:
    turns = list(_turns(messages, actions))
    if actions is not None:
        turns.append(("system", actions.description))
    return _joined(turns)


def _turns(messages: Sequence[Mapping[str, Any]], actions: Actions | None) -> Iterator[tuple[str, str]]:
    """Give (role, text) pairs, every tool call followed by its own result."""
    results = {m["tool_call_id"]: _text(m.get("content")) for m in messages if m.get("role") == "tool"}
    names: dict[str, str] = {}
    for message in messages:
        role, text = str(message.get("role")), _text(message.get("content"))
        if role == "assistant":
            if text or not message.get("tool_calls"):
                yield role, text if actions is None else write_action(Action("", reply=text), actions.reply_key)
            for call in message.get("tool_calls") or ():
                name = names[call["id"]] = call["function"]["name"]
                yield role, write_action(Action(name, arguments=_decoded(call["function"]["arguments"])))
                if call["id"] in results:
                    yield "user", _result(name, results[call["id"]])
        elif role == "tool":
            if message["tool_call_id"] not in names:
                yield "user", _result("a tool", text)
        else:
            yield "system" if role in ("system", "developer") else "user", text


def _joined(turns: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    """Give messages of alternating roles, the system message first: chat templates accept nothing else."""
    system = [text for role, text in turns if role == "system"]
    spoken = [turn for turn in turns if turn[0] != "system"]
    messages = [{"role": "system", "content": "\n\n".join(system)}] if system else []
    for role, group in itertools.groupby(spoken, key=lambda turn: turn[0]):
        messages.append({"role": role, "content": "\n".join(text for _, text in group)})
    return messages


def _result(name: str, text: str) -> str:
    return f"{name}: {text}"


def _decoded(arguments: str) -> Any:
    try:
        return json.loads(arguments)
    except ValueError:
        return arguments


def _text(content: object) -> str:
    """Give the text of a message's content; of a list of parts, the text parts."""
    if isinstance(content, list):
        return "\n".join(str(part.get("text")) for part in content if isinstance(part, dict) and "text" in part)
    return content if isinstance(content, str) else ""
