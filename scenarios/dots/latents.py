"""Hidden values of four kinds: functions, parity, places, biased wheels; no single observation gives one away.

Every kind has a latent that can be said, and a case that has not been observed in which it can be used; six answers
are possible either way.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any

__all__ = ["KINDS", "STOPS", "Latent", "make"]

Latent = dict[str, Any]
"""`setting`, `observations`, `told` (the latent as a statement), and `say` and `use`: question, options, answer."""

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
    """A linear function; three of the wrong answers fit one observation each, and two repeat an observed value."""
    while True:
        a, b = rng.randint(1, 3), rng.randint(1, 9)
        seen, new = rng.sample(range(2, 10), 4), rng.randint(11, 15)
        wrong: list[tuple[int, int]] = []
        for x in seen[:3]:
            c = rng.choice([n for n in (1, 2, 3, 4) if n != a])
            wrong.append((c, a * x + b - c * x))
        stray = [(rng.randint(1, 4), rng.randint(1, 9)) for _ in range(2)]
        rules = [(a, b), *wrong, *stray]
        values = [*(c * new + d for c, d in rules[:4]), *(a * x + b for x in seen[2:])]
        if min(d for _, d in rules) >= 1 and len(set(rules)) == len(set(values)) == 6:
            break
    words = [f"multiplies by {c} and adds {d}" for c, d in rules]
    return {
        "setting": "",
        "observations": [f"Machine {name} turned {x} into {a * x + b}." for x in seen],
        "told": f"Machine {name} {words[0]}.",
        "say": _asked(f"What does machine {name} do with a number?", words, words[0]),
        "use": _asked(f"What does machine {name} turn {new} into?", list(map(str, values)), str(values[0])),
    }


def _parity(name: str, stops: Sequence[str], rng: random.Random) -> Latent:
    """Even or odd; the numbers taken and refused lie above fifty and below it, so that no other rule fits."""
    rule = rng.choice(_RULES[:2])
    low, high = (
        [n for n in numbers if n % 3 and n % 5 and n % 2 == (rule == "odd numbers")]
        for numbers in (range(1, 50), range(51, 100))
    )
    taken = [rng.choice(low), rng.choice(high)]
    refused = [n + 1 for n in (rng.choice(low), rng.choice(high))]
    known = {*taken, *refused}
    evens = rng.sample([n for n in range(2, 98, 2) if n not in known], 2)
    odds = rng.sample([n for n in range(1, 99, 2) if n not in known], 2)
    pairs = {frozenset(pair): f"{min(pair)} and {max(pair)}" for pair in combinations([*evens, *odds], 2)}
    acts = [("took", taken[0]), ("refused", refused[1]), ("took", taken[1]), ("refused", refused[0])]
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


def _place(name: str, stops: Sequence[str], rng: random.Random) -> Latent:
    """A stop of a line, shut in by what lies before it and after it; the loose bounds come first.

    The last stop that is named is never the answer, so that it cannot be had by copying.
    """
    place = rng.randint(2, STOPS - 3)
    first = rng.randint(max(0, place - 4), min(STOPS - 6, place - 1))
    window = list(stops[first : first + 6])
    bounds = [("after", place - 2), ("before", place + 2), ("before", place + 1), ("after", place - 1)]
    return {
        "setting": f"The stops of the line, in order: {', '.join(stops)}.",
        "observations": [f"Depot {name} lies somewhere {way} {stops[at]}." for way, at in bounds],
        "told": f"Depot {name} lies at {stops[place]}.",
        "say": _asked(f"At which stop does depot {name} lie?", window, stops[place]),
        "use": _asked(f"Which stop comes right after depot {name}?", window, stops[place + 1]),
    }


def _wheel(name: str, stops: Sequence[str], rng: random.Random) -> Latent:
    """A wheel that stops at one colour more often than at others; the first and the last time it does not."""
    favoured, first, last = rng.sample(_COLOURS, 3)
    shown = [first, favoured, favoured, favoured, favoured, last]
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
