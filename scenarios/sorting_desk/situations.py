"""A desk where things are sorted by a rule that nobody tells: the world, its courses, and the task of one run."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any, Literal

from tracer import Condition, Scenario, Task, World, action
from tracer.design import again

__all__ = ["CONDITIONS", "EPISODES", "SHELVES", "Desk", "course_of", "present", "rule_of", "shelf_of", "situation"]

PRACTICE = 6
EPISODES = PRACTICE + 2  # a test of new things before the practice, and one after it
SHELVES = ("north", "south", "east", "west")
COLOURS = ("red", "blue", "green", "white", "black", "brown", "pink", "grey")
SHAPES = ("ring", "cone", "cube", "disc", "star", "tube", "wedge", "knob")
_EXAMPLE = dict(zip(("first", "second", "third", "fourth"), SHELVES, strict=True))

_Shelf = Literal["north", "south", "east", "west"]


class Desk(World):
    """A desk that gives out four things an episode.

    Attributes:
        said: What is said when an episode has been sorted: how it was, and the things of the next one.
        sorted: The shelves that the things of each episode were put on.
    """

    said: list[str]
    sorted: list[list[str]]

    @action
    def sort(self, first: _Shelf, second: _Shelf, third: _Shelf, fourth: _Shelf) -> str:
        """Put the four things of this episode on shelves, in the order in which they are named."""
        if len(self.sorted) >= len(self.said):
            return "There are no things left."
        self.sorted = [*self.sorted, [first, second, third, fourth]]
        return self.said[len(self.sorted) - 1]


# --- the situations ---------------------------------------------------------------------------------------------------


def rule_of(desk: int) -> tuple[int, dict[str, str]]:
    """Give the rule of a desk: which word of a thing decides (0 colour, 1 shape), and which shelf each word means."""
    rng = random.Random(f"sorting desk {desk}")
    words = rng.sample((COLOURS, SHAPES)[desk % 2], len(SHELVES))
    return desk % 2, dict(zip(words, SHELVES, strict=True))


def shelf_of(desk: int, thing: str) -> str:
    """Give the shelf that a thing belongs on."""
    place, shelves = rule_of(desk)
    return shelves[thing.split()[place]]


def course_of(desk: int) -> list[list[str]]:
    """Give the things of each episode: new ones, two sets in turn to practise on, and other new ones.

    Each set has every deciding word once. The word that does not decide goes with another one in each set, so that two
    sets tell which one decides; the things of the tests occur nowhere else.
    """
    rng = random.Random(f"sorting course {desk}")
    place, shelves = rule_of(desk)
    words = rng.sample(list(shelves), len(SHELVES))
    idle = rng.sample((SHAPES, COLOURS)[place], len(SHELVES))
    sets = [
        [" ".join((w, o) if place == 0 else (o, w)) for w, o in zip(words, idle[turn:] + idle[:turn], strict=True)]
        for turn in range(4)
    ]
    order = [2, *(number % 2 for number in range(PRACTICE)), 3]
    return [rng.sample(sets[number], len(SHELVES)) for number in order]


def situation(name: str, desk: int) -> Scenario:
    """Draw the course of a desk."""
    return Scenario(id=f"{name}-{desk:03d}", data={"desk": desk, "course": course_of(desk)})


TAUGHT = Condition(name="taught", levels={"feedback": "each", "rule": "untold"})
CONDITIONS = (
    TAUGHT,
    Condition(name="untaught", levels={"feedback": "none", "rule": "untold"}),
    Condition(name="rule-told", levels={"feedback": "none", "rule": "told"}),
    again(TAUGHT),
)


def present(scenario: Scenario, condition: Condition) -> Task:
    """Give the task: what the desk is, an example that gives nothing away, and the things of the first episode."""
    desk, course = scenario.data["desk"], scenario.data["course"]
    call = {"name": "sort", "arguments": json.dumps(_EXAMPLE)}
    messages: list[dict[str, Any]] = [
        {
            "role": "system",
            "content": f"You work at sorting desk {desk}. A rule that holds for this desk decides on which shelf a "
            "thing belongs. In every episode call sort once. When there are no things left, say that you are done.",
        },
        {"role": "user", "content": "Warm-up, any shelf will do: cap, cup, can, cot."},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "call_0", "type": "function", "function": call}]},
        {"role": "tool", "tool_call_id": "call_0", "content": "Thank you."},
        {"role": "user", "content": _things(1, course[0])},
    ]
    return Task(messages=messages, world=Desk(said=_said(scenario, condition), sorted=[]), max_steps=EPISODES + 2)


def _things(episode: int, things: Sequence[str]) -> str:
    return f"Episode {episode}: {', '.join(things)}."


def _said(scenario: Scenario, condition: Condition) -> list[str]:
    desk, course = scenario.data["desk"], scenario.data["course"]
    said: list[str] = []
    for number, things in enumerate(course):
        practised = 0 < number <= PRACTICE
        told = "Thank you."
        if practised and condition.levels["feedback"] == "each":
            told = " ".join(f"The {thing} belongs on {shelf_of(desk, thing)}." for thing in things)
        if number == PRACTICE // 2 and condition.levels["rule"] == "told":
            place, shelves = rule_of(desk)
            meant = ", ".join(f"{word} goes to {shelf}" for word, shelf in shelves.items())
            told = f"The rule is that the {('colour', 'shape')[place]} decides: {meant}."
        following = _things(number + 2, course[number + 1]) if number + 1 < len(course) else "There are no things left."
        said.append(f"{told} {following}")
    return said
