"""Spans that fold into each other in a ring are one step, and never hold the builder up."""

from __future__ import annotations

import random

import pytest

from tracer.spans import Scope, Span
from tracer.trajectory import build_trajectory


def calls(seed: int) -> list[Span]:
    """Give model spans of several scopes that share response ids, intervals and each other as parents."""
    rng = random.Random(seed)
    count = rng.randint(3, 9)
    ids = [f"{n:016x}" for n in range(1, count + 1)]
    return [
        Span(
            trace_id="1" * 32,
            span_id=span,
            parent_id=rng.choice([None, *ids]),
            name=rng.choice(["chat m", "m", "chat m.workflow"]),
            start_ns=rng.choice([1, 1, 2]),
            end_ns=rng.choice([9, 9, 8]),
            attributes={
                "gen_ai.operation.name": "chat",
                "gen_ai.response.id": rng.choice(["r1", "r2"]),
                "openinference.span.kind": "LLM",
            },
            scope=Scope(rng.choice(["a", "b", "c"])),
        )
        for span in ids
    ]


@pytest.mark.parametrize("seeds", [range(300), range(300, 600)])
def test_rings_end(seeds: range) -> None:
    """Whatever folds into what, every span stands behind exactly one step."""
    for seed in seeds:
        spans = calls(seed)
        made = build_trajectory(spans, id="x")
        behind = [span for step in made.steps for span in step.spans]
        assert sorted(behind) == sorted(span.span_id for span in spans)
