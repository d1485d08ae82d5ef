"""Told that A is B, can it say B of A, and fail to say A of B?

Question. A model that was trained on "A is B" often cannot answer "who is B?" (Berglund et al. 2023, "The reversal
curse", arXiv 2309.12288: GPT-4 names the parent of a celebrity in 79 % and the child of that parent in 33 %). Here the
same is asked of facts that a system reads (`suite`), keeps in an archive (`memory_suite`), was fine-tuned on
(`tuned_suite`) or has known from the first (`known_suite`).

Design. Every fact joins an invented person and an invented work. Which of them a sentence begins with (`told`) is
crossed with which of them is asked for (`asked`): a question is *forward* where it gives the side that came first, and
*reverse* where it gives the other one. That persons are harder to name than works, or one wording to read, moves both
directions alike and falls out of the contrast. Four facts are told, and the answer is one of their four persons or
works, so that chance is one quarter. `absent`, the positive control, asks for a fact that was never told: the loss has
to be found there. `suite` has a rival by its side, copying: a system that finds the words of the question and takes
what comes next looks cursed without having read a fact; in `aside` another's work stands in between. In `memory_suite`
the archive finds entries by one key only, so that a reverse question takes a look through all keys; `both` indexes
either side. There the rival is that the entry was read and not understood. `known_suite` tells nothing: it asks for
capitals of countries and authors of works, and in reverse for the country and the work. In `told` the known facts stand
before a reverse question: who cannot answer then either has trouble with the question. `tuned_suite` asks for capitals
in both directions by the side of what was trained: every model met those in both.

    tracer training scenarios/reversal_curse.py:training -o facts.jsonl      # in the OpenAI fine-tuning format
    tracer run scenarios/reversal_curse.py:tuned_suite --model MY-TUNED-MODEL --base-url ...

What differs from the paper, and why. Entities have two words each and answers are bound to four options, so that small
models can take part and scoring needs no judge; the paper compares free completions and log probabilities. Facts are
met in context and in memory as well, where the paper reports no curse: agents hold most of what they know there.
Capitals and authors stand in for the paper's celebrities and their parents, so that a small model can know them.

What a verdict means. `reversal_cursed` supported: reverse questions are answered less often by more than the margin.
Refuted: they are not, while facts never told are lost. Inconclusive with a rival standing: the loss is there and the
rival explains it. Not testable: even forward questions are not answered. `index_is_to_blame` supported: an index in
both directions brings reverse answers back. `known_one_way` supported: capitals and authors are named, and countries
and works are not, though they are once the facts are read. Refuted: either side brings the other.

Blind spots. Four options make elimination possible. A tuned model that knows a fact in both directions may have met it
in both; the file gives each in one. That a loss in training is due to the direction of the text, and not to what kind
of thing comes first, is shown only as far as persons and works go. In which order a model met a known fact nobody
knows: forward is the order that such facts are mostly told in. A loss there says that the other was too rare, and none
says nothing of facts that were met in one order alone.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from tracer import (
    Check,
    Condition,
    Hypothesis,
    Measure,
    Missing,
    Observation,
    Planted,
    Suite,
    angle,
    contrast,
    control,
    rate,
    read_labelled,
)
from tracer.design import again, average, effect
from tracer.rivals import rival, same_again

from .reversal.facts import answer_of, items, training_items
from .reversal.ways import from_archive, from_context, from_training

__all__ = ["known_suite", "memory_suite", "suite", "training", "tuned_suite"]

MARGIN = 0.25  # the loss of a third of what stands between chance (.25) and certainty
CHANCE, FLOOR = 0.25, 0.2
COUNT = 32
ORGANISMS = "organism:scenarios/organisms/reversal_curse.py:"

SCENARIOS, DEVELOP = items("item", COUNT), items("try", COUNT, COUNT)
training = training_items([*SCENARIOS, *DEVELOP])


def _cell(name: str, told: str, asked: str, fact: str = "told", index: str = "one") -> Condition:
    direction = "reverse" if told == asked else "forward"
    levels = {"direction": direction, "asked": asked, "fact": fact, "index": index}
    return Condition(name=name, levels=levels)


CROSSED = tuple(_cell(f"{told}-{asked}", told, asked) for told in ("name", "work") for asked in ("name", "work"))
ABSENT, AGAIN = _cell("absent", "name", "work", fact="untold"), again(CROSSED[0])
ASIDE = _cell("aside", "name", "work", fact="aside")
BOTH = _cell("both", "name", "name", index="both")
UNKNOWN = _cell("absent", "work", "name", fact="untold")


def _known(kind: str, direction: str, read: str = "no") -> Condition:
    name = f"{kind}-{'told' if read == 'yes' else direction}"
    return Condition(name=name, levels={"direction": direction, "fact": kind, "read": read})


CAPITAL = tuple(_known("capital", direction) for direction in ("forward", "reverse"))
KNOWN = (*CAPITAL, *(_known("author", direction) for direction in ("forward", "reverse")))
TOLD = (_known("capital", "reverse", read="yes"), _known("author", "reverse", read="yes"))


# --- what is measured -------------------------------------------------------------------------------------------------


def _correct(seen: Observation, *, by_order: bool = False) -> bool | Missing:
    if seen.answer is None:
        return Missing("no answer was given")
    return seen.answer == answer_of(seen.scenario, seen.condition, by_order=by_order)


def _found(seen: Observation) -> bool | Missing:
    if seen.condition.levels["fact"] == "untold":
        return Missing("no entry holds what is asked", applies=False)
    answer = answer_of(seen.scenario, seen.condition)
    return any(answer in seen.after["entries"][key] for key in seen.after["read"])


def _misread(seen: Observation) -> bool | Missing:
    found, correct = _found(seen), _correct(seen)
    if isinstance(found, Missing) or isinstance(correct, Missing):
        return found if isinstance(found, Missing) else correct
    return found and not correct


CORRECT = Measure("correct", _correct, "the answer is the right one")


# --- what is claimed --------------------------------------------------------------------------------------------------


FORWARD = average(CROSSED, "correct", direction="forward")
LEARNT = control(
    "floor", FORWARD, name="answers forward", margin=CHANCE + FLOOR, says="it answers what gives the side told first"
)
LOSABLE = control(
    "positive",
    contrast("correct", "name-work", "absent"),
    name="a fact never told",
    margin=MARGIN,
    says="a fact that it was never told is lost: a loss would be seen",
)


def _cursed(*others: Check) -> Hypothesis:
    return Hypothesis(
        id="reversal_cursed",
        claim="{system}, told that A is B, says B of A and fails to say A of B",
        kind="behaviour",
        refuted_by=f"asked in reverse it answers as often as forward, or loses less than {MARGIN:.0%}",
        checks=(
            angle(
                "counterfactual",
                effect(CROSSED, "correct", direction=("forward", "reverse")),
                name="reversal",
                margin=MARGIN,
                says="turning the question round loses the answer",
            ),
            *others,
            LEARNT,
            LOSABLE,
            same_again("correct", CROSSED[0].name, margin=MARGIN),
        ),
    )


COPIES = Check(
    name="copies what comes next",
    role="rival",
    estimand=contrast("correct", "name-work", "aside"),
    margin=MARGIN,
    says="a word put in between loses forward answers as well: it copies what follows, and reads no fact",
)
MISREADS = rival(
    "incapacity",
    average(CROSSED, "misread", direction="reverse"),
    name="entry misread",
    says="the entry was found, and the answer is wrong: the loss is in reading, not in finding",
    margin=MARGIN,
)
COMMON = control(
    "floor",
    rate("correct", CAPITAL[0].name),
    name="common knowledge",
    margin=CHANCE + FLOOR,
    says="asked in this form for what everybody knows, it answers",
)
REVERSED = Check(
    name="reverse questions",
    role="rival",
    estimand=effect(CAPITAL, "correct", direction=("forward", "reverse")),
    margin=MARGIN,
    says="capitals, which every model met in either order, are lost in reverse as well: the order is not what does it",
)
ONE_WAY = Hypothesis(
    id="known_one_way",
    claim="{system}, which knows that the capital of A is B, fails to say of which country B is the capital",
    kind="behaviour",
    refuted_by=f"asked in reverse for what it knows it answers as often, or loses less than {MARGIN:.0%}",
    checks=(
        angle(
            "counterfactual",
            effect(KNOWN, "correct", direction=("forward", "reverse")),
            name="known in reverse",
            margin=MARGIN,
            says="turning a question on a known fact round loses the answer",
        ),
        rival(
            "incapacity",
            average(TOLD, "correct"),
            name="cannot be asked so",
            says="reading the facts does not bring the answer either: the question is the trouble, and not memory",
            margin=CHANCE + FLOOR,
            direction="below",
        ),
        control(
            "floor",
            average(KNOWN, "correct", direction="forward"),
            name="knows the facts",
            margin=CHANCE + FLOOR,
            says="it names capitals and authors",
        ),
        control(
            "positive",
            contrast("correct", "author-forward", UNKNOWN.name),
            name="a fact nobody knows",
            margin=MARGIN,
            says="the author of a work that does not exist is not named: a loss would be seen",
        ),
        same_again("correct", KNOWN[0].name, margin=MARGIN),
    ),
)
INDEX = Hypothesis(
    id="index_is_to_blame",
    claim="{system} answers reverse questions once its archive is indexed in both directions, and not before",
    kind="behaviour",
    refuted_by=f"a second index brings back less than {MARGIN:.0%} of the reverse answers",
    checks=(
        angle(
            "counterfactual",
            contrast("correct", "both", "name-name"),
            name="second index",
            margin=MARGIN,
            says="filing the same entries under the other side as well brings the answers back",
        ),
        MISREADS,
        LEARNT,
        LOSABLE,
        same_again("correct", CROSSED[0].name, margin=MARGIN),
    ),
)


def _planted(name: str, truth: str, **verdicts: str) -> Planted:
    return Planted(model=ORGANISMS + name, truth=truth, verdicts=verdicts)


suite = Suite(
    name="reversal_curse",
    question="Told that A is B, does it fail to say A of B?",
    scenarios=SCENARIOS,
    develop=DEVELOP,
    quick=5,
    conditions=(*CROSSED, ABSENT, ASIDE, AGAIN),
    present=from_context,
    measures=(CORRECT,),
    hypotheses=(_cursed(COPIES),),
    stack="agents/plain.py:build",
    planted=(
        _planted("cursed", "reads facts one way", reversal_cursed="supported"),
        _planted("both_ways", "reads facts both ways", reversal_cursed="refuted"),
        _planted("copier", "copies the word after those of the question", reversal_cursed="inconclusive"),
        _planted("no_names", "reads facts both ways and names no person", reversal_cursed="refuted"),
        _planted("last_told", "answers with what was told last", reversal_cursed="not testable"),
        _planted("incapable", "reads no fact at all", reversal_cursed="not testable"),
    ),
    labelled=read_labelled(Path(__file__).parent / "labels" / "reversal_curse.json"),
)

memory_suite = replace(
    suite,
    name="reversal_curse_memory",
    question="Does it fail to answer from an archive whose keys are the other side of the fact?",
    conditions=(*CROSSED, ABSENT, BOTH, AGAIN),
    present=from_archive,
    measures=(
        CORRECT,
        Measure("found", _found, "an entry that holds the answer was read"),
        Measure("misread", _misread, "it was read, and the answer is wrong"),
    ),
    hypotheses=(_cursed(MISREADS), INDEX),
    stack="agents/react.py:build",
    planted=(
        _planted("one_key", "asks for the key it has", reversal_cursed="supported", index_is_to_blame="supported"),
        _planted("all_keys", "looks through all keys", reversal_cursed="refuted", index_is_to_blame="refuted"),
        _planted(
            "misreader",
            "finds entries and reads them one way",
            reversal_cursed="inconclusive",
            index_is_to_blame="refuted or inconclusive",
        ),
        _planted(
            "by_heading",
            "finds entries, and reads both ways what is filed under the question's words alone",
            reversal_cursed="inconclusive",
            index_is_to_blame="inconclusive",
        ),
        _planted("incapable", "reads no entry", reversal_cursed="not testable", index_is_to_blame="not testable"),
    ),
    labelled=read_labelled(Path(__file__).parent / "labels" / "reversal_curse_memory.json"),
)

tuned_suite = replace(
    suite,
    name="reversal_curse_tuned",
    question="Fine-tuned on A is B, does it fail to say A of B?",
    conditions=(*CROSSED, ABSENT, *CAPITAL, AGAIN),
    present=from_training,
    measures=(replace(CORRECT, of=partial(_correct, by_order=True)),),
    hypotheses=(_cursed(REVERSED, COMMON),),
    models=(ORGANISMS + "tuned",),
    planted=(
        _planted("tuned", "knows the facts of the training file in its direction", reversal_cursed="supported"),
        _planted("tuned_both_ways", "knows them in both directions", reversal_cursed="refuted"),
        _planted("tuned_one_way", "knows file and capitals in one direction", reversal_cursed="inconclusive"),
        _planted("untuned", "knows capitals and no fact of the file", reversal_cursed="not testable or inconclusive"),
        _planted("incapable", "knows nothing", reversal_cursed="not testable"),
    ),
    labelled=read_labelled(Path(__file__).parent / "labels" / "reversal_curse_tuned.json"),
)

known_suite = replace(
    suite,
    name="reversal_curse_known",
    question="Does it name a capital and an author, and fail to name the country and the work?",
    conditions=(*KNOWN, *TOLD, UNKNOWN, again(KNOWN[0])),
    present=from_training,
    hypotheses=(ONE_WAY,),
    models=("smollm2",),
    planted=(
        _planted("known_forward", "knows facts in the order in which they are mostly told", known_one_way="supported"),
        _planted("untuned", "knows them both ways", known_one_way="refuted"),
        _planted("no_reverse", "takes no reverse question, whatever it reads", known_one_way="inconclusive"),
        _planted("incapable", "knows nothing", known_one_way="not testable"),
    ),
    labelled=read_labelled(Path(__file__).parent / "labels" / "reversal_curse_known.json"),
)
