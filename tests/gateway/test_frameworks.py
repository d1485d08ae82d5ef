"""Three frameworks, unchanged, each in an environment of its own: `make frameworks` installs them."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from tracer.execution import Bench, RunPlan, execute
from tracer.models import open_model, parse_model
from tracer.recording import Recorder
from tracer.spans.names import EdgeKind, StepKind
from tracer.store import open_store
from tracer.trajectory import Trajectory, build_trajectory

ROOT = Path(__file__).parents[2]
PROGRAMS = ROOT / "docs/examples/frameworks"


def organism() -> AbstractAsyncContextManager[Any]:
    return open_model(parse_model("organism:by_the_book"))


async def run(
    place: Path, name: str, flags: str, model: AbstractAsyncContextManager[Any], max_calls: int = 16
) -> tuple[Any, Trajectory]:
    """Run the program of a framework on the shed, and give its row and trajectory."""
    python = ROOT / f".frameworks/{name}/bin/python"
    if not python.exists():
        pytest.skip(f"{name} is not installed: make frameworks")
    plan = RunPlan(
        study="",
        suite=f"{PROGRAMS}/suite.py:suite",
        scenario="shed",
        condition="plain",
        stack=f"command:{python} {PROGRAMS}/{name}_program.py {{task}} {flags}",
        model="m",
        replicate=0,
        attempt=1,
        seed=1,
        temperature=0.7,
        timeout_s=90,
        max_calls=max_calls,
    )
    with contextlib.closing(open_store(place)) as store:
        recorder = Recorder(store.open_journal())
        async with model as opened:
            row = await execute(plan, Bench(store, recorder, {"m": opened}))
        recorder.close()
        store.ingest()
        return row, build_trajectory(store.spans(row.id), id=row.id)


@pytest.mark.parametrize("flags", ["", "--traced"], ids=["through the gateway alone", "and traced by itself"])
@pytest.mark.parametrize("name", ["openai_agents", "pydantic_ai", "smolagents"])
def test_a_framework_is_studied_unchanged(tmp_path: Path, name: str, flags: str) -> None:
    """Agents, tools and the handoff are in the trajectory, each act once, with its own instrumentation or without."""
    row, seen = asyncio.run(run(tmp_path, name, flags, organism()))
    assert (row.status, row.reason, row.values) == ("completed", "", {"open": 1.0})
    of = {step.id: seen.agents.get(step.agent, "") for step in seen.steps}
    models = [step for step in seen.steps if step.kind == StepKind.MODEL]
    assert len(models) == row.usage["calls"]
    assert sum(step.input_tokens or 0 for step in models) == row.usage["input_tokens"]
    tools = Counter((step.name, of[step.id]) for step in seen.steps if step.name in ("look", "open_door"))
    first = "scout" if flags else "agent"
    assert tools == {("look", first): 1, ("open_door", "keeper"): 1}
    passed = [edge for edge in seen.edges if edge.kind == EdgeKind.HANDS_OFF]
    assert [(edge.evidence["from"], of[edge.target]) for edge in passed] == [(first, "keeper")]


def test_a_framework_runs_on_the_embedded_model(tmp_path: Path) -> None:
    """A model that cannot call tools by itself is given them by emulation, for a program from outside too."""
    pytest.importorskip("xllamacpp")
    row, seen = asyncio.run(run(tmp_path, "openai_agents", "--chat", open_model(parse_model("smollm2")), 1))
    assert (row.status, row.usage["calls"]) == ("limit", 1), row.reason  # it always goes on: it looks again
    (call,) = [step for step in seen.steps if step.kind == StepKind.MODEL and step.status == "ok"]
    assert call.output[0].tool_calls
