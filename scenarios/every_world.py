"""Can it work in every world, and does it help to be given the steps?

Question. Eight small worlds with tools and state, each of which code can solve: a system that is given the acts of that
solution as a list (`runbook`) shows whether stack and model can act at all; without the list (`open`), whether they
find the acts themselves.

Design. Every situation is presented with the steps, without them, and with the steps of another situation of the same
world (`other steps`): a longer message with tool names in it may move a system to act without telling it what to do.
With the right steps but without the tool of the last one (`tool taken`) no job can be done: an effect that is planted,
and that shows whether one would have been found. Only then can the steps be said not to help.

What a verdict means. `steps_help` supported: the right steps get jobs done that are not done without them. Refuted:
they get none done beyond, while the tool of the last one does. Inconclusive with the rival *any steps* standing: steps
that do not fit help as well, so that a list sets it going and does not tell it what to do.

Blind spots. The worlds are small and their texts are in plain English. A list of right steps is no plan: a system that
does as it is told, and one that sees why, do the same here. What each world is for (budgets, policies, injected
instructions, hidden roles, regret) is measured beside, and no claim rests on it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from tracer import (
    Check,
    Condition,
    Hypothesis,
    Judge,
    Measure,
    Missing,
    Observation,
    Planted,
    Scenario,
    Suite,
    Task,
    angle,
    contrast,
    control,
    rate,
    read_labelled,
)
from tracer.contracts import Value

from .worlds import (
    airline_desk,
    code_base,
    grid_world,
    knowledge_base,
    mailbox,
    negotiation,
    social_deduction,
    trading_desk,
)

__all__ = ["FOLLOW", "suite", "with_steps"]

WORLDS: Mapping[str, ModuleType] = {
    module.__name__.rpartition(".")[2]: module
    for module in (
        airline_desk,
        code_base,
        grid_world,
        knowledge_base,
        mailbox,
        negotiation,
        social_deduction,
        trading_desk,
    )
}
EACH, APART = 7, 5  # situations of a world to confirm on, and to develop on
FOLLOW = "\nFollow these steps:\n"
MARGIN = 0.15  # what moves fewer than one run in seven is not worth a list of steps
LOST = Missing("the world's state is not known")
CONDITIONS = (
    Condition(name="runbook", levels={"steps": "right", "tools": "all"}),
    Condition(name="open", levels={"steps": "none", "tools": "all"}),
    Condition(name="other steps", levels={"steps": "other", "tools": "all"}),
    Condition(name="tool taken", levels={"steps": "right", "tools": "all but the last needed"}),
    Condition(name="open again", levels={"steps": "none", "tools": "all"}, reseed=True),
)


def _scenarios(wanted: slice) -> list[Scenario]:
    """Draw situations of each world; each knows the steps of the one after it, for the condition with wrong ones."""
    drawn: list[Scenario] = []
    for module in WORLDS.values():
        of_world: Sequence[Scenario] = module.situations(EACH + APART)
        pairs = list(zip(of_world, [*of_world[1:], of_world[0]], strict=True))
        for one, following in pairs[wanted]:
            steps = {"right": _lines(module, one), "other": _lines(module, following), "none": ""}
            drawn.append(one.model_copy(update={"data": {**one.data, "steps": steps}}))
    return drawn


def _lines(module: ModuleType, scenario: Scenario) -> str:
    acts: list[tuple[str, dict[str, Any]]] = module.solution(scenario)
    return "\n".join(f"{number}. {tool} {json.dumps(arguments)}" for number, (tool, arguments) in enumerate(acts, 1))


def _world_of(scenario: Scenario) -> tuple[ModuleType, Scenario]:
    """Give the module of a scenario's world, and the scenario as that module made it."""
    data = {name: value for name, value in scenario.data.items() if name != "steps"}
    return WORLDS[str(scenario.tags["world"])], scenario.model_copy(update={"data": data})


def present(scenario: Scenario, condition: Condition) -> Task:
    """Give the task in words, with the world, its user if it has one, and the steps of the condition."""
    module, plain = _world_of(scenario)
    steps: str = scenario.data["steps"][condition.levels["steps"]]
    text: str = module.task_text(plain) + (FOLLOW + steps if steps else "")
    user = module.user(plain) if hasattr(module, "user") else None
    lines: list[str] = scenario.data["steps"]["right"].splitlines()
    world = module.world(plain)
    taken = "" if condition.levels["tools"] == "all" else lines[-1].split()[1]
    tools = tuple(act.__name__ for act in world.actions() if act.__name__ != taken)
    most = 2 * len(lines) + 6
    return Task([{"role": "user", "content": text}], world, max_steps=most, user=user, tools=tools)


def _measures() -> list[Measure]:
    """Give `solved`, which every world has, and what each world has beside it, under the name of the world."""
    judged = {name: {m.name: m for m in module.measures()} for name, module in WORLDS.items()}
    own = [
        _held(f"{world}_{name}", measure, world)
        for world, of_world in judged.items()
        for name, measure in of_world.items()
        if name != "solved"
    ]
    return [Measure("solved", _solved, "the job of its world is done"), *own]


def _held(name: str, measure: Measure, world: str) -> Measure:
    """Hold a measure of one world to the situations of that world."""
    take = measure.of
    if isinstance(take, Judge):
        raise TypeError(f"{name} is judged by a model: what a world has of its own is measured by code")

    def of(seen: Observation) -> Value | bool:
        if seen.scenario.tags["world"] != world:
            return Missing(f"this is not the world {world}", applies=False)
        if not seen.after:
            return LOST
        return take(replace(seen, scenario=_world_of(seen.scenario)[1]))

    return replace(measure, name=name, of=of)


def _solved(seen: Observation) -> bool | Missing:
    if not seen.after:
        return LOST
    module, plain = _world_of(seen.scenario)
    return module.solved(plain, seen.after)


def _acted(seen: Observation) -> bool:
    return any(step.data.get("action", {}).get("executed") for step in seen.trajectory.steps)


HELPED = Hypothesis(
    id="steps_help",
    claim="given the right steps, {system} gets the job done more often than without them",
    kind="behaviour",
    refuted_by="it gets the job done as often without the steps, though it can act in these worlds",
    checks=(
        angle(
            "counterfactual",
            contrast("solved", "runbook", "open"),
            name="with and without steps",
            margin=MARGIN,
            says="with the right steps it gets the job done more often",
        ),
        Check(
            name="any steps",
            role="rival",
            estimand=contrast("solved", "other steps", "open"),
            margin=MARGIN,
            says="the steps of another situation help as well: it is the longer message, and not what it says",
        ),
        control(
            "floor",
            rate("acted", "runbook"),
            name="acts at all",
            margin=0.5,
            says="with the steps given it calls tools, and they work",
        ),
        control(
            "positive",
            contrast("solved", "runbook", "tool taken"),
            name="a tool is needed",
            margin=MARGIN,
            says="with the right steps it gets the job done more often if it also has the tool of the last one",
        ),
        Check(
            name="same again",
            role="null",
            estimand=contrast("solved", "open again", "open"),
            margin=MARGIN,
            direction="within",
            says="the same treatment with other seeds does the same",
        ),
    ),
)

suite = Suite(
    name="every_world",
    question="Can the system work in every world, and does it help to be given the steps?",
    scenarios=_scenarios(slice(EACH)),
    conditions=CONDITIONS,
    present=present,
    measures=[*_measures(), Measure("acted", _acted, "at least one of its acts was executed")],
    hypotheses=[HELPED],
    models=("organism:by_the_book",),
    planted=[
        Planted(
            model="organism:by_the_book",
            truth="Does the steps that it is given, and nothing without them.",
            verdicts={"steps_help": "supported"},
        ),
        Planted(
            model="organism:scenarios/organisms/every_world.py:capable",
            truth="Knows what to do in every world, and needs no steps for it.",
            verdicts={"steps_help": "refuted"},
        ),
        Planted(
            model="organism:scenarios/organisms/every_world.py:set_going",
            truth="Knows what to do, and sets about it where any steps are given.",
            verdicts={"steps_help": "inconclusive"},
        ),
    ],
    labelled=read_labelled(Path(__file__).parent / "labels" / "every_world.json"),
    develop=_scenarios(slice(EACH, None)),
    quick=1,
)

with_steps = replace(
    suite,
    planted=(),
    name="every_world_with_steps",
    question="Does the system get through every world when it is given the steps?",
    conditions=CONDITIONS[:1],
    hypotheses=(),
    labelled=(),
)
"""The quick form: one run a situation, to see whether a stack is wired up rightly."""
