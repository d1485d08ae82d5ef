"""Spans come back from the store as they came, and runs and studies are found by what begins their name."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.errors import StoreError, StudyError
from tracer.spans import Event, Link, Scope, Span, Status
from tracer.store import RunRow, Store, open_store
from tracer.store.base import Kept

_scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.binary(max_size=6),
    st.text(max_size=8),
    st.integers(60, 300).map(lambda n: "long " * n),
)
_keys = st.one_of(st.text(max_size=6), st.sampled_from(["§", "§bytes", "a.prosaic_ref", ".prosaic_ref", "§b"]))
_values = st.recursive(
    _scalars, lambda v: st.one_of(st.lists(v, max_size=3), st.dictionaries(_keys, v, max_size=3)), max_leaves=8
)
_attributes = st.dictionaries(_keys, _values, max_size=4)
_numbers = itertools.count(1)
_hex = st.integers(1, 2**63).map(lambda n: f"{n:016x}")
_count = st.integers(0, 3)
_times = st.integers(0, 2**63 - 1)
_spans = st.builds(
    Span,
    trace_id=_hex.map(lambda n: n * 2),
    span_id=_hex,
    name=st.text(max_size=8),
    start_ns=_times,
    end_ns=st.none() | _times,
    parent_id=st.none() | _hex,
    kind=st.integers(0, 5),
    attributes=_attributes,
    events=st.lists(st.builds(Event, st.text(max_size=5), _times, _attributes, _count), max_size=2).map(tuple),
    links=st.lists(
        st.builds(Link, _hex.map(lambda n: n * 2), _hex, _attributes, st.text(max_size=4), _count, _count), max_size=2
    ).map(tuple),
    status=st.builds(Status, st.integers(0, 2), st.text(max_size=8)),
    resource=_attributes,
    resource_schema_url=st.text(max_size=5),
    scope=st.builds(Scope, st.text(max_size=5), st.text(max_size=5), _attributes, st.text(max_size=5)),
    trace_state=st.text(max_size=5),
    flags=st.integers(0, 257),
    dropped_attributes=_count,
    dropped_events=_count,
    dropped_links=_count,
    sequence=st.none() | _count,
    problems=st.lists(st.text(max_size=5), max_size=2).map(tuple),
)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_store(tmp_path_factory.mktemp("spans"))
    yield store
    store.close()


@settings(max_examples=60)
@given(spans=st.lists(_spans, max_size=3, unique_by=lambda s: (s.trace_id, s.span_id)), run=_hex)
def test_foreign_spans_come_back(kept: Store, spans: list[Span], run: str) -> None:
    """Every field of a span comes back equal, bytes, infinities and keys that look like ours too; nothing is added."""
    fresh = f"{run}-{next(_numbers)}"
    spans = [replace(span, trace_id=f"{next(_numbers):032x}") for span in spans]
    assert kept.put_spans(fresh, spans) == Kept(len(spans))
    back = {span.trace_id: span for span in kept.spans(fresh)}
    for span in spans:
        assert back[span.trace_id] == span
    assert kept.put_spans(fresh, spans) == Kept(0)


def test_nan_attributes_come_back(opened: Store) -> None:
    """A measured NaN is a NaN, not nothing."""
    opened.put_spans("r", [Span("1" * 32, "2" * 16, "s", 1, 2, attributes={"loss": math.nan, "all": [math.nan]})])
    (span,) = opened.spans("r")
    assert math.isnan(span.attributes["loss"])
    assert math.isnan(span.attributes["all"][0])


def test_spans_come_in_the_order_of_their_start(opened: Store) -> None:
    """Spans are given by start, then by the number that their source gave them."""
    times = [(5, 1, "d"), (1, 2, "b"), (1, 1, "a"), (3, 9, "c")]
    spans = [
        Span("1" * 32, f"{n:016x}", name, start, None, sequence=number) for n, (start, number, name) in enumerate(times)
    ]
    opened.put_spans("r", spans)
    assert [span.name for span in opened.spans("r")] == ["a", "b", "c", "d"]


ROWS = [
    RunRow(id="run-1", study="abc", scenario="s1", status="completed", started_ns=2, answer="§", values={"m": 1.0}),
    RunRow(id="run-10", study="abc", scenario="s2", status="failed", started_ns=1, usage={"usd": None}),
    RunRow(id="other", study="def", started_ns=3, asked={"a": "b\ud800"}),
]


def test_runs_come_back(opened: Store) -> None:
    """A run comes back with all of its fields, and putting it again replaces it."""
    opened.put_runs(ROWS[:2])
    assert opened.runs() == [ROWS[1], ROWS[0]]
    changed = replace(ROWS[0], status="failed")
    opened.put_runs([changed])
    assert opened.run("run-1") == changed


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, ["run-10", "run-1", "other"]),
        ({"study": "abc"}, ["run-10", "run-1"]),
        ({"study": "abc", "status": "failed"}, ["run-10"]),
        ({"scenario": "s1"}, ["run-1"]),
        ({"study": "nope"}, []),
    ],
)
def test_runs_are_selected(opened: Store, where: dict[str, str], expected: list[str]) -> None:
    """Runs are listed by start, those of a study or with given fields."""
    opened.put_runs(ROWS)
    assert [row.id for row in opened.runs(**where)] == expected


@pytest.mark.parametrize(
    ("prefix", "found"),
    [("oth", "other"), ("run-1", "run-1"), ("run-10", "run-10"), ("run", "more than one run"), ("x%", "no run")],
)
def test_runs_are_found_by_what_begins_their_id(opened: Store, prefix: str, found: str) -> None:
    """A whole id or an unambiguous beginning names a run; anything else says how to find one."""
    opened.put_runs(ROWS)
    if " " in found:
        with pytest.raises(StoreError, match=rf"{found} in .* beginning '{prefix}': `tracer list`"):
            opened.run(prefix)
    else:
        assert opened.run(prefix).id == found


def test_unknown_fields_are_refused(opened: Store) -> None:
    """Selecting by a field that cannot be selected by is no silent empty list."""
    with pytest.raises(StoreError, match="cannot be selected by answer"):
        opened.runs(answer="yes")


def test_studies_are_kept_once(opened: Store) -> None:
    """A frozen study is kept under its hash and the time when it first was, and found by what begins the hash."""
    studies: list[dict[str, Any]] = [{"hash": "aa11", "n": 1}, {"hash": "aa22", "n": 2}]
    for study in studies:
        opened.add_study(study)
    first = opened.studies()
    for study in studies:
        opened.add_study(study)
    assert opened.studies() == first
    assert [{k: v for k, v in study.items() if k != "frozen_ns"} for study in first] == studies[::-1]
    assert first[0]["frozen_ns"] >= first[1]["frozen_ns"] > 0
    assert opened.study("aa1") == first[1]
    with pytest.raises(StudyError, match=r"2 studies .* there are: aa22, aa11"):
        opened.study("aa")
    with pytest.raises(StudyError, match="no study"):
        opened.study("b")


def test_a_store_is_what_it_was_when_opened_again(place: Path) -> None:
    """Closing and opening a store loses nothing."""
    store = open_store(place)
    store.put_runs(ROWS)
    store.close()
    again = open_store(place)
    assert again.place == str(place)
    assert {row.id for row in again.runs()} == {row.id for row in ROWS}
    assert again.runs(study="def")[0].asked == {"a": "b\ufffd\ufffd\ufffd"}
    again.close()
