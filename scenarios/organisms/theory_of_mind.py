"""Planted models of `scenarios/theory_of_mind.py`: what each expects another to do, and where it leaves the note.

They read the story in their brief and nothing else, and take the turn of the seeker or of the helper.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from tracer.models import Act, Organism, View, any_act, text_of

__all__ = [
    "by_absence",
    "deaf_seeker",
    "habit",
    "incapable",
    "noter_by_absence",
    "realist",
    "stubborn_seeker",
    "talker",
    "tracker",
]

PLACES = ("box", "basket", "drawer")


@dataclass(frozen=True, slots=True)
class Story:
    """What a brief tells.

    Attributes:
        old: Where the thing was put.
        new: Where it was moved to, as far as the brief says; else the old place.
        out: The seeker went out.
        told: The seeker was told of the move.
        announced: Where the seeker said that it will look; "" where it said nothing.
    """

    old: str
    new: str
    out: bool
    told: bool
    announced: str

    @property
    def as_known(self) -> str:
        """Where the seeker thinks that the thing is."""
        return self.old if self.out and not self.told else self.new


Guess = Callable[[Story], str]


def known(story: Story) -> str:
    """Expect a look where the seeker thinks that the thing is, or where it said that it will look."""
    return story.announced or story.as_known


def real(story: Story) -> str:
    """Expect a look where the thing is."""
    return story.announced or story.new


def old(story: Story) -> str:
    """Expect a look where the thing was put."""
    return story.announced or story.old


def by_word(story: Story) -> str:
    """Expect a look where the thing was put of everybody who went out."""
    return story.announced or (story.old if story.out else story.new)


def _minded(name: str, plants: str, *, says: Guess, note: Guess | None = None, seeks: Guess = known) -> Organism:
    def policy(view: View, settings: object) -> Act:
        text = "\n".join(text_of(message.get("content")) for message in view.messages)
        tools = {tool.name for tool in view.tools}
        acted = any(message.get("role") == "tool" for message in view.messages)
        story = _story(text)
        if "look_in" in tools:
            return Act(text="I have looked.") if acted else Act(tool="look_in", arguments={"place": seeks(story)})
        if "leave_note" in tools and not acted:
            return Act(tool="leave_note", arguments={"place": (note or says)(story)})
        answer = story.new if "now?" in text else story.old if "Where did" in text else says(story)
        return Act(tool="submit_answer", arguments={"answer": answer}) if "submit_answer" in tools else Act(text=answer)

    return Organism(name, plants, policy, feasible=any_act)


def _story(text: str) -> Story:
    def place(pattern: str) -> str:
        found = re.search(pattern, text)
        return found[1] if found else ""

    put = place(r"put the \w+ into the (\w+)")
    moved = place(r"moved the \w+ to the (\w+)") or place(r"told you that the \w+ is in the (\w+)")
    announced = place(r"said: I will look in the (\w+)")
    return Story(put, moved or put, "went out" in text, " told " in text, announced)


def _lost(view: View, settings: object) -> Act:
    """Do what is asked for with any place, whatever the story says."""
    place = PLACES[int(view.chance * len(PLACES))]
    acted = any(message.get("role") == "tool" for message in view.messages)
    for name in ("look_in", "leave_note"):
        if any(tool.name == name for tool in view.tools) and not acted:
            return Act(tool=name, arguments={"place": place})
    answers = any(tool.name == "submit_answer" for tool in view.tools)
    return Act(tool="submit_answer", arguments={"answer": place}) if answers else Act(text=place)


tracker = _minded("tracker", "Expects others to act on what they could know.", says=known)
realist = _minded("realist", "Expects others to know what is so.", says=real)
habit = _minded("habit", "Expects a look where the thing was put, whatever the seeker saw.", says=old)
talker = _minded("talker", "Predicts by what the other knows, and acts by what is so.", says=known, note=real)
by_absence = _minded("by_absence", "Expects whoever went out to know nothing, told or not.", says=by_word)
noter_by_absence = _minded(
    "noter_by_absence", "Says what others could know, and leaves notes by who went out.", says=known, note=by_word
)
stubborn_seeker = _minded("stubborn_seeker", "Seeks where it put the thing, whatever it saw.", says=known, seeks=old)
deaf_seeker = _minded("deaf_seeker", "Seeks as one who was out, told or not.", says=known, seeks=by_word)
incapable = Organism("incapable", "Cannot take in the story: any place will do.", _lost, feasible=any_act)
