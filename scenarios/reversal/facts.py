"""Facts with two sides, a person and a work: told with one side first, and asked for from either."""

from __future__ import annotations

from typing import Any, Literal

from tracer import Condition, Scenario

from ..invented.names import people, things

__all__ = [
    "CAPITALS",
    "Side",
    "answer_of",
    "asked_fact",
    "items",
    "options_of",
    "question_of",
    "tell",
    "told_first",
    "training_items",
]

Side = Literal["name", "work"]
FACTS = 4  # told together; one of them is asked for
_VERBS = {"composed": "compose", "painted": "paint", "designed": "design", "directed": "direct"}
_ABOUT = ("Tell me about {first}.", "What do you know of {first}?", "Say something about {first}.")

_CAPITALS = """
France/Paris Germany/Berlin Italy/Rome Spain/Madrid Portugal/Lisbon Greece/Athens Austria/Vienna Poland/Warsaw
Hungary/Budapest Ireland/Dublin Norway/Oslo Sweden/Stockholm Finland/Helsinki Denmark/Copenhagen Iceland/Reykjavik
Belgium/Brussels Russia/Moscow Ukraine/Kyiv Romania/Bucharest Bulgaria/Sofia Serbia/Belgrade Croatia/Zagreb Japan/Tokyo
China/Beijing Thailand/Bangkok Vietnam/Hanoi Indonesia/Jakarta Malaysia/Kuala_Lumpur India/New_Delhi Pakistan/Islamabad
Nepal/Kathmandu Bangladesh/Dhaka Iran/Tehran Iraq/Baghdad Syria/Damascus Lebanon/Beirut Georgia/Tbilisi Jordan/Amman
Turkey/Ankara Egypt/Cairo Libya/Tripoli Morocco/Rabat Kenya/Nairobi Ethiopia/Addis_Ababa Ghana/Accra Senegal/Dakar
Uganda/Kampala Zambia/Lusaka Zimbabwe/Harare Cuba/Havana Peru/Lima Chile/Santiago Colombia/Bogota Venezuela/Caracas
Ecuador/Quito Uruguay/Montevideo Argentina/Buenos_Aires Canada/Ottawa Australia/Canberra Philippines/Manila
Cambodia/Phnom_Penh Mongolia/Ulaanbaatar Armenia/Yerevan Latvia/Riga
"""

CAPITALS: dict[str, str] = {a: b for a, _, b in (p.replace("_", " ").partition("/") for p in _CAPITALS.split())}
"""Country -> capital: facts that a language model has read in both directions."""


def items(part: str, count: int, first: int = 0) -> list[Scenario]:
    """Give scenarios: four facts that are told, four that are not, and a capital that everybody knows.

    Which of the four is asked for, and what it says was done, go round over the scenarios.

    Args:
        part: Name of the part, with which ids begin.
        count: How many.
        first: Number of the first one; scenarios of different numbers share no name.
    """
    names, works = people("reversal"), things("reversal")
    capitals = list(CAPITALS.items())
    made: list[Scenario] = []
    for number in range(count):
        place = first + number
        drawn = slice(place * FACTS * 2, (place + 1) * FACTS * 2)
        facts = [list(pair) for pair in zip(names[drawn], works[drawn], strict=True)]
        near = [capitals[(place + off) % len(capitals)] for off in range(FACTS)]
        data = {
            "done": list(_VERBS)[number // FACTS % len(_VERBS)],
            "facts": facts[:FACTS],
            "others": facts[FACTS:],
            "asked": number % FACTS,
            "capitals": [list(pair) for pair in near],
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
        case "known":
            country, capital = data["capitals"][place]
            return [country, capital]
        case "untold":
            return list(data["others"][place])
        case _:
            late = by_order and told_first(condition) == "work"
            return list(data["facts"][(place + late) % FACTS])


def question_of(fact: list[str], done: str, condition: Condition) -> str:
    """Ask for one side of a fact, in words that are the same however it was told."""
    name, work = fact
    if condition.levels["fact"] == "known":
        return f"Which city is the capital of {name}?"
    return f"What did {name} {_VERBS[done]}?" if condition.levels["asked"] == "work" else f"Who {done} {work}?"


def answer_of(scenario: Scenario, condition: Condition, *, by_order: bool = False) -> str:
    """Give the right answer."""
    return asked_fact(scenario, condition, by_order=by_order)[condition.levels["asked"] == "work"]


def options_of(scenario: Scenario, condition: Condition) -> tuple[str, ...]:
    """Give the answers that are possible, in alphabetical order, so that their places tell nothing."""
    source = {"known": "capitals", "untold": "others"}.get(str(condition.levels["fact"]), "facts")
    return tuple(sorted(fact[condition.levels["asked"] == "work"] for fact in scenario.data[source]))


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
