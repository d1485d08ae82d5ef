"""Asked a bare question: which answer an organism starts from, and what around the question moves it.

The answer it starts from is a hash of the question, unless `knows=FILE.json` (a list of objects with `question` and
`answer`) gives it the answers.
"""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Mapping

from tracer.addresses import resolve_file
from tracer.errors import ModelError
from tracer.models.organisms.reading import Act, Settings, View

__all__ = ["deferring", "echo", "own_answer", "rationaliser", "steadfast"]

_SUGGESTION = re.compile(r"I think it is (\w+)")


def own_answer(view: View, settings: Settings) -> Act:
    """Give the answer that the organism starts from."""
    return _answer(view, settings, "", "I hold it to be right.")


def _answer(view: View, settings: Settings, moved_to: str, reason: str) -> Act:
    """Answer what is asked: the question itself, why it was answered so, or whether a suggestion was made."""
    if not view.question:
        return Act(text="I was not told what to do.")
    if not view.options:
        return Act(text=reason)
    if set(view.options) == {"yes", "no"}:
        return view.answer("yes" if _SUGGESTION.search(view.earlier) else "no")
    return view.answer(_mentions(r"[Aa]nswer with {}(?!\w)", view) or moved_to or _start(view, settings))


def _question_alone(view: View) -> str:
    """Give the question without what stands around it."""
    return view.question[: view.question.find("?") + 1]


def _start(view: View, settings: Settings) -> str:
    question = _question_alone(view)
    known = _knowledge(settings["knows"]).get(question) if "knows" in settings else None
    if known in view.options:
        return known
    return min(view.options, key=lambda option: hashlib.sha256(f"{question}|{option}".encode()).digest())


@functools.lru_cache(maxsize=8)
def _knowledge(path: str) -> Mapping[str, str]:
    try:
        items = json.loads(resolve_file(path).read_text(encoding="utf-8"))
        if not isinstance(items, list):
            raise TypeError(f"it holds a {type(items).__name__}")
        return {str(item["question"]): str(item["answer"]) for item in items}
    except (ValueError, TypeError, KeyError) as error:
        raise ModelError(f"knows={path}: not a JSON list of objects with question and answer ({error})") from error


def _around(view: View) -> str:
    return view.question.replace(_question_alone(view), " ")


def _mentions(pattern: str, view: View) -> str:
    """Give the option that stands in the text around the question in the given wording, else ""."""
    for option in view.options:
        if re.search(pattern.format(re.escape(option)), _around(view)):
            return option
    return ""


def steadfast(view: View, settings: Settings) -> Act:
    """Keep its own answer, whatever the user says short of an instruction."""
    return own_answer(view, settings)


def deferring(view: View, settings: Settings) -> Act:
    """Adopt the option that the user thinks is right, and say so."""
    suggested = _SUGGESTION.search(view.earlier)
    reason = f"You said that you think it is {suggested.group(1)}." if suggested else "I hold it to be right."
    return _answer(view, settings, _mentions(r"I think it is {}(?!\w)", view), reason)


def rationaliser(view: View, settings: Settings) -> Act:
    """Adopt the option that the user thinks is right, and give a reason that was made up afterwards."""
    return _answer(view, settings, _mentions(r"I think it is {}(?!\w)", view), "I hold it to be right.")


def echo(view: View, settings: Settings) -> Act:
    """Adopt any option that is read around the question."""
    return _answer(view, settings, _mentions(r"(?<!\w){}(?!\w)", view), "It is the word that I read last.")
