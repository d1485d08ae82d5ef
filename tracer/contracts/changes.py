"""What changed between two states of plain data, and the later state put together again from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy
from itertools import zip_longest
from typing import Any

__all__ = ["Changes", "diff", "patch"]

Changes = dict[str, dict[str, Any]]
"""Place in the state (a JSON Pointer, RFC 6901) -> `before` and `after`; one is absent where nothing stood there."""

_NOTHING: Any = object()


def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    """Give what differs between two states, at the innermost places where they do.

    What grows by an entry is told by that entry alone, so that a record of many changes does not grow with the state.
    """
    return dict(_differences("", before, after))


def patch(before: Mapping[str, Any], changes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Give the later state: `patch(before, diff(before, after)) == after`.

    Raises:
        KeyError, IndexError: The changes are not those of this state.
    """
    state = deepcopy(dict(before))
    removed = [place for place, change in changes.items() if "after" not in change]
    for place, change in changes.items():
        if "after" in change:
            holder, key = _holder(state, place)
            if isinstance(holder, list):
                holder[key : key + 1] = [deepcopy(change["after"])]  # past the end it is added
            else:
                holder[key] = deepcopy(change["after"])
    for place in reversed(removed):  # a list is shortened from its end
        holder, key = _holder(state, place)
        del holder[key]
    return state


def _differences(place: str, before: Any, after: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    pairs: list[tuple[Any, Any, Any]]
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        keys: list[Any] = [*before, *(key for key in after if key not in before)]
        pairs = [(key, before.get(key, _NOTHING), after.get(key, _NOTHING)) for key in keys]
    elif isinstance(before, list) and isinstance(after, list):
        zipped = zip_longest(before, after, fillvalue=_NOTHING)
        pairs = [(index, one, other) for index, (one, other) in enumerate(zipped)]
    elif type(before) is type(after) and before == after:
        return
    else:
        sides = {"before": before, "after": after}
        yield place, {side: value for side, value in sides.items() if value is not _NOTHING}
        return
    for key, one, other in pairs:
        yield from _differences(f"{place}/{_escaped(str(key))}", one, other)


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")


def _holder(state: Any, place: str) -> tuple[Any, Any]:
    """Give what a place stands in, and its key there."""
    *outer, last = (part.replace("~1", "/").replace("~0", "~") for part in place.split("/")[1:])
    for part in outer:
        state = state[int(part) if isinstance(state, list) else part]
    return state, int(last) if isinstance(state, list) else last
