"""The public form of a trajectory: a `networkx.MultiDiGraph`."""

from __future__ import annotations

from collections.abc import Iterable

import networkx as nx

from tracer.spans.names import EdgeKind
from tracer.trajectory.step import Trajectory

__all__ = ["to_networkx"]

_FIELDS = (
    "kind",
    "name",
    "agent",
    "actor",
    "start_ns",
    "end_ns",
    "status",
    "error",
    "input",
    "output",
    "tool_call_id",
    "response_id",
    "input_tokens",
    "output_tokens",
    "spans",
    "dialect",
    "data",
    "inferred",
)


def to_networkx(trajectory: Trajectory, kinds: Iterable[EdgeKind] | None = None) -> nx.MultiDiGraph[str]:
    """Give a trajectory as a graph.

    Nodes are step ids, with the fields of `Step` as attributes and the agent's name as `agent_name`. Edges have their
    kind as key, so that two steps may be related in several ways, and `kind`, `method`, `confidence` and `evidence` as
    attributes. The graph itself has `id`, `agents` and `problems`.

    Args:
        trajectory: The trajectory.
        kinds: Only edges of these kinds; all by default.
    """
    wanted = None if kinds is None else frozenset(kinds)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(
        id=trajectory.id, agents=dict(trajectory.agents), problems=trajectory.problems
    )
    for step in trajectory.steps:
        fields = {name: getattr(step, name) for name in _FIELDS}
        graph.add_node(step.id, agent_name=trajectory.agents.get(step.agent, ""), **fields)
    for edge in trajectory.edges:
        if wanted is None or edge.kind in wanted:
            graph.add_edge(
                edge.source,
                edge.target,
                key=str(edge.kind),
                kind=edge.kind,
                method=edge.method,
                confidence=edge.confidence,
                evidence=edge.evidence,
            )
    return graph
