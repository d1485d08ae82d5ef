"""Figures over time and over checks, drawn as SVG from plain values: the forest plot and the timeline.

SVG and not a plotting library: a page with one takes three times as long to open, and its text cannot be laid out
beside the plot as a table.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markup import Markup, clip, el
from palette import BEARINGS, KINDS

__all__ = ["Bar", "ForestRow", "duration", "forest", "ticks", "timeline"]

_WIDTH = 1120
_LEFT, _RIGHT = 330, 760  # where the plot of a forest begins and ends
_ROW = 40
_NAMES = 330  # where the bars of a timeline begin
_BAR = 22


@dataclass(frozen=True, slots=True)
class ForestRow:
    """One check of a forest plot.

    Attributes:
        group: Heading that it stands under.
        label: Name of the check.
        says: What PASS would mean.
        value: Estimate; NaN where there is none.
        low: Lower end of the interval.
        high: Upper end of the interval.
        margin: Margin; None where the check has none.
        direction: `above`, `below` or `within`: where PASS lies.
        outcome: The outcome in words.
        bearing: `for`, `against` or `open`: what it does for the claim.
        tip: What hovering says.
    """

    group: str
    label: str
    says: str
    value: float
    low: float
    high: float
    margin: float | None
    direction: str
    outcome: str
    bearing: str
    tip: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One step of a timeline; times in seconds since the run began, `end` None for a step that never ended."""

    id: str
    label: str
    kind: str
    depth: int
    start: float
    end: float | None
    failed: bool
    tip: str


def forest(rows: Sequence[ForestRow]) -> Markup:
    """Draw estimates with their intervals against their margins, row by row under the headings of their groups."""
    low, high = _domain(rows)
    parts: list[Markup] = []
    y, group = 34, ""
    for row in rows:
        if row.group != group:
            y += 14 if group else 0
            group = row.group
            parts.append(el("text", group.upper(), x=0, y=y + 12, class_="head"))
            parts.append(el("line", x1=0, x2=_WIDTH, y1=y + 20, y2=y + 20, class_="rule"))
            y += 26
        parts.append(_forest_row(row, y, low, high))
        y += _ROW
    axis = [_tick(value, _at(value, low, high), 30, y) for value in ticks(low, high)]
    heads = (
        el("text", "estimate [interval]", x=_RIGHT + 18, y=16, class_="small"),
        el("text", "outcome", x=_RIGHT + 172, y=16, class_="small"),
    )
    return _picture(y + 8, *heads, *axis, *parts, label="Estimates with intervals against their margins")


def timeline(bars: Sequence[Bar], picked: str = "") -> Markup:
    """Draw when each step began and ended, indented by what contains it; open steps reach to the end, dashed."""
    last = max((bar.end if bar.end is not None else bar.start for bar in bars), default=0.0)
    first = min((bar.start for bar in bars), default=0.0)
    span = max(last - first, 1e-6)
    scale = (_WIDTH - _NAMES - 90) / span
    height = 30 + _BAR * len(bars)
    parts: list[Markup] = []
    for value in ticks(0.0, span):
        x = _NAMES + value * scale
        parts.append(el("line", x1=x, x2=x, y1=24, y2=height, class_="grid"))
        parts.append(el("text", duration(value), x=x, y=16, class_="small", text_anchor="middle"))
    for number, bar in enumerate(bars):
        parts.append(_bar(bar, 30 + number * _BAR, first, scale, span, bar.id == picked))
    return _picture(height + 6, *parts, label="Timeline of the steps", tall=True)


def duration(seconds: float) -> str:
    """Give a time span as people write it."""
    for limit, factor, unit in ((1e-3, 1e6, "µs"), (1.0, 1e3, "ms"), (120.0, 1.0, "s")):
        if seconds < limit:
            return f"{seconds * factor:.3g} {unit}" if seconds else "0"
    return f"{seconds / 60:.3g} min"


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Give round values that cover an interval: multiples of 1, 2 or 5 times a power of ten."""
    raw = (high - low) / about
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(f * power for f in (1, 2, 5, 10) if f * power >= raw * 0.999)
    return [round(n * step, 12) for n in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _domain(rows: Sequence[ForestRow]) -> tuple[float, float]:
    found = [v for r in rows for v in (r.value, r.low, r.high, r.margin) if v is not None and math.isfinite(v)]
    found += [-r.margin for r in rows if r.direction == "within" and r.margin]
    low, high = min([0.0, *found]), max([0.0, *found])
    if high - low < 1e-9:
        return -1.0, 1.0
    room = (high - low) * 0.04
    return low - room, high + room


def _at(value: float, low: float, high: float) -> float:
    return _LEFT + (value - low) / (high - low) * (_RIGHT - _LEFT)


def _tick(value: float, x: float, top: float, bottom: float) -> Markup:
    line = el("line", x1=x, x2=x, y1=top - 8, y2=bottom, class_="zero" if value == 0 else "grid")
    return el("g", line, el("text", f"{value:g}", x=x, y=16, class_="small", text_anchor="middle"))


def _forest_row(row: ForestRow, top: float, low: float, high: float) -> Markup:
    y = top + _ROW / 2
    tone = BEARINGS[row.bearing]
    parts = [
        el("rect", x=0, y=top, width=_WIDTH, height=_ROW, class_="row"),
        el("text", clip(row.label, 44), x=8, y=y - 3, class_="name"),
        el("text", clip(row.says, 56), x=8, y=y + 12, class_="small"),
        *_margin(row, top, low, high),
    ]
    if math.isfinite(row.value):
        a, b, v = (_at(max(low, min(high, n)), low, high) for n in (row.low, row.high, row.value))
        parts.append(el("line", x1=a, x2=b, y1=y, y2=y, stroke=tone.color, stroke_width=2.4, stroke_linecap="round"))
        parts.extend(el("line", x1=x, x2=x, y1=y - 5, y2=y + 5, stroke=tone.color, stroke_width=2) for x in (a, b))
        parts.append(_mark(row.bearing, v, y, tone.color))
        told = f"{row.value:.2f} [{row.low:.2f}, {row.high:.2f}]"
    else:
        told = "no value"
    parts.append(el("text", told, x=_RIGHT + 18, y=y + 4, class_="number"))
    outcome = el("tspan", f"{tone.sign} ", fill=tone.color)
    parts.append(el("text", outcome, clip(row.outcome, 34), x=_RIGHT + 172, y=y + 4, class_="outcome"))
    return el("g", *parts, data_tip=row.tip)


def _margin(row: ForestRow, top: float, low: float, high: float) -> list[Markup]:
    """Mark the margin by a tick, and shade where PASS lies."""
    if row.margin is None:
        return []
    edges = (-row.margin, row.margin) if row.direction == "within" else (row.margin,)
    a = row.margin if row.direction == "above" else -row.margin if row.direction == "within" else low
    b = row.margin if row.direction != "above" else high
    xa, xb = _at(a, low, high), _at(b, low, high)
    shade = el("rect", x=xa, y=top + 4, width=max(0.0, xb - xa), height=_ROW - 8, class_="region")
    lines = (_at(e, low, high) for e in edges)
    return [shade, *(el("line", x1=x, x2=x, y1=top + 4, y2=top + _ROW - 4, class_="margin") for x in lines)]


def _mark(bearing: str, x: float, y: float, color: str) -> Markup:
    if bearing == "against":
        return el("rect", x=x - 5, y=y - 5, width=10, height=10, fill=color)
    return el("circle", cx=x, cy=y, r=5.5, fill=color if bearing == "for" else "var(--ground)", stroke=color)


def _bar(bar: Bar, top: float, first: float, scale: float, span: float, picked: bool) -> Markup:
    color = KINDS.get(bar.kind, KINDS["unknown"])
    indent = 12 * min(bar.depth, 8)
    open_ = bar.end is None
    begin = (bar.start - first) * scale
    length = max(3.0, (span - (bar.start - first) if bar.end is None else bar.end - bar.start) * scale)
    told = "open" if bar.end is None else duration(bar.end - bar.start)
    drawn = el(
        "rect",
        x=_NAMES + begin,
        y=top + 4,
        width=length,
        height=_BAR - 8,
        rx=3,
        fill=color,
        class_="bar open" if open_ else "bar container" if bar.kind in ("agent", "workflow") else "bar",
        stroke=color,
    )
    return el(
        "g",
        el("rect", x=0, y=top, width=_WIDTH, height=_BAR, class_="row picked" if picked else "row"),
        el("circle", cx=10 + indent, cy=top + _BAR / 2, r=4, fill=color),
        el("text", clip(bar.label, 44 - 2 * min(bar.depth, 8)), x=20 + indent, y=top + 15, class_="name"),
        drawn,
        el("text", ("✕ " if bar.failed else "") + told, x=_NAMES + begin + length + 6, y=top + 15, class_="small"),
        data_step=bar.id,
        data_tip=bar.tip,
        tabindex=0,
        role="button",
    )


def _picture(height: float, *children: Markup, label: str, tall: bool = False) -> Markup:
    drawn = el("svg", *children, viewBox=f"0 0 {_WIDTH} {height}", class_="fit", role="img", aria_label=label)
    return el("div", drawn, class_="scroll tall" if tall else "scroll")
