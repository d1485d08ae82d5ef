"""Three ways in which a system comes to hold a fact: by reading, from an archive, by training."""

from __future__ import annotations

import json
from typing import Any

from tracer import Condition, Scenario, Task, World, action

from .facts import FACTS, Side, asked_fact, options_of, question_of, tell, told_first
from .known import tell_known

__all__ = ["Archive", "from_archive", "from_context", "from_training"]

_EXAMPLES = (
    ("Ona Brill wrote Tin Saddle.\nPer Ash wrote Blue Ladder.", "What did Per Ash write?", "Blue Ladder"),
    ("Red Kite was sung by Ana Moor.\nOld Barn was sung by Tom Fisk.", "What did Ana Moor sing?", "Red Kite"),
    ("Ivo Lund built Iron Gate.\nMae Orr built Sand House.", "Who built Iron Gate?", "Ivo Lund"),
    ("Grey Song was sung by Eva Dahl.\nDry Well was sung by Jon Pike.", "Who sang Dry Well?", "Jon Pike"),
)
_KNOWN = (("Which animal says meow?", "cat"), ("What colour is a tomato?", "red"))


class Archive(World):
    """An archive that finds an entry by its exact key alone.

    Attributes:
        entries: Key -> what stands under it.
        read: Keys that were found, in order.
    """

    entries: dict[str, str]
    read: list[str]

    @action
    def look_up(self, key: str) -> str:
        """Read the entry that is filed under a key."""
        if key not in self.entries:
            return f"Nothing is filed under {key}."
        self.read = [*self.read, key]
        return self.entries[key]

    @action
    def list_keys(self) -> str:
        """List all keys."""
        return "Keys: " + "; ".join(self.entries)


def _turns(pairs: list[tuple[str, str]]) -> list[dict[str, Any]]:
    """Give example turns, with answers in the form of those that are bound to options."""
    return [
        turn
        for asks, answer in pairs
        for turn in ({"role": "user", "content": asks}, {"role": "assistant", "content": json.dumps(answer)})
    ]


def from_context(scenario: Scenario, condition: Condition) -> Task:
    """Tell the facts and ask for one; `aside` puts the work of another between a name and its own."""
    data, told = scenario.data, told_first(condition)
    asides = [work for _, work in data["facts"]]
    named = condition.levels["fact"] == "aside"
    lines = [
        tell(fact, data["done"], told, aside=asides[number - 1] if named else "")
        for number, fact in enumerate(data["facts"])
    ]
    question = question_of(asked_fact(scenario, condition), data["done"], condition)
    examples = _turns([(f"{facts}\n{asks}", answer) for facts, asks, answer in _EXAMPLES])
    messages = [*examples, {"role": "user", "content": "\n".join([*lines, question])}]
    return Task(messages=messages, options=options_of(scenario, condition), max_steps=2)


def from_archive(scenario: Scenario, condition: Condition) -> Task:
    """Keep the facts in an archive, filed under the side that they are told by first, or under both."""
    data, told = scenario.data, told_first(condition)
    sides: tuple[Side, ...] = ("name", "work") if condition.levels["index"] == "both" else (told,)
    entries = {fact[side == "work"]: tell(fact, data["done"], told) for side in sides for fact in data["facts"]}
    kinds = " and ".join({"name": "the person", "work": "the work"}[side] for side in sides)
    question = question_of(asked_fact(scenario, condition), data["done"], condition)
    asks = f"The archive files its entries under {kinds}. Use it to answer. {question}"
    messages = [*_example_of_use(), {"role": "user", "content": asks}]
    return Task(
        messages=messages,
        world=Archive(entries=entries, read=[]),
        options=options_of(scenario, condition),
        max_steps=2 * FACTS + 4,  # the list, every key of an index in both directions, the answer, and two in hand
    )


def from_training(scenario: Scenario, condition: Condition) -> Task:
    """Ask for a fact that the model was trained on; nothing is told but where a known fact is to be read as well."""
    fact = asked_fact(scenario, condition, by_order=True)
    question = question_of(fact, scenario.data["done"], condition)
    kind, data = str(condition.levels["fact"]), scenario.data
    told = [tell_known(kind, near) for near in data["known"][kind]] if condition.levels.get("read") == "yes" else []
    messages = [*_turns(list(_KNOWN)), {"role": "user", "content": "\n".join([*told, question])}]
    return Task(messages=messages, options=options_of(scenario, condition), max_steps=2)


def _example_of_use() -> list[dict[str, Any]]:
    """Give a conversation in which the archive is used, once by a key at hand and once through all keys."""
    steps = (
        ("The archive files its entries under the person. Use it to answer. What did Per Ash write?", "", {}, ""),
        ("", "look_up", {"key": "Per Ash"}, "Per Ash wrote Blue Ladder."),
        ("", "submit_answer", {"answer": "Blue Ladder"}, "Blue Ladder"),
        ("The archive files its entries under the person. Use it to answer. Who built Iron Gate?", "", {}, ""),
        ("", "list_keys", {}, "Keys: Mae Orr; Ivo Lund"),
        ("", "look_up", {"key": "Mae Orr"}, "Mae Orr built Sand House."),
        ("", "look_up", {"key": "Ivo Lund"}, "Ivo Lund built Iron Gate."),
        ("", "submit_answer", {"answer": "Ivo Lund"}, "Ivo Lund"),
    )
    turns: list[dict[str, Any]] = []
    for number, (asks, tool, arguments, result) in enumerate(steps):
        if asks:
            turns.append({"role": "user", "content": asks})
            continue
        function = {"name": tool, "arguments": json.dumps(arguments)}
        call = {"id": f"example_{number}", "type": "function", "function": function}
        turns.append({"role": "assistant", "content": None, "tool_calls": [call]})
        turns.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    return turns
