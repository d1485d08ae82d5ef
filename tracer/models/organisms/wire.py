"""One chat completion: a request body in, a response body (or its event stream) out, both as OpenAI has them."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Mapping
from typing import Any

from tracer.models.organisms.minds import find_organism
from tracer.models.organisms.reading import Act, read_request

__all__ = ["complete", "stream_events"]


def complete(body: Mapping[str, Any]) -> dict[str, Any]:
    """Answer a chat completion request.

    The same messages, tools and `seed` give the same response, ids included. `usage` counts words.

    Raises:
        ModelError: `model` names no organism.
    """
    organism = find_organism(str(body.get("model", "")))
    messages: list[Any] = list(body.get("messages") or [])
    content = json.dumps([messages, body.get("tools"), body.get("response_format")], sort_keys=True, default=str)
    seed = body.get("seed")
    draw = _digest(content if seed is None else f"{seed}|{len(messages)}")
    act = organism.act(read_request(body), random.Random(draw))
    identity = _digest(f"{content}|{seed}|{organism.name}")
    words = len(content.split()), len(act.text.split()) + len(json.dumps(dict(act.arguments)).split()) + bool(act.tool)
    return {
        "id": f"chatcmpl-{identity[:24]}",
        "object": "chat.completion",
        "created": 0,
        "model": str(body.get("model")),
        "choices": [
            {
                "index": 0,
                "message": _message(act, identity, body.get("response_format")),
                "finish_reason": "tool_calls" if act.tool else "stop",
                "logprobs": None,
            }
        ],
        "usage": {"prompt_tokens": words[0], "completion_tokens": words[1], "total_tokens": sum(words)},
    }


def stream_events(response: Mapping[str, Any], *, with_usage: bool) -> Iterator[str]:
    """Give a response as server-sent events: the whole message in one chunk, the end, the usage where asked for."""
    head = {key: response[key] for key in ("id", "created", "model")} | {"object": "chat.completion.chunk"}
    choice = response["choices"][0]
    delta = dict(choice["message"])
    delta["tool_calls"] = [{"index": i, **call} for i, call in enumerate(delta.get("tool_calls") or [])]
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": choice["finish_reason"]}]},
    ]
    if with_usage:
        chunks.append({"choices": [], "usage": response["usage"]})
    for chunk in chunks:
        yield f"data: {json.dumps(head | chunk)}\n\n"
    yield "data: [DONE]\n\n"


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _message(act: Act, identity: str, response_format: Any) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": _shaped(act.text, response_format), "refusal": None}
    if act.tool:
        function = {"name": act.tool, "arguments": json.dumps(dict(act.arguments))}
        message["content"] = act.text or None
        message["tool_calls"] = [{"id": f"call_{identity[-16:]}", "type": "function", "function": function}]
    return message


def _shaped(text: str, response_format: Any) -> str:
    """Put an answer into the shape that the response format demands: a bare enum, or an object with one.

    Text that is such an object already stays as it is.
    """
    if not isinstance(response_format, Mapping) or response_format.get("type") != "json_schema":
        return text
    schema: Mapping[str, Any] = (response_format.get("json_schema") or {}).get("schema") or {}
    properties: Mapping[str, Any] = schema.get("properties") or {}
    if (
        properties
        and text.startswith("{")
        and isinstance(said := _json(text), dict)
        and said.keys() == properties.keys()
    ):
        return text
    return json.dumps(dict.fromkeys(properties, text) if properties else text)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None
