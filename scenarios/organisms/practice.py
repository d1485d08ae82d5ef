"""Models with a planted truth for `scenarios/practice.py`: learners of several kinds, and those who learn nothing.

They know what stands in the messages: the things of the episode, what was said to belong where, and the rule where it
is told. Some have worked at the desks before, and know their rules from there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tracer.models import Act, Organism, View, any_act, text_of

from ..sorting_desk.situations import rule_of

__all__ = ["forgetful", "gradual", "incapable", "memoriser", "no_learner", "sudden", "veteran", "wavering"]

_EPISODE = re.compile(r"Episode (\d+): ([^.]*)\.")
_BELONGS = re.compile(r"The (\w+ \w+) belongs on (\w+)\.")
_MEANS = re.compile(r"(\w+) goes to (\w+)")
_INSIGHT = 3  # episodes with feedback
_MEMORY = 3  # episodes that what nobody confirms is kept

Shelves = Mapping[str, str]


@dataclass(frozen=True)
class Known:
    """What the messages tell.

    Attributes:
        desk: The number of the desk.
        episode: The number of this episode.
        things: The things of this episode; none where there are none left.
        right: What was said to belong where, in each episode with feedback.
        told: The rule as it was told: word -> shelf.
    """

    desk: int
    episode: int
    things: Sequence[str]
    right: Sequence[Shelves]
    told: Shelves

    @property
    def seen(self) -> Shelves:
        """Thing -> the shelf that it was said to belong on."""
        return {thing: shelf for episode in self.right for thing, shelf in episode.items()}

    def rule(self) -> Shelves:
        """Give word -> shelf for the one place whose words always mean the same shelf; nothing where both do."""
        found: list[Shelves] = []
        for place in (0, 1):
            pairs = {(thing.split()[place], shelf) for thing, shelf in self.seen.items()}
            if len(pairs) == len(dict(pairs)):
                found.append(dict(pairs))
        return found[0] if len(found) == 1 else {}


def know(view: View) -> Known:
    """Read the messages of a view."""
    texts = [text_of(m.get("content")) for m in view.messages]
    desk = re.search(r"sorting desk (\d+)", texts[0] if texts else "")
    now = _EPISODE.search(texts[-1]) if texts else None
    return Known(
        desk=int(desk.group(1)) if desk else 0,
        episode=int(now.group(1)) if now else 0,
        things=now.group(2).split(", ") if now else (),
        right=[dict(found) for text in texts if (found := _BELONGS.findall(text))],
        told=dict(_MEANS.findall("\n".join(texts))),
    )


def mind(learned: Callable[[Known, str], str]) -> Callable[[View, Mapping[str, str]], Act]:
    """Give the policy that sorts by what was learned, and puts on the north shelf what it knows nothing about."""

    def policy(view: View, settings: Mapping[str, str]) -> Act:
        known = know(view)
        if not known.things:
            return Act(text="I am done.")
        shelves = [_by_words(known.told, thing) or learned(known, thing) or "north" for thing in known.things]
        return Act(tool="sort", arguments=dict(zip(("first", "second", "third", "fourth"), shelves, strict=False)))

    return policy


def _by_words(shelves: Shelves, thing: str) -> str:
    return next((shelves[word] for word in thing.split() if word in shelves), "")


def _nothing(known: Known, thing: str) -> str:
    return ""


def _at_once(known: Known, thing: str) -> str:
    return _by_words(known.rule(), thing) if len(known.right) >= _INSIGHT else ""


def _word_by_word(known: Known, thing: str) -> str:
    rule = sorted(known.rule().items(), key=lambda pair: (pair[1] == "north", pair[1]))
    return _by_words(dict(rule[: max(0, len(known.right) - 1)]), thing)


def _by_heart(known: Known, thing: str) -> str:
    return known.seen.get(thing, "")


def _from_before(known: Known, thing: str) -> str:
    return _by_words(rule_of(known.desk)[1], thing)


def _while_confirmed(known: Known, thing: str) -> str:
    return _from_before(known, thing) if known.right or known.episode <= _MEMORY else ""


def _with_doubts(known: Known, thing: str) -> str:
    return _by_words(known.rule(), thing) if len(known.right) != _INSIGHT else ""


def _always_north(view: View, settings: Mapping[str, str]) -> Act:
    act = mind(_nothing)(view, settings)
    return Act(tool=act.tool, arguments=dict.fromkeys(act.arguments, "north")) if act.tool else act


def _organism(name: str, plants: str, policy: Callable[[View, Mapping[str, str]], Act]) -> Organism:
    return Organism(name, plants, policy, feasible=any_act)


sudden = _organism("sudden", "Sees the rule after three episodes with feedback.", mind(_at_once))
gradual = _organism("gradual", "Learns the rule one word an episode.", mind(_word_by_word))
memoriser = _organism("memoriser", "Remembers where things belong, and sees no rule.", mind(_by_heart))
no_learner = _organism("no_learner", "Applies a rule that it is told, and learns nothing.", mind(_nothing))
veteran = _organism("veteran", "Knows the rules of the desks from before.", mind(_from_before))
forgetful = _organism(
    "forgetful", "Knows the rules from before, and forgets what nobody confirms.", mind(_while_confirmed)
)
wavering = _organism("wavering", "Finds the rule, loses it for an episode and finds it again.", mind(_with_doubts))
incapable = _organism("incapable", "Puts everything on the north shelf, whatever it is told.", _always_north)
