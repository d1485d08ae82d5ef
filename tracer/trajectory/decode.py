"""Lenient decoding of attribute values: JSON, JSON within JSON, Python reprs, numbers in strings."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

import orjson

__all__ = ["as_int", "as_text", "canonical_arguments", "decode", "decode_mapping", "encode", "first", "unquote"]

_REPR_LIMIT = 200_000  # a Python repr longer than this is left as text: parsing it costs far more than it can tell


def decode(value: Any) -> Any:
    """Give the plain data that a string stands for (JSON or a Python repr of literals), else the value itself."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if not text or text[0] not in '{["':
        return value
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return _decode_loosely(text, value)


def _decode_loosely(text: str, value: str) -> Any:
    # The standard parser takes what orjson rightly refuses but real traces hold: NaN and lone surrogates.
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        pass
    if len(text) > _REPR_LIMIT:
        return value
    try:
        return ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return value


def decode_mapping(value: Any) -> Mapping[str, Any]:
    """Give the mapping that a value is or stands for; empty where it is none."""
    decoded = decode(value)
    return decoded if isinstance(decoded, Mapping) else {}


def unquote(value: Any) -> str:
    """Give a string without the JSON quotes that some sources put around it."""
    if isinstance(value, str) and len(value) > 1 and value[0] == '"' == value[-1]:
        decoded = decode(value)
        return decoded if isinstance(decoded, str) else value
    return value if isinstance(value, str) else ""


def encode(value: Any) -> bytes:
    """Give the canonical bytes of plain data, whatever it holds; equal data give equal bytes."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    except (TypeError, ValueError, RecursionError):
        return repr(value).encode("utf-8", "surrogatepass")


def canonical_arguments(value: Any) -> bytes:
    """Give the canonical bytes of a tool call's arguments; none, an empty string and an empty object are the same."""
    plain = decode(value)
    return encode({} if plain is None or plain == "" else plain)


def as_text(value: Any) -> str:
    """Give the text of a value: strings as they are, None as "", other data as JSON."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return encode(value).decode("utf-8", "replace")


def as_int(value: Any) -> int | None:
    """Give a whole number, also from a numeric string; None where it is not one."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None


def first(values: Mapping[str, Any], keys: tuple[str, ...]) -> Any:
    """Give the first value that is there and not None, trying the keys in order."""
    for key in keys:
        value = values.get(key)
        if value is not None:
            return value
    return None
