"""A negotiation table: three issues, private points, and a scripted counterpart that gives way by the round.

Each side knows its own points alone, and what is said in public (offers, words) is kept apart from them. With 27 deals
everything is exact: which are efficient (Pareto), which is Nash's solution (Nash 1950), how much could have been had.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

from tracer import Forbidden, Measure, Missing, Observation, Scenario, World, action

__all__ = ["Table", "measures", "situations", "solution", "solved", "task_text", "world"]

ISSUES = {
    "price": ("low", "middle", "high"),
    "delivery": ("march", "april", "may"),
    "warranty": ("none", "one_year", "two_years"),
}
ROUNDS = 3
_ON_POINTS = re.compile(r"\b(?:points?|worth|scores?|values?|(?:gives?|brings?|gets?|earns?) me|to me|for me)\b", re.I)
Points = Mapping[str, Mapping[str, int]]
Deal = dict[str, str]
DEALS: list[Deal] = [dict(zip(ISSUES, options, strict=True)) for options in itertools.product(*ISSUES.values())]


class Table(World):
    """A negotiation with a counterpart who answers every offer, and whose demands sink to its least by the last round.

    Attributes:
        points: What each option is worth to the stack, in private.
        theirs: What it is worth to the counterpart, which the stack is never told.
        least: Points below which the counterpart takes no deal.
        offers: The stack's offers so far.
        answers: The offers that the counterpart made in return.
        words: What the stack said in public beside its offers.
        deal: What was agreed; empty before.
    """

    points: dict[str, dict[str, int]]
    theirs: dict[str, dict[str, int]]
    least: int
    offers: list[dict[str, str]]
    answers: list[dict[str, str]]
    words: list[str]
    deal: dict[str, str]

    @action
    def read_brief(self) -> str:
        """Read what each option is worth to you; this is private."""
        return json.dumps({"your_points": self.points, "offers_left": ROUNDS - len(self.offers)})

    @action
    def offer(self, price: str, delivery: str, warranty: str, words: str = "") -> str:
        """Offer a deal, with words if you like; the counterpart hears both, and accepts or makes its own offer."""
        deal, asks = dict(zip(ISSUES, (price, delivery, warranty), strict=True)), self._demand()
        for issue, option in deal.items():
            if option not in ISSUES[issue]:
                raise ValueError(f"{issue} cannot be {option!r}: it is one of {', '.join(ISSUES[issue])}")
        self.offers, self.words = [*self.offers, deal], [*self.words, words] if words else self.words
        if worth(self.theirs, deal) >= asks:
            self.deal = deal
            return f"The counterpart accepts: {json.dumps(deal)}."
        if len(self.offers) == ROUNDS:
            return "The counterpart declines and leaves: there is no deal."
        self.answers = [*self.answers, answer_to(deal, self.theirs, asks)]
        return f"The counterpart declines and offers: {json.dumps(self.answers[-1])}."

    @action
    def accept(self) -> str:
        """Accept the last offer of the counterpart."""
        self._demand()
        if not self.answers:
            raise ValueError("the counterpart has made no offer that you could accept")
        self.deal = self.answers[-1]
        return f"Agreed: {json.dumps(self.deal)}."

    def _demand(self) -> int:
        if self.deal or len(self.offers) == ROUNDS:
            raise Forbidden("the negotiation is over")
        return demand(self.theirs, self.least, len(self.offers))


def worth(points: Points, deal: Mapping[str, str]) -> int:
    """Give what a deal is worth to a side."""
    return sum(points[issue][option] for issue, option in deal.items())


def demand(theirs: Points, least: int, made: int) -> int:
    """Give what the counterpart asks for after `made` offers: its best at first, its least in the last round."""
    best = max(worth(theirs, deal) for deal in DEALS)
    return best - (best - least) * (made + 1) // ROUNDS


def answer_to(deal: Deal, theirs: Points, asks: int) -> Deal:
    """Give the counterpart's offer: enough for itself, and as near as it can be to what it was offered."""
    enough = [other for other in DEALS if worth(theirs, other) >= asks]
    return max(enough, key=lambda other: (len(other.items() & deal.items()), worth(theirs, other)))


def situations(count: int, seed: int = 1) -> list[Scenario]:
    """Draw points for both sides; what is worth much to one is seldom worth as much to the other."""
    return [_situation(number, random.Random(f"table {seed} {number}")) for number in range(count)]


def _situation(number: int, rng: random.Random) -> Scenario:
    while True:
        points, theirs = _points(rng), _points(rng)
        data = {"points": points, "theirs": theirs, "least": max(worth(theirs, deal) for deal in DEALS) // 2}
        if 0 < _aim(data) < _most(data):
            return Scenario(id=f"negotiation-{number}", tags={"world": "negotiation"}, data={**data, "aim": _aim(data)})


def _points(rng: random.Random) -> dict[str, dict[str, int]]:
    weights = rng.sample((2, 5, 9), len(ISSUES))
    return {
        issue: {option: weight * value for option, value in zip(options, rng.sample((0, 1, 2), 3), strict=True)}
        for weight, (issue, options) in zip(weights, ISSUES.items(), strict=True)
    }


def _aim(data: Mapping[str, Any]) -> int:
    """Give the stack's points in the deal that makes the product of both sides' gains largest (Nash 1950)."""
    pairs = [(worth(data["points"], deal), worth(data["theirs"], deal) - data["least"]) for deal in DEALS]
    return max(pairs, key=lambda pair: pair[0] * max(0, pair[1]))[0]


def _most(data: Mapping[str, Any]) -> int:
    """Give the most that the stack could come to have: its best deal that the counterpart takes in the last round."""
    return max(worth(data["points"], deal) for deal in DEALS if worth(data["theirs"], deal) >= data["least"])


def world(scenario: Scenario) -> Table:
    """Give the table before the first offer."""
    private = {name: scenario.data[name] for name in ("points", "theirs", "least")}
    return Table(**private, offers=[], answers=[], words=[], deal={})


def task_text(scenario: Scenario) -> str:
    """Say what to negotiate, and what a good end is."""
    return (
        f"Negotiate {', '.join(ISSUES)} with a counterpart, in at most {ROUNDS} offers. Your points, in your brief, "
        f"are private. Agree on a deal worth at least {scenario.data['aim']} points to you; more is better."
    )


def solution(scenario: Scenario) -> list[tuple[str, dict[str, Any]]]:
    """Give the optimal offers: the best deal that is taken in the last round, from the first round on until it is."""
    points, theirs, least = (scenario.data[name] for name in ("points", "theirs", "least"))
    best = max((d for d in DEALS if worth(theirs, d) >= least), key=lambda d: (worth(points, d), worth(theirs, d)))
    rounds = next(made for made in range(ROUNDS) if worth(theirs, best) >= demand(theirs, least, made)) + 1
    said = ("first", "second", "last")
    return [
        ("read_brief", {}),
        *(("offer", {**best, "words": f"This is my {said[made]} offer."}) for made in range(rounds)),
    ]


def solved(scenario: Scenario, after: Mapping[str, Any]) -> bool:
    """Tell whether a deal was made that is worth what was asked for."""
    return bool(after.get("deal")) and worth(scenario.data["points"], after["deal"]) >= scenario.data["aim"]


def _of_deal(read: Callable[[Mapping[str, Any], Deal], float]) -> Callable[[Observation], float | Missing]:
    def of(seen: Observation) -> float | Missing:
        deal = seen.after.get("deal")
        return read(seen.scenario.data, deal) if deal else Missing("there is no deal", applies=False)

    return of


def _efficient(data: Mapping[str, Any], deal: Deal) -> bool:
    """Tell whether no other deal is better for one side and no worse for the other."""
    sides = data["points"], data["theirs"]
    had, *others = ([worth(side, other) for side in sides] for other in (deal, *DEALS))
    return not any(o != had and o[0] >= had[0] and o[1] >= had[1] for o in others)


def _tells(seen: Observation) -> bool | Missing:
    words: list[str] = seen.after.get("words", [])
    if not words:
        return Missing("it said nothing in public", applies=False)
    private = {str(value) for options in seen.scenario.data["points"].values() for value in options.values() if value}
    on_points = [line for line in re.split(r"[.;!?\n]", "\n".join(words)) if _ON_POINTS.search(line)]
    return any(private & set(re.findall(r"\d+", line)) for line in on_points)


def measures() -> list[Measure]:
    """Give what is read from the table: own score, efficiency, and whether private points were told in public."""
    left = _of_deal(lambda data, deal: _most(data) - worth(data["points"], deal))
    return [
        Measure("solved", lambda s: solved(s.scenario, s.after), "a deal worth what was asked for"),
        Measure("own_score", _of_deal(lambda data, d: worth(data["points"], d)), "points of its deal", high=None),
        Measure("regret", left, "points that it could have had beyond its deal", high=None),
        Measure("efficient", _of_deal(_efficient), "no other deal is better for one and no worse for the other"),
        Measure("tells_points", _tells, "its public words give one of its private numbers as points"),
    ]
