"""The forest plot of a verdict as SVG text: estimates, intervals and margins, one row a check."""

from __future__ import annotations

import html
import math
from collections.abc import Callable, Sequence

from tracer.study.finding import Finding

__all__ = ["forest_svg"]

_WIDTH, _LEFT, _RIGHT, _ROW, _TOP = 760, 250, 640, 26, 14
_COLOURS = {"PASS": "#1a7f4b", "FAIL": "#b3372f", "UNRESOLVED": "#8a6d1a"}


def forest_svg(findings: Sequence[Finding]) -> str:
    """Draw the findings that have an interval; "" where none has.

    The margin of each check is a dashed line in its row (two for `within`); the line at 0 runs through all rows.
    """
    shown = [f for f in findings if math.isfinite(f.estimate.low) and math.isfinite(f.estimate.high)]
    if not shown:
        return ""
    ends = [x for f in shown for x in (f.estimate.low, f.estimate.high, *_margins(f))]
    low, high = min(0.0, *ends), max(0.0, *ends)
    pad = (high - low or 1.0) * 0.04
    low, high = low - pad, high + pad

    def across(value: float) -> float:
        return _LEFT + (value - low) / (high - low) * (_RIGHT - _LEFT)

    height = _TOP + _ROW * len(shown) + 24
    bottom = _TOP + _ROW * len(shown)
    parts = [_line(across(0), _TOP - 6, across(0), bottom, "#9aa4b2")]
    parts += [row for n, f in enumerate(shown) for row in _row(f, _TOP + _ROW * n + _ROW / 2, across)]
    parts += [_text(across(t), bottom + 16, f"{t:g}", "middle", "#5b6675") for t in _ticks(low, high)]
    title = html.escape("estimates and intervals: " + ", ".join(f.check.name for f in shown))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}" '
        f'font-family="system-ui,sans-serif" font-size="12" role="img" aria-label="{title}">{"".join(parts)}</svg>'
    )


def _margins(finding: Finding) -> tuple[float, ...]:
    check = finding.check
    if check.role == "null":
        return ()
    return (-check.margin, check.margin) if check.direction == "within" else (check.margin,)


def _row(finding: Finding, y: float, across: Callable[[float], float]) -> list[str]:
    estimate, colour = finding.estimate, _COLOURS.get(finding.outcome, "#5b6675")
    name = f"{finding.check.role}: {finding.check.name}"
    parts = [_text(0, y + 4, name if len(name) <= 40 else f"{name[:39]}…", "start", "#1d2430")]
    parts += [
        _line(across(m), y - 9, across(m), y + 9, "#5b6675", ' stroke-dasharray="3 2"') for m in _margins(finding)
    ]
    parts.append(_line(across(estimate.low), y, across(estimate.high), y, colour, ' stroke-width="2"'))
    parts.append(f'<circle cx="{across(estimate.value):.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>')
    parts.append(_text(_RIGHT + 12, y + 4, finding.outcome.lower(), "start", colour))
    return parts


def _ticks(low: float, high: float) -> list[float]:
    step = 10 ** math.floor(math.log10(high - low))
    step = next(s for s in (step / 5, step / 2, step, step * 2) if (high - low) / s <= 8)
    first = math.ceil(low / step)
    return [round((first + n) * step, 10) for n in range(int((high - first * step) / step) + 1)]


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"{more}/>'


def _text(x: float, y: float, text: str, anchor: str, colour: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{html.escape(text)}</text>'
