"""The graph of a run, drawn as SVG: steps as nodes in their lanes, edges by kind, what is contained in boxes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from lanes import Box, Lane, Layout, Place
from markup import Markup, clip, el
from palette import EDGES, GREY, KINDS, Line
from tracer import Edge, Step, Trajectory

__all__ = ["draw_graph"]

_COLUMN, _ROW = 156, 84
_NODE_W, _NODE_H = 124, 42
_GAP = 16  # between lanes
_TOP = 8


def draw_graph(
    trajectory: Trajectory,
    layout: Layout,
    tip: Callable[[Step], str],
    picked: str = "",
) -> Markup:
    """Draw a laid-out graph: names of the lanes at the left, the lanes themselves scroll.

    Args:
        trajectory: The trajectory, for its edges.
        layout: The places of the steps to draw.
        tip: What hovering over a step says.
        picked: Id of the step to mark.
    """
    named = {step.id: step.name for step in trajectory.steps}
    columns = 1 + max((p.column for p in layout.places.values()), default=0)
    width, height = columns * _COLUMN + 12, _bottom(layout.lanes)
    bands = [
        el("rect", x=0, y=_lane_top(i, lane), width=width, height=lane.rows * _ROW, rx=6, class_="lane")
        for i, lane in enumerate(layout.lanes)
    ]
    joined = [(edge, *found) for edge in trajectory.edges if (found := _ends(edge, layout)) is not None]
    kinds = {str(edge.kind) for edge, _, _ in joined}
    edges = [_edge(edge, source, target, named) for edge, source, target in joined]
    boxes = [_box(box, layout) for box in layout.boxes]
    nodes = [_node(place, tip(place.step), place.step.id == picked) for place in layout.places.values()]
    labels = [_lane_name(i, lane) for i, lane in enumerate(layout.lanes)]
    names = el("svg", *labels, width=112, height=height, class_="names")
    drawn = el(
        "svg",
        _arrows(kinds),
        *bands,
        *boxes,
        *edges,
        *nodes,
        width=width,
        height=height,
        role="img",
        aria_label="Graph of the run",
    )
    return el("div", _legend(kinds), el("div", names, el("div", drawn, class_="scroll"), class_="frame"))


def _ends(edge: Edge, layout: Layout) -> tuple[Place, Place] | None:
    """Give where an edge is drawn, None where it is not: `contains` is a box, and one within a single place is none."""
    source = layout.places.get(edge.source) or layout.ends.get(edge.source, (None, None))[1]
    target = layout.places.get(edge.target) or layout.ends.get(edge.target, (None, None))[0]
    if edge.kind == "contains" or source is None or target is None or source is target:
        return None
    return source, target


def _lane_top(number: int, lane: Lane) -> int:
    return _TOP + lane.first * _ROW + number * _GAP


def _bottom(lanes: Sequence[Lane]) -> int:
    return _TOP * 2 + sum(lane.rows for lane in lanes) * _ROW + max(0, len(lanes) - 1) * _GAP


def _centre(place: Place) -> tuple[float, float]:
    return place.column * _COLUMN + _COLUMN / 2, _TOP + place.row * _ROW + place.lane * _GAP + _ROW / 2


def _lane_name(number: int, lane: Lane) -> Markup:
    y = _lane_top(number, lane) + lane.rows * _ROW / 2 + 4
    return el("text", clip(lane.name, 15), x=104, y=y, text_anchor="end", class_="name", data_tip=f"agent {lane.name}")


def _box(box: Box, layout: Layout) -> Markup:
    lane = next(p.lane for p in layout.places.values() if p.row == box.rows[0])
    x = box.columns[0] * _COLUMN + 5
    y = _TOP + box.rows[0] * _ROW + lane * _GAP + 3
    width = (box.columns[1] - box.columns[0] + 1) * _COLUMN - 10
    height = (box.rows[1] - box.rows[0] + 1) * _ROW - 6
    told = f"{box.step.kind} {box.step.name}" + (": never ended" if box.step.end_ns is None else "")
    return el("rect", x=x, y=y, width=width, height=height, rx=8, class_="box", data_tip=told)


def _node(place: Place, tip: str, picked: bool) -> Markup:
    step = place.step
    x, y = _centre(place)
    left, top = x - _NODE_W / 2, y - _NODE_H / 2
    color = KINDS.get(step.kind, GREY)
    sign = {"error": " ✕ failed", "open": " … open"}.get(step.status, "")
    state = " ".join(filter(None, ("node", step.status, "picked" if picked else "")))
    return el(
        "g",
        el("rect", x=left, y=top, width=_NODE_W, height=_NODE_H, rx=6, class_="face"),
        el("rect", x=left, y=top, width=5, height=_NODE_H, rx=2.5, fill=color),
        el("text", str(step.kind) + sign, x=left + 13, y=top + 16, fill=color, class_="kind"),
        el("text", clip(step.name.removeprefix(f"{step.kind} "), 17), x=left + 13, y=top + 32, class_="name"),
        class_=state,
        data_step=step.id,
        data_tip=tip,
        tabindex=0,
        role="button",
    )


def _edge(edge: Edge, source: Place, target: Place, named: dict[str, str]) -> Markup:
    line = EDGES.get(edge.kind, EDGES["next"])
    path = _path(source, target, str(edge.kind))
    told = [
        f"{edge.kind}: {named[edge.source]} → {named[edge.target]}",
        f"known by {edge.method}, confidence {edge.confidence:.2f}",
        *(f"{name}: {clip(str(value), 80)}" for name, value in edge.evidence.items()),
    ]
    stroke = {"stroke": line.color, "stroke_width": line.width, "stroke_dasharray": line.dash or None}
    return el(
        "g",
        el("path", d=path, class_="hit"),
        el("path", d=path, class_="edge", marker_end=f"url(#to-{edge.kind})", **stroke),
        data_tip="\n".join(told),
        data_kind=edge.kind,
    )


def _path(source: Place, target: Place, kind: str) -> str:
    """Give the line between two steps: straight to the next column, bowed over or under what stands in between."""
    (ax, ay), (bx, by) = _centre(source), _centre(target)
    half_w, half_h = _NODE_W / 2, _NODE_H / 2
    shift = {"next": 0, "requests": -9, "returns": 9, "informs": 14, "executes": -14}.get(kind, -4)
    if source.row == target.row and target.column - source.column > 1:
        side = 1 if kind in ("informs", "returns") else -1
        bow = side * (20 + 5 * min(4, target.column - source.column))
        y = ay + side * half_h
        return f"M{ax + shift:g},{y:g} C{ax + 30:g},{y + bow:g} {bx - 30:g},{y + bow:g} {bx + shift - 6:g},{y:g}"
    if target.column <= source.column:
        side = 1 if by >= ay else -1
        y, end = ay + side * half_h, by - side * (half_h + 5)
        middle = (y + end) / 2
        return f"M{ax + shift:g},{y:g} C{ax + shift:g},{middle:g} {bx + shift:g},{middle:g} {bx + shift:g},{end:g}"
    x, end = ax + half_w, bx - half_w - 5
    if source.row == target.row:
        return f"M{x:g},{ay + shift:g} L{end:g},{by + shift:g}"
    reach = min(60.0, (end - x) * 0.6 + 14)
    return f"M{x:g},{ay + shift:g} C{x + reach:g},{ay + shift:g} {end - reach:g},{by + shift:g} {end:g},{by + shift:g}"


def _arrows(kinds: Collection[str]) -> Markup:
    return el(
        "defs",
        *(
            el(
                "marker",
                el("path", d="M0,0 L7,3.5 L0,7 z", fill=EDGES[kind].color),
                id=f"to-{kind}",
                viewBox="0 0 7 7",
                refX=3.5,
                refY=3.5,
                markerWidth=7,
                markerHeight=7,
                markerUnits="userSpaceOnUse",
                orient="auto",
            )
            for kind in sorted(kinds)
            if kind in EDGES
        ),
    )


def _legend(kinds: Collection[str]) -> Markup:
    """Give a sample of every kind of edge, as buttons that hide and show it."""
    return el("div", *(_sample(kind, line) for kind, line in EDGES.items() if kind in kinds), class_="legend")


def _sample(kind: str, line: Line) -> Markup:
    drawn = el(
        "line", x1=1, x2=27, y1=6, y2=6, stroke=line.color, stroke_width=line.width, stroke_dasharray=line.dash or None
    )
    name = kind.replace("_", " ")
    return el("button", el("svg", drawn, width=28, height=12), name, data_kind=kind, title=f"hide or show {name}")
