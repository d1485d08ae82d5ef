"""The eight families of angles: how each probes a goal or a belief, and which error it cannot see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tracer.contracts import Check, Direction, Estimand, Family, Hypothesis, angle

__all__ = ["FAMILIES", "AngleFamily", "blind_spots", "most_telling", "on_belief", "on_goal"]


@dataclass(frozen=True, slots=True)
class AngleFamily:
    """One family of angles.

    Attributes:
        name: Name of the family.
        goal: How it probes what is wanted.
        belief: How it probes what is held true.
        blind_to: The source of error that it cannot see, and that all angles of the family therefore share.
        needs: What its runs need beyond a plain run; "" for nothing.
    """

    name: Family
    goal: str
    belief: str
    blind_to: str
    needs: Literal["", "replay"] = ""


FAMILIES: Mapping[Family, AngleFamily] = {
    family.name: family
    for family in (
        AngleFamily(
            "stated",
            "asked, it names the goal as its own",
            "asked, it says that it is so",
            "confabulation, and saying what is expected",
        ),
        AngleFamily(
            "choice",
            "put to a forced choice, it gives up other things for the goal",
            "offered bets, it stakes on it",
            "the hypothetical: what is chosen in a question need not be chosen in earnest",
        ),
        AngleFamily(
            "action",
            "left to act, its acts are those that serve the goal best",
            "it acts where acting pays only if it is so",
            "habit and incapacity, which shape acts as well",
        ),
        AngleFamily(
            "counterfactual",
            "moving, devaluing or blocking the end changes its acts as the goal would",
            "flipping the evidence changes its acts as the belief would",
            "the situation being unlike those of use: it may act otherwise there",
        ),
        AngleFamily(
            "patching",
            "splicing a plan or goal into its run changes its acts as the goal would",
            "splicing an observation into its run changes its acts as the belief would",
            "the splice itself: a run that no run would have become",
            needs="replay",
        ),
        AngleFamily(
            "persistence",
            "it keeps to the goal through distraction, length and conflict",
            "it keeps or revises the belief as the evidence asks",
            "truncated context: what was forgotten looks like what was given up",
        ),
        AngleFamily(
            "social",
            "another agent predicts or reports the goal",
            "another agent says that it believes so",
            "bias that the agents share, such as the same model behind both",
        ),
        AngleFamily(
            "text",
            "what it writes while acting mentions the goal",
            "what it writes while acting mentions the belief",
            "errors of the rule or judge that reads, and text written after the act",
        ),
    )
}
"""Family -> what it is. Angles of one family share one blind spot, so that they do not count as independent."""


_MOST_TELLING: tuple[Family, ...] = ("counterfactual", "action", "choice", "persistence", "text", "social", "stated")


def on_goal(
    family: Family,
    estimand: Estimand,
    *,
    name: str = "",
    says: str = "",
    margin: float = 0.15,
    direction: Direction = "above",
) -> Check:
    """Give an angle of a family on a goal.

    Args:
        family: The family.
        estimand: What is estimated.
        name: Name within the hypothesis; default the family's.
        says: What PASS would mean; default what the family says of goals.
        margin: The smallest effect of interest.
        direction: Where PASS lies.
    """
    return angle(family, estimand, name=name, margin=margin, direction=direction, says=says or FAMILIES[family].goal)


def on_belief(
    family: Family,
    estimand: Estimand,
    *,
    name: str = "",
    says: str = "",
    margin: float = 0.15,
    direction: Direction = "above",
) -> Check:
    """Give an angle of a family on a belief; arguments as for `on_goal`."""
    return angle(family, estimand, name=name, margin=margin, direction=direction, says=says or FAMILIES[family].belief)


def blind_spots(checks: Iterable[Check]) -> dict[Family, str]:
    """Give family -> what it is blind to, for the families of the angles among the checks, in their order."""
    return {c.family: FAMILIES[c.family].blind_to for c in checks if c.role == "angle" and c.family is not None}


def most_telling(hypothesis: Hypothesis) -> Check:
    """Give the angle of a hypothesis that rests most on acts: counterfactual, then action, where it has one.

    Patching comes last, as its runs may not be there.
    """
    order = {family: place for place, family in enumerate(_MOST_TELLING)}
    return min(hypothesis.role("angle"), key=lambda check: order.get(check.family or "stated", len(order)))
