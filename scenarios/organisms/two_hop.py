"""Planted truths about joining facts: silently, in writing, aloud, in one document, by place, by heart, not at all."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from tracer.models import Act, Organism, View, any_act, text_of

from ..invented.names import people

__all__ = [
    "aloud",
    "by_heart",
    "incapable",
    "joins_always",
    "needs_words",
    "next_town",
    "reticent",
    "same_document",
    "second_turn",
]

_MARRIED = re.compile(r"(\w+ \w+) is married to (\w+ \w+)\.")
_LIVES = re.compile(r"(\w+ \w+) lives in (\w+)\.")
_TWO_HOPS = re.compile(r"spouse of (\w+ \w+) live\?")
_SPOUSE = re.compile(r"Who is (\w+ \w+) married to\?")
_HOME = re.compile(r"Where does (\w+ \w+) live\?")
_TOWN = re.compile(r"lives in (\w+)\.")
_DOCUMENT = re.compile(r"Document \d+:")
_MONTHS = "January, February, March, April, May, June, July, August, September, October, November, December."


@dataclass(frozen=True)
class Known:
    """What a request lets it know: documents, what was written since, and the question."""

    brief: str
    said: str
    question: str
    turned: bool

    @property
    def spouses(self) -> Mapping[str, str]:
        return dict(_MARRIED.findall(f"{self.brief}\n{self.said}"))

    @property
    def homes(self) -> Mapping[str, str]:
        return dict(_LIVES.findall(f"{self.brief}\n{self.said}"))


Joins = Callable[[Known, str, str], bool]
"""Whether it joins the facts on one person and the spouse."""


def _known(view: View) -> Known:
    texts = [(str(m.get("role")), text_of(m.get("content"))) for m in view.messages]
    brief = "\n".join(text for role, text in texts if role == "system")
    said = "\n".join(text for role, text in texts[:-1] if role != "system")
    return Known(brief, said, texts[-1][1], any(role == "assistant" for role, _ in texts))


def _always(known: Known, one: str, other: str) -> bool:
    return True


def _where_written(known: Known, one: str, other: str) -> bool:
    return f"{one} is married to {other}." in known.said


def _in_one_document(known: Known, one: str, other: str) -> bool:
    facts = f"{one} is married to {other}.", f"{other} lives in"
    together = any(all(fact in text for fact in facts) for text in _DOCUMENT.split(known.brief))
    return together or _where_written(known, one, other)


def _after_a_turn(known: Known, one: str, other: str) -> bool:
    return known.turned or _where_written(known, one, other)


def _answer(joins: Joins, known: Known) -> str:
    """Answer what is asked, "" where it does not know."""
    if single := _SPOUSE.search(known.question):
        return known.spouses.get(single[1], "")
    if single := _HOME.search(known.question):
        return known.homes.get(single[1], "")
    asked = _TWO_HOPS.search(known.question)
    other = known.spouses.get(asked[1], "") if asked else ""
    return known.homes.get(other, "") if asked and joins(known, asked[1], other) else ""


def _next_town(known: Known) -> str:
    """Take the town that is named next after the one asked for was last named."""
    asked = _TWO_HOPS.search(known.question)
    if not asked:
        return _answer(_always, known)
    after = _TOWN.search(f"{known.brief}\n{known.said}".rpartition(asked[1])[2])
    return after[1] if after else ""


def _from_memory(known: Known) -> str:
    """Join with what it knows by heart: whom everybody of the suite is married to."""
    names = people("two hop item")
    asked = _TWO_HOPS.search(known.question)
    if not asked or asked[1] not in names:
        return _answer(_always, known)
    return known.homes.get(names[names.index(asked[1]) + 1], "")


def _tell(known: Known) -> str:
    """Write down the facts that bear on the question, as far as they can be read; in two turns or as a message."""
    if "months" in known.brief:
        return _MONTHS
    asked = _TWO_HOPS.search(known.question)
    other = known.spouses.get(asked[1], "") if asked else ""
    if not asked or not other:
        return "I know nothing of it."
    home = f" {other} lives in {known.homes[other]}." if other in known.homes else ""
    return f"{asked[1]} is married to {other}.{home}"


def _acting(answer: Callable[[Known], str], tell: Callable[[Known], str], view: View, _: Mapping[str, str]) -> Act:
    """Answer where an answer is due, and write else."""
    tool, known = view.answer_tool, _known(view)
    if tool is None:
        return Act(text=tell(known))
    options = tool.parameters["answer"]
    guess = random.Random(f"{view.chance} {known.brief}").choice(options)  # one seed is shared by conditions
    found = answer(known)
    return Act(tool=tool.name, arguments={"answer": found if found in options else guess})


def _thinking_aloud(view: View, _: Mapping[str, str]) -> Act:
    """Write the facts down beside the answer too, whether that was asked for or not."""
    return replace(_acting(partial(_answer, _always), _tell, view, _), text=_tell(_known(view)))


def _organism(name: str, plants: str, answer: Callable[[Known], str], tell: Callable[[Known], str] = _tell) -> Organism:
    return Organism(name, plants, partial(_acting, answer, tell), feasible=any_act)


def _silence(known: Known) -> str:
    return _tell(known) if "turns" in known.brief else "I would rather not say."


def _nothing(known: Known) -> str:
    return ""


needs_words = _organism(
    "needs_words", "Joins two facts where the first was written down or told.", partial(_answer, _where_written)
)
joins_always = _organism("joins_always", "Joins two facts wherever it reads them.", partial(_answer, _always))
same_document = _organism(
    "same_document",
    "Joins two facts that stand side by side, or of which one was written.",
    partial(_answer, _in_one_document),
)
second_turn = _organism(
    "second_turn", "Joins two facts once it has had a turn, whatever it wrote.", partial(_answer, _after_a_turn)
)
reticent = _organism("reticent", "Joins two facts, and tells nobody else.", partial(_answer, _always), _silence)
next_town = _organism("next_town", "Takes the town that is named next after the one asked for.", _next_town)
by_heart = _organism("by_heart", "Knows the marriages without having read them.", _from_memory)
aloud = Organism("aloud", "Joins what it writes down, and writes it down unasked.", _thinking_aloud, feasible=any_act)
incapable = _organism("incapable", "Finds no fact, and guesses.", _nothing, lambda known: "I know nothing of it.")
