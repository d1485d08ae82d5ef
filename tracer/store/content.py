"""Content once: every value is stored under its hash, and long histories are stored as what they add.

A naive tracer writes the whole history again at every model call, so bytes grow with the square of the steps. Here a
message is stored once, a list of messages is `(previous list, new messages)`, and a long string is stored once wherever
it stands. Inside a stored value `{"§": id}` stands for a string kept elsewhere, `{"§b": base64}` for bytes and
`{"§n": "nan"}` for a number that JSON has none of; a key of the source that begins with that sign is written with one
more of it.
"""

from __future__ import annotations

import base64
import copy
import hashlib
import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson
from pydantic import BaseModel

__all__ = ["ContentReader", "ContentWriter", "content_id", "dump_json"]

_REF = "§"
_BYTES = "§b"
_NUMBER = "§n"
_LONG = 96  # characters from which a string is worth a reference of its own
_DEPTH = 200


def dump_json(value: Any) -> bytes:
    """Encode plain data as canonical JSON: sorted keys, no spaces; lone surrogates become U+FFFD, NaN becomes null."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=_plain)
    except (orjson.JSONEncodeError, TypeError):
        return orjson.dumps(_mend(value, ()), option=orjson.OPT_SORT_KEYS, default=_plain)


def content_id(body: bytes) -> str:
    """Give the id of a stored value: the first 128 bits of its SHA-256, in hex."""
    return hashlib.sha256(body).hexdigest()[:32]


class ContentWriter:
    """Turns values into ids and hands each new body to `keep(id, body)` once; safe to use from several threads."""

    def __init__(self, keep: Callable[[str, bytes], None]) -> None:
        self._keep = keep
        self._kept: set[str] = set()
        self._messages: dict[str, dict[int, tuple[Any, Any, str]]] = {}
        self._lists: dict[str, _Lists] = {}

    def value(self, value: Any) -> str:
        """Store one JSON value; long strings within it are stored apart."""
        return self._store(dump_json(self._lift(value, ())))

    def message(self, source: Any, encode: Callable[[Any], Any], mark: Any = None, run: str = "") -> str:
        """Store one message; `encode` is called once per object, and again when its `mark` is not what it was."""
        known = self._messages.get(run)
        if known is None:
            known = self._messages.setdefault(run, {})
        seen = known.get(id(source))
        if seen is not None and seen[0] is source and seen[1] == mark:
            return seen[2]
        stored = self.value(encode(source))
        known[id(source)] = (source, _snapshot(mark), stored)  # holds the object, so that its id is not used again
        return stored

    def sequence(self, ids: Sequence[str], run: str = "") -> str:
        """Store a list of stored messages, as an addition to the longest list of the same run that it begins with."""
        lists = self._lists.setdefault(run, _Lists())
        node, length, before = lists.longest_prefix(ids)
        if before is not None and length == len(ids):
            return before
        added = ids[length:]
        stored = self._store(dump_json({"m": list(added), "p": before}))
        lists.add(node, added, stored)
        return stored

    def forget(self, run: str = "") -> None:
        """Drop what is remembered of the message objects and lists of a run, at its end."""
        self._messages.pop(run, None)
        self._lists.pop(run, None)

    def _store(self, body: bytes) -> str:
        identity = content_id(body)
        if identity not in self._kept:
            self._keep(identity, body)
            self._kept.add(identity)
        return identity

    def _lift(self, value: Any, around: tuple[Any, ...]) -> Any:
        if isinstance(value, str):
            return {_REF: self._store(dump_json(value))} if len(value) > _LONG else value
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else {_NUMBER: repr(float(value))}
        if isinstance(value, (bytes, bytearray)):
            return {_BYTES: base64.b64encode(value).decode()}
        if isinstance(value, BaseModel):
            value = _dump_model(value)
        if not isinstance(value, (dict, list, tuple, set, frozenset)):
            return value
        if _is_endless(value, around):
            return _describe(value)
        inside = (*around, value)
        if isinstance(value, dict):
            return {_escape(k): self._lift(v, inside) for k, v in value.items()}
        return [self._lift(item, inside) for item in value]


class _Lists:
    """The lists stored in one run, as a tree of their messages: finds the longest that another list begins with."""

    def __init__(self) -> None:
        self._numbers = itertools.count(1)
        self._branches: dict[tuple[int, str], int] = {}
        self._stored: dict[int, str] = {}

    def longest_prefix(self, ids: Sequence[str]) -> tuple[int, int, str | None]:
        node, longest = 0, (0, 0, None)
        for length, identity in enumerate(ids, 1):
            node = self._branches.get((node, identity), 0)
            if not node:
                break
            if node in self._stored:
                longest = (node, length, self._stored[node])
        return longest

    def add(self, node: int, ids: Sequence[str], stored: str) -> None:
        for identity in ids:
            node = self._branches.setdefault((node, identity), next(self._numbers))
        self._stored[node] = stored


class ContentReader:
    """Puts stored values together again; equal ids give the same object."""

    def __init__(self, fetch: Callable[[str], bytes | None]) -> None:
        self._fetch = fetch
        self._values: dict[str, Any] = {}
        self._sequences: dict[str, tuple[Any, ...]] = {}

    def value(self, identity: str) -> Any:
        """Give the value stored under an id; a dict that says so where it is lost."""
        if identity not in self._values:
            body = self._fetch(identity)
            raw = {"lost": identity} if body is None else orjson.loads(body)
            self._values[identity] = self._lower(raw)
        return self._values[identity]

    def sequence(self, identity: str) -> tuple[Any, ...]:
        """Give the messages of a stored list, oldest first; message objects are shared between lists."""
        chain = list(self._unread(identity))
        for link, body in reversed(chain):
            before = self._sequences.get(body.get("p") or "", ())
            self._sequences[link] = before + tuple(self.value(m) for m in body.get("m", ()))
        return self._sequences[identity]

    def _unread(self, identity: str | None) -> Iterator[tuple[str, dict[str, Any]]]:
        while identity and identity not in self._sequences:
            body = self._fetch(identity)
            decoded: dict[str, Any] = {} if body is None else orjson.loads(body)
            yield identity, decoded
            identity = decoded.get("p")

    def _lower(self, value: Any) -> Any:
        if isinstance(value, dict):
            if len(value) == 1:
                ((key, inner),) = value.items()
                if key in (_REF, _BYTES, _NUMBER):
                    return self._special(key, inner)
            return {(k[1:] if k.startswith(_REF) else k): self._lower(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._lower(item) for item in value]
        return value

    def _special(self, key: str, inner: str) -> Any:
        if key == _REF:
            return self.value(inner)
        return base64.b64decode(inner) if key == _BYTES else float(inner)


def _escape(key: Any) -> str:
    return f"{_REF}{key}" if str(key).startswith(_REF) else str(key)


def _snapshot(mark: Any) -> Any:
    """Give what a mark is now, whatever changes in place later."""
    try:
        return copy.deepcopy(mark)
    except Exception:  # boundary: an object of the stack's that cannot be copied; it is then never the same
        return object()


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if isinstance(value, bytes):
        return value.hex()
    return _describe(value)


def _dump_model(value: BaseModel) -> Any:
    try:
        return value.model_dump(mode="json")
    except Exception:  # boundary: the model is a stack's own, and so is what its serializers raise
        return _describe(value)


def _describe(value: Any) -> str:
    try:
        return repr(value)
    except Exception:  # boundary: the object is a stack's own, and so is what its repr raises
        return f"<{type(value).__name__}>"


def _mend(value: Any, around: tuple[Any, ...]) -> Any:
    """Replace what JSON cannot carry: lone surrogates, integers over 64 bits, odd keys, deep nesting, other objects."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**64:
        return str(value)
    if value is None or isinstance(value, (int, float)):
        return value
    if not isinstance(value, (dict, list, tuple, set, frozenset)) or _is_endless(value, around):
        return _mend(value.hex() if isinstance(value, bytes) else _describe(value), around)
    inside = (*around, value)
    if isinstance(value, dict):
        return {_mend(str(k), inside): _mend(v, inside) for k, v in value.items()}
    return [_mend(item, inside) for item in value]


def _is_endless(value: Any, around: tuple[Any, ...]) -> bool:
    return len(around) >= _DEPTH or any(value is outer for outer in around)
