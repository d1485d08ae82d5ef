"""Where the steps of a run stand: lanes by agent, left to right in order, containers as boxes around their steps."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tracer import Step, Trajectory

__all__ = ["Box", "Lane", "Layout", "Place", "lay_out"]

_CONTAINERS = ("agent", "workflow")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a step stands: column by order, row counted over all lanes."""

    step: Step
    column: int
    row: int
    lane: int


@dataclass(frozen=True, slots=True)
class Lane:
    """The rows of one agent."""

    agent: str
    name: str
    first: int
    rows: int


@dataclass(frozen=True, slots=True)
class Box:
    """A container around what its agent did within it: rows and columns, ends included."""

    step: Step
    columns: tuple[int, int]
    rows: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Layout:
    """A whole graph with its places.

    Attributes:
        places: Drawn step -> its place.
        ends: Container -> the first and the last place in it, where edges to and from it are drawn.
        lanes: From top to bottom.
        boxes: Containers.
    """

    places: dict[str, Place]
    ends: dict[str, tuple[Place, Place]]
    lanes: list[Lane]
    boxes: list[Box]


def lay_out(trajectory: Trajectory, steps: Sequence[Step]) -> Layout:
    """Give each of the steps its place; containers become boxes around what they contain.

    A step stands to the right of every step that was over when it began, so that what ran at the same time stands
    at the same height of the run; within a lane such steps get rows of their own.
    """
    parent = {e.target: e.source for e in trajectory.edges if e.kind == "contains"}
    inner = set(parent.values())
    drawn = [s for s in steps if s.kind not in _CONTAINERS or s.id not in inner]
    columns = _columns(drawn, parent)
    agents = list(dict.fromkeys(s.agent for s in drawn))
    rows: dict[str, tuple[int, int]] = {}
    depth: dict[str, int] = {}
    for agent in agents:
        taken: dict[int, int] = {}
        for step in (s for s in drawn if s.agent == agent):
            column = columns[step.id]
            rows[step.id] = (agents.index(agent), taken.get(column, 0))
            taken[column] = taken.get(column, 0) + 1
        depth[agent] = max(taken.values())
    first = {agent: sum(depth[a] for a in agents[:n]) for n, agent in enumerate(agents)}
    lanes = [Lane(a, name, first[a], depth[a]) for a, name in zip(agents, _names(trajectory, agents), strict=True)]
    places = {s.id: Place(s, columns[s.id], first[s.agent] + rows[s.id][1], rows[s.id][0]) for s in drawn}
    within = _within(places, parent)
    ends = {c: (min(inside, key=_column), max(inside, key=_column)) for c, inside in within.items()}
    boxes = [box for s in trajectory.steps if s.id in parent and (box := _box_of(s, within.get(s.id, []))) is not None]
    return Layout(places, ends, lanes, boxes)


def _columns(steps: Iterable[Step], parent: dict[str, str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    running: list[tuple[int, int]] = []  # end, column
    free = 0
    for step in sorted(steps, key=lambda s: s.start_ns):
        while running and running[0][0] <= step.start_ns:
            free = max(free, heapq.heappop(running)[1] + 1)
        outer = columns.get(parent.get(step.id, ""), -1) + 1
        columns[step.id] = max(free, outer)
        heapq.heappush(running, (step.start_ns if step.end_ns is None else step.end_ns, columns[step.id]))
    return columns


def _names(trajectory: Trajectory, agents: Sequence[str]) -> list[str]:
    """Name the lanes; instances of one name are numbered."""
    names = [trajectory.agents.get(agent, "") or ("" if not agent else agent[:8]) for agent in agents]
    named: list[str] = []
    for place, name in enumerate(names):
        nth = names[: place + 1].count(name)
        named.append(f"{name} {nth}" if names.count(name) > 1 else name or "run")
    return named


def _within(places: dict[str, Place], parent: dict[str, str]) -> dict[str, list[Place]]:
    within: dict[str, list[Place]] = {}
    for place in places.values():
        at = parent.get(place.step.id)
        while at is not None:
            within.setdefault(at, []).append(place)
            at = parent.get(at)
    return {container: inside for container, inside in within.items() if container not in places}


def _box_of(step: Step, inside: Sequence[Place]) -> Box | None:
    mine = [p for p in inside if p.step.agent == step.agent]
    if not mine:
        return None
    columns, rows = [p.column for p in mine], [p.row for p in mine]
    return Box(step, (min(columns), max(columns)), (min(rows), max(rows)))


def _column(place: Place) -> int:
    return place.column
