"""Statistics: arrays in, numbers out.

Imports numpy and scipy only and nothing of ours, so that every number can be checked by itself.

    clustered  robust  bootstrap  jackknife      means and ratios whose unit is the scenario, not the run
    rates  paired  equivalence  ordinal          one rate, two of the same items, "no difference", ordered outcomes
    survival  drift  passk                       times to an event, when something changed, k attempts at a task
    sequential                                   looking whenever one likes
    multiplicity  multiverse  missing  power     many tests, many analyses, gaps, what a design can see
    judge  agreement                             fallible scores and raters
    preference  revealed  planning  psychometric what choices and acts say about goals and beliefs
    crossed  variance                            model x scaffold x tools: of these levels, of levels drawn at random

NaN in data is missing: dropped with a note that counts it. What no number can come from raises a ValueError that names
the cause, or gives an `Estimate` with NaN bounds and the reason in its notes; each docstring says which.
"""

from __future__ import annotations

from tracer.stats.drift import ChangePoint, change_point
from tracer.stats.estimate import Estimate
from tracer.stats.planning import GoalPosterior, goal_posterior, value_iteration

__all__ = ["ChangePoint", "Estimate", "GoalPosterior", "change_point", "goal_posterior", "value_iteration"]
