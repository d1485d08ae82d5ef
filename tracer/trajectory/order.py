"""Containment and order: what lies in what, and which act of an actor comes after which."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict

from tracer.spans.names import EdgeKind, Method
from tracer.trajectory.draft import Draft, Forest
from tracer.trajectory.step import Edge

__all__ = ["join_containers", "join_next", "predecessors"]


def join_containers(forest: Forest) -> None:
    """Add a `contains` edge from every container to what it directly contains."""
    for draft in forest.drafts.values():
        if draft.parent is not None:
            method, confidence = draft.parent_known
            forest.edges.append(Edge(draft.parent, draft.id, EdgeKind.CONTAINS, method, confidence))


def join_next(forest: Forest) -> None:
    """Add `next` edges between the acts of each actor; acts that overlap in time are not ordered.

    Steps without a known agent count as acts of one actor.
    """
    acts: dict[str, list[Draft]] = defaultdict(list)
    inner = {draft.parent for draft in forest.drafts.values()}
    for draft in forest.act():
        if draft.id not in inner or not draft.agent:
            acts[draft.agent].append(draft)
    for of_actor in acts.values():
        for earlier, later in predecessors(of_actor):
            sure = earlier.span.sequence is not None and later.span.sequence is not None
            method = Method.RECORDED if sure else Method.TIME
            forest.edges.append(Edge(earlier.id, later.id, EdgeKind.NEXT, method, 1.0 if sure else 0.9))


def predecessors(acts: list[Draft]) -> list[tuple[Draft, Draft]]:
    """Give the pairs (a, b) where b starts after a has ended and no other act lies wholly in between."""
    moments: list[tuple[int, int, int, int]] = []
    for place, act in enumerate(acts):
        # At one instant: what lasts ends first, then what takes no time happens, then what lasts begins.
        lasts = act.stop_ns > act.start_ns
        moments.append((act.start_ns, 2 if lasts else 1, place, 0))
        moments.append((act.stop_ns, 0 if lasts else 1, place, 1))
    moments.sort()
    began = [0] * len(acts)
    ended: list[int] = []
    ended_at: list[int] = []
    latest_start = -1
    pairs: list[tuple[Draft, Draft]] = []
    for moment, (_, _, place, is_end) in enumerate(moments):
        if is_end:
            ended.append(place)
            ended_at.append(moment)
            latest_start = max(latest_start, began[place])
        else:
            began[place] = moment
            since = bisect_right(ended_at, latest_start)
            pairs.extend((acts[before], acts[place]) for before in ended[since:])
    return pairs
