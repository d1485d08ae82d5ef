"""Spans -> trajectory: a pipeline of plain functions over one forest."""

from __future__ import annotations

from collections.abc import Iterable

from tracer.spans.span import Span
from tracer.trajectory.agents import assign_agents
from tracer.trajectory.calls import join_calls
from tracer.trajectory.draft import Forest
from tracer.trajectory.order import join_containers, join_next
from tracer.trajectory.reading import read_forest
from tracer.trajectory.relations import (
    join_branches,
    join_handoffs,
    join_links,
    join_memory,
    join_messages,
    join_plans,
    join_retries,
)
from tracer.trajectory.step import Edge, Trajectory

__all__ = ["build_trajectory"]

_JOINS = (
    join_containers,
    join_next,
    join_calls,
    join_handoffs,
    join_branches,
    join_messages,
    join_plans,
    join_memory,
    join_retries,
    join_links,
)


def build_trajectory(spans: Iterable[Span], *, id: str) -> Trajectory:
    """Build the trajectory of one run from its spans, of whatever dialects, in whatever order and state.

    Args:
        spans: All spans of the run, also of several traces.
        id: Id of the trajectory.
    """
    return finish(read_forest(spans), id)


def finish(forest: Forest, id: str) -> Trajectory:
    """Join the steps of a forest and give it as a value."""
    assign_agents(forest)
    for join in _JOINS:
        join(forest)
    return Trajectory(
        id=id,
        steps=tuple(draft.freeze() for draft in forest.drafts.values()),
        edges=tuple(_distinct(forest.edges)),
        agents=dict(forest.agents),
        problems=tuple(forest.problems),
    )


def _distinct(edges: list[Edge]) -> Iterable[Edge]:
    """Keep one edge per source, target and kind: the surest."""
    best: dict[tuple[str, str, str], Edge] = {}
    for edge in edges:
        key = (edge.source, edge.target, edge.kind)
        known = best.get(key)
        if known is None or edge.confidence > known.confidence:
            best[key] = edge
    return best.values()
