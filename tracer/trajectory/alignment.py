"""Several runs beside one another: where two part, and the consensus graph of hundreds."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import networkx as nx

from tracer.spans.names import StepKind
from tracer.trajectory.decode import as_text, canonical_arguments
from tracer.trajectory.passages import squeeze
from tracer.trajectory.step import Step, Trajectory

__all__ = ["Consensus", "Divergence", "align", "first_divergence", "signature"]

_ACTS = frozenset(
    {
        StepKind.MODEL,
        StepKind.TOOL,
        StepKind.PLAN,
        StepKind.MESSAGE,
        StepKind.HANDOFF,
        StepKind.MEMORY,
        StepKind.RETRIEVAL,
        StepKind.HUMAN,
    }
)
START, END = "start", "end"


@dataclass(frozen=True, slots=True)
class Divergence:
    """The first place where two runs part.

    Attributes:
        position: How many acts they share before; None where they are the same throughout.
        first: The act of the first run there; None where it has ended.
        second: The act of the second run there; None where it has ended.
        why: "kind", "agent", "name", "content", "end" or "" (the same).
    """

    position: int | None
    first: Step | None
    second: Step | None
    why: str


def signature(trajectory: Trajectory, step: Step) -> tuple[str, str, str]:
    """Give what an act is, apart from what is said in it: kind, agent by name, and tool or node name."""
    name = step.name if step.kind != StepKind.MODEL else as_text(step.data.get("node"))
    return str(step.kind), trajectory.agents.get(step.agent, ""), name


def first_divergence(a: Trajectory, b: Trajectory) -> Divergence:
    """Find where two runs part, in what is done (kind, agent, tool) or in what is said or asked for."""
    left, right = _acts(a), _acts(b)
    for position in range(max(len(left), len(right))):
        first = left[position] if position < len(left) else None
        second = right[position] if position < len(right) else None
        if first is None or second is None:
            return Divergence(position, first, second, "end")
        why = _differ(signature(a, first), signature(b, second), first, second)
        if why:
            return Divergence(position, first, second, why)
    return Divergence(None, None, None, "")


def _acts(trajectory: Trajectory) -> list[Step]:
    return [step for step in trajectory.steps if step.kind in _ACTS]


def _differ(left: tuple[str, str, str], right: tuple[str, str, str], first: Step, second: Step) -> str:
    for what, mine, theirs in zip(("kind", "agent", "name"), left, right, strict=True):
        if mine != theirs:
            return what
    return "" if _content(first) == _content(second) else "content"


def _content(step: Step) -> tuple[object, ...]:
    said = tuple(squeeze(message.content) for message in step.output)
    calls = tuple((c.name, canonical_arguments(c.arguments)) for m in step.output for c in m.tool_calls)
    asked = canonical_arguments(step.data.get("arguments")) if step.kind == StepKind.TOOL else b""
    return said, calls, asked


@dataclass(frozen=True, slots=True)
class Consensus:
    """The runs of a study as one graph.

    Attributes:
        graph: Nodes are places, with `sign` (kind, agent, name), `runs` (how many came by) and `by` (condition ->
            runs); edges are what came next, with `runs`, `probability` (among those at the source) and `by`
            (condition -> probability). "start" and "end" frame it.
        positions: Trajectory id -> the places of its acts, in order.
    """

    graph: nx.DiGraph[str]
    positions: Mapping[str, tuple[str, ...]]

    def forks(self) -> list[tuple[str, Mapping[str, float]]]:
        """Give the places where runs part, with the probability of each way, the most visited first."""
        found = [
            (place, {target: data["probability"] for _, target, data in self.graph.out_edges(place, data=True)})
            for place in self.graph.nodes
            if self.graph.out_degree(place) > 1
        ]
        return sorted(found, key=lambda fork: -self.graph.nodes[fork[0]]["runs"])


def align(trajectories: Sequence[Trajectory], conditions: Mapping[str, str] | None = None) -> Consensus:
    """Align any number of runs to one graph with branch probabilities, by condition.

    Acts are aligned by what they are (`signature`) and how often the run has done the same before, so that loops and
    insertions leave the rest aligned; the cost is linear in the acts of all runs.

    Args:
        trajectories: The runs.
        conditions: Trajectory id -> condition; all of one condition by default.
    """
    told = conditions or {}
    visits: dict[str, Counter[str]] = defaultdict(Counter)
    moves: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    signs: dict[str, tuple[str, str, str]] = {}
    positions: dict[str, tuple[str, ...]] = {}
    for trajectory in trajectories:
        condition = told.get(trajectory.id, "")
        path = [START]
        times: Counter[tuple[str, str, str]] = Counter()
        for step in _acts(trajectory):
            sign = signature(trajectory, step)
            times[sign] += 1
            place = f"{'/'.join(filter(None, sign))}#{times[sign]}"
            signs[place] = sign
            path.append(place)
        path.append(END)
        positions[trajectory.id] = tuple(path[1:-1])
        for place in path:
            visits[place][condition] += 1
        for source, target in pairwise(path):
            moves[source, target][condition] += 1
    return Consensus(_consensus_graph(visits, moves, signs), positions)


def _consensus_graph(
    visits: Mapping[str, Counter[str]],
    moves: Mapping[tuple[str, str], Counter[str]],
    signs: Mapping[str, tuple[str, str, str]],
) -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    for place, counted in visits.items():
        graph.add_node(place, sign=signs.get(place, (place, "", "")), runs=counted.total(), by=dict(counted))
    for (source, target), counted in moves.items():
        came = visits[source]
        by = {condition: counted[condition] / came[condition] for condition in came}
        graph.add_edge(source, target, runs=counted.total(), probability=counted.total() / came.total(), by=by)
    return graph
