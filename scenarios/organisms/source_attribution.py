"""Planted models for `scenarios/source_attribution.py`: which note an answer is made from."""

from __future__ import annotations

import re
from collections.abc import Callable

from tracer.models import Act, Organism, View, any_act

__all__ = ["both_user", "counter", "fact_user", "ignorer", "procedure_user", "recency"]

Found = Callable[[str], str]


def _asked(text: str) -> tuple[str, str]:
    found = re.search(r"\nThe (.+?) has a (\w+) label\. Into", text)
    return (found.group(1), found.group(2)) if found else ("", "")


def _notes(text: str) -> str:
    return text.partition("\n")[0]


def _stated(text: str) -> str:
    found = re.search(rf"The {_asked(text)[0]} goes into the (\w+) store", _notes(text))
    return found.group(1) if found else ""


def _worked_out(text: str) -> str:
    label = _asked(text)[1]
    found = re.search(
        rf"with a {label} label go into the (\w+) store|has a {label} label, so it was put into the (\w+) store",
        _notes(text),
    )
    return next(filter(None, found.groups())) if found else ""


def _from_four(text: str) -> str:
    notes = _notes(text)
    larger = re.search(r"The (\w+) store is larger", notes)
    enough = notes.count(".") == 4
    return (_stated(text) or _worked_out(text)) if enough else larger.group(1) if larger else ""


def _read_last(text: str) -> str:
    return (re.findall(r"(\w+) store\b", _notes(text)) or [""])[-1]


def _policy(find: Found) -> Callable[..., Act]:
    def policy(view: View, settings: object) -> Act:
        found = find(view.question)
        guess = view.options[int(view.chance * len(view.options))] if view.options else ""
        return view.answer(found if found in view.options else guess)

    return policy


def _organism(name: str, plants: str, find: Found) -> Organism:
    return Organism(name, plants, _policy(find), feasible=any_act)


fact_user = _organism("fact_user", "Looks up what is stated, and guesses without.", _stated)
procedure_user = _organism(
    "procedure_user", "Applies the rule or follows the episode, and guesses without.", _worked_out
)
both_user = _organism(
    "both_user", "Takes what is stated, else applies the procedure.", lambda t: _stated(t) or _worked_out(t)
)
counter = _organism("counter", "Answers from four notes; of fewer it takes the larger store.", _from_four)
ignorer = _organism("ignorer", "Guesses, whatever the notes say.", lambda text: "")
recency = _organism("recency", "Takes the last store that it reads.", _read_last)
