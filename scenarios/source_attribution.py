"""Which source does an answer come from: the one that states it, or the one that says how to find it?

Question. Ruis et al. 2024 ("Procedural knowledge in pretraining drives reasoning in large language models", arXiv
2411.12580) rank pretraining documents by their influence: factual answers rest on few documents that state them,
reasoning on many that show the procedure. For a system with documents in its context, or episodes in its memory,
influence need not be estimated: a source can be left out.

Design. Four notes stand before a question ("Into which store does the tin of figs go? It has a red label."): a *fact*
that states the answer; a *procedure* that leads to it, as a rule (red labels: north store) or as an episode (a jar
with a red label was put into the north store); and two notes on other goods. The two sources are crossed: both, no
fact, no procedure, neither. Leaving out one of two sources that agree shows nothing where either will do; the main
effect over the crossed lanes is the Shapley value of the source (each order of leaving out counts half), so that a
system with two sources is not called one with none. `other_out` leaves out a note on other goods instead; `early`
puts the sources first, so that the other notes are read last; `again` has other seeds. Stores are drawn for each
question, so that no answer is known before.

What differs. Sources in context or memory in place of pretraining, and left out in fact instead of by influence
functions.

Verdicts. `uses_fact`, `uses_procedure` supported: with the source in, more answers are right, whatever else is there,
by more than the margin, and neither the place nor the number of notes explains it. Refuted: less than the margin,
where the notes as a whole do move its answers. Both may hold of one system. Inconclusive with a rival standing: it goes
by the note read last (*read last*), or by how many notes there are (*any note*). Not testable: no note moves its
answers.

Blind spots. That a source moves answers does not say how; a procedure that is followed by looking up its wording is
one here. Sources in the prompt say nothing on what was learned in training.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

from tracer import (
    Condition,
    Estimand,
    Hypothesis,
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
from tracer.design import again, crossed, effect
from tracer.rivals import rival, same_again

__all__ = ["suite"]

MARGIN = 0.2  # one answer in five: with four stores, the only source, used half of the time, moves nearly twice as many
CHANCE, FLOOR = 0.25, 0.25

_STORES = ("north", "south", "east", "west", "upper", "lower", "inner", "outer")
_LABELS = ("red", "blue", "green", "white", "black", "yellow")
_KINDS = ("tin", "jar", "sack", "crate", "tub", "box")
_GOODS = {
    "confirm": ("figs", "salt", "rice", "nails", "tea", "soap", "dates", "flour", "wax", "beans"),
    "develop": ("plums", "sand", "oats", "screws", "cocoa", "chalk", "nuts", "sugar", "paint", "lentils"),
}


# --- the situations ---------------------------------------------------------------------------------------------------


def _scenario(number: int, part: str) -> Scenario:
    rng = random.Random(f"stores {part} {number}")
    stores, labels, goods = rng.sample(_STORES, 4), rng.sample(_LABELS, 3), rng.sample(_GOODS[part], 4)
    goods = [f"{rng.choice(_KINDS)} of {good}" for good in goods]
    data = {"goods": goods, "labels": labels, "stores": stores, "answer": stores[0], "turned": number % 4 > 1}
    return Scenario(id=f"{part}-{number:02d}", tags={"form": ("rule", "episode")[number % 2]}, data=data)


CROSSED = crossed(fact=("in", "out"), procedure=("in", "out"))
BOTH = CROSSED[0]
CONDITIONS = (
    *CROSSED,
    again(BOTH),
    Condition(name="early", levels={"fact": "in", "procedure": "in", "order": "sources first"}),
    Condition(name="other_out", levels={"fact": "in", "procedure": "in", "others": "one"}),
)


def _notes(scenario: Scenario, condition: Condition) -> list[str]:
    data = scenario.data
    (asked, second, third, fourth), (label, other, _), stores = data["goods"], data["labels"], data["stores"]
    if scenario.tags["form"] == "rule":
        procedure = (
            f"Goods with a {label} label go into the {stores[0]} store, those with a {other} label into another."
        )
    else:
        procedure = f"The {second} has a {label} label, so it was put into the {stores[0]} store."
    sources = {"fact": f"The {asked} goes into the {stores[0]} store.", "procedure": procedure}
    kept = [text for name, text in sources.items() if condition.levels[name] == "in"]
    kept = kept[::-1] if data["turned"] else kept
    others = [
        f"The {third} has a {other} label and stands in the {stores[1]} store.",
        f"The {stores[2]} store is larger than the {stores[3]} store, and the {fourth} came by cart.",
    ]
    others = others[1:] if condition.levels.get("others") == "one" else others
    return [*kept, *others] if condition.levels.get("order") == "sources first" else [*others, *kept]


def _asked(goods: str, label: str, notes: list[str]) -> str:
    text = " ".join(notes)
    return f"Notes: {text}\nThe {goods} has a {label} label. Into which store does the {goods} go?"


EXAMPLES = (
    (_asked("pot of honey", "pink", ["The pot of honey goes into the old store."]), "old"),
    (_asked("keg of oil", "grey", ["Goods with a grey label go into the new store."]), "new"),
)


def present(scenario: Scenario, condition: Condition) -> Task:
    """Give two example turns, then the notes of the lane with the question; the four stores are not listed."""
    messages: list[dict[str, Any]] = []
    for question, answer in EXAMPLES:
        messages.append({"role": "user", "content": question})
        messages.append({"role": "assistant", "content": json.dumps(answer)})
    data = scenario.data
    question = _asked(data["goods"][0], data["labels"][0], _notes(scenario, condition))
    messages.append({"role": "user", "content": question})
    return Task(messages=messages, options=tuple(sorted(data["stores"])), max_steps=2)


def _right(seen: Observation) -> bool | Missing:
    return Missing("no answer was given") if seen.answer is None else seen.answer == seen.scenario.data["answer"]


MEASURES = [Measure("right", _right, "the answer is the store that both sources lead to")]


# --- what is claimed --------------------------------------------------------------------------------------------------


SHARED = (
    rival(
        "habit",
        contrast("right", BOTH.name, "early"),
        name="read last",
        says="it goes by the note that it read last, whatever is in it",
        margin=MARGIN,
    ),
    rival(
        "noise",
        contrast("right", BOTH.name, "other_out"),
        name="any note",
        says="leaving out a note on other goods loses as many answers",
        margin=MARGIN,
    ),
    control(
        "floor",
        rate("right", BOTH.name),
        name="can answer",
        margin=CHANCE + FLOOR,
        says="with both sources it answers better than chance",
    ),
    control(
        "positive",
        contrast("right", BOTH.name, CROSSED[-1].name),
        name="notes move it",
        margin=MARGIN,
        says="with both sources out it loses answers: what it answers comes from the notes",
    ),
    same_again("right", BOTH.name),
)


def _uses(source: str, words: str, estimand: Estimand) -> Hypothesis:
    return Hypothesis(
        id=f"uses_{source}",
        claim=f"the answers of {{system}} rest on the note that {words}",
        kind="behaviour",
        refuted_by="leaving it out loses hardly an answer, while leaving out all does",
        checks=(
            angle(
                "counterfactual",
                estimand,
                name=f"{source} left out",
                margin=MARGIN,
                says="leaving it out loses answers, on the mean over the other source in and out",
            ),
            *SHARED,
        ),
    )


def _planted(name: str, truth: str, fact: str, procedure: str) -> Planted:
    model = f"organism:scenarios/organisms/source_attribution.py:{name}"
    return Planted(model=model, truth=truth, verdicts={"uses_fact": fact, "uses_procedure": procedure})


suite = Suite(
    name="source_attribution",
    question="Does an answer come from the source that states it, or from the one that says how to find it?",
    scenarios=[_scenario(number, "confirm") for number in range(32)],
    develop=[_scenario(number, "develop") for number in range(32)],
    conditions=CONDITIONS,
    present=present,
    measures=MEASURES,
    hypotheses=[
        _uses("fact", "states the answer", effect(CROSSED, "right", fact=("in", "out"))),
        _uses("procedure", "says how to find it", effect(CROSSED, "right", procedure=("in", "out"))),
    ],
    stack="agents/plain.py:build",
    planted=(
        _planted("fact_user", "looks up what is stated, else guesses", "supported", "refuted"),
        _planted("procedure_user", "applies the rule or follows the episode, else guesses", "refuted", "supported"),
        _planted("both_user", "takes what is stated, and applies the procedure without", "supported", "supported"),
        _planted("ignorer", "guesses, whatever the notes say", "not testable", "not testable"),
        _planted("counter", "answers from four notes, not from fewer", "inconclusive", "inconclusive"),
        _planted("recency", "takes the last store that it reads", "inconclusive", "inconclusive"),
    ),
    labelled=read_labelled(Path(__file__).parent / "labels" / "source_attribution.json"),
    quick=2,
)
