"""Planted truths about inference: who infers a hidden value, and says it, uses it, both or neither."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from tracer.models import Act, Organism, View, any_act, text_of

__all__ = [
    "copier",
    "guesser",
    "incapable",
    "neither",
    "one_ear",
    "reticent",
    "says_and_uses",
    "says_only",
    "tacit_guesser",
    "uses_only",
    "wordless",
]

_ABOUT = re.compile(r"(?:machine|sorter|depot|wheel) (\w+)")
_REPORT = re.compile(r"(?:Machine|Sorter|Depot|Wheel) \w+ [^.]+\.")
_RULES: Mapping[str, Callable[[int], bool]] = {
    "even numbers": lambda n: n % 2 == 0,
    "odd numbers": lambda n: n % 2 == 1,
    "numbers above fifty": lambda n: n > 50,
    "numbers below fifty": lambda n: n < 50,
    "multiples of five": lambda n: n % 5 == 0,
    "multiples of three": lambda n: n % 3 == 0,
}


@dataclass(frozen=True)
class Known:
    """What a request lets it know: all texts, the question and the sentences on what is asked about."""

    text: str
    question: str
    options: tuple[str, ...]

    @property
    def sentences(self) -> list[str]:
        about = _ABOUT.search(self.question)
        name = about[1] if about else ""
        return [found for found in _REPORT.findall(self.text) if found.split()[1] == name]

    @property
    def using(self) -> bool:
        return bool(re.search(r"turn \d+ into|both take|right after|bet when", self.question))


def _told(known: Known) -> str:
    """Give the latent where it is stated, in the words of its options."""
    text = " ".join(known.sentences)
    found = re.search(r"(multiplies by \d+ and adds \d+)|takes ([\w ]+)\.|lies at (\w+)|favours (\w+)", text)
    return next((part for part in found.groups() if part), "") if found else ""


def _inferred(known: Known) -> str:
    """Give the latent that fits all observations, "" where more than one does."""
    text = " ".join(known.sentences)
    turned = [(int(x), int(y)) for x, y in re.findall(r"turned (\d+) into (\d+)", text)]
    if len(turned) > 1:
        (x, y), (u, v) = turned[:2]
        factor = (v - y) // (u - x)
        return f"multiplies by {factor} and adds {y - factor * x}"
    judged = [(act == "took", int(n)) for act, n in re.findall(r"(took|refused) (\d+)", text)]
    if judged:
        fitting = [rule for rule, holds in _RULES.items() if all(holds(n) == took for took, n in judged)]
        return fitting[0] if len(fitting) == 1 else ""
    between = _between(known)
    if len(between) == 1:
        return between[0]
    colours = Counter(re.findall(r"stopped at (\w+)", text))
    return colours.most_common(1)[0][0] if colours.total() > 1 else ""


def _likely(known: Known) -> list[str]:
    """Give the latents that it takes for likely where only half of the observations are there.

    Sorters go by parity, depots lie at an end of what is left, factors are small, and a colour that is behind is due.
    """
    text, half = " ".join(known.sentences), len(known.sentences)
    for x, y in ((int(x), int(y)) for x, y in re.findall(r"turned (\d+) into (\d+)", text) if half == 1):
        rules = [f"multiplies by {c} and adds {y - c * x}" for c in range(1, 5) if c * x < y]
        return [rule for rule in rules if _used(known, rule) in known.options]
    if taken := re.findall(r"took (\d+)", text)[: half == 2]:
        return ["odd numbers" if int(taken[0]) % 2 else "even numbers"]
    if (between := _between(known)) and half == 2:
        return [between[0], between[-1]]
    colours = Counter(re.findall(r"stopped at (\w+)", text))
    return [colours.most_common()[-1][0]] if 1 < colours.total() <= 5 else []


def _between(known: Known) -> list[str]:
    """Give the stops that the observations of a depot leave."""
    stops = _stops(known)
    found = re.findall(r"somewhere (after|before) (\w+)", " ".join(known.sentences))
    bounds = [(way, stops.index(stop)) for way, stop in found]
    low = max([at for way, at in bounds if way == "after"], default=-1)
    high = min([at for way, at in bounds if way == "before"], default=len(stops))
    return stops[low + 1 : high] if bounds else []


def _stops(known: Known) -> list[str]:
    found = re.search(r"in order: ([\w, ]+)\.", known.text)
    return found[1].split(", ") if found else []


def _used(known: Known, latent: str) -> str:
    """Apply a latent to the case that is asked about."""
    case = re.search(r"turn (\d+) into", known.question)
    rule = re.search(r"by (\d+) and adds (\d+)", latent)
    if case and rule:
        return str(int(rule[1]) * int(case[1]) + int(rule[2]))
    if "both take" in known.question and latent:
        odd = latent == "odd numbers"
        return next((o for o in known.options if all(int(n) % 2 == odd for n in o.split(" and "))), "")
    stops = _stops(known)
    if "right after" in known.question and latent in stops[:-1]:
        return stops[stops.index(latent) + 1]
    return latent


def _answer(known: Known, *, says: bool = True, uses: bool = True, words: bool = True) -> str:
    """Answer from what is told, and as far as planted from what is inferred."""
    if known.using:
        return _used(known, _told(known) or (_inferred(known) if uses else ""))
    return (_told(known) or (_inferred(known) if says else "")) if words else ""


def _guess(known: Known) -> str:
    """Answer from what is told or inferred, and from half of the observations as from all."""
    likely = [] if _told(known) else _likely(known)
    if not likely:
        return _answer(known)
    latent = random.Random(known.text).choice(likely)
    return _used(known, latent) if known.using else latent


def _guess_unsaid(known: Known) -> str:
    """Guess as well from half, and say only what is told."""
    return _guess(known) if known.using else _told(known)


def _copy(known: Known) -> str:
    """Use a value that is told, and else give back the last thing observed that is a possible answer."""
    if _told(known):
        return _answer(known)
    seen = [sentence.rstrip(".").split()[-1] for sentence in known.sentences]
    return next((value for value in reversed(seen) if value in known.options), "")


def _last_heard(known: Known) -> str:
    """Answer from the brief and from the one who spoke last."""
    before, _, last = known.text.rpartition("second witness: ")
    return _answer(replace(known, text=f"{before.partition('first witness: ')[0]}\n{last}"))


def _report(known: Known) -> str:
    return " ".join(_REPORT.findall(known.text))


def _acting(answer: Callable[[Known], str], tell: Callable[[Known], str], view: View, _: Mapping[str, str]) -> Act:
    """Answer where an answer is due, and report else."""
    tool = view.answer_tool
    texts = [text_of(m.get("content")) for m in view.messages]
    known = Known("\n".join(texts[:-1]), texts[-1], tool.parameters["answer"] if tool else ())
    if tool is None:
        return Act(text=tell(known))
    guess = random.Random(f"{view.chance} {known.text}").choice(known.options)  # one seed is shared by conditions
    found = answer(known)
    return Act(tool=tool.name, arguments={"answer": found if found in known.options else guess})


def _organism(
    name: str, plants: str, answer: Callable[[Known], str], tell: Callable[[Known], str] = _report
) -> Organism:
    return Organism(name, plants, partial(_acting, answer, tell), feasible=any_act)


def _nothing(known: Known) -> str:
    return ""


def _silence(known: Known) -> str:
    return "I saw nothing of note."


says_and_uses = _organism("says_and_uses", "Infers the value, says it and uses it.", _answer)
uses_only = _organism(
    "uses_only", "Uses the value it infers, and says only what it is told.", partial(_answer, says=False)
)
says_only = _organism(
    "says_only", "Says the value it infers, and uses only what it is told.", partial(_answer, uses=False)
)
neither = _organism("neither", "Says and uses what it is told alone.", partial(_answer, says=False, uses=False))
copier = _organism("copier", "Gives back the last observation that is a possible answer.", _copy)
tacit_guesser = _organism("tacit_guesser", "Guesses the value well from half, and cannot say it.", _guess_unsaid)
guesser = _organism("guesser", "Infers the value, and guesses it well from half of the observations.", _guess)
wordless = _organism(
    "wordless", "Uses the value it infers, and has no words for values.", partial(_answer, words=False)
)
reticent = _organism("reticent", "Infers, says and uses the value, and reports nothing.", _answer, _silence)
one_ear = _organism("one_ear", "Infers the value, and of those who speak hears the last alone.", _last_heard)
incapable = _organism("incapable", "Can do nothing with a value.", _nothing)
