"""Content once: every value is stored under its hash, and long histories are stored as what they add.

A naive tracer writes the whole history again at every model call, so bytes grow with the square of the steps. Here a
message is stored once, a list of messages is `(previous list, new messages)`, and a long string is stored once wherever
it stands. Inside a stored value `{"§": id}` stands for a string kept elsewhere; a key of the source that begins
with that sign is written with one more of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

__all__ = ["ContentReader", "ContentWriter", "content_id", "dump_json"]

_REF = "§"
_LONG = 96  # characters from which a string is worth a reference of its own
_DEPTH = 200


def dump_json(value: Any) -> bytes:
    """Encode plain data as canonical JSON: sorted keys, no spaces; lone surrogates become U+FFFD, NaN becomes null."""
    try:
        return orjson.dumps(value, option=orjson.OPT_SORT_KEYS, default=_plain)
    except (orjson.JSONEncodeError, TypeError):
        return orjson.dumps(_mend(value, _DEPTH), option=orjson.OPT_SORT_KEYS, default=_plain)


def content_id(body: bytes) -> str:
    """Give the id of a stored value: the first 128 bits of its SHA-256, in hex."""
    return hashlib.sha256(body).hexdigest()[:32]


class ContentWriter:
    """Turns values into ids and hands each new body to `keep(id, body)` exactly once."""

    def __init__(self, keep: Callable[[str, bytes], None]) -> None:
        self._keep = keep
        self._kept: set[str] = set()
        self._messages: dict[int, tuple[Any, str]] = {}

    def value(self, value: Any) -> str:
        """Store one JSON value; long strings within it are stored apart."""
        whole = isinstance(value, str)  # a string by itself is the part, however long
        return self._store(dump_json(value if whole else self._lift(value, _DEPTH)))

    def message(self, source: Any, encode: Callable[[Any], Any]) -> str:
        """Store one message; `encode` is called once per object, however often it is seen again."""
        known = self._messages.get(id(source))
        if known is not None and known[0] is source:
            return known[1]
        stored = self.value(encode(source))
        self._messages[id(source)] = (source, stored)  # holds the object, so that its id is not used again
        return stored

    def sequence(self, ids: Sequence[str], before: str | None = None) -> str:
        """Store a list of stored messages, as an addition to the stored list `before`."""
        return self._store(dump_json({"m": list(ids), "p": before}))

    def forget(self) -> None:
        """Drop the memory of message objects, at the end of a run."""
        self._messages.clear()

    def _store(self, body: bytes) -> str:
        identity = content_id(body)
        if identity not in self._kept:
            self._keep(identity, body)
            self._kept.add(identity)
        return identity

    def _lift(self, value: Any, depth: int) -> Any:
        if isinstance(value, str):
            return {_REF: self._store(dump_json(value))} if len(value) > _LONG else value
        if depth == 0:
            return repr(value)
        if isinstance(value, dict):
            return {(_REF + k if str(k).startswith(_REF) else k): self._lift(v, depth - 1) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._lift(item, depth - 1) for item in value]
        return value


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
            if len(value) == 1 and _REF in value:
                return self.value(value[_REF])
            return {(k[1:] if k.startswith(_REF) else k): self._lower(v) for k, v in value.items()}
        if isinstance(value, list):
            return [self._lower(item) for item in value]
        return value


def _plain(value: Any) -> Any:
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    if isinstance(value, bytes):
        return value.hex()
    return repr(value)


def _mend(value: Any, depth: int) -> Any:
    """Replace what JSON cannot carry: lone surrogates, integers over 64 bits, odd keys, deep nesting."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    if isinstance(value, int) and not isinstance(value, bool) and not -(2**63) <= value < 2**64:
        return str(value)
    if depth == 0:
        return repr(value)
    if isinstance(value, dict):
        return {_mend(str(k), depth): _mend(v, depth - 1) for k, v in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_mend(item, depth - 1) for item in value]
    return value
