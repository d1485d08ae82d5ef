"""Content is stored once, comes back as it was, and long histories cost what they add."""

from __future__ import annotations

import enum
import json
import math
import uuid
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from tracer.store import ContentReader, ContentWriter, dump_json

_texts = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["§", "§b", "§n", "§§", "m", "p", "~", "lost"]),
    st.integers(90, 400).map(lambda n: "ab" * n),
)
_values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(allow_nan=False),
        st.binary(max_size=8),
        _texts,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_texts, inner, max_size=4)),
    max_leaves=20,
)


class Shelf:
    """A dict as a store of content."""

    def __init__(self) -> None:
        self.bodies: dict[str, bytes] = {}
        self.kept: list[str] = []
        self.writer = ContentWriter(self._keep)
        self.reader = ContentReader(self.bodies.get)

    def _keep(self, identity: str, body: bytes) -> None:
        self.kept.append(identity)
        self.bodies[identity] = json.dumps(json.loads(body)).encode()  # any JSON library may stand in between

    @property
    def size(self) -> int:
        return sum(len(body) + len(identity) for identity, body in self.bodies.items())


@given(_values)
def test_any_value_comes_back(value: Any) -> None:
    """What JSON can say, and bytes and infinities beside, comes back equal: keys and texts that look like ours too."""
    shelf = Shelf()
    assert shelf.reader.value(shelf.writer.value(value)) == value


def test_nan_comes_back() -> None:
    """A NaN is not turned into nothing."""
    shelf = Shelf()
    assert math.isnan(shelf.reader.value(shelf.writer.value({"loss": [math.nan]}))["loss"][0])


class Colour(enum.StrEnum):
    RED = "red"


class Point(BaseModel):
    x: float = 1.0


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


class Unserialisable(BaseModel):
    model_config = {"arbitrary_types_allowed": True}
    thing: Unspeakable = Unspeakable()


def nested(depth: int) -> Any:
    value: Any = "end"
    for _ in range(depth):
        value = [value]
    return value


def circular() -> Any:
    value: dict[str, Any] = {}
    value |= {"a": value, "b": [value]}
    return value


ODD: dict[str, tuple[Any, Any]] = {
    "lone surrogate": ("a\ud800b", "a\ufffd\ufffd\ufffdb"),
    "long lone surrogates": ({"k\udfff" * 60: "\ud800" * 200}, None),
    "great number": (2**70, str(2**70)),
    "keys that are no text": ({1: None, None: 2}, {"1": None, "None": 2}),
    "tuples": ((1, (2,)), [1, [2]]),
    "set of an enum": ({Colour.RED}, ["red"]),
    "time": (datetime(2026, 1, 2, tzinfo=UTC), "2026-01-02T00:00:00+00:00"),
    "uuid": (uuid.UUID(int=5), str(uuid.UUID(int=5))),
    "model": (Point(), {"x": 1.0}),
    "model inside": ({"p": [Point()]}, {"p": [{"x": 1.0}]}),
    "repr that raises": (Unspeakable(), "<Unspeakable>"),
    "model that raises": ([Unserialisable()], ["<Unserialisable>"]),
    "deep": (nested(150), nested(150)),
    "too deep": (nested(5000), None),
    "circle": (circular(), None),
}


@pytest.mark.parametrize(("value", "expected"), ODD.values(), ids=ODD)
def test_what_json_lacks_is_replaced_not_lost(value: Any, expected: Any) -> None:
    """Nothing that a stack can hand over breaks recording: what JSON cannot carry becomes the nearest that it can."""
    shelf = Shelf()
    back = shelf.reader.value(shelf.writer.value(value))
    assert back == expected or expected is None
    json.loads(dump_json(value))


def test_content_is_stored_once() -> None:
    """A long text is kept once wherever it stands, and a value seen again is not kept again."""
    shelf = Shelf()
    text = "a long document " * 100
    first = shelf.writer.value({"content": text})
    size = shelf.size
    assert shelf.writer.value({"content": text}) == first
    shelf.writer.value({"other": [text]})
    assert shelf.size - size < 200
    assert len(shelf.kept) == len(set(shelf.kept))


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=6), max_size=8))
def test_any_lists_come_back_in_order(lists: list[list[str]]) -> None:
    """Lists of messages come back message by message, whichever began with which, across the end of a run too."""
    shelf = Shelf()
    ids = {name: shelf.writer.value({"text": name}) for name in "abc"}
    stored: list[str] = []
    for number, names in enumerate(lists):
        stored.append(shelf.writer.sequence([ids[n] for n in names], run=str(number % 2)))
        if number == 3:
            shelf.writer.forget("0")
    back = [[message["text"] for message in shelf.reader.sequence(identity)] for identity in stored]
    assert back == lists


@pytest.mark.parametrize("branches", [1, 3], ids=["one agent", "three agents in turn"])
def test_long_history_costs_what_it_adds(branches: int) -> None:
    """Over 500 steps each call's list costs the same bytes, though it is longer every time; and all come back whole."""
    shelf = Shelf()
    histories: list[list[str]] = [[] for _ in range(branches)]
    sizes: list[int] = []
    last: list[str] = [""] * branches
    for step in range(500):
        branch = step % branches
        for part in ("asked", "answered"):
            histories[branch].append(shelf.writer.value({"role": part, "content": f"{branch} {step}"}))
        before = shelf.size
        last[branch] = shelf.writer.sequence(histories[branch], run="r")
        sizes.append(shelf.size - before)
    assert max(sizes[branches:]) - min(sizes[branches:]) <= 2
    for branch in range(branches):
        told = [message["content"] for message in shelf.reader.sequence(last[branch])]
        assert told == [f"{branch} {step}" for step in range(branch, 500, branches) for _ in range(2)]


def test_message_is_encoded_once_until_it_changes() -> None:
    """A message object is encoded once however often it is sent; another text in it makes it another message."""
    shelf = Shelf()
    encoded: list[str] = []

    def encode(message: dict[str, str]) -> Any:
        encoded.append(message["content"])
        return dict(message)

    message = {"content": "first"}
    stored = [shelf.writer.message(message, encode, message["content"]) for _ in range(3)]
    message["content"] = "second"
    stored.append(shelf.writer.message(message, encode, message["content"]))
    assert encoded == ["first", "second"]
    assert [shelf.reader.value(identity)["content"] for identity in stored] == ["first"] * 3 + ["second"]


def test_lost_content_says_so() -> None:
    """Where a body is gone, reading tells it and goes on."""
    shelf = Shelf()
    identity = shelf.writer.value({"role": "user", "content": "x" * 200})
    listed = shelf.writer.sequence([identity])
    del shelf.bodies[identity]
    assert shelf.reader.sequence(listed) == ({"lost": identity},)
