"""What changed between two states: exact, small, and enough to have the later state again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import World

LEAVES = st.none() | st.booleans() | st.integers(-2, 2) | st.floats(-1, 1) | st.text("a/~0", max_size=2)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("a/~0", max_size=2), inner, max_size=3)
)
STATES = st.dictionaries(st.text("ab/~", max_size=2), VALUES, max_size=4)


@given(before=STATES, after=STATES)
def test_a_difference_leads_from_one_state_to_the_other(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Applied to the earlier state it gives the later one, to the type of each value, and changes neither argument."""
    kept = json.dumps([before, after])
    changes = json.loads(json.dumps(World.diff(before, after)))
    made = World.patch(before, changes)
    assert json.dumps(made, sort_keys=True) == json.dumps(after, sort_keys=True)
    assert json.dumps([before, after]) == kept
    assert bool(changes) == (json.dumps(before, sort_keys=True) != json.dumps(after, sort_keys=True))


@pytest.mark.parametrize(
    ("before", "after", "changes"),
    [
        ({"a": 1}, {"a": 1}, {}),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 1, "c": 3}}, {"/a/c": {"before": 2, "after": 3}}),
        ({"a": [1, 2]}, {"a": [1, 2, 3]}, {"/a/2": {"after": 3}}),
        ({"a": [1, 2]}, {"a": [1]}, {"/a/1": {"before": 2}}),
        ({"a": None}, {}, {"/a": {"before": None}}),
        ({"a": True}, {"a": 1}, {"/a": {"before": True, "after": 1}}),
        ({"a/b": 1}, {"a/b": 2}, {"/a~1b": {"before": 1, "after": 2}}),
    ],
)
def test_a_difference_names_the_innermost_place(
    before: dict[str, Any], after: dict[str, Any], changes: dict[str, Any]
) -> None:
    """What grows is told by what was added; what is absent on a side is absent there, and never null."""
    assert World.diff(before, after) == changes
