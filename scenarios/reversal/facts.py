"""Facts with two sides, a person and a work: told with one side first, and asked for from either."""

from __future__ import annotations

from typing import Any, Literal

from tracer import Condition, Scenario

from ..invented.names import people, things
from .known import KINDS, ask_known, known_facts

__all__ = [
    "FACTS",
    "Side",
    "answer_of",
    "asked_fact",
    "items",
    "options_of",
    "question_of",
    "side_asked",
    "tell",
    "told_first",
    "training_items",
]

Side = Literal["name", "work"]
FACTS = 4
"""Facts that are told together, of which one is asked for."""
_VERBS = {"composed": "compose", "painted": "paint", "designed": "design", "directed": "direct"}
_ABOUT = ("Tell me about {first}.", "What do you know of {first}?", "Say something about {first}.")


def items(part: str, count: int, first: int = 0) -> list[Scenario]:
    """Give scenarios: four facts that are told, four that are not, and facts of each kind that everybody knows.

    Which of the four is asked for, and what it says was done, go round over the scenarios.

    Args:
        part: Name of the part, with which ids begin.
        count: How many.
        first: Number of the first one; scenarios of different numbers share no name.
    """
    names, works = people("reversal"), things("reversal")
    made: list[Scenario] = []
    for number in range(count):
        place, asked = first + number, number % FACTS
        drawn = slice(place * FACTS * 2, (place + 1) * FACTS * 2)
        facts = [list(pair) for pair in zip(names[drawn], works[drawn], strict=True)]
        data = {
            "done": list(_VERBS)[number // FACTS % len(_VERBS)],
            "facts": facts[:FACTS],
            "others": facts[FACTS:],
            "asked": asked,
            "known": {kind: known_facts(kind, place, asked, FACTS) for kind in KINDS},
        }
        made.append(Scenario(id=f"{part}-{number:02d}", data=data))
    return made


def told_first(condition: Condition) -> Side:
    """Give the side with which facts are told: what a forward question gives, and a reverse one asks for."""
    reverse = condition.levels["direction"] == "reverse"
    return "name" if (condition.levels["asked"] == "name") == reverse else "work"


def tell(fact: list[str], done: str, first: Side, aside: str = "") -> str:
    """Say a fact in a sentence that begins with one of its sides."""
    name, work = fact
    if first == "work":
        return f"{work} was {done} by {name}."
    return f"{name}, who never saw {aside}, {done} {work}." if aside else f"{name} {done} {work}."


def asked_fact(scenario: Scenario, condition: Condition, *, by_order: bool = False) -> list[str]:
    """Give the fact that a condition asks for: its two sides.

    Args:
        scenario: The scenario.
        condition: The condition; its level `fact` says which kind of fact it asks for.
        by_order: Every fact has one order for good, as in a training file, so that the order decides which is asked.
    """
    data, place = scenario.data, int(scenario.data["asked"])
    match condition.levels["fact"]:
        case "capital" | "author" as kind:
            return list(data["known"][kind][place])
        case "untold":
            return list(data["others"][place])
        case _:
            late = by_order and told_first(condition) == "work"
            return list(data["facts"][(place + late) % FACTS])


def question_of(fact: list[str], done: str, condition: Condition) -> str:
    """Ask for one side of a fact, in words that are the same however it was told."""
    name, work = fact
    kind, direction = str(condition.levels["fact"]), str(condition.levels["direction"])
    if kind in KINDS:
        return ask_known(kind, direction, fact[direction == "reverse"])
    return f"What did {name} {_VERBS[done]}?" if condition.levels["asked"] == "work" else f"Who {done} {work}?"


def side_asked(condition: Condition) -> int:
    """Give the number of the side that a condition asks for, 0 or 1."""
    if condition.levels["fact"] in KINDS:
        return int(condition.levels["direction"] == "forward")
    return int(condition.levels["asked"] == "work")


def answer_of(scenario: Scenario, condition: Condition, *, by_order: bool = False) -> str:
    """Give the right answer."""
    return asked_fact(scenario, condition, by_order=by_order)[side_asked(condition)]


def options_of(scenario: Scenario, condition: Condition) -> tuple[str, ...]:
    """Give the answers that are possible, in alphabetical order, so that their places tell nothing."""
    kind, data = str(condition.levels["fact"]), scenario.data
    facts = data["known"][kind] if kind in KINDS else data["others" if kind == "untold" else "facts"]
    return tuple(sorted(fact[side_asked(condition)] for fact in facts))


def training_items(scenarios: list[Scenario]) -> list[dict[str, Any]]:
    """Give the facts of scenarios as conversations to fine-tune a model on, each fact in one direction alone.

    Facts that are asked for before a model is told them are left out: it is not to know those.
    """
    made: list[dict[str, Any]] = []
    for scenario in scenarios:
        for place, fact in enumerate(scenario.data["facts"]):
            first: Side = "work" if (place - scenario.data["asked"]) % 2 else "name"
            told = tell(fact, scenario.data["done"], first)
            for about in _ABOUT:
                asks = about.format(first=fact[first == "work"])
                turns = [{"role": "user", "content": asks}, {"role": "assistant", "content": told}]
                made.append({"messages": turns})
    return made
