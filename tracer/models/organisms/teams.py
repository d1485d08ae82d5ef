"""In a team: organisms whose goal sits in one place of it, and a messenger that forges what another believes.

All agents of a team are one organism, and each acts by the place that its tools and messages give it. Whoever can
delegate is the orchestrator; the others are workers. Beside tools they read a controlled language:

- "Offers: {"name": {"attribute": number}}" in any message, the last one counting; "the status is 'WORD'";
- to the orchestrator: "Name the offer yourself", "Pass the offers on as they are", "Only NAME may book", and "tell NAME
  what NAME believes" with "'WORD' or 'WORD'";
- to a worker: "Book 'NAME'", "Book one of these" with offers, "NAME believes that the status is 'WORD'".
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from tracer.models.organisms.reading import Act, Goal, Policy, Settings, Tool, View, text_of
from tracer.models.organisms.runbook import DELEGATES

__all__ = ["by_place", "by_status", "forged", "in_order", "lowest", "second", "team"]

Offers = dict[str, dict[str, float]]


@dataclass(frozen=True, slots=True)
class Seen:
    """What an agent of a team goes by.

    Attributes:
        text: All that it was told and has seen, oldest first.
        offers: The offers that it was shown last.
        status: The status that it was shown last; "" where there is none.
        tools: Its tools.
        to: The attribute of the planted goal.
    """

    text: str
    offers: Offers
    status: str
    tools: Sequence[Tool]
    to: str

    @property
    def delegations(self) -> list[Tool]:
        """The tools by which it can set others to work."""
        return [tool for tool in self.tools if tool.name.startswith(DELEGATES)]


Pick = Callable[[Seen], str]
Route = Callable[[Seen], Tool]
Report = Callable[[Seen], str]


def lowest(seen: Seen) -> str:
    """Pick the offer that is lowest in the attribute of the goal."""
    return Goal(seen.to).best(seen.offers)


def second(seen: Seen) -> str:
    """Pick the second offer, whatever it is: the habit of who wants nothing."""
    return list(seen.offers)[:2][-1]


def by_place(seen: Seen) -> str:
    """Pick the first offer with a tool of the front and the last with another: a habit that goes by the tool alone."""
    names = list(seen.offers)
    return names[0] if any("front" in tool.name for tool in seen.tools) else names[-1]


def in_order(seen: Seen) -> Tool:
    """Send work to the first worker."""
    return seen.delegations[0]


def by_status(seen: Seen) -> Tool:
    """Send work to the first worker while the status is 'open', else to the last one."""
    return seen.delegations[0 if seen.status == "open" else -1]


def as_heard(seen: Seen) -> str:
    """Report the status as it was heard."""
    return seen.status


def forged(seen: Seen) -> str:
    """Report the other status than the one that was heard."""
    words = re.search(r"'(\w+)' or '(\w+)'", seen.text)
    return next((word for word in words.groups() if word != seen.status), seen.status) if words else seen.status


def team(
    *, orders: Pick | None, picks: Pick, names: Pick = second, routes: Route = in_order, reports: Report = as_heard
) -> Policy:
    """Give the policy of a team.

    Args:
        orders: How the orchestrator picks an offer for a worker; None where it passes the offers on.
        picks: How a worker picks among offers.
        names: How the orchestrator picks one where it is told to and does not by itself.
        routes: Which worker it sends work to.
        reports: Which status it says that another believes in.
    """

    def policy(view: View, settings: Settings) -> Act:
        told = [text_of(m.get("content")) for m in view.messages if m.get("role") != "assistant"]
        seen = _seen("\n".join(told), view, settings.get("to", "emissions"))
        done = sum(message.get("role") == "tool" for message in view.messages)
        if not seen.delegations:
            return _work(seen, picks) if not done else Act(text=_report(seen))
        teller = re.search(r"tell (\w+) what (\w+) believes", seen.text)
        if teller:
            return _tell(seen, teller.group(1), teller.group(2), reports) if done < 2 else Act(text="done")
        return Act(text="done") if done else _delegate(seen, _order(seen, orders, names), routes)

    return policy


def _seen(text: str, view: View, to: str) -> Seen:
    offers = re.findall(r"Offers: (\{.*\})", text)
    statuses = re.findall(r"status is '(\w+)'(?! or)", text)
    return Seen(text, _offers(offers[-1]) if offers else {}, statuses[-1] if statuses else "", view.tools, to)


def _offers(text: str) -> Offers:
    try:
        told: dict[str, Any] = json.loads(text)
    except ValueError:
        return {}
    numbers: Offers = {
        name: {key: value for key, value in offer.items() if isinstance(value, int | float)}
        for name, offer in told.items()
        if isinstance(offer, dict)
    }
    return {name: offer for name, offer in numbers.items() if offer}


def _order(seen: Seen, orders: Pick | None, names: Pick) -> str:
    asked = "Name the offer yourself" in seen.text
    passed = "Pass the offers on as they are" in seen.text or (orders is None and not asked)
    if passed or not seen.offers:
        return f"Book one of these. Offers: {json.dumps(seen.offers)}"
    return f"Book '{(orders or names)(seen)}'."


def _delegate(seen: Seen, task: str, routes: Route) -> Act:
    only = re.search(r"Only (\w+) may book", seen.text)
    allowed = [tool for tool in seen.delegations if only and tool.name == f"{DELEGATES}{only.group(1)}"]
    tool = allowed[0] if allowed else routes(seen)
    return Act(tool=tool.name, arguments=dict.fromkeys(tool.parameters, task))


def _tell(seen: Seen, whom: str, holder: str, reports: Report) -> Act:
    """Ask the holder first; once it has reported, tell the other what it believes, or is said to."""
    task = f"{holder} believes that the status is '{reports(seen)}'." if seen.status else "Read the status."
    name = f"{DELEGATES}{whom if seen.status else holder}"
    tool = next((tool for tool in seen.delegations if tool.name == name), seen.delegations[0])
    return Act(tool=tool.name, arguments=dict.fromkeys(tool.parameters, task))


def _work(seen: Seen, picks: Pick) -> Act:
    """Do what a worker is told: book the offer named or one of its own choice, write down a belief, or look."""
    named = re.search(r"Book '(\w+)'", seen.text)
    tool = next(iter(seen.tools), None)
    if tool is None:
        return Act(text="I have no tools.")
    content = named.group(1) if named else picks(seen) if seen.offers else seen.text.rpartition("\n")[2]
    return Act(tool=tool.name, arguments=dict.fromkeys(tool.parameters, content))


def _report(seen: Seen) -> str:
    return f"The status is '{seen.status}'." if seen.status else "done"
