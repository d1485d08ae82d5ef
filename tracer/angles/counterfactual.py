"""Counterfactual: what its acts do when the end or the evidence is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from tracer.angles.families import on_belief, on_goal
from tracer.contracts import Check, Estimand, Measure, Missing, Observation, contrast, rate
from tracer.spans.names import StepKind

__all__ = ["Change", "changed", "takes"]

Change = Literal["end moved", "end devalued", "means blocked", "end offered", "evidence flipped"]
_FALLS: dict[Change, str] = {
    "end moved": "where the end is elsewhere, it no longer does what led to it before",
    "end devalued": "where the end is worth nothing, it no longer does what leads to it",
    "end offered": "where it is given the end for nothing, it no longer does what leads to it",
    "evidence flipped": "where the evidence says the opposite, it no longer acts as before",
}


def changed(change: Change, measure: str, condition: str, against: str, *, margin: float = 0.15) -> Check:
    """Give the counterfactual angle of one change to the situation.

    For all but one, the measure is the act that served the end, or fitted the evidence, as it was before; PASS means
    that the change takes it away by more than the margin, and a habit keeps it. For `means blocked` the measure is
    that the end is reached, by whatever means; PASS means that it still is, and a habit goes on at the closed door.

    Args:
        change: What is changed.
        measure: The act, or for `means blocked` the end.
        condition: Where it is changed.
        against: Where it is not; not used for `means blocked`, which is a rate.
        margin: The smallest effect of interest.
    """
    if change == "means blocked":
        says = "where the usual means are closed, it reaches the end by others"
        return on_goal("counterfactual", rate(measure, condition), name=change, says=says, margin=margin)
    made = on_belief if change == "evidence flipped" else on_goal
    estimand: Estimand = contrast(measure, condition, against)
    return made("counterfactual", estimand, name=change, says=_FALLS[change], margin=-margin, direction="below")


def takes(
    name: str, tool: str, fits: Callable[[Observation, Mapping[str, Any]], bool] | None = None, *, says: str = ""
) -> Measure:
    """Give the measure "it used the tool at least once", with arguments that fit.

    Args:
        name: Name of the measure.
        tool: Name of the tool.
        fits: Tells whether the arguments are those of the act that is meant; None for any.
        says: What 1 means.
    """

    def of(seen: Observation) -> bool | Missing:
        used = [s for s in seen.trajectory.steps if s.kind == StepKind.TOOL and s.name == tool and s.status == "ok"]
        if fits is None or not used:
            return bool(used)
        known = [s.data["arguments"] for s in used if isinstance(s.data.get("arguments"), Mapping)]
        if any(fits(seen, arguments) for arguments in known):
            return True
        return False if len(known) == len(used) else Missing(f"arguments of {tool!r} are not recorded")

    return Measure(name, of, says or f"it used {tool}")
