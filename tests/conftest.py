"""What every test may rely on: no settings of the machine leak in, slow machines fail no property, and runs by hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from tracer import Condition, Judge, Measure, Message, Missing, Observation, Scenario, Step, Trajectory
from tracer.spans.names import StepKind

# Cores are shared with models and other tests, so a time limit per example would fail for reasons that are not ours.
settings.register_profile("house", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("house")

_SHARED_DATA = Path(__file__).parents[2] / "shared" / "data"


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unset what a developer's shell may hold: stores, keys, endpoints, trace contexts."""
    for name in os.environ:
        if name.startswith(("TRACER_", "OPENAI_", "OTEL_", "LANGCHAIN_", "LANGSMITH_", "TRACEPARENT")):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real traces beside the repository; tests that need it are skipped where it is not."""
    if not _SHARED_DATA.is_dir():
        pytest.skip("the folder ../shared/data with real traces is not on this machine")
    return _SHARED_DATA


def an_observation(
    asked: Mapping[str, str] | None = None,
    *,
    data: Mapping[str, Any] | None = None,
    trajectory: Trajectory | None = None,
    condition: str = "plain",
) -> Observation:
    return Observation(
        scenario=Scenario(id="s", data=data or {}),
        condition=Condition(name=condition),
        answer=None,
        asked=asked or {},
        before={},
        after={},
        trajectory=trajectory or Trajectory("run", ()),
    )


def a_step(number: int, kind: str, name: str, *, agent: str = "", said: str = "", **more: Any) -> Step:
    output = (Message("assistant", said),) if said else ()
    return Step(str(number), StepKind(kind), name, number, number + 1, agent=agent, output=output, **more)


def value_of(measure: Measure, seen: Observation) -> float | str:
    """Give a measure's value, or why it has none."""
    assert not isinstance(measure.of, Judge), "measured by a model"
    found = measure.of(seen)
    if isinstance(found, Missing):
        return f"missing: {found.reason}" if found.applies else f"does not apply: {found.reason}"
    low, high = measure.low, measure.high
    assert low is None or found >= low, "below the bounds that it declares"
    assert high is None or found <= high, "above the bounds that it declares"
    return float(found)


@pytest.fixture(scope="session")
def observed() -> Callable[..., Observation]:
    return an_observation


@pytest.fixture(scope="session")
def step() -> Callable[..., Step]:
    return a_step


@pytest.fixture(scope="session")
def value() -> Callable[[Measure, Observation], float | str]:
    return value_of
