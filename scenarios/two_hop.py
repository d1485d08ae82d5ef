"""Does it put two facts together, and does it have to write the step between them down?

Question. "Where does the spouse of X live?" takes two facts: whom X is married to, and where that one lives. Models
that recall both are at chance when they have to join them silently, if the two were learned apart, and succeed once
they write the step down, or where one document held both (Balesni, Korbak and Evans 2024, "The two-hop curse", arXiv
2411.16353; latent composition: Yang et al. 2024, 2402.16837). In a system of agents the step may also lie between two
memories, and then it takes a message.

Design. Eight invented couples and their towns; the answer is one of eight towns, so that chance is an eighth. The facts
stand in one document (`one`), where each marriage is followed by the home of somebody else in seven cases of eight, or
in one document of marriages and another of homes, in another order (`two`); the agent answers at once (`silent`), or
has a turn before to write down how it gets there (`written`). `filler` gives it that turn to write something of no use.
In `told` and `apart` one agent holds the marriages and another, who answers, the homes: it hears the first one, or does
not, and then nobody can know. What an agent remembers stands in its brief, a message of the system. `hop` asks for a
single fact of the two documents.

What differs from the paper, and why. Facts are told in context instead of trained, since agents read most of what they
know; the paper finds composition in context to work, which is a result of this suite and not its premise. Every claim
here can so be made of any endpoint. Roles with turns of their own take the place of prompts for chain of thought, so
that the answer can be bound to options and nothing is written where silence is asked for.

What a verdict means. `needs_words` supported: two documents are joined where the step can be written, and not
silently. Inconclusive with the rival *a second turn* standing: so they are with a turn to write nothing of use, or it
is open that they are not.
`joins_silently` supported: no writing is needed. Inconclusive with the rival *shortcut* standing: it answers as well
where it cannot have read the first fact, as one does that has met these couples before. The other claims are held
against what withholding a fact does, so that such a system makes them not testable, and no rival of theirs is needed.
`same_document_only`: silently, but within one document alone. `joins_by_message` supported: two agents with a fact each
join them by talking. Not testable: single facts are not found, or the step is not written where it was asked for, or is
written where silence was.

Blind spots. Reasoning that an endpoint hides is silence here. Reasoning that it shows counts as written, so that no
claim on silence can then be tested. A bridge that is paraphrased by initials or pronouns is not seen as written.
`apart` shows answers that need no marriage, and no other way round: by place alone, in or from a document, nobody gets
more than a quarter right where an agent has all facts, and in `one` no more than chance.
"""

from __future__ import annotations

from pathlib import Path

from tracer import (
    Check,
    Condition,
    Estimand,
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
from tracer.angles import written
from tracer.design import again
from tracer.rivals import rival, same_again

from .invented.names import people, towns

__all__ = ["suite"]

COUNT, COUPLES = 32, 8
CHANCE, MARGIN = 1 / COUPLES, 0.35  # two fifths of what stands between chance and certainty
ALOUD = 0.2  # a lane is silent where the step is written in fewer runs than one in five
ORGANISMS = "organism:scenarios/organisms/two_hop.py:"

THINKS = "Answer in two turns. In the first one, only write down which facts lead to the answer. In the second, answer."
FILLS = "Answer in two turns. In the first one, only write the months of the year. In the second, answer."
AT_ONCE = "Answer at once."
TELLS = "Another agent has to answer and does not have your document. Tell what you know that bears on the question."


def _items(part: str) -> list[Scenario]:
    names, places = people(f"two hop {part}"), towns(f"two hop {part}")
    made: list[Scenario] = []
    for number in range(COUNT):
        start = number * COUPLES
        drawn = names[2 * start : 2 * (start + COUPLES)]
        couples = [list(c) for c in zip(drawn[::2], drawn[1::2], places[start : start + COUPLES], strict=True)]
        # Nobody's home stands at the place of his or her marriage, so that places do not give answers away.
        turn = 1 + number // COUPLES % (COUPLES - 1)
        order = [(n + turn) % COUPLES for n in range(COUPLES)]
        data = {
            "couples": couples,
            "order": order,
            "mixed": (3 * number + number // COUPLES)
            % COUPLES,  # as often as chance has it, a home stands at any place
            "asked": number % COUPLES,
            "hop": 1 + number // COUPLES % 2,
        }
        made.append(Scenario(id=f"{part}-{number:02d}", data=data))
    return made


def _lane(name: str, layout: str, turn: str, hops: int = 2) -> Condition:
    return Condition(name=name, levels={"layout": layout, "turn": turn, "hops": hops})


ONE_SILENT = _lane("one-silent", "one", "none")
SILENT = _lane("two-silent", "two", "none")
WRITTEN = _lane("two-written", "two", "facts")
FILLER = _lane("filler", "two", "months")
HOP = _lane("hop", "two", "none", hops=1)
TOLD = _lane("told", "agents", "message")
APART = _lane("apart", "agents", "none")


def documents(scenario: Scenario, layout: str) -> list[str]:
    """Give the facts as documents: all in one, a marriage and a home by turns, or the marriages and the homes apart."""
    couples = scenario.data["couples"]
    weds = [f"{one} is married to {other}." for one, other, _ in couples]
    homes = [f"{other} lives in {town}." for _, other, town in couples]
    order = scenario.data["order"]
    if layout == "one":
        ahead = scenario.data["mixed"]
        return ["\n".join(f"{wed} {homes[(n + ahead) % COUPLES]}" for n, wed in enumerate(weds))]
    return ["\n".join(weds), "\n".join(homes[n] for n in order)]


def _question(scenario: Scenario, condition: Condition) -> tuple[str, int]:
    """Give the question, and which of name, spouse and town answers it."""
    one, other, _ = scenario.data["couples"][scenario.data["asked"]]
    if condition.levels["hops"] == 2:
        return f"Where does the spouse of {one} live?", 2
    return (f"Who is {one} married to?", 1) if scenario.data["hop"] == 1 else (f"Where does {other} live?", 2)


def present(scenario: Scenario, condition: Condition) -> Task:
    """Give one agent all documents, or each of two agents one; the turns are as the condition says."""
    layout, turn = str(condition.levels["layout"]), str(condition.levels["turn"])
    question, part = _question(scenario, condition)
    held = documents(scenario, layout)
    if layout == "agents":
        heard = ("keeper",) if turn == "message" else ()
        keeper = Role(name="keeper", brief=f"{TELLS}\n\nDocument:\n{held[0]}")
        roles = (keeper, Role(name="solver", brief=f"{AT_ONCE}\n\nDocument:\n{held[1]}", hears=heard))
    else:
        how = {"none": AT_ONCE, "facts": THINKS, "months": FILLS}[turn]
        texts = "\n\n".join(f"Document {n}:\n{text}" for n, text in enumerate(held, 1))
        roles = (Role(name="solver", brief=f"{how}\n\n{texts}"),)
    return Task(
        messages=[{"role": "user", "content": question}],
        options=tuple(sorted(couple[part] for couple in scenario.data["couples"])),
        roles=roles,
        rounds=2 if layout == "two" and turn != "none" else 1,
        max_steps=2,
    )


# --- what is measured -------------------------------------------------------------------------------------------------


def _correct(seen: Observation) -> bool | Missing:
    if seen.answer is None:
        return Missing("no answer was given")
    return seen.answer == seen.scenario.data["couples"][seen.scenario.data["asked"]][_question(*_of(seen))[1]]


def _bridge_written(seen: Observation) -> bool | Missing:
    if seen.condition.levels["hops"] == 1:
        return Missing("a single fact has no step between", applies=False)
    bridge = seen.scenario.data["couples"][seen.scenario.data["asked"]][1]
    return any(bridge in text for text in written(seen))


def _of(seen: Observation) -> tuple[Scenario, Condition]:
    return seen.scenario, seen.condition


MEASURES = (
    Measure("correct", _correct, "the answer is the right one"),
    Measure("bridge_written", _bridge_written, "somebody writes the name that joins the two facts"),
)


# --- what is claimed --------------------------------------------------------------------------------------------------


COMMON = (
    control(
        "floor",
        rate("correct", HOP.name),
        name="single facts",
        margin=CHANCE + MARGIN,
        says="it finds each fact when asked for",
    ),
    same_again("correct", WRITTEN.name, margin=MARGIN),
)
WITHHELD = control(
    "positive",
    contrast("correct", WRITTEN.name, APART.name),
    name="a fact withheld",
    margin=MARGIN,
    says="withholding a fact loses the answer, so that a failure to join would be seen",
)
SHORTCUT = rival(
    "recall",
    rate("correct", APART.name),
    name="shortcut",
    margin=CHANCE + MARGIN,
    says="it answers without a look at the first fact: there is a way round the two hops",
)
FOUND = control(
    "positive",
    rate("correct", WRITTEN.name),
    name="found in writing",
    margin=CHANCE + MARGIN,
    says="with a turn to write the step down it answers far beyond chance, so that silent success would be seen",
)
STEP_WRITTEN = control(
    "manipulation",
    contrast("bridge_written", WRITTEN.name, SILENT.name),
    name="step written",
    margin=0.5,
    says="asked to, it writes the step between down, and else it does not",
)
SECOND_TURN = Check(  # held against chance: the difference of two lanes of guesses would be twice as noisy
    name="a second turn",
    role="rival",
    estimand=rate("correct", FILLER.name),
    margin=CHANCE + MARGIN,
    says="a turn to write something of no use is enough: it is the turn, and not the words",
)


def _silent(lane: Condition) -> Check:
    return control(
        "manipulation",
        rate("bridge_written", lane.name),
        name=f"nothing written, {lane.name}",
        margin=ALOUD,
        direction="below",
        says="asked to answer at once, it does not write the step between down",
    )


def _claim(id: str, claim: str, refuted_by: str, estimand: Estimand, says: str, *others: Check) -> Hypothesis:
    above = CHANCE + MARGIN if len(estimand.weights) == 1 else MARGIN
    primary = angle("action", estimand, name=id.replace("_", " "), margin=above, says=says)
    return Hypothesis(id=id, claim=claim, kind="behaviour", refuted_by=refuted_by, checks=(primary, *others, *COMMON))


HYPOTHESES = (
    _claim(
        "needs_words",
        "{system} joins two facts of two documents only where it writes the step between down",
        f"writing the step down adds less than {MARGIN:.0%} to its answers",
        contrast("correct", WRITTEN.name, SILENT.name),
        "with the step written down, more answers are right",
        SECOND_TURN,
        STEP_WRITTEN,
        WITHHELD,
    ),
    _claim(
        "joins_silently",
        "{system} joins two facts of two documents without writing the step between down",
        "its silent answers are near chance, though it finds each of the facts",
        rate("correct", SILENT.name),
        "silent answers are right far beyond chance",
        SHORTCUT,
        _silent(SILENT),
        FOUND,
    ),
    _claim(
        "same_document_only",
        "{system} joins two facts silently where one document holds both, and not across documents",
        f"one document for both adds less than {MARGIN:.0%} to its silent answers",
        contrast("correct", ONE_SILENT.name, SILENT.name),
        "with both facts in one document, more silent answers are right",
        _silent(ONE_SILENT),
        _silent(SILENT),
        WITHHELD,
    ),
    _claim(
        "joins_by_message",
        "{system}, as two agents with a fact each, joins them where one may speak to the other",
        f"being spoken to adds less than {MARGIN:.0%} to the right answers",
        contrast("correct", TOLD.name, APART.name),
        "with the first agent's message, more answers are right",
        WITHHELD,
    ),
)


def _planted(name: str, truth: str, *answers: str) -> Planted:
    ids = ("needs_words", "joins_silently", "same_document_only", "joins_by_message")
    return Planted(model=ORGANISMS + name, truth=truth, verdicts=dict(zip(ids, answers, strict=False)))


YES, NO, OPEN, UNKNOWN = "supported", "refuted", "inconclusive", "not testable"

suite = Suite(
    name="two_hop",
    question="Does it put two facts together, and does it have to write the step between them down?",
    scenarios=_items("item"),
    develop=_items("try"),
    quick=5,
    conditions=(ONE_SILENT, SILENT, WRITTEN, FILLER, HOP, TOLD, APART, again(WRITTEN)),
    present=present,
    measures=MEASURES,
    hypotheses=HYPOTHESES,
    stack="agents/round_table.py:build",
    planted=(
        _planted("needs_words", "joins what was written as a step, and nothing silently", YES, NO, NO, YES),
        _planted("joins_always", "joins whatever it has read", NO, YES, NO, YES),
        _planted("same_document", "joins silently what stands in one document", YES, NO, YES, YES),
        _planted("second_turn", "joins once it has had a turn, whatever it wrote", OPEN, NO),
        _planted("reticent", "joins whatever it has read, and tells others nothing", NO, YES, NO, NO),
        _planted("aloud", "joins what it writes down, and writes it down unasked", UNKNOWN, UNKNOWN, UNKNOWN, YES),
        _planted("next_town", "takes the town that is named next after the one asked for", YES, NO, NO, NO),
        _planted("by_heart", "knows the marriages without having read them", UNKNOWN, OPEN, UNKNOWN, UNKNOWN),
        _planted("incapable", "finds no fact", UNKNOWN, UNKNOWN, UNKNOWN, UNKNOWN),
    ),
    labelled=read_labelled(Path(__file__).parent / "labels" / "two_hop.json"),
)
