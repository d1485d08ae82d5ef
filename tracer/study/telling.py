"""Runs as compact text, for a model that reads them: the condition, what was done, what was measured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from tracer.spans.names import StepKind
from tracer.store import RunRow
from tracer.trajectory import Step, Trajectory

__all__ = ["tell_run"]

_LONG = 160  # characters of one thing that was said or done
_ACTS = 6  # acts of one run that are told


def tell_run(number: int, row: RunRow, trajectory: Trajectory) -> str:
    """Tell a run in a few lines, in the controlled language that `organism:proposer` reads.

    Args:
        number: What to call it by.
        row: The run, with its values; measures without a number are left out.
        trajectory: Its graph.
    """
    told = _told_to(trajectory.steps)
    acts = [_act(step) for step in trajectory.steps if step.kind == StepKind.TOOL and not step.actor]
    lines = [
        f"run {number}: situation `{row.scenario}`, condition `{row.condition}`",
        *([f"  it was told: {_cut(told)}"] if told else []),
        *acts[:_ACTS],
        *([f"  and did {len(acts) - _ACTS} things more"] if len(acts) > _ACTS else []),
        f"  it answered: {_cut(row.answer)}" if row.answer else "  it gave no answer",
        *[f"  asked afterwards for `{name}`, it said: {_cut(answer)}" for name, answer in row.asked.items()],
        "  measured: " + ", ".join(f"`{name}` = {value:g}" for name, value in _numbers(row.values).items()),
    ]
    return "\n".join(lines)


def _numbers(values: Mapping[str, Any]) -> dict[str, float]:
    return {name: float(value) for name, value in values.items() if isinstance(value, int | float)}


def _told_to(steps: Sequence[Step]) -> str:
    """Give what the user said last before the system's first call."""
    first = next((step for step in steps if step.kind == StepKind.MODEL and not step.actor), None)
    said = [m.content for m in first.input if m.role == "user"] if first is not None else []
    return said[-1] if said else ""


def _act(step: Step) -> str:
    done: Mapping[str, Any] = step.data.get("action") or {}
    refused = " (not permitted)" if done.get("permitted") is False else ""
    told = f"{step.name} {_plain(step.data.get('arguments'))} -> {_plain(step.data.get('result'))}"
    return f"  it called {_cut(told)}{refused}"


def _plain(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def _cut(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= _LONG else f"{flat[: _LONG - 3]}..."
