"""A garden in which several hands have work, with runbooks for `organism:by_the_book`: a suite for any stack."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import Field

from tracer import Condition, Measure, Scenario, Suite, Task, User, World, action

RUNBOOKS = {
    "plain": [
        'look {"place": "shed"}',
        'take {"thing": "spade"}',
        'look {"place": "garden"}',
        "count {}",
    ],
    "noted": [
        'look {"place": "shed"}',
        'remember {"text": "the gate is green"}',
        'look {"place": "garden"}',
        'look {"place": "roof"}',
        'look {"place": "pond"}',
        'recall {"query": "colour of the gate"}',
        'look {"place": "shed door"}',
    ],
    "asked": ['take {"thing": "spade"}', 'take {"thing": "rake"}', "count {}"],
}


class Garden(World):
    """What was looked at and taken."""

    seen: list[str] = Field(default_factory=list[str])
    taken: list[str] = Field(default_factory=list[str])

    @action
    def look(self, place: str) -> str:
        """Look at a place."""
        self.seen.append(place)
        return f"the {place} is quiet"

    @action
    def take(self, thing: str) -> str:
        """Take a thing."""
        self.taken.append(thing)
        return f"you hold the {thing}"

    @action
    def count(self) -> str:
        """Count what was taken."""
        return f"{len(self.taken)} taken"


def consent(messages: list[dict[str, Any]]) -> str | None:
    """Be a user who gives the spade away and keeps the rake, and says nothing but when asked."""
    said = str(messages[-1]["content"])
    if "May I" not in said:
        return None
    return "no, the rake stays" if "rake" in said else "yes"


def present(scenario: Scenario, condition: Condition) -> Task:
    """Give the runbook; with options, the answer is one of them."""
    lines = "\n".join(f"{number}. {line}" for number, line in enumerate(RUNBOOKS[scenario.id], 1))
    return Task(
        [{"role": "user", "content": f"Do this:\n{lines}\nAnswer: one"}],
        Garden(),
        ("none", "one", "two") if condition.name == "bound" else (),
        max_steps=30,
        user=User(replies=consent) if scenario.id == "asked" else None,
    )


suite = Suite(
    name="garden",
    question="Is every line done?",
    scenarios=[Scenario(id=name) for name in RUNBOOKS],
    conditions=[Condition(name="bound"), Condition(name="free")],
    present=present,
    measures=[Measure("taken", lambda seen: len(seen.after["taken"]), "things taken", low=0, high=2)],
    hypotheses=[],
    models=("organism:by_the_book",),
)


def present_short(scenario: Scenario, condition: Condition) -> Task:
    """Give the task with few model calls."""
    return replace(present(scenario, condition), max_steps=6)


short = replace(suite, name="short", present=present_short)
