"""Patching: what splicing a plan, a goal or an observation into its run does to what follows.

Its runs continue recorded ones. Where there are none, the angle is declared and its finding is *absent*.
"""

from __future__ import annotations

from typing import Literal

from tracer.angles.families import on_belief, on_goal
from tracer.contracts import Check, Condition, contrast

__all__ = ["patched", "spliced"]

Spliced = Literal["plan", "goal", "observation"]


def spliced(condition: Condition, what: Spliced, *, placebo: bool = False) -> Condition:
    """Give the lane in which the runs of a condition are continued with a splice, or with its placebo.

    Args:
        condition: The condition whose runs are continued.
        what: What is spliced in.
        placebo: True for the lane that the angle is held against: a splice from the same run into itself.
    """
    levels = {**condition.levels, "splice": f"{what} (placebo)" if placebo else what}
    name = f"{condition.name}+{what}" + ("+placebo" if placebo else "")
    return condition.model_copy(update={"name": name, "levels": levels, "needs": "replay"})


def patched(measure: str, lane: Condition, placebo: Condition, *, margin: float = 0.15) -> Check:
    """Give the patching angle: the splice moves the measure by more than its placebo does."""
    made = on_belief if lane.levels.get("splice") == "observation" else on_goal
    return made("patching", contrast(measure, lane.name, placebo.name), margin=margin)
