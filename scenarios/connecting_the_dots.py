"""Does it infer a hidden value from scattered observations, and can it say it, or only use it?

Question. Models fine-tuned on single observations of a hidden value can later name the value and use it, though no
document states it (Treutlein et al. 2024, "Connecting the dots", arXiv 2406.14546: functions, parity, places, biased
coins). A system of agents meets the same in another form: each report holds one observation, each agent some of the
reports, and nobody holds all.

Design. The hidden value is a function, a parity, a place on a tram line, or the bias of a wheel. Neither half of the
observations gives it away: a half is one point of a line, fits three rules, leaves three stops, or has another colour
ahead. Each observation is mixed with one of another machine, depot or wheel. They stand in reports that one agent reads
(`docs`), or two witnesses hold half of them each and speak to a third, who answers (`agents`). It is asked to *say* the
value, or to *use* it in a case that nobody observed; six answers are possible. In `told` the value is stated, which
shows whether it could say or use it if it had it. In `half` one witness's observations are all that there is. What
was observed last is never the answer: who copies is wrong, so that copying cannot explain a claim that holds.

What differs from the paper, and why. Observations are read and not trained, which any endpoint allows; the paper finds
far weaker inference in context, so that a refutation here says nothing about training. Wheels of six colours stand for
coins, so that chance is a sixth in every kind. For parity the paper's spread over ten fine-tunes leaves the effect
open (t(9) intervals hold the baseline): here the scenario is the unit, and kinds are pooled in equal parts.

What a verdict means. `says_latent`, `uses_latent` supported: beyond chance by a third, where half of the observations
are not enough. `uses_unsaid` supported: it acts on the value and cannot name it; inconclusive with *lacks the words*
standing: it cannot name it when told either. `connects_agents`: the same over witnesses, by saying and by using; a
dissociation is one without the other. Refuted: near chance, though it can use what it is told.

Blind spots. What is inferred silently and then said in other words than the options' is not asked for. For a wheel, to
say and to use have the same answer. That an agent infers is not shown where another one has said the value. `half` asks
for a use alone; of a function, a place and a parity, who knows what a half leaves open guesses right once in two or
three, which the margin allows for. Who guesses better leaves *half is enough* standing: inconclusive; and who is nearly
always right from a half is not testable, since then nothing shows what the other half is for.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path

from tracer import (
    Check,
    Condition,
    Hypothesis,
    Measure,
    Missing,
    Observation,
    Planted,
    Role,
    Scenario,
    Suite,
    Task,
    angle,
    contrast,
    control,
    rate,
    read_labelled,
)
from tracer.design import again
from tracer.rivals import rival, same_again

from .dots.latents import KINDS, STOPS, make
from .invented.names import towns

__all__ = ["suite"]

COUNT = 32
MARGIN = 0.5  # chance is a sixth, so that this is a third more
APART = 0.35  # for differences: two fifths of what stands between chance and certainty
ORGANISMS = "organism:scenarios/organisms/connecting_the_dots.py:"
WITNESS = "Another agent has to answer and has not seen what you saw. Report everything that you saw."


def _items(part: str) -> list[Scenario]:
    names = towns(f"dots {part}")
    made: list[Scenario] = []
    for number in range(COUNT):
        own, other, *stops = names[number * (STOPS + 2) : (number + 1) * (STOPS + 2)]
        rng, kind = random.Random(f"dots {part} {number}"), KINDS[number % len(KINDS)]
        latent, decoy = make(kind, own, stops, rng), make(kind, other, stops, rng)
        data = {"kind": kind, **latent, "others": decoy["observations"], "half": number // len(KINDS) % 2}
        made.append(Scenario(id=f"{part}-{number:02d}", data=data))
    return made


def _lane(source: str, asks: str) -> Condition:
    name = source if source == "half" else f"{source}-{asks}"
    return Condition(name=name, levels={"source": source, "asks": asks})


SAYS, USES = _lane("docs", "say"), _lane("docs", "use")
AGENTS_SAY, AGENTS_USE = _lane("agents", "say"), _lane("agents", "use")
TOLD_SAY, TOLD_USE = _lane("told", "say"), _lane("told", "use")
HALF = _lane("half", "use")


def present(scenario: Scenario, condition: Condition) -> Task:
    """Give the observations to one agent or to two witnesses and a third, and ask to say or to use the latent."""
    data, source = scenario.data, condition.levels["source"]
    own = {"told": [data["told"]], "half": _halves(data["observations"])[data["half"]]}.get(
        str(source), data["observations"]
    )
    others = data["others"]
    reports = [f"{own[n]} {others[n]}" if n < len(own) else others[n] for n in range(len(others))]
    asked = data[str(condition.levels["asks"])]
    roles: tuple[Role, ...] = (Role(name="solver", brief=_brief("Answer at once.", data["setting"], reports)),)
    if source == "agents":
        held = zip(("first witness", "second witness"), _halves(reports), strict=True)
        witnesses = [Role(name=name, brief=_brief(WITNESS, "", seen), hears=()) for name, seen in held]
        roles = (*witnesses, Role(name="solver", brief=_brief("Answer at once.", data["setting"], [])))
    return Task(
        messages=[{"role": "user", "content": asked["question"]}],
        options=tuple(asked["options"]),
        roles=roles,
        max_steps=len(roles),
    )


def _halves(texts: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    return texts[: len(texts) // 2], texts[len(texts) // 2 :]


def _brief(how: str, setting: str, reports: Sequence[str]) -> str:
    numbered = [f"Report {n}: {text}" for n, text in enumerate(reports, 1)]
    return "\n".join(part for part in (how, setting, *numbered) if part)


# --- what is measured -------------------------------------------------------------------------------------------------


def _correct(seen: Observation) -> bool | Missing:
    if seen.answer is None:
        return Missing("no answer was given")
    return seen.answer == seen.scenario.data[str(seen.condition.levels["asks"])]["answer"]


def _copied(seen: Observation) -> bool | Missing:
    correct = _correct(seen)
    if isinstance(correct, Missing):
        return correct
    last_words = {text.rstrip(".").split()[-1] for text in seen.scenario.data["observations"]}
    return not correct and seen.answer in last_words


MEASURES = (
    Measure("correct", _correct, "the answer is the right one"),
    Measure("copied", _copied, "the answer is wrong, and was observed"),
)


# --- what is claimed --------------------------------------------------------------------------------------------------


def _floor(name: str, lane: Condition, says: str) -> Check:
    estimand = rate("correct", lane.name)
    return control("floor", estimand, name=name, margin=MARGIN, says=says)


CAN_USE = _floor("can use it", TOLD_USE, "told the value, it can use it")
CAN_SAY = _floor("can say it", TOLD_SAY, "told the value, it can say it")
COMMON = (
    rival(
        "recall",
        rate("correct", HALF.name),
        name="half is enough",
        margin=MARGIN,
        says="the observations of one witness give the answer away: nothing has to be put together",
    ),
    control(
        "positive",
        contrast("correct", TOLD_USE.name, HALF.name),
        name="observations withheld",
        margin=0.25,
        says="the value stated brings answers that half of the observations do not: an inference would be seen",
    ),
    same_again("correct", USES.name, margin=APART),
)
SAID = angle(
    "stated", rate("correct", SAYS.name), name="says it", margin=MARGIN, says="it names the value that nobody stated"
)
USED = angle(
    "action",
    rate("correct", USES.name),
    name="uses it",
    margin=MARGIN,
    says="it gets a case right that nobody observed",
)

HYPOTHESES = (
    Hypothesis(
        id="says_latent",
        claim="{system} names a hidden value that it has to infer from scattered reports",
        kind="behaviour",
        refuted_by="it names it hardly more often than by chance, though it can say it when told",
        checks=(SAID, CAN_SAY, *COMMON),
    ),
    Hypothesis(
        id="uses_latent",
        claim="{system} uses a hidden value that it has to infer from scattered reports",
        kind="behaviour",
        refuted_by="it gets new cases right hardly more often than by chance, though it can use the value when told",
        checks=(USED, CAN_USE, *COMMON),
    ),
    Hypothesis(
        id="uses_unsaid",
        claim="{system} uses a hidden value that it cannot say",
        kind="behaviour",
        refuted_by=f"new cases are right less than {APART:.0%} more often than the value is named",
        checks=(
            angle(
                "action",
                contrast("correct", USES.name, SAYS.name),
                name="used, not said",
                margin=APART,
                says="the value is used more often than it is named",
            ),
            Check(
                name="lacks the words",
                role="rival",
                estimand=rate("correct", TOLD_SAY.name),
                margin=MARGIN,
                direction="below",
                says="it cannot say the value when it is told it either: words are missing, not the inference",
            ),
            CAN_USE,
            *COMMON,
        ),
    ),
    Hypothesis(
        id="connects_agents",
        claim="{system} infers a hidden value from what several agents saw, and says and uses it",
        kind="behaviour",
        refuted_by="neither is done beyond chance where the observations are spread over agents",
        checks=(
            angle(
                "stated",
                rate("correct", AGENTS_SAY.name),
                name="says it",
                margin=MARGIN,
                says="it names what no agent saw whole",
            ),
            angle(
                "action",
                rate("correct", AGENTS_USE.name),
                name="uses it",
                margin=MARGIN,
                says="it uses what no agent saw whole",
            ),
            CAN_SAY,
            CAN_USE,
            *COMMON,
        ),
    ),
)


def _planted(name: str, truth: str, *answers: str) -> Planted:
    ids = [hypothesis.id for hypothesis in HYPOTHESES]
    return Planted(model=ORGANISMS + name, truth=truth, verdicts=dict(zip(ids, answers, strict=True)))


YES, NO, OPEN, SPLIT, UNKNOWN = "supported", "refuted", "inconclusive", "dissociation", "not testable"
EITHER = "not supported"  # refuted or inconclusive, as its guesses fall where nothing can be copied

suite = Suite(
    name="connecting_the_dots",
    question="Does it infer a hidden value from scattered observations, and can it say it, or only use it?",
    scenarios=_items("item"),
    develop=_items("try"),
    quick=5,
    conditions=(SAYS, USES, AGENTS_SAY, AGENTS_USE, TOLD_SAY, TOLD_USE, HALF, again(USES)),
    present=present,
    measures=MEASURES,
    hypotheses=HYPOTHESES,
    stack="agents/round_table.py:build",
    planted=(
        _planted("says_and_uses", "infers, says and uses the value", YES, YES, NO, YES),
        _planted("uses_only", "infers and uses the value, and says only what it is told", NO, YES, YES, SPLIT),
        _planted("says_only", "infers and says the value, and uses only what it is told", YES, NO, NO, SPLIT),
        _planted("neither", "infers nothing, and can say and use what it is told", NO, NO, NO, NO),
        _planted("copier", "answers with what was observed last", NO, NO, EITHER, NO),
        _planted("guesser", "infers the value, and guesses it from half as well", OPEN, OPEN, EITHER, OPEN),
        _planted("tacit_guesser", "guesses it from half, and says only what it is told", EITHER, OPEN, OPEN, EITHER),
        _planted("wordless", "infers and uses the value, and has no words for any", UNKNOWN, YES, OPEN, UNKNOWN),
        _planted("reticent", "infers the value, and reports nothing to others", YES, YES, NO, NO),
        _planted("one_ear", "infers what it reads itself, and of two who speak hears the last", YES, YES, NO, NO),
        _planted("incapable", "can do nothing with a value", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
    ),
    labelled=read_labelled(Path(__file__).parent / "labels" / "connecting_the_dots.json"),
)
