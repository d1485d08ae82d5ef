"""A council whose members each know something of their own: a suite with roles; the model tells what it heard."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from pydantic import Field

from tracer import Condition, Measure, Role, Scenario, Suite, Task, User, World, action, rate
from tracer.contracts import Check, Hypothesis
from tracer.models import Act, Organism, View, text_of

__all__ = ["alone", "asked", "hearsay", "suite", "teller"]

SECRETS = {"ada": "apple", "ben": "birch", "cleo": "cedar"}
HEARS: dict[str, dict[str, tuple[str, ...]]] = {
    "all": {},
    "chain": {"ada": (), "ben": ("ada",), "cleo": ("ben",)},
    "star": {"ada": ("cleo",), "ben": ("cleo",), "cleo": ("ada", "ben")},
}


class Bell(World):
    """A bell, and who may ring it."""

    rung: list[str] = Field(default_factory=list[str])

    @action
    def ring(self, times: int) -> str:
        """Ring the bell."""
        self.rung.append(str(times))
        return f"rung {times} times"

    @action
    def hush(self) -> str:
        """Hold the bell."""
        return "quiet"


def present(scenario: Scenario, condition: Condition) -> Task:
    """Give the council its topology; ben alone can ring, ada alone can hush."""
    tools = {"ada": ("hush",), "ben": ("ring",)}
    roles = tuple(
        Role(
            name=name,
            brief=f"You are {name}. Your word is {word}.",
            tools=tools.get(name, ()),
            hears=HEARS[condition.name].get(name),
        )
        for name, word in SECRETS.items()
    )
    opening = [{"role": "user", "content": "Which words are there?"}, {"role": "assistant", "content": "Let us see."}]
    messages = [*opening, {"role": "user", "content": "Say them."}]
    bound = ("yes", "no") if scenario.id == "bound" else ()
    return Task(messages, Bell(), bound, roles=roles, rounds=int(scenario.data["rounds"]))


def present_alone(scenario: Scenario, condition: Condition) -> Task:
    """Give the same task to a single agent."""
    return replace(present(scenario, condition), roles=())


def present_asked(scenario: Scenario, condition: Condition) -> Task:
    """Give the task with a user who speaks once more."""
    return replace(present(scenario, condition), user=User(replies=["And now?"]))


def tell(view: View, settings: Any) -> Act:
    """Say every word that stands in the messages, once, in the order of the alphabet."""
    read = " ".join(text_of(message.get("content")) for message in view.messages)
    words = sorted(word for word in SECRETS.values() if re.search(rf"\b{word}\b", read))
    return view.answer("yes") if view.options else Act(text=" ".join(words) or "none")


teller = Organism("teller", "Says every word that it has read.", tell, lapse=0.0)
hearsay = Measure("hearsay", lambda seen: len((seen.answer or "").split()), "words in the answer", high=3.0)
suite = Suite(
    name="council",
    question="Whose words reach the last one?",
    scenarios=[Scenario(id=name, data={"rounds": n}) for name, n in (("once", 1), ("twice", 2), ("bound", 1))],
    develop=[Scenario(id="tried", data={"rounds": 3})],
    conditions=[Condition(name=name) for name in HEARS],
    present=present,
    measures=[hearsay],
    hypotheses=[
        Hypothesis(
            id="hears",
            claim="words reach the last one",
            kind="behaviour",
            checks=(Check(name="all", role="angle", estimand=rate("hearsay", "all"), margin=1.0),),
        )
    ],
    stack="agents/round_table.py:build",
    models=(f"organism:{__file__}:teller",),
)
alone = replace(
    suite,
    name="alone",
    present=present_alone,
    scenarios=suite.scenarios[:1],
    conditions=suite.conditions[:1],
    hypotheses=(),
)
asked = replace(suite, name="asked", present=present_asked)
