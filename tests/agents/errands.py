"""A world of errands that any stack can do: with a door that jams, and a runbook for `organism:by_the_book`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field

from tracer import Condition, Measure, Scenario, Suite, Task, World, action

__all__ = ["Errands", "short", "suite"]

RUNBOOKS = {
    "plain": ['look {"place": "shed"}', 'fetch {"thing": "key"}', 'look {"place": "shed"}', 'tell {"word": "done"}'],
    "jammed": [
        'look {"place": "shed"}',
        'open_door {"door": "jammed"}',
        'look {"place": "shed"}',
        'fetch {"thing": "key"}',
    ],
}


class Errands(World):
    """What was fetched and told."""

    fetched: list[str] = Field(default_factory=list)
    told: list[str] = Field(default_factory=list)

    @action
    def look(self, place: str) -> str:
        """Look at a place."""
        return f"the {place} holds a key; {len(self.fetched)} things are fetched"

    @action
    def fetch(self, thing: str) -> str:
        """Fetch a thing."""
        self.fetched.append(thing)
        return f"{thing} is here"

    @action
    def tell(self, word: str) -> str:
        """Say a word."""
        self.told.append(word)
        return "heard"

    @action
    def open_door(self, door: str) -> str:
        """Open a door, which a jammed one does not."""
        if door == "jammed":
            raise ValueError("the door does not move")
        return "open"


def present(scenario: Scenario, condition: Condition) -> Task:
    """Give the runbook; with options, the answer is one of them."""
    lines = "\n".join(f"{number}. {line}" for number, line in enumerate(RUNBOOKS[scenario.id], 1))
    text = f"Do this:\n{lines}\nAnswer: blue"
    options = ("red", "blue") if condition.name == "bound" else ()
    steps: Any = scenario.data.get("max_steps", 40)
    return Task([{"role": "user", "content": text}], Errands(), options, max_steps=steps)


suite = Suite(
    name="errands",
    question="Is every line done?",
    scenarios=[Scenario(id=name) for name in RUNBOOKS],
    conditions=[Condition(name="bound"), Condition(name="free")],
    present=present,
    measures=[Measure("fetched", lambda seen: len(seen.after["fetched"]) > 0, "something was fetched")],
    hypotheses=[],
    models=("organism:by_the_book",),
)
short = replace(suite, name="short_errands", scenarios=[Scenario(id="plain", data={"max_steps": 6})])
