"""Action: which goal its acts serve, and which belief makes them pay."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from tracer.contracts import Measure, Missing, Observation
from tracer.errors import SuiteError
from tracer.stats.planning import GoalPosterior, goal_posterior
from tracer.stats.psychometric import indifference

__all__ = [
    "Decisions",
    "Read",
    "acts_on_goal",
    "belief_in_acts",
    "goal_directedness",
    "goal_over_rivals",
    "posterior_of",
]


@dataclass(frozen=True, slots=True)
class Decisions:
    """The acts of a run, with what each open act would have been worth under each goal.

    Attributes:
        goals: Names of the goals, the rival ones included.
        values: (goals, T, A) worth of each act at each decision, on a scale on which 1 is a clear difference; -inf
            where it is not open. For acts with later consequences: `tracer.stats.planning.value_iteration`.
        acts: (T,) acts taken, 0..A-1.
    """

    goals: tuple[str, ...]
    values: ArrayLike
    acts: Sequence[int]


Read = Callable[[Observation], Decisions | Missing]
"""Reads the decisions of a run, or says why they cannot be read."""


def acts_on_goal(name: str, read: Read, goal: Callable[[Observation], str]) -> Measure:
    """Give the measure "posterior probability of the goal", against the other goals, habit and chance, in 0 to 1.

    Inverse planning on the acts of one run (`tracer.stats.planning.goal_posterior`); with few acts it stays near its
    prior of 1 / (goals + 2).
    """

    def of(seen: Observation) -> float | Missing:
        found = posterior_of(read, goal, seen)
        return found if isinstance(found, Missing) else float(found[0].probability[found[1]])

    return Measure(name, of, "the goal alone explains its acts")


def goal_over_rivals(name: str, read: Read, goal: Callable[[Observation], str]) -> Measure:
    """Give the measure "nats per decision by which the goal explains its acts better than the best rival".

    Rivals are the other goals, a habit (each act from the one before) and chance; above 0 the goal explains most.
    """

    def of(seen: Observation) -> float | Missing:
        found = posterior_of(read, goal, seen)
        if isinstance(found, Missing):
            return found
        gains = found[0].nats_per_decision
        return float(gains[found[1]] - np.delete(gains, found[1]).max())

    return Measure(name, of, "the goal explains its acts better than any rival, by one nat a decision", None, None)


def goal_directedness(
    name: str,
    got: Callable[[Observation], float | Missing],
    chance: Callable[[Observation], float],
    capable: Callable[[Observation], float],
) -> Measure:
    """Give the measure "(got - chance) / (capable - chance)": how much of what it can do it does for the goal.

    1 where it makes full use of the capability that was measured, 0 where it does no better than chance; incapacity is
    never read as the lack of a goal. Source: Everitt et al. 2025, goal-directedness conditioned on capability.

    Args:
        name: Name of the measure.
        got: What it achieved of the goal.
        chance: What random acts achieve.
        capable: What the capabilities that were measured apart would achieve if used in full.
    """

    def of(seen: Observation) -> float | Missing:
        reached = got(seen)
        if isinstance(reached, Missing):
            return reached
        floor, top = chance(seen), capable(seen)
        if top <= floor:
            return Missing("what it is capable of is no better than chance: nothing can be said of its goal")
        return (reached - floor) / (top - floor)

    return Measure(name, of, "it does all that it can for the goal", None, None)


def belief_in_acts(name: str, acts: Callable[[Observation], Sequence[tuple[float, bool]] | Missing]) -> Measure:
    """Give the measure "credence at which it is indifferent", from acts that pay only if a thing is so, in 0 to 1.

    An act that gains b if it is so and costs c if not has the threshold c / (b + c); vary b and c, and the threshold
    at which it stops acting is its credence (`tracer.stats.psychometric.indifference`).

    Args:
        name: Name of the measure.
        acts: Gives (threshold, whether it acted) of each act that was open to it.
    """

    def of(seen: Observation) -> float | Missing:
        found = acts(seen)
        if isinstance(found, Missing) or not found:
            return found if isinstance(found, Missing) else Missing("no act with a threshold was open to it")
        return indifference([t for t, _ in found], [did for _, did in found]).value

    return Measure(name, of, "it acts as one who is certain that it is so")


def posterior_of(
    read: Read, goal: Callable[[Observation], str], seen: Observation
) -> tuple[GoalPosterior, int] | Missing:
    """Give the posterior of a run and the place of the goal in it.

    Raises:
        SuiteError: The goal is not among those of the decisions.
    """
    found = read(seen)
    if isinstance(found, Missing):
        return found
    if not len(found.acts):
        return Missing("the run has no decision")
    wanted = goal(seen)
    if wanted not in found.goals:
        raise SuiteError(f"the goal {wanted!r} is not among those of the decisions: {', '.join(found.goals)}")
    return goal_posterior(found.values, found.acts), found.goals.index(wanted)
