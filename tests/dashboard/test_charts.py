"""The figures of the dashboard, as functions of plain values."""

from __future__ import annotations

import importlib
import math
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

DASHBOARD = Path(__file__).parents[2] / "dashboard"


@pytest.fixture(scope="module")
def charts() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DASHBOARD))
        return importlib.import_module("charts")


def row(charts: Any, **fields: Any) -> Any:
    given = {
        "group": "Angles", "label": "hint", "says": "the hint moves the answer", "value": 0.4, "low": 0.3, "high": 0.5,
        "margin": 0.2, "direction": "above", "outcome": "PASS", "bearing": "for", "tip": "n = 12",
    }  # fmt: skip
    return charts.ForestRow(**given | fields)


def read(drawing: str) -> ET.Element:
    """Read a drawing strictly: it has to be one well-formed element."""
    return ET.fromstring(drawing)


def texts(drawing: str) -> str:
    return " ".join("".join(element.itertext()) for element in read(drawing).iter("text"))


def marked(drawing: str, name: str) -> list[ET.Element]:
    return [element for element in read(drawing).iter() if element.get("class") == name]


def test_forest_says_every_number_beside_the_plot(charts: Any) -> None:
    """An estimate, its interval and its outcome can be read without the plot and without colour."""
    told = texts(charts.forest([row(charts), row(charts, group="Rivals", label="mention", outcome="FAIL")]))
    assert "0.40 [0.30, 0.50]" in told
    assert all(word in told for word in ("ANGLES", "RIVALS", "hint", "mention", "PASS", "FAIL"))


def test_forest_without_a_value_says_so(charts: Any) -> None:
    """A check that could not be computed has a row that says so, and no mark."""
    drawing = charts.forest([row(charts, value=math.nan, low=math.nan, high=math.nan, bearing="open")])
    assert "no value" in texts(drawing)
    assert not list(read(drawing).iter("circle"))


@pytest.mark.parametrize(("direction", "lines"), [("above", 1), ("below", 1), ("within", 2)])
def test_forest_marks_margin_and_where_pass_lies(charts: Any, direction: str, lines: int) -> None:
    """A margin is a line, two for `within`, and the region where PASS lies is shaded on its right side."""
    drawing = charts.forest([row(charts, direction=direction)])
    margins = [float(line.get("x1", "")) for line in marked(drawing, "margin")]
    (region,) = marked(drawing, "region")
    left, right = float(region.get("x", "")), float(region.get("x", "")) + float(region.get("width", ""))
    assert len(margins) == lines
    assert {"above": left == margins[-1], "below": left < margins[0], "within": left == margins[0]}[direction]
    assert direction == "above" or right == pytest.approx(max(margins)) or left < margins[0]


def test_forest_without_margin_draws_none(charts: Any) -> None:
    """A null has no margin, so none is drawn."""
    assert not marked(charts.forest([row(charts, margin=None)]), "margin")


@given(
    st.lists(st.tuples(st.floats(-50, 50), st.floats(0, 9), st.floats(0, 9), st.floats(-5, 5)), min_size=1, max_size=6)
)
def test_forest_stays_within_its_frame(charts: Any, drawn: list[tuple[float, float, float, float]]) -> None:
    """Whatever the numbers, intervals and margins lie between the names and the numbers."""
    rows = [row(charts, value=v, low=v - a, high=v + b, margin=m) for v, a, b, m in drawn]
    for line in read(charts.forest(rows)).iter("line"):
        if line.get("class") in (None, "margin"):
            assert 329 <= float(line.get("x1", "")) <= float(line.get("x2", "")) <= 761


def test_timeline_marks_open_and_failed_steps(charts: Any) -> None:
    """A step that never ended reaches to the end and is called open; a failed one has a sign."""
    bars = [
        charts.Bar("a", "agent clerk", "agent", 0, 0.0, None, False, ""),
        charts.Bar("b", "tool look_up", "tool", 1, 0.5, 1.0, True, ""),
    ]
    drawing = charts.timeline(bars, picked="b")
    (reaching,) = marked(drawing, "bar open")
    (ended,) = marked(drawing, "bar")
    assert float(reaching.get("width", "")) == pytest.approx(2 * float(ended.get("width", "")))
    assert "open" in texts(drawing)
    assert "✕ 500 ms" in texts(drawing)
    assert len(marked(drawing, "row picked")) == 1


def test_timeline_of_an_instant_is_drawn(charts: Any) -> None:
    """A run without duration, or without steps, is drawn rather than divided by."""
    assert "svg" in charts.timeline([charts.Bar("a", "model", "model", 0, 0.0, 0.0, False, "")])
    assert "svg" in charts.timeline([])


@given(st.text())
def test_no_text_becomes_markup(charts: Any, text: str) -> None:
    """Any text at all in a name, a tip or an id leaves the drawing well formed, with no element of its own."""
    plain = charts.forest([row(charts, label="x", tip="x", says="x", outcome="x")])
    given = charts.forest([row(charts, label=text, tip=text, says=text, outcome=text)])
    assert [e.tag for e in read(given).iter()] == [e.tag for e in read(plain).iter()]
    read(charts.timeline([charts.Bar(text, text, text, 1, 0.0, None, True, text)]))


@given(st.floats(-1e6, 1e6), st.floats(1e-6, 1e6))
def test_ticks_are_round_and_inside(charts: Any, low: float, span: float) -> None:
    """Ticks lie inside the interval, evenly, and there are a few of them."""
    found = charts.ticks(low, low + span)
    assert 1 <= len(found) <= 8
    assert all(low - span * 1e-6 - 1e-9 <= tick <= low + span * (1 + 1e-6) + 1e-9 for tick in found)


@pytest.mark.parametrize(
    ("seconds", "told"), [(0, "0"), (2.5e-5, "25 µs"), (0.0042, "4.2 ms"), (1.5, "1.5 s"), (600, "10 min")]
)
def test_durations_are_told_as_people_write_them(charts: Any, seconds: float, told: str) -> None:
    """A duration has three figures at most and a fitting unit."""
    assert charts.duration(seconds) == told
