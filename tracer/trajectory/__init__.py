"""Spans -> steps and typed edges: the graph of one run, and how much of it is known.

Names are loaded at first use: `tracer.contracts` needs the values alone, and networkx is slow to import.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracer.trajectory.build import build_trajectory
    from tracer.trajectory.graph import to_networkx
    from tracer.trajectory.step import Edge, Message, Step, ToolCall, Trajectory

_HOMES = {
    "build": "build_trajectory",
    "graph": "to_networkx",
    "step": "Edge Message Step ToolCall Trajectory",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = ["Edge", "Message", "Step", "ToolCall", "Trajectory", "build_trajectory", "to_networkx"]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'tracer.trajectory' has no attribute {name!r}")
    return getattr(importlib.import_module(f"tracer.trajectory.{_HOME_OF[name]}"), name)
