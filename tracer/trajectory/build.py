"""Spans -> trajectory: a pipeline of plain functions over one forest."""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterable
from contextlib import contextmanager

from tracer.spans.span import Span
from tracer.trajectory.agents import assign_agents
from tracer.trajectory.calls import join_calls
from tracer.trajectory.collapse import collapse_wrappers, fold_gotos, merge_doubles
from tracer.trajectory.draft import Forest
from tracer.trajectory.fragments import rejoin_fragments
from tracer.trajectory.lineage import join_dataflow
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
    join_search,
)
from tracer.trajectory.runs import split_runs
from tracer.trajectory.step import Edge, Trajectory
from tracer.trajectory.transfers import find_handoffs

__all__ = ["build_trajectories", "build_trajectory"]

_JOINS = (
    join_calls,
    find_handoffs,
    join_containers,
    join_next,
    join_handoffs,
    join_branches,
    join_messages,
    join_plans,
    join_search,
    join_memory,
    join_retries,
    join_links,
    join_dataflow,
)


def build_trajectory(spans: Iterable[Span], *, id: str) -> Trajectory:
    """Build the trajectory of one run from its spans, of whatever dialects, in whatever order and state.

    Args:
        spans: All spans of the run, also of several traces.
        id: Id of the trajectory.
    """
    with _collector_paused():
        return _finish(_prepare(spans), id)


def build_trajectories(spans: Iterable[Span]) -> list[Trajectory]:
    """Build the trajectories that spans of any number of runs are, each with its run id, else its first trace id.

    Fragments that threads or processes tore off, and the calls of one conversation that a bare client recorded trace by
    trace, come together; two runs of the same conversation stay apart.
    """
    with _collector_paused():
        return [_finish(part, id) for id, part in split_runs(_prepare(spans))]


@contextmanager
def _collector_paused() -> Generator[None]:
    """Pause the garbage collector: a third of the time of a large build goes into looking for garbage that is none."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _prepare(spans: Iterable[Span]) -> Forest:
    forest = read_forest(spans)
    collapse_wrappers(forest)
    merge_doubles(forest)
    fold_gotos(forest)
    rejoin_fragments(forest)
    return forest


def _finish(forest: Forest, id: str) -> Trajectory:
    assign_agents(forest)
    for join in _JOINS:
        join(forest)
    return Trajectory(
        id=id,
        steps=tuple(draft.freeze() for draft in forest.drafts.values()),
        edges=tuple(_distinct(forest.edges)),
        agents=dict(forest.agents),
        problems=tuple(forest.problems),
        losses=_losses(forest),
    )


def _losses(forest: Forest) -> dict[str, int]:
    drafts = forest.drafts.values()
    counted = {
        "attributes": sum(draft.span.dropped_attributes for draft in drafts),
        "events": sum(draft.span.dropped_events for draft in drafts),
        "links": sum(draft.span.dropped_links for draft in drafts),
        "parents": sum(bool(draft.lost_parent) for draft in drafts),
        "records": sum(bool(draft.span.problems) for draft in drafts),
    }
    return {what: count for what, count in counted.items() if count}


def _distinct(edges: list[Edge]) -> Iterable[Edge]:
    """Keep one edge per source, target and kind: the surest."""
    best: dict[tuple[str, str, str], Edge] = {}
    for edge in edges:
        key = (edge.source, edge.target, edge.kind)
        known = best.get(key)
        if known is None or edge.confidence > known.confidence:
            best[key] = edge
    return best.values()
