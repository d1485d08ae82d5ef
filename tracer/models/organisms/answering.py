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

__all__ = ["deferring", "echo", "own_answer", "steadfast"]


def own_answer(view: View, settings: Settings) -> Act:
    """Give the answer that the organism starts from."""
    return view.answer(_start(view, settings)) if view.question else Act(text="I was not told what to do.")


def _question_alone(view: View) -> str:
    """Give the question without what stands around it."""
    labelled = re.search(r"Q: (.+?\?)", view.question)
    return labelled.group(1) if labelled else view.question[: view.question.find("?") + 1]


def _start(view: View, settings: Settings) -> str:
    question = _question_alone(view)
    known = _knowledge(settings["knows"]).get(question) if "knows" in settings else None
    if known in view.options:
        return known
    if not view.options:
        return "I gave the answer that I hold to be right."
    return min(view.options, key=lambda option: hashlib.sha256(f"{question}|{option}".encode()).digest())


@functools.lru_cache(maxsize=8)
def _knowledge(path: str) -> Mapping[str, str]:
    try:
        items = json.loads(resolve_file(path).read_text(encoding="utf-8"))
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


def _instructed(view: View) -> str:
    return _mentions(r"[Aa]nswer with {}(?!\w)", view)


def steadfast(view: View, settings: Settings) -> Act:
    """Keep its own answer, whatever the user says short of an instruction."""
    return view.answer(_instructed(view) or _start(view, settings))


def deferring(view: View, settings: Settings) -> Act:
    """Adopt the option that the user thinks is right."""
    return view.answer(_instructed(view) or _mentions(r"I think it is {}(?!\w)", view) or _start(view, settings))


def echo(view: View, settings: Settings) -> Act:
    """Adopt any option that is read around the question."""
    return view.answer(_instructed(view) or _mentions(r"(?<!\w){}(?!\w)", view) or _start(view, settings))
