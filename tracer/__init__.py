"""Prosaic: what does this agent system want, what does it believe, and how do we know?

Names are loaded at first use, so that `import tracer` stays light.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracer.contracts import (
        Ask,
        Check,
        Condition,
        Counterpart,
        Estimand,
        Forbidden,
        Hypothesis,
        Judge,
        Kit,
        Labelled,
        Measure,
        Missing,
        Observation,
        Planted,
        Role,
        Said,
        Scenario,
        Stack,
        Suite,
        Task,
        User,
        World,
        action,
        angle,
        contrast,
        control,
        rate,
        read_labelled,
        takes_roles,
    )
    from tracer.errors import AddressError, SuiteError, TracerError
    from tracer.models import ModelSpec, answer_format, answer_tool, read_answer, submitted
    from tracer.recording import Emitter, LangGraphRecorder, record
    from tracer.runner import StudyResult, run
    from tracer.store import Store, open_store
    from tracer.study import Verdict
    from tracer.trajectory import build_trajectory, to_networkx
    from tracer.trajectory.step import Edge, Message, Step, ToolCall, Trajectory

_HOMES = {
    "tracer.contracts": (
        "Ask Check Condition Counterpart Estimand Forbidden Hypothesis Judge Kit Labelled Measure Missing Observation "
        "Planted Role Said Scenario Stack Suite Task User World action angle contrast control rate read_labelled "
        "takes_roles"
    ),
    "tracer.errors": "AddressError SuiteError TracerError",
    "tracer.models": "ModelSpec answer_format answer_tool read_answer submitted",
    "tracer.recording": "Emitter LangGraphRecorder record",
    "tracer.runner": "StudyResult run",
    "tracer.store": "Store open_store",
    "tracer.study": "Verdict",
    "tracer.trajectory": "build_trajectory to_networkx",
    "tracer.trajectory.step": "Edge Message Step ToolCall Trajectory",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "AddressError",
    "Ask",
    "Check",
    "Condition",
    "Counterpart",
    "Edge",
    "Emitter",
    "Estimand",
    "Forbidden",
    "Hypothesis",
    "Judge",
    "Kit",
    "Labelled",
    "LangGraphRecorder",
    "Measure",
    "Message",
    "Missing",
    "ModelSpec",
    "Observation",
    "Planted",
    "Role",
    "Said",
    "Scenario",
    "Stack",
    "Step",
    "Store",
    "StudyResult",
    "Suite",
    "SuiteError",
    "Task",
    "ToolCall",
    "TracerError",
    "Trajectory",
    "User",
    "Verdict",
    "World",
    "action",
    "angle",
    "answer_format",
    "answer_tool",
    "build_trajectory",
    "contrast",
    "control",
    "open_store",
    "rate",
    "read_answer",
    "read_labelled",
    "record",
    "run",
    "submitted",
    "takes_roles",
    "to_networkx",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'tracer' has no attribute {name!r}")
    return getattr(importlib.import_module(_HOME_OF[name]), name)


def __dir__() -> list[str]:
    return __all__
