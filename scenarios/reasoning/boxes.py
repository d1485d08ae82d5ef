"""Things in boxes in rooms: questions that take two steps, drawn by seeded code so that nobody has seen them before."""

from __future__ import annotations

import random
from typing import Any

__all__ = ["CHANCE", "EXAMPLES", "box_question", "facts_of"]

CHANCE = 1 / 3
_ROOMS = {
    "confirm": ("kitchen", "garden", "attic", "cellar", "hall", "library", "studio", "porch"),
    "develop": ("bathroom", "bedroom", "garage", "barn", "office", "chapel", "shed", "tower"),
}
_THINGS = {
    "confirm": ("cup", "pen", "key", "coin", "lamp", "ring", "spoon", "glove", "rope", "drum", "doll", "fork"),
    "develop": (
        "brush",
        "candle",
        "kite",
        "hammer",
        "scarf",
        "bell",
        "plate",
        "comb",
        "nail",
        "sock",
        "vase",
        "whistle",
    ),
}
_COLOURS = ("red", "blue", "green", "white", "black", "yellow", "brown", "grey")

EXAMPLES: tuple[dict[str, Any], ...] = (
    {
        "facts": ["The hat is in the pink box.", "The pink box is in the stable."],
        "thing": "hat",
        "box": "pink",
        "answer": "stable",
    },
    {
        "facts": ["The violet box is in the parlour.", "The ball is in the violet box."],
        "thing": "ball",
        "box": "violet",
        "answer": "parlour",
    },
)


def box_question(number: int, part: str) -> dict[str, Any]:
    """Draw a question: the facts, the thing asked for, its box, the right room, a wrong one and the third.

    Args:
        number: Which one.
        part: `confirm` or `develop`, which share no room and no thing.
    """
    rng = random.Random(f"boxes {part} {number}")
    rooms, colours, things = (rng.sample(words, 3) for words in (_ROOMS[part], _COLOURS, _THINGS[part]))
    facts = [f"The {thing} is in the {colour} box." for thing, colour in zip(things, colours, strict=True)]
    facts += [f"The {colour} box is in the {room}." for colour, room in zip(colours, rooms, strict=True)]
    rng.shuffle(facts)
    return {
        "facts": facts,
        "thing": things[0],
        "box": colours[0],
        "answer": rooms[0],
        "wrong": rooms[1],
        "other": rooms[2],
    }


def facts_of(item: dict[str, Any]) -> str:
    """Give the facts of a question as one text."""
    return " ".join(item["facts"])
