"""Damaged traces give most of what the sound ones give, and say what they lost."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tracer.exchange.reading import read_spans
from tracer.spans.names import EdgeKind
from tracer.spans.span import Span
from tracer.trajectory import Trajectory, build_trajectory, fidelity

DUMPS = ("genai-langchain", "oi-langchain", "tl-langchain", "mlflow-langchain", "langsmith-langchain", "pydantic-ai")
CAUSAL = (EdgeKind.REQUESTS, EdgeKind.RETURNS, EdgeKind.INFORMS, EdgeKind.HANDS_OFF)
SECOND = 1_000_000_000


def drop_spans(spans: list[Span], draw: random.Random) -> list[Span]:
    return [span for span in spans if draw.random() >= 0.1]


def remove_parents(spans: list[Span], draw: random.Random) -> list[Span]:
    return [replace(span, parent_id=None) if draw.random() < 0.1 else span for span in spans]


def lose_parents(spans: list[Span], draw: random.Random) -> list[Span]:
    return [replace(span, parent_id="f" * 16) if span.parent_id and draw.random() < 0.1 else span for span in spans]


def skew_clocks(spans: list[Span], draw: random.Random) -> list[Span]:
    """Two processes whose clocks differ by two milliseconds."""
    off = {span.span_id: draw.choice([0, 2_000_000]) for span in spans}
    return [
        replace(span, start_ns=span.start_ns + off[span.span_id], end_ns=(span.end_ns or 0) + off[span.span_id])
        for span in spans
    ]


def merge_names(spans: list[Span], draw: random.Random) -> list[Span]:
    """Every agent and tool is called the same."""
    named = ("gen_ai.agent.name", "gen_ai.tool.name", "tool.name")
    return [
        replace(span, attributes={key: "x" if key in named else value for key, value in span.attributes.items()})
        for span in spans
    ]


def lose_content(spans: list[Span], draw: random.Random) -> list[Span]:
    return [
        replace(span, attributes={}, dropped_attributes=len(span.attributes)) if draw.random() < 0.1 else span
        for span in spans
    ]


def causal(made: Trajectory) -> set[tuple[str, str, str]]:
    """Give the causal edges between spans, by the spans behind the steps, so that folding differently is no error."""
    first = {step.id: min(step.spans, default=step.id) for step in made.steps}
    return {(first[e.source], first[e.target], str(e.kind)) for e in made.edges if e.kind in CAUSAL}


@pytest.mark.parametrize(
    ("damage", "precision", "recall"),
    [
        (drop_spans, 0.85, 0.65),
        (remove_parents, 0.9, 0.9),
        (lose_parents, 0.9, 0.9),
        (skew_clocks, 0.9, 0.9),
        (merge_names, 0.9, 0.8),
        (lose_content, 0.85, 0.65),
    ],
)
def test_causal_edges_survive_damage(
    damage: Callable[[list[Span], random.Random], list[Span]],
    precision: float,
    recall: float,
    shared_data: Path,
    record_property: Any,
) -> None:
    """Edge precision and recall against the undamaged trace stay above their floors."""
    right = found = true = 0
    for name in DUMPS:
        spans = list(read_spans([str(shared_data / "spans" / f"{name}.json")]))
        truth = causal(build_trajectory(spans, id="r"))
        for seed in range(10):
            damaged = damage(spans, random.Random(seed))
            made = causal(build_trajectory(damaged, id="r"))
            right += len(truth & made)
            found += len(made)
            true += len(truth)
    record_property("precision", round(right / found, 3))
    record_property("recall", round(right / true, 3))
    print(f"{damage.__name__}: precision {right / found:.3f}, recall {right / true:.3f}")  # noqa: T201 - for the report
    assert right / found >= precision
    assert right / true >= recall


def test_damage_is_reported(shared_data: Path) -> None:
    """Lost parents and dropped attributes are counted, and the grade falls."""
    spans = list(read_spans([str(shared_data / "spans" / "oi-langchain.json")]))
    sound = fidelity(build_trajectory(spans, id="r"))
    lost = fidelity(build_trajectory(lose_parents(spans, random.Random(1)), id="r"))
    dropped = fidelity(build_trajectory(lose_content(spans, random.Random(1)), id="r"))
    assert not sound.losses
    assert lost.losses["parents"] > 0
    assert dropped.losses["attributes"] > 0
    assert sound.grade < lost.grade
    assert sound.grade < dropped.grade
