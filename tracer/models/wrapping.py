"""Schemas whose root is not an object, for endpoints that take only objects."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tracer.models.wire import CHAT, Stage, Wire, WireRequest, WireResponse

__all__ = ["wrap_schema", "wrapping"]

_KEY = "answer"


def wrapping() -> Stage:
    """Give the stage that sends such a schema as the one property of an object and takes the reply out again."""

    def stage(following: Wire) -> Wire:
        async def call(request: WireRequest) -> WireResponse:
            asked = request.body.get("response_format") if request.path == CHAT else None
            wrapped = wrap_schema(asked)
            if wrapped is None:
                return await following(request)
            response = await following(replace(request, body=request.body | {"response_format": wrapped}, hear=None))
            return response | {"choices": [_unwrapped(choice) for choice in response["choices"]]}

        return call

    return stage


def wrap_schema(response_format: object) -> dict[str, Any] | None:
    """Give `response_format` with its schema inside an object; None where it has no schema or is one already."""
    if not isinstance(response_format, Mapping) or response_format.get("type") != "json_schema":
        return None
    named: Mapping[str, Any] = response_format.get("json_schema") or {}
    schema: Mapping[str, Any] = named.get("schema") or {}
    if not schema or schema.get("type") == "object":
        return None
    inner = {k: v for k, v in schema.items() if k != "$defs"}
    outer = {"type": "object", "properties": {_KEY: inner}, "required": [_KEY], "additionalProperties": False}
    definitions = {"$defs": schema["$defs"]} if "$defs" in schema else {}  # references start at the root
    return {**response_format, "json_schema": {**named, "schema": outer | definitions}}


def _unwrapped(choice: Mapping[str, Any]) -> dict[str, Any]:
    """Give the choice with the bare value as its content; text that is no such object stays as it is."""
    message: dict[str, Any] = choice["message"]
    try:
        value = json.loads(message.get("content") or "")
    except (TypeError, ValueError):
        return dict(choice)
    if not isinstance(value, dict) or set(value) != {_KEY}:
        return dict(choice)
    return {**choice, "message": message | {"content": json.dumps(value[_KEY], ensure_ascii=False)}}
