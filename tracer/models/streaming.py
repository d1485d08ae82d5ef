"""Streamed answers: server-sent events read as they come, put together to the whole answer that they make up."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

__all__ = ["LONGEST_STREAM", "GarbledStream", "assemble", "read_events"]

LONGEST_STREAM = 64 * 1024 * 1024
"""Bytes after which a streamed answer is given up: a stream may be slow, but must not be endless."""


class GarbledStream(ValueError):
    """What came is no stream of JSON events."""


async def read_events(chunks: AsyncIterator[bytes]) -> AsyncIterator[dict[str, Any]]:
    """Give the events of a stream as they come, until `[DONE]` or its end.

    Raises:
        GarbledStream: A line is no event, an event no JSON object, or there is no end of them.
    """
    rest, size = b"", 0
    async for chunk in chunks:
        size += len(chunk)
        if size > LONGEST_STREAM:
            raise GarbledStream(f"it is longer than {LONGEST_STREAM // 2**20} MiB")
        *lines, rest = (rest + chunk).split(b"\n")
        for line in lines:
            event = _read_line(line.strip())
            if event == _DONE:
                return
            if event is not None:
                yield event
    event = _read_line(rest.strip())
    if event is not None and event != _DONE:
        yield event


_DONE: dict[str, Any] = {"": "[DONE]"}
_FIELDS = (b"event:", b"id:", b"retry:", b":")


def _read_line(line: bytes) -> dict[str, Any] | None:
    if not line or line.startswith(_FIELDS):
        return None
    if not line.startswith(b"data:"):
        raise GarbledStream(f"it has a line that is no event: {_excerpt(line)}")
    data = line[5:].strip()
    if data == b"[DONE]":
        return _DONE
    try:
        event = json.loads(data)
    except (ValueError, RecursionError):
        raise GarbledStream(f"it has an event that is not JSON: {_excerpt(data)}") from None
    if not isinstance(event, dict):
        raise GarbledStream(f"it has an event that is no JSON object: {_excerpt(data)}")
    return event


def _excerpt(line: bytes) -> str:
    return line[:80].decode(errors="replace")


def assemble(events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Put the events of a stream together: chunks of a chat completion, or the events of the Responses API.

    What is not whole yet is given as far as it came; a chat completion that never ended has no finish reason.

    Raises:
        GarbledStream: The chunks do not fit each other.
    """
    whole: dict[str, Any] = {}
    choices: dict[int, dict[str, Any]] = {}
    try:
        for event in events:
            if isinstance(event.get("response"), Mapping):  # Responses API: later events repeat the whole
                whole = dict(event["response"])
            elif "choices" in event:
                whole |= {k: v for k, v in event.items() if k not in ("choices", "object") and v is not None}
                for chunk in event["choices"]:
                    _add_chunk(choices, chunk)
            elif event.get("error"):
                whole["error"] = event["error"]
    except (TypeError, AttributeError, KeyError, ValueError) as error:
        raise GarbledStream(f"its chunks do not fit each other ({type(error).__name__}: {error})") from error
    if not choices:
        return whole
    return whole | {"object": "chat.completion", "choices": [_closed(c) for _, c in sorted(choices.items())]}


def _add_chunk(choices: dict[int, dict[str, Any]], chunk: Mapping[str, Any]) -> None:
    place = int(chunk.get("index") or 0)
    choice = choices.setdefault(place, {"index": place, "message": {"role": "assistant", "content": None}, "calls": {}})
    for key, value in (chunk.get("delta") or {}).items():
        if key == "tool_calls":
            for call in value or ():
                _add_call(choice["calls"], call)
        elif isinstance(value, str) and key != "role":
            choice["message"][key] = (choice["message"].get(key) or "") + value
        elif value is not None:
            choice["message"][key] = value
    if chunk.get("finish_reason"):
        choice["finish_reason"] = chunk["finish_reason"]
    told = chunk.get("logprobs")
    if told:
        known = choice.setdefault("logprobs", {})
        choice["logprobs"] = {k: [*(known.get(k) or ()), *(v or ())] for k, v in told.items()}


def _add_call(calls: dict[int, dict[str, Any]], part: Mapping[str, Any]) -> None:
    place = int(part["index"]) if part.get("index") is not None else len(calls)
    call = calls.setdefault(place, {"id": "", "type": "function", "function": {"name": "", "arguments": ""}})
    call["id"] = part.get("id") or call["id"]
    function: Mapping[str, Any] = part.get("function") or {}
    call["function"]["name"] += function.get("name") or ""
    call["function"]["arguments"] += function.get("arguments") or ""


def _closed(choice: Mapping[str, Any]) -> dict[str, Any]:
    message = choice["message"]
    if choice["calls"]:
        message = message | {"tool_calls": [call for _, call in sorted(choice["calls"].items())]}
    rest = {k: v for k, v in choice.items() if k not in ("calls", "message")}
    return {"finish_reason": None} | rest | {"message": message}
