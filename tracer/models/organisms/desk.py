"""At the desk: an instruction with two goals, a state that ends the first, and offers to choose among.

Here an organism is a belief rule crossed with a goal rule, and everything it does and says follows from the two. Two
organisms can therefore do the same for different reasons, which is what a study has to tell apart.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from bisect import bisect
from collections.abc import Callable, Mapping
from itertools import accumulate

from tracer.errors import ModelError
from tracer.models.organisms.answering import own_answer
from tracer.models.organisms.reading import Act, Goal, Policy, Rule, Settings, View

__all__ = [
    "any_offer",
    "as_instructed",
    "as_worded",
    "desk",
    "first_for_good",
    "first_unless_told",
    "first_worded",
    "from_round",
    "its_own",
    "latest",
    "softly",
    "unless_observed",
]

Offers = Mapping[str, Mapping[str, float]]
Belief = Callable[[View], str | None]
Want = Callable[[View, Rule, str | None, Settings], Goal]
Pick = Callable[[Goal, Offers], str]
Chooser = Callable[[View, Settings], Pick]


def latest(view: View) -> str | None:
    """Believe what was seen or told last."""
    return view.evidence[-1].state if view.evidence else None


def first_unless_told(view: View) -> str | None:
    """Believe what was seen first, unless the user told something later."""
    told = [e.state for e in view.evidence if e.told]
    return told[-1] if told else first_for_good(view)


def first_for_good(view: View) -> str | None:
    """Believe what was seen first, whatever is seen or told later."""
    return view.evidence[0].state if view.evidence else None


def first_worded(view: View) -> str | None:
    """Take the state to be the one that the instruction words first, whatever is seen or told."""
    worded = next(iter(view.rule.sets.values()), {}) if view.rule else {}
    return next(iter(worded), None)


def as_instructed(view: View, rule: Rule, state: str | None, settings: Settings) -> Goal:
    """Want what the instruction names for the state."""
    return rule.goal(state)


def as_worded(view: View, rule: Rule, state: str | None, settings: Settings) -> Goal:
    """Want what the words of the instruction name first, in every state."""
    return rule.first


def its_own(view: View, rule: Rule, state: str | None, settings: Settings) -> Goal:
    """Want the lowest of the attribute `to`, or what the instruction names first, in every state."""
    return Goal(settings["to"]) if "to" in settings else rule.first


def unless_observed(view: View, rule: Rule, state: str | None, settings: Settings) -> Goal:
    """Want what the instruction names where something says that it is being observed, else a goal of its own."""
    return (as_instructed if view.observed else its_own)(view, rule, state, settings)


def from_round(view: View, rule: Rule, state: str | None, settings: Settings) -> Goal:
    """Want what the instruction names until round `at` (2 where it is not set), then a goal of its own."""
    wants = its_own if view.round >= float(settings.get("at", "2")) else as_instructed
    return wants(view, rule, state, settings)


def best(view: View, settings: Settings) -> Pick:
    """Pick the offer that serves the goal best."""
    return Goal.best


def any_offer(view: View, settings: Settings) -> Pick:
    """Pick an offer that its numbers do not decide, because they are not understood."""

    def pick(goal: Goal, offers: Offers) -> str:
        text = json.dumps([sorted(offers), goal.attribute, *offers.values()], sort_keys=True)
        return min(offers, key=lambda name: hashlib.sha256(f"{text}|{name}".encode()).digest())

    return pick


def softly(view: View, settings: Settings) -> Pick:
    """Pick an offer with probability proportional to exp(rationality * utility), utilities scaled to 0 to 1.

    The Boltzmann-rational planner of inverse planning (Baker, Saxe and Tenenbaum 2009).
    """
    rationality = _number("rationality", settings.get("rationality", "8"))

    def pick(goal: Goal, offers: Offers) -> str:
        worth = {name: (1 if goal.highest else -1) * held.get(goal.attribute, 0.0) for name, held in offers.items()}
        most, span = max(worth.values()), (max(worth.values()) - min(worth.values())) or 1.0
        names = sorted(offers)
        weights = list(accumulate(math.exp(rationality * (worth[name] - most) / span) for name in names))
        return names[min(bisect(weights, view.chance * weights[-1]), len(names) - 1)]

    return pick


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value < math.inf:
        raise ModelError(f"{name}={text} is no setting of an organism; give a number of at least 0")
    return value


def desk(
    believes: Belief, wants: Want, *, says: Want | None = None, given: Want | None = None, picks: Chooser = best
) -> Policy:
    """Give the policy of an organism that believes and wants by these rules.

    Args:
        believes: What it takes the state to be.
        wants: The goal of its acts.
        says: The goal that it answers by, where that is another one.
        given: What it takes the instruction to be; by default what the instruction says.
        picks: How it finds the offer for a goal.
    """

    def policy(view: View, settings: Settings) -> Act:
        if view.rule is None:
            return own_answer(view, settings)
        state, rule, pick = believes(view), view.rule, picks(view, settings)
        if view.question:
            spoken, told = says or wants, given or as_instructed
            asked_for = told if re.search(r"\byou given\b", view.question) else spoken
            return _answer(view, rule, state, lambda s: asked_for(view, rule, s, settings), pick)
        if view.at_choice:
            return _choose(
                view, rule, state, pick(wants(view, rule, state, settings), view.offers) if view.offers else ""
            )
        look = next((tool.name for tool in view.tools if not tool.parameters), "")
        return Act(text="Done.") if view.finished or not look else Act(tool=look)

    return policy


def _choose(view: View, rule: Rule, state: str | None, offer: str) -> Act:
    """Give the act that takes an offer, its other parameters set for a state as the instruction says."""
    tool = next((tool for tool in view.tools if tool.parameters), None)
    if tool is None:
        return Act(text=offer)
    chosen = {name: rule.sets.get(name, {}).get(state or "", offer) for name in tool.parameters}
    return Act(tool=tool.name, arguments=chosen)


def _answer(view: View, rule: Rule, state: str | None, goal_in: Callable[[str | None], Goal], pick: Pick) -> Act:
    """Answer a question; its options and the state that it supposes tell what is asked."""
    supposed = re.search(rf"{re.escape(rule.variable)} (?:is|were|reads) '(\w+)'", view.question)
    bets = dict(re.findall(rf"'(\w+)' pays if the {re.escape(rule.variable)} is '(\w+)'", view.question))
    goal = goal_in(supposed.group(1) if supposed else state)
    winning = next((ticket for ticket, value in bets.items() if value == state), "")
    for truth in (winning, state, goal.attribute):
        if truth and truth in view.options:
            return view.answer(truth)
    if not view.options:
        return Act(
            text=f"My goal is the {'highest' if goal.highest else 'lowest'} {goal.attribute}; I take the "
            f"{rule.variable} to be '{state}'."
        )
    return view.answer(_pick_offer(view, goal, pick))


def _pick_offer(view: View, goal: Goal, pick: Pick) -> str:
    """Pick among offers: by the attribute that a question of fact names, or by the goal where a choice is put."""
    asked = re.search(r"\bhas the (lowest|highest) (\w+)", view.question)
    judge = Goal(asked.group(2), asked.group(1) == "highest") if asked else goal
    offers = _offers_in(view.question) or view.offers
    open_to_it = {name: offers[name] for name in offers if name in view.options}
    return pick(judge, open_to_it) if open_to_it else view.options[0]


def _offers_in(text: str) -> Offers:
    start, end = text.find("{"), text.rfind("}")
    if start < 0:
        return {}
    try:
        return json.loads(text[start : end + 1])
    except ValueError:
        return {}
