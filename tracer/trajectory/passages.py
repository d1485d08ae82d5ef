"""Verbatim passages: which earlier texts stand in a later one, in time linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import compress, islice

__all__ = ["Passage", "PassageIndex", "squeeze"]

_GRAM = 8
_STRIDE = 6
_SHORTEST = 13  # every passage of this length holds a whole gram at a multiple of the stride: _GRAM + _STRIDE - 1
_LONGEST = 1_000_000  # of a longer text only so much is searched: what is larger is a file, not a message
_KEPT = 12  # places remembered for one gram: boilerplate stands everywhere and tells nothing

_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|([nrtbf])|(["\\/]))')
_SPACE = re.compile(r"\s+")


def squeeze(text: str) -> str:
    """Give a text without what copying changes: white space, case, and the escapes of JSON around it."""
    if "\\" in text:
        text = _ESCAPE.sub(_unescape, text)
    return _SPACE.sub("", text).lower()


def _unescape(found: re.Match[str]) -> str:
    if found.group(1):
        return chr(int(found.group(1), 16))
    return " " if found.group(2) else found.group(3)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of a later text that stands in an earlier one; places count in squeezed text.

    Attributes:
        text: Number of the earlier text.
        start: Where it begins in the later text.
        end: Where it ends there.
        source_start: Where it begins in the earlier text.
        rivals: Other texts that hold the same stretch.
    """

    text: int
    start: int
    end: int
    source_start: int
    rivals: tuple[int, ...] = ()


class PassageIndex:
    """Texts as they come, searchable for what later texts take over from them.

    Grams of 8 characters are indexed at every sixth place and looked up at every place, so that a shared passage of 13
    squeezed characters (20 of ordinary text) cannot be missed; a hit is extended both ways and the longest one wins,
    the latest text among equals.
    """

    def __init__(self) -> None:
        self._texts: list[str] = []
        self._places: dict[str, list[tuple[int, int]]] = {}
        self._slices: list[slice] = []

    def add(self, squeezed: str) -> int:
        """Add a text and give its number."""
        number = len(self._texts)
        squeezed = squeezed[:_LONGEST]
        self._texts.append(squeezed)
        places = self._places
        for place in range(0, len(squeezed) - _GRAM + 1, _STRIDE):
            gram = squeezed[place : place + _GRAM]
            known = places.get(gram)
            if known is None:
                places[gram] = [(number, place)]
                continue
            known.append((number, place))
            if len(known) > _KEPT:
                del known[1]
        return number

    def find(self, squeezed: str, shortest: int = _SHORTEST) -> list[Passage]:
        """Give the passages of a text that stand in earlier ones, from left to right, not overlapping."""
        squeezed = squeezed[:_LONGEST]
        places = self._places
        found: list[Passage] = []
        covered = 0
        for at in self._known_places(squeezed):
            if at < covered:
                continue
            best = self._longest(squeezed, at, covered, places[squeezed[at : at + _GRAM]])
            if best.end - best.start >= shortest:
                found.append(best)
                covered = best.end
        return found

    def _known_places(self, squeezed: str) -> Iterator[int]:
        """Give where known grams begin: one pass at the speed of the interpreter's own loops."""
        count = len(squeezed) - _GRAM + 1
        for place in range(len(self._slices), count):
            self._slices.append(slice(place, place + _GRAM))
        grams = map(squeezed.__getitem__, islice(self._slices, max(count, 0)))
        # Places are looked up before the first is used: what is found must not depend on what is done with it.
        return compress(range(max(count, 0)), list(map(self._places.__contains__, grams)))

    def _longest(self, text: str, at: int, since: int, places: Sequence[tuple[int, int]]) -> Passage:
        best: Passage | None = None
        ties: list[int] = []
        for number, place in places:
            earlier = self._texts[number]
            back = _common_backwards(text, at, since, earlier, place)
            ahead = _common_ahead(text, at, earlier, place)
            length = back + ahead
            if best is None or length >= best.end - best.start:
                if best is not None and length == best.end - best.start and best.text != number:
                    ties.append(best.text)
                else:
                    ties = []
                best = Passage(number, at - back, at + ahead, place - back)
        assert best is not None
        return Passage(best.text, best.start, best.end, best.source_start, tuple(ties)) if ties else best


def _common_ahead(a: str, i: int, b: str, j: int) -> int:
    low, high = _GRAM, min(len(a) - i, len(b) - j)
    if a[i : i + high] == b[j : j + high]:
        return high
    step = _GRAM
    while low + step <= high and a[i + low : i + low + step] == b[j + low : j + low + step]:
        low += step
        step *= 2
    while step:
        if low + step <= high and a[i + low : i + low + step] == b[j + low : j + low + step]:
            low += step
        else:
            step //= 2
    return low


def _common_backwards(a: str, i: int, since: int, b: str, j: int) -> int:
    most = min(i - since, j)
    back = 0
    while back < most and a[i - back - 1] == b[j - back - 1]:
        back += 1
    return back
