"""Verbatim passages: which earlier texts stand in a later one, in time linear in the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import compress, islice

__all__ = ["Passage", "PassageIndex", "squeeze"]

_GRAM = 11
_STRIDE = 6
_SHORTEST = 16  # every passage of this length holds a whole gram at a multiple of the stride: _GRAM + _STRIDE - 1
_LONGEST = 1_000_000  # of a longer text only so much is searched: what is larger is a file, not a message
_KEPT = 12  # places remembered for one gram: boilerplate stands everywhere and tells nothing

_ESCAPE = re.compile(r'\\(?:u([0-9a-fA-F]{4})|([nrtbf])|(["\\/]))')
_SPACE = re.compile(r"\s+")
_MARKS = re.compile(r' ?([{}\[\]:,"]) ?')  # around these, JSON writers put spaces or do not


def squeeze(text: str) -> str:
    """Give a text without what copying changes: runs of white space, case, the escapes and spacing of JSON."""
    if "\\" in text:
        text = _ESCAPE.sub(_unescape, text)
    return _MARKS.sub(r"\1", _SPACE.sub(" ", text)).strip().lower()


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

    Grams of 11 characters are indexed at every sixth place and looked up at every place, so that a shared passage of
    16 squeezed characters (20 of ordinary text) cannot be missed; a hit is extended both ways and the longest one
    wins, the latest text among equals.
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

    def find(self, squeezed: str) -> list[Passage]:
        """Give the passages of a text that stand in earlier ones, from left to right.

        Where passages overlap, the longest is kept, and others as far as half of each is new.
        """
        squeezed = squeezed[:_LONGEST]
        covered = bytearray(len(squeezed))
        kept: dict[tuple[int, int], Passage] = {}
        matches = self._matches(squeezed)
        for found in sorted(matches, key=lambda p: (p.start - p.end, -p.text)):
            length = found.end - found.start
            same = kept.get((found.start, found.end))
            if same is not None:
                kept[found.start, found.end] = replace(same, rivals=(*same.rivals, found.text))
            elif covered.count(1, found.start, found.end) <= length // 2:
                kept[found.start, found.end] = found
                covered[found.start : found.end] = b"\1" * length
        return sorted(kept.values(), key=lambda p: p.start)

    def _matches(self, squeezed: str) -> list[Passage]:
        """Give every longest common stretch, each once: along one diagonal a stretch is found at its first gram."""
        found: list[Passage] = []
        done: dict[tuple[int, int], int] = {}
        for at in self._known_places(squeezed):
            for number, place in self._places[squeezed[at : at + _GRAM]]:
                diagonal = (number, place - at)
                if done.get(diagonal, -1) > at:
                    continue
                earlier = self._texts[number]
                ahead = _common_ahead(squeezed, at, earlier, place)
                back = _common_backwards(squeezed, at, earlier, place)
                done[diagonal] = at + ahead
                if back + ahead >= _SHORTEST:
                    found.append(Passage(number, at - back, at + ahead, place - back))
        return found

    def _known_places(self, squeezed: str) -> Iterator[int]:
        """Give where known grams begin: one pass at the speed of the interpreter's own loops."""
        count = len(squeezed) - _GRAM + 1
        for place in range(len(self._slices), count):
            self._slices.append(slice(place, place + _GRAM))
        grams = map(squeezed.__getitem__, islice(self._slices, max(count, 0)))
        # Places are looked up before the first is used: what is found must not depend on what is done with it.
        return compress(range(max(count, 0)), list(map(self._places.__contains__, grams)))


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


def _common_backwards(a: str, i: int, b: str, j: int) -> int:
    most = min(i, j)
    back = 0
    while back < most and a[i - back - 1] == b[j - back - 1]:
        back += 1
    return back
