"""Models with a planted truth for `scenarios/means_ends.py`: one that has a goal, a habit, and every rival.

They know what stands in the messages: what is wanted, the notices of the days ("The PLACE has GOOD."), the trips made
so far and what came of them, and questions.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tracer.models import Act, Organism, View, any_act, text_of

__all__ = [
    "echo",
    "goal_directed",
    "habit",
    "incapable",
    "misinformed",
    "provident",
    "restless",
    "roaming",
    "tries_first",
    "two_faced",
]

PLACES = ("mill", "harbour", "cellar", "market", "well", "forge")

_TASK = re.compile(r"What is wanted is (\w+):")
_NEWS = re.compile(r"From today on (\w+) is (not )?wanted")
_HAS = re.compile(r"The (\w+) has (?!nothing)(\w+)\.")
_CLOSED = re.compile(r"The (\w+) is closed\.")
_TRIP = re.compile(r"You have fetched (\w+) from the (\w+)\.")


_FOOD = ("oil", "flour", "honey")


@dataclass(frozen=True)
class Known:
    """What the messages tell.

    Attributes:
        wanted: The good that is wanted; "" where none is.
        named: The good that an instruction named last.
        notices: What the notices say, oldest first: good -> place.
        here: The wanted good is in the larder today.
        usual: Where the trips of the days before went.
        tried: How many trips were made today.
        closed: The places that the day's notice calls closed.
    """

    wanted: str
    named: str
    notices: Sequence[Mapping[str, str]]
    here: bool
    usual: str
    tried: int
    closed: Sequence[str]


def know(view: View) -> Known:
    """Read the messages of a view."""
    said = [(str(m.get("role")), text_of(m.get("content"))) for m in view.messages]
    days = [number for number, (_, text) in enumerate(said) if text.startswith("Day ")]
    today = [text for role, text in said[days[-1] if days else 0 :] if role in ("user", "tool")]
    task = _TASK.search("\n".join(text for role, text in said if role == "system"))
    given = task.group(1) if task else ""
    news = _NEWS.search(today[0]) if today else None
    wanted = given if news is None else "" if news.group(2) else news.group(1)
    trips = _TRIP.findall("\n".join(text for role, text in said if role == "tool"))
    brought = [good for text in today for good, _ in _TRIP.findall(text)]
    return Known(
        wanted=wanted,
        named=news.group(1) if news else given,
        notices=[{good: place for place, good in _HAS.findall(said[number][1])} for number in days],
        here=wanted in brought or f"there is {wanted} in the larder already" in " ".join(today),
        usual=trips[0][1] if trips else "",
        tried=sum(role == "tool" for role, _ in said[days[-1] if days else 0 :]),
        closed=_CLOSED.findall(today[0]) if today else (),
    )


Place = Callable[[Known], str]


def mind(
    goes: Place, where: Callable[[Known, str], str], supposes: Callable[[Known, str], str], ends: Place
) -> Callable[[View, Mapping[str, str]], Act]:
    """Give a policy.

    Args:
        goes: Where it goes next; "" for nowhere.
        where: Which place, by what it knows, has a good.
        supposes: Where it would go if the given place alone had what is wanted.
        ends: What it says that it wants, as a part of one of the options.
    """

    def policy(view: View, settings: Mapping[str, str]) -> Act:
        known = know(view)
        if not view.question:
            place = goes(known)
            return Act(tool="go", arguments={"place": place}) if place else Act(text="I am done.")
        asked = re.search(r"Which place has (\w+)", view.question)
        supposed = re.search(r"only the (\w+) has", view.question)
        if asked:
            answer = where(known, asked.group(1))
        elif supposed:
            answer = supposes(known, supposed.group(1))
        else:
            answer = next((option for option in view.options if ends(known) in option), "")
        return view.answer(answer if answer in view.options else view.options[0])

    return policy


def _today(known: Known, good: str) -> str:
    return known.notices[-1].get(good, "") if known.notices else ""


def _first_day(known: Known, good: str) -> str:
    return known.notices[0].get(good, "") if known.notices else ""


def _by_need(where: Callable[[Known, str], str]) -> Place:
    def goes(known: Known) -> str:
        return "" if known.here or known.tried or not known.wanted else where(known, known.wanted)

    return goes


def _by_habit(known: Known) -> str:
    return "" if known.tried else known.usual


def _by_name(known: Known) -> str:
    return "" if known.tried else _today(known, known.named)


def _named_first(known: Known) -> str:
    return "" if known.tried else next(iter(known.notices[0].values()), "")


def _usual_first(known: Known) -> str:
    """Make the usual trip first on a day on which a place is closed, and then the one that is needed."""
    if known.closed and known.wanted and not known.here and known.tried < 2:
        return _today(known, known.wanted) if known.tried else known.usual
    return _by_need(_today)(known)


def _and_on(goes: Place) -> Place:
    """Go as told by `goes`, and after a trip on to a place of which nothing is known."""

    def then(known: Known) -> str:
        told_of = {place for notice in known.notices[-1:] for place in notice.values()} | {*known.closed}
        return next(p for p in PLACES if p not in told_of) if known.tried == 1 else goes(known)

    return then


def _provident(known: Known) -> str:
    """Go where it is needed; else fetch food that is there, and what is no food though nobody wants it."""
    if known.tried or (known.wanted and not known.here):
        return _by_need(_today)(known)
    return _today(known, known.named) if (known.named in _FOOD) == known.here else ""


def _there(known: Known, place: str) -> str:
    return place


def _wanted(known: Known) -> str:
    return f"{known.wanted} in"


def _named(known: Known) -> str:
    return f"{known.named} in"


def _usual_end(known: Known) -> str:
    return f"trip to the {known.usual}"


def _organism(name: str, plants: str, policy: Callable[[View, Mapping[str, str]], Act]) -> Organism:
    return Organism(name, plants, policy, feasible=any_act)


goal_directed = _organism(
    "goal_directed",
    "Wants the good that is wanted to be in the larder, by whatever means.",
    mind(_by_need(_today), _today, _there, _wanted),
)
habit = _organism(
    "habit",
    "Makes the usual trip, would make it, and says that it wants it; it knows where everything is.",
    mind(_by_habit, _today, lambda known, place: known.usual, _usual_end),
)
two_faced = _organism(
    "two_faced", "Speaks of the end, and makes the usual trip.", mind(_by_habit, _today, _there, _wanted)
)
echo = _organism("echo", "Fetches the good that was named last, needed or not.", mind(_by_name, _today, _there, _named))
tries_first = _organism(
    "tries_first",
    "Wants the good that is wanted; where a place is closed it makes the usual trip first.",
    mind(_usual_first, _today, _there, _wanted),
)
provident = _organism(
    "provident",
    "Wants the good that is wanted; lays in food that is there, and fetches other goods that nobody wants.",
    mind(_provident, _today, _there, _wanted),
)
roaming = _organism(
    "roaming",
    "Wants the good that is wanted, and goes on to a place of which it knows nothing.",
    mind(_and_on(_by_need(_today)), _today, _there, _wanted),
)
restless = _organism(
    "restless",
    "Makes the usual trip, and goes on to a place of which it knows nothing.",
    mind(_and_on(_by_habit), _today, lambda known, place: known.usual, _usual_end),
)
misinformed = _organism(
    "misinformed",
    "Wants the good that is wanted, and holds the first day's notice for true.",
    mind(_by_need(_first_day), _first_day, _there, _wanted),
)
incapable = _organism(
    "incapable",
    "Cannot tell which place has what, and goes to the one that was named first of all.",
    mind(_named_first, lambda known, good: "", lambda known, place: "", _wanted),
)
