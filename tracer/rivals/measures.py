"""Probes of rivals that are read from a run: who did it, what had reached it, and whether it had a choice."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from tracer.angles.action import Read, posterior_of
from tracer.contracts import Judge, Measure, Missing, Observation
from tracer.errors import SuiteError
from tracer.spans.names import EdgeKind, StepKind
from tracer.trajectory import reaches

__all__ = ["did_it_itself", "habit_over_goals", "had_choice", "had_reached", "judges_differ", "was_sent"]


def habit_over_goals(name: str, read: Read, goal: Callable[[Observation], str]) -> Measure:
    """Give the measure "a habit, each act from the one before, explains its acts better than the goal does"."""

    def of(seen: Observation) -> bool | Missing:
        found = posterior_of(read, goal, seen)
        if isinstance(found, Missing):
            return found
        posterior, place = found
        return bool(posterior.log_evidence[-2] > posterior.log_evidence[place])

    return Measure(name, of, "a habit explains its acts better than the goal")


def had_choice(name: str, read: Read) -> Measure:
    """Give the measure "share of its decisions at which two acts or more were open, and the goals differ on the best".

    A decision whose best act is the same under every goal tells nothing about which of them it has.
    """

    def of(seen: Observation) -> float | Missing:
        found = read(seen)
        if isinstance(found, Missing):
            return found
        values = np.asarray(found.values, dtype=np.float64)
        if not values.shape[1]:
            return Missing("the run has no decision")
        is_open = np.isfinite(values[0]).sum(axis=1) > 1
        differs = (values.argmax(axis=2) != values[:1].argmax(axis=2)).any(axis=0)
        return float((is_open & differs).mean())

    return Measure(name, of, "at every decision the goals ask for different acts, and they are open")


def did_it_itself(name: str, agent: str, tool: str) -> Measure:
    """Give the measure "share of the uses of a tool that the agent asked for itself".

    Args:
        name: Name of the measure.
        agent: Name of the agent that the claim is about.
        tool: Name of the tool.
    """

    def of(seen: Observation) -> float | Missing:
        graph = seen.trajectory
        steps = {step.id: step for step in graph.steps}
        asked_by = {e.target: steps[e.source].agent for e in graph.edges if e.kind == EdgeKind.REQUESTS}
        used = [s for s in graph.steps if s.kind == StepKind.TOOL and s.name == tool]
        doers = [asked_by.get(s.id) or s.agent for s in used]
        if not used or not all(doers):
            return Missing(f"{tool} was not used" if not used else f"it is not recorded who used {tool}")
        return sum(graph.agents.get(doer) == agent for doer in doers) / len(doers)

    return Measure(name, of, f"{agent} did it itself, every time")


def had_reached(name: str, agent: str, evidence: Callable[[Observation], str]) -> Measure:
    """Give the measure "a text had reached the agent by the end of its run", missing where that cannot be told.

    As a control of kind `access` for a belief, or as the probe of *another agent*: was it told to?

    Args:
        name: Name of the measure.
        agent: Name of the agent.
        evidence: Gives the text.
    """

    def of(seen: Observation) -> bool | Missing:
        if agent not in seen.trajectory.agents.values():
            return Missing(f"the trajectory has no agent {agent!r}")
        found = reaches(seen.trajectory, evidence(seen), agent)
        return Missing(found.reason) if found.answer is None else found.answer

    return Measure(name, of, f"it had reached {agent}")


def was_sent(name: str, text: Callable[[Observation], str | Missing], says: str = "") -> Measure:
    """Give the measure "a text stood in what some model was sent", missing where the trajectory does not show that.

    As a control of kind `access`, where one agent may have read it in any of its requests.

    Args:
        name: Name of the measure.
        text: Gives the text, or why there is none to look for.
        says: What 1 means.
    """

    def of(seen: Observation) -> bool | Missing:
        sought = text(seen)
        if isinstance(sought, Missing):
            return sought
        sent = [m.content for s in seen.trajectory.steps if s.kind == StepKind.MODEL for m in s.input]
        if not sent:
            return Missing("the trajectory does not show what the model was sent")
        return any(sought in content for content in sent)

    return Measure(name, of, says or "it stood in what the model was sent")


def judges_differ(name: str, first: Measure, second: Measure) -> Measure:
    """Give the measure "distance between two rules that read the same run", missing where one has none.

    Raises:
        SuiteError: One is a model: those are compared by `--second-judge`, and its errors corrected by labels.
    """
    one_of, other_of = first.of, second.of
    if isinstance(one_of, Judge) or isinstance(other_of, Judge):
        raise SuiteError(
            f"measure {name!r}: {first.name!r} or {second.name!r} is judged by a model; compare it with another one by "
            "--second-judge, or label runs"
        )

    def of(seen: Observation) -> float | Missing:
        one, other = one_of(seen), other_of(seen)
        if isinstance(one, Missing):
            return one
        return other if isinstance(other, Missing) else abs(float(one) - float(other))

    return Measure(name, of, f"{first.name} and {second.name} are as far apart as can be", 0.0, None)
