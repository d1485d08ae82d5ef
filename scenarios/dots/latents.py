"""Hidden values of four kinds: functions, parity, places, biased wheels; no half of the observations is enough.

Each half is short of the value: a point of a line, a rule that fits as well as two others, a stretch of three stops, a
count with another colour ahead. Every kind has a latent that can be said, and a case that has not been observed in
which it can be used; six answers are possible either way.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

__all__ = ["KINDS", "STOPS", "Latent", "make"]

Latent = dict[str, Any]
"""`setting`, `observations` in two halves, `told` (the latent as a statement), and `say` and `use`: question, options,
answer."""

STOPS = 9
_COLOURS = ("red", "blue", "green", "yellow", "white", "black")
_RULES = (
    "even numbers",
    "odd numbers",
    "numbers above fifty",
    "numbers below fifty",
    "multiples of five",
    "multiples of three",
)


def make(kind: str, name: str, stops: Sequence[str], rng: random.Random) -> Latent:
    """Give a latent of a kind.

    Args:
        kind: One of `KINDS`.
        name: Name of what has it.
        stops: Stops of the tram line on which a place lies.
        rng: Source of chance.
    """
    return _MAKERS[kind](name, stops, rng)


def _asked(question: str, options: Sequence[str], answer: str) -> dict[str, Any]:
    return {"question": question, "options": sorted(options), "answer": answer}


def _function(name: str, stops: Sequence[str], rng: random.Random) -> Latent:
    """A linear function, of which each half is one point; two wrong answers fit either, and one repeats a value."""
    while True:
        a, b, new = rng.randint(1, 4), rng.randint(1, 20), rng.randint(11, 15)
        seen = rng.sample(range(2, 10), 2)
        rules = [(a, b)]
        for x in seen:
            others = rng.sample([n for n in (1, 2, 3, 4, 5) if n != a], 2)
            rules += [(c, a * x + b - c * x) for c in others]
        rules.append((rng.randint(1, 4), rng.randint(1, 20)))
        values = [*(c * new + d for c, d in rules[:5]), a * seen[1] + b]
        if (
            min(d for _, d in rules) >= 1
            and len(set(rules)) == len(set(values)) == 6
            and not _fits(rules[5], a, b, seen)
        ):
            break
    words = [f"multiplies by {c} and adds {d}" for c, d in rules]
    return {
        "setting": "",
        "observations": [f"Machine {name} turned {x} into {a * x + b}." for x in seen],
        "told": f"Machine {name} {words[0]}.",
        "say": _asked(f"What does machine {name} do with a number?", words, words[0]),
        "use": _asked(f"What does machine {name} turn {new} into?", list(map(str, values)), str(values[0])),
    }


def _fits(rule: tuple[int, int], a: int, b: int, seen: Sequence[int]) -> bool:
    return any(rule[0] * x + rule[1] == a * x + b for x in seen)


def _parity(name: str, stops: Sequence[str], rng: random.Random) -> Latent:
    """Even or odd; the first half could be multiples of three or small, the second multiples of five or large."""
    rule = rng.choice(_RULES[:2])
    odd = int(rule == "odd numbers")
    low, high = ([n for n in range(1, 51) if _of(n, 3, 5)], [n for n in range(51, 121) if _of(n, 5, 3)])
    taken = [rng.choice([n for n in numbers if n % 2 == odd]) for numbers in (low, high)]
    refused = [
        rng.choice([n for n in numbers if n % 2 != odd and n % factor])
        for numbers, factor in ((range(51, 121), 3), (range(1, 51), 5))
    ]
    # Of either parity one is small and a multiple of three, and one large and a multiple of five.
    evens, odds = (
        [rng.choice([n for n in numbers if n % 2 == rest and n not in taken + refused]) for numbers in (low, high)]
        for rest in (0, 1)
    )
    pairs = {frozenset(pair): f"{min(pair)} and {max(pair)}" for pair in combinations([*evens, *odds], 2)}
    acts = [("took", taken[0]), ("refused", refused[0]), ("took", taken[1]), ("refused", refused[1])]
    return {
        "setting": "",
        "observations": [f"Sorter {name} {act} {number}." for act, number in acts],
        "told": f"Sorter {name} takes {rule}.",
        "say": _asked(f"What does sorter {name} take?", _RULES, rule),
        "use": _asked(
            f"Which two numbers does sorter {name} both take?",
            list(pairs.values()),
            pairs[frozenset(evens if rule == "even numbers" else odds)],
        ),
    }


def _of(number: int, factor: int, other: int) -> bool:
    return number % factor == 0 and number % other != 0


def _place(name: str, stops: Sequence[str], rng: random.Random) -> Latent:
    """A stop of a line; each half shuts in three stops, of which it is the last or the first.

    The stop that a half names last is never the answer, so that it cannot be had by copying.
    """
    place = rng.randint(3, STOPS - 4)
    first = rng.randint(place - 3, place - 2)
    window = list(stops[first : first + 6])
    bounds = [("before", place + 1), ("after", place - 3), ("before", place + 3), ("after", place - 1)]
    return {
        "setting": f"The stops of the line, in order: {', '.join(stops)}.",
        "observations": [f"Depot {name} lies somewhere {way} {stops[at]}." for way, at in bounds],
        "told": f"Depot {name} lies at {stops[place]}.",
        "say": _asked(f"At which stop does depot {name} lie?", window, stops[place]),
        "use": _asked(f"Which stop comes right after depot {name}?", window, stops[place + 1]),
    }


def _wheel(name: str, stops: Sequence[str], rng: random.Random) -> Latent:
    """A wheel that stops at one colour more often than at others; in each half it stops at another one more often."""
    favoured, first, last = rng.sample(_COLOURS, 3)
    shown = [first, favoured, first, favoured, first, last, favoured, last, favoured, last]
    return {
        "setting": "",
        "observations": [f"Wheel {name} stopped at {colour}." for colour in shown],
        "told": f"Wheel {name} favours {favoured}.",
        "say": _asked(f"Which colour does wheel {name} favour?", _COLOURS, favoured),
        "use": _asked(f"On which colour should one bet when wheel {name} turns again?", _COLOURS, favoured),
    }


_MAKERS: dict[str, Callable[[str, Sequence[str], random.Random], Latent]] = {
    "function": _function,
    "parity": _parity,
    "place": _place,
    "wheel": _wheel,
}
KINDS = tuple(_MAKERS)
