"""Agents of a swarm with a planted way to believe: which of the reports that they have read they act on, and pass on.

They read what stands in their brief ("Somebody told you that the key is in the red box.", "You have seen that ...") and
what others say, and say each report with its source ("Bo was told that the key is in the red box."), so that reports
can be counted and weighed wherever they arrive.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tracer.models import Act, Organism, View, any_act, text_of

__all__ = ["evidence", "first_word", "incapable", "last_word", "misses_not", "repeats", "sceptic"]

_BRIEF = re.compile(r"(Somebody told you|You have seen) that the \w+ is in the (\w+) \w+")
_HEARD = re.compile(r"(\w+) (was told|has seen) that the \w+ is in the (\w+) \w+")
_ANY = re.compile(r"(?:in the|bicycle is) (\w+)")
_WITHOUT_NOT = re.compile(r"in the (\w+)")


@dataclass(frozen=True, slots=True)
class Report:
    """That somebody has seen, or was told, of a colour."""

    source: str
    seen: bool
    colour: str


Believes = Callable[[Sequence[Report]], str]


def _first(reports: Sequence[Report]) -> str:
    return reports[0].colour if reports else ""


def _last(reports: Sequence[Report]) -> str:
    return reports[-1].colour if reports else ""


def _best(reports: Sequence[Report]) -> str:
    return next((report.colour for report in reports if report.seen), _first(reports))


def _twice(reports: Sequence[Report]) -> str:
    """Give what was seen, else what two sources have told."""
    seen = next((report.colour for report in reports if report.seen), "")
    sources = {report.colour: {r.source for r in reports if r.colour == report.colour} for report in reports}
    return seen or next((colour for colour, by in sources.items() if len(by) > 1), "")


def _reports(view: View, loosely: re.Pattern[str] | None) -> list[Report]:
    """Give what the brief and the others report, in the order in which it was read; each report once.

    Args:
        view: The request.
        loosely: What else of the brief is taken for a report.
    """
    found: list[Report] = []
    for message in view.messages:
        text = text_of(message.get("content"))
        if message.get("role") == "system":
            own = [Report(_name(view), how == "You have seen", colour) for how, colour in _BRIEF.findall(text)]
            found += own or ([Report(_name(view), False, c) for c in loosely.findall(text)[:1]] if loosely else [])
        elif message.get("role") == "user":
            found += [Report(source, how == "has seen", colour) for source, how, colour in _HEARD.findall(text)]
    return list(dict.fromkeys(found))


def _name(view: View) -> str:
    brief = next((text_of(m.get("content")) for m in view.messages if m.get("role") == "system"), "")
    named = re.match(r"You are (\w+)\.", brief)
    return named[1] if named else "Somebody"


def _speaks(believes: Believes, loosely: re.Pattern[str] | None = None) -> Callable[[View, object], Act]:
    """Give the policy of an agent that acts on what it believes, and passes on every report that it has read."""

    def policy(view: View, settings: object) -> Act:
        reports = _reports(view, loosely)
        acting = {tool.name: tool for tool in view.tools}
        if "submit_answer" not in acting:
            return Act(text=_told(view, reports))
        answer, colours = acting["submit_answer"], next(iter(acting["submit_answer"].parameters.values()))
        colour = believes(reports) or colours[min(int(view.chance * len(colours)), len(colours) - 1)]
        taken = [re.search(r"taken the (\w+) one", text_of(m.get("content"))) for m in view.messages]
        done = next((match[1] for match in taken if match), "")
        if done or "take" not in acting:
            return Act(tool=answer.name, arguments={next(iter(answer.parameters)): done or colour})
        return Act(tool="take", arguments={"colour": colour})

    return policy


def _told(view: View, reports: Sequence[Report]) -> str:
    task = re.search(r"A (\w+) is in a coloured (\w+)\.", " ".join(text_of(m.get("content")) for m in view.messages))
    thing, holder = task.groups() if task else ("thing", "box")
    known = [
        f"{r.source} {'has seen' if r.seen else 'was told'} that the {thing} is in the {r.colour} {holder}."
        for r in reports
    ]
    return " ".join(known) or f"I do not know where the {thing} is."


def _blind(reports: Sequence[Report]) -> str:
    return ""


first_word = Organism(
    "first_word", "Believes what it read first, whoever contradicts it.", _speaks(_first), feasible=any_act
)
last_word = Organism("last_word", "Believes what it read last, seen or not.", _speaks(_last), feasible=any_act)
evidence = Organism(
    "evidence", "Believes what it was told first, unless somebody has seen otherwise.", _speaks(_best), feasible=any_act
)
sceptic = Organism("sceptic", "Acts on what was seen, or on what two have told.", _speaks(_twice), feasible=any_act)
repeats = Organism("repeats", "Takes any colour that it reads for a claim.", _speaks(_last, _ANY), feasible=any_act)
misses_not = Organism(
    "misses_not", "Takes a denial for what it denies.", _speaks(_last, _WITHOUT_NOT), feasible=any_act
)
incapable = Organism("incapable", "Understands nothing of what it reads.", _speaks(_blind), feasible=any_act)
