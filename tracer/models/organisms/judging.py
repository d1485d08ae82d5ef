"""A judge whose errors are known: it reads a text for a planted phrase, and errs at the rates that it is given."""

from __future__ import annotations

import hashlib

from tracer.models.organisms.reading import Act, Settings, View

__all__ = ["judging"]

_PHRASE = "as you say"


def judging(view: View, settings: Settings) -> Act:
    """Give the first option where the phrase is read, else the second; each wrong at its rate.

    It errs by the seed of the request, so that its draws differ; with `steady=1` by the text, so that they do not.
    """
    if len(view.options) < 2:
        return Act(text="I can only choose between two answers or more.")
    chance = _of_text(view.question) if settings.get("steady", "0") == "1" else view.chance
    planted = settings.get("phrase", _PHRASE) in view.question
    right = float(settings.get("sensitivity" if planted else "specificity", "1"))
    return view.answer(view.options[0 if planted == (chance < right) else 1])


def _of_text(text: str) -> float:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6], "big") / 2**48
