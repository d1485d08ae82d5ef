"""One trajectory in a few facts: what `tracer show --json` prints."""

from __future__ import annotations

from collections import Counter
from typing import Any

from tracer.spans.names import EdgeKind, StepKind
from tracer.trajectory.grading import fidelity
from tracer.trajectory.step import Step, Trajectory

__all__ = ["handoffs", "join_sets", "summary"]


def summary(trajectory: Trajectory) -> dict[str, Any]:
    """Give the facts of a trajectory as plain JSON data.

    `steps` counts by kind; `agents` has a name for every instance and `agent_instances` their ids; `handoffs` are
    `[source, target]` in order; `joins` say which node waited for which; `tokens` sum the model calls of the run
    (None where none tells) and `models` count them, but for those of a simulated user; `edges` counts by kind. What
    stands in `fidelity.unknown` cannot be told from the source, so that its absence here means nothing.
    """
    models = [step for step in trajectory.steps if step.kind == StepKind.MODEL and not step.actor]
    known = fidelity(trajectory)
    starts = [step.start_ns for step in trajectory.steps]
    ends = [step.end_ns for step in trajectory.steps if step.end_ns is not None]
    return {
        "id": trajectory.id,
        "steps": dict(Counter(str(step.kind) for step in trajectory.steps)),
        "edges": dict(Counter(str(edge.kind) for edge in trajectory.edges)),
        "agents": sorted(trajectory.agents.values()),
        "agent_instances": dict(trajectory.agents),
        "handoffs": [list(pair) for pair in handoffs(trajectory)],
        "joins": [{"waiting": waiting, "waited_for": branches} for waiting, branches in join_sets(trajectory)],
        "tools": dict(Counter(step.name for step in trajectory.steps if step.kind == StepKind.TOOL)),
        "models": dict(Counter(step.name for step in models)),
        "tokens": {"input": _sum(models, "input_tokens"), "output": _sum(models, "output_tokens")},
        "status": dict(Counter(step.status for step in trajectory.steps)),
        "dialects": dict(Counter(step.dialect for step in trajectory.steps)),
        "start_ns": min(starts, default=0),
        "end_ns": max(ends, default=None),
        "fidelity": known.to_dict(),
        "problems": list(trajectory.problems),
    }


def handoffs(trajectory: Trajectory) -> list[tuple[str, str]]:
    """Give every passing of control as (source agent, target agent), in order; "" where the source is not known."""
    return [(s.data["handoff"]["from"], s.data["handoff"]["to"]) for s in trajectory.steps if "handoff" in s.data]


def join_sets(trajectory: Trajectory) -> list[tuple[str, list[str]]]:
    """Give who waited for whom: (name of what waited, names of what it waited for), in order."""
    names = {step.id: step.data.get("node") or step.name for step in trajectory.steps}
    order = {step.id: place for place, step in enumerate(trajectory.steps)}
    waited: dict[str, set[str]] = {}
    for edge in trajectory.edges:
        if edge.kind == EdgeKind.JOINS:
            waited.setdefault(edge.target, set()).add(edge.evidence.get("waited_for") or names[edge.source])
    return [(names[target], sorted(waited[target])) for target in sorted(waited, key=order.__getitem__)]


def _sum(models: list[Step], field: str) -> int | None:
    told = [value for step in models if (value := getattr(step, field)) is not None]
    return sum(told) if told else None
