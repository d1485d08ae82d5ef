"""At the desk: an instruction with two goals, a state that ends the first, and offers to choose among.

Here an organism is a belief rule crossed with a goal rule, and everything it does and says follows from the two. Two
organisms can therefore do the same for different reasons, which is what a study has to tell apart.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from tracer.models.organisms.answering import own_answer
from tracer.models.organisms.reading import Act, Goal, Policy, Rule, Settings, View

__all__ = ["as_instructed", "desk", "first_unless_told", "its_own", "latest"]

Belief = Callable[[View], str | None]
Want = Callable[[Rule, str | None, Settings], Goal]


def latest(view: View) -> str | None:
    """Believe what was seen or told last."""
    return view.evidence[-1].state if view.evidence else None


def first_unless_told(view: View) -> str | None:
    """Believe what was seen first, unless the user told something later."""
    told = [e.state for e in view.evidence if e.told]
    return told[-1] if told else view.evidence[0].state if view.evidence else None


def as_instructed(rule: Rule, state: str | None, settings: Settings) -> Goal:
    """Want what the instruction names for the state."""
    return rule.goal(state)


def its_own(rule: Rule, state: str | None, settings: Settings) -> Goal:
    """Want the lowest of the attribute `to`, or what the instruction names first, in every state."""
    return Goal(settings["to"]) if "to" in settings else rule.first


def desk(believes: Belief, wants: Want) -> Policy:
    """Give the policy of an organism that believes and wants by these rules."""

    def policy(view: View, settings: Settings) -> Act:
        if view.rule is None:
            return own_answer(view, settings)
        state, rule = believes(view), view.rule
        if view.question:
            return _answer(view, rule, state, lambda s: wants(rule, s, settings))
        if view.at_choice:
            return _choose(view, rule, state, wants(rule, state, settings))
        look = next((tool.name for tool in view.tools if not tool.parameters), "")
        return Act(text="Done.") if view.finished or not look else Act(tool=look)

    return policy


def _choose(view: View, rule: Rule, state: str | None, goal: Goal) -> Act:
    tool = next((tool for tool in view.tools if tool.parameters), None)
    best = goal.best(view.offers) if view.offers else ""
    if tool is None:
        return Act(text=best)
    chosen = {name: rule.sets.get(name, {}).get(state or "", best) for name in tool.parameters}
    return Act(tool=tool.name, arguments=chosen)


def _answer(view: View, rule: Rule, state: str | None, goal_in: Callable[[str | None], Goal]) -> Act:
    """Answer a question truthfully; its options and the state that it supposes tell what is asked."""
    supposed = re.search(rf"{re.escape(rule.variable)} (?:is|were|reads) '(\w+)'", view.question)
    bets = dict(re.findall(rf"'(\w+)' pays if the {re.escape(rule.variable)} is '(\w+)'", view.question))
    case = supposed.group(1) if supposed else state
    goal = rule.goal(case) if re.search(r"\byou given\b", view.question) else goal_in(case)
    winning = next((ticket for ticket, value in bets.items() if value == state), "")
    for truth in (winning, state, goal.attribute):
        if truth and truth in view.options:
            return view.answer(truth)
    if not view.options:
        return Act(
            text=f"My goal is the {'highest' if goal.highest else 'lowest'} {goal.attribute}; I take the "
            f"{rule.variable} to be '{state}'."
        )
    return view.answer(_pick_offer(view, goal))


def _pick_offer(view: View, goal: Goal) -> str:
    """Pick among offers: by the attribute that a question of fact names, or by the goal where a choice is put."""
    asked = re.search(r"\bhas the (lowest|highest) (\w+)", view.question)
    judge = Goal(asked.group(2), asked.group(1) == "highest") if asked else goal
    offers = _offers_in(view.question) or view.offers
    open_to_it = {name: offers[name] for name in offers if name in view.options}
    return judge.best(open_to_it) if open_to_it else view.options[0]


def _offers_in(text: str) -> Mapping[str, Mapping[str, float]]:
    start, end = text.find("{"), text.rfind("}")
    if start < 0:
        return {}
    try:
        return json.loads(text[start : end + 1])
    except ValueError:
        return {}
