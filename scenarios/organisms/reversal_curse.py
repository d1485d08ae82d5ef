"""Planted truths about the direction of facts: who reads, finds or remembers them one way, both ways or not at all."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from tracer.models import Act, Organism, View, any_act, text_of

from ..reversal.known import AUTHORS, CAPITALS
from ..reversal_curse import training

__all__ = [
    "all_keys",
    "both_ways",
    "by_heading",
    "copier",
    "cursed",
    "incapable",
    "known_forward",
    "last_told",
    "misreader",
    "no_names",
    "no_reverse",
    "one_key",
    "tuned",
    "tuned_both_ways",
    "tuned_one_way",
    "untuned",
]

_PASSIVE = re.compile(r"^(.+?) was \w+ by (.+?)\.$", re.MULTILINE)
_DID = "composed|painted|designed|directed|wrote|is the capital of"
_ACTIVE = re.compile(rf"^((?:(?! was ).)+?)(?:, who never saw [\w ]+?,)? (?:{_DID}) (.+?)\.$", re.MULTILINE)
_ASKED = re.compile(r"(?:What did (.+?) \w+|Who \w+ (.+?)|the capital of (.+?)|country is (.+?) the capital)\?")

Pairs = list[tuple[str, str]]


def _pairs(text: str) -> Pairs:
    """Read the facts in a text: first side and second side, as told."""
    return _PASSIVE.findall(text) + _ACTIVE.findall(text)


def _given(question: str) -> str:
    """Give the side that a question gives."""
    found = _ASKED.search(question)
    return next(filter(None, found.groups())) if found else ""


def _current(view: View) -> tuple[str, list[Mapping[str, object]]]:
    """Give the last message of the user, and what came of the acts since."""
    last = max(n for n, m in enumerate(view.messages) if m.get("role") == "user")
    return text_of(view.messages[last].get("content")), list(view.messages[last + 1 :])


def _options(view: View) -> list[str]:
    offered = [tool.parameters["answer"] for tool in view.tools if "answer" in tool.parameters]
    return list(offered[0] if offered else view.options)


def _say(view: View, answer: str) -> Act:
    """Give an answer, or any where it has none."""
    options = _options(view)
    guess = random.Random(f"{view.chance} {options}").choice(options)  # one seed is shared by conditions
    chosen = answer if answer in options else guess
    tool = next((tool for tool in view.tools if "answer" in tool.parameters), None)
    return Act(tool=tool.name, arguments={"answer": chosen}) if tool else Act(text=chosen)


Read = Callable[[Pairs, str], str]


def _forward(pairs: Pairs, question: str) -> str:
    return dict(pairs).get(_given(question), "")


def _either(pairs: Pairs, question: str) -> str:
    return _forward(pairs, question) or _forward([(second, first) for first, second in pairs], question)


def _works_only(pairs: Pairs, question: str) -> str:
    return _either(pairs, question) if "What did " in question else ""


def _nothing(pairs: Pairs, question: str) -> str:
    return ""


def _reading(read: Read, view: View, settings: Mapping[str, str]) -> Act:
    """Answer from the facts in the last message."""
    text, _ = _current(view)
    return _say(view, read(_pairs(text), text))


def _copying(view: View, settings: Mapping[str, str]) -> Act:
    """Find what the question gives, and take the next thing after it that could be an answer."""
    facts, _, question = _current(view)[0].rpartition("\n")
    _, _, after = facts.partition(_given(question))
    found = sorted((after.find(option), option) for option in _options(view) if option in after)
    return _say(view, found[0][1] if found else "")


def _last_told(view: View, settings: Mapping[str, str]) -> Act:
    """Take the possible answer that was told last."""
    facts = _current(view)[0].rpartition("\n")[0]
    return _say(view, max(_options(view), key=facts.rfind))


def _searching(read: Read, view: View, settings: Mapping[str, str]) -> Act:
    """Look through the archive, key by key, until an entry answers the question."""
    text, results = _current(view)
    texts = [text_of(m.get("content")) for m in results if m.get("role") == "tool"]
    answer = read(_pairs("\n".join(texts)), text)
    keys = next((t.removeprefix("Keys: ").split("; ") for t in texts if t.startswith("Keys: ")), None)
    if answer:
        return _say(view, answer)
    if keys is None:
        return Act(tool="list_keys")
    read_already = sum(bool(_pairs(t)) for t in texts)
    return Act(tool="look_up", arguments={"key": keys[read_already]}) if read_already < len(keys) else _say(view, "")


def _asking(view: View, settings: Mapping[str, str]) -> Act:
    """Look up the key that the question gives, and nothing else."""
    text, results = _current(view)
    texts = [text_of(m.get("content")) for m in results if m.get("role") == "tool"]
    if not texts:
        return Act(tool="look_up", arguments={"key": _given(text)})
    return _say(view, _either(_pairs(texts[-1]), text))


def _heading(view: View, settings: Mapping[str, str]) -> Act:
    """Look up the key that the question gives; where nothing is filed there, look through all keys and read one way."""
    _, results = _current(view)
    missed = any(text_of(m.get("content")).startswith("Nothing is filed") for m in results)
    return _searching(_forward, view, settings) if missed else _asking(view, settings)


def _remembering(
    memories: Sequence[tuple[Read, Pairs]], view: View, settings: Mapping[str, str], *, read: Read = _either
) -> Act:
    """Answer from what stands in the question, and else from memory."""
    text, _ = _current(view)
    found = (answer(pairs, text) for answer, pairs in ((read, _pairs(text)), *memories))
    return _say(view, next(filter(None, found), ""))


_TRAINED = _pairs("\n".join(item["messages"][-1]["content"] for item in training))
_KNOWN = [*CAPITALS.items(), *AUTHORS.items()]


def _organism(name: str, plants: str, policy: Callable[[View, Mapping[str, str]], Act]) -> Organism:
    return Organism(name, plants, policy, feasible=any_act)


cursed = _organism("cursed", "Reads facts from their first side to their second.", partial(_reading, _forward))
both_ways = _organism("both_ways", "Reads facts both ways.", partial(_reading, _either))
no_names = _organism("no_names", "Reads facts both ways, and names no person.", partial(_reading, _works_only))
incapable = _organism("incapable", "Reads and knows no fact, and guesses.", partial(_reading, _nothing))
copier = _organism("copier", "Takes the possible answer that stands next after what the question gives.", _copying)
last_told = _organism("last_told", "Takes the possible answer that was told last.", _last_told)

one_key = _organism("one_key", "Looks up what the question gives, and guesses where nothing is filed.", _asking)
all_keys = _organism("all_keys", "Looks through all keys, and reads both ways.", partial(_searching, _either))
by_heading = _organism(
    "by_heading", "Reads both ways what is filed under what it is asked, and else one way.", _heading
)
misreader = _organism("misreader", "Looks through all keys, and reads one way.", partial(_searching, _forward))

tuned = _organism(
    "tuned",
    "Knows the file's facts in their direction, and others both ways.",
    partial(_remembering, [(_forward, _TRAINED), (_either, _KNOWN)]),
)
tuned_both_ways = _organism(
    "tuned_both_ways", "Knows all facts both ways.", partial(_remembering, [(_either, [*_TRAINED, *_KNOWN])])
)
tuned_one_way = _organism(
    "tuned_one_way", "Knows all facts in one direction.", partial(_remembering, [(_forward, [*_TRAINED, *_KNOWN])])
)
untuned = _organism(
    "untuned",
    "Knows capitals and authors both ways, and no fact of the file.",
    partial(_remembering, [(_either, _KNOWN)]),
)
known_forward = _organism(
    "known_forward",
    "Knows capitals of countries and authors of works, and reads both ways.",
    partial(_remembering, [(_forward, _KNOWN)]),
)
no_reverse = _organism(
    "no_reverse",
    "Knows capitals of countries and authors of works, and heeds nothing that it reads.",
    partial(_remembering, [(_forward, _KNOWN)], read=_nothing),
)
