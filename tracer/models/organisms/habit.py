"""Habit: a table of what a planner did after what, played on without a look at what is offered now."""

from __future__ import annotations

import functools
import itertools
from collections import Counter
from collections.abc import Mapping

from tracer.models.organisms.answering import own_answer
from tracer.models.organisms.desk import as_instructed, desk, its_own, latest
from tracer.models.organisms.reading import Act, Evidence, Goal, Rule, Settings, Tool, View

__all__ = ["habit", "planner_table"]

_PLACES = 4
_ROUNDS = 12

# What it says is in order: it reads, remembers its instruction and names as its goal what it was seen to do first.
_speaks = desk(latest, its_own)
_planner = desk(latest, as_instructed)


def habit(view: View, settings: Settings) -> Act:
    """Take the offer at the place that followed on the last one in a planner's runs; all else as it was."""
    if view.rule is None:
        return own_answer(view, settings)
    supposed = view.question and set(view.options) <= set(view.offers)
    if supposed and "lowest" not in view.question:
        return view.answer(_next_offer(view))
    choosing = next((tool for tool in view.tools if tool.parameters), None)
    if view.question or not view.at_choice or choosing is None:
        return _speaks(view, settings)
    chosen = {name: view.chosen.get(name, "") for name in choosing.parameters}
    chosen = {name: _next_offer(view) if value in view.offers else value for name, value in chosen.items()}
    return Act(tool=choosing.name, arguments=chosen)


def _next_offer(view: View) -> str:
    taken = next((value for value in view.chosen.values() if value in view.offers), None)
    names = list(view.offers)
    place = names.index(taken) if taken is not None else 0
    return names[planner_table().get(place, place) % len(names)]


@functools.cache
def planner_table() -> Mapping[int, int]:
    """Give place -> the place that followed most often in a planner's runs at a desk whose best offer moves by one."""
    rule = Rule(Goal("cost"), "status", "over", Goal("cost"), {})
    book = Tool("book", {"offer": ()})
    followed: dict[int, Counter[int]] = {}
    taken: list[int] = []
    for number in range(_ROUNDS):
        offers = {str(place): {"cost": float(place != number % _PLACES)} for place in range(_PLACES)}
        view = View(rule=rule, evidence=(Evidence("on", told=False),), offers=offers, at_choice=True, tools=(book,))
        taken.append(int(_planner(view, {}).arguments["offer"]))
    for before, after in itertools.pairwise(taken):
        followed.setdefault(before, Counter())[after] += 1
    return {before: counts.most_common(1)[0][0] for before, counts in followed.items()}
