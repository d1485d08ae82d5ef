"""Spans -> steps and typed edges: the graph of one run, and how much of it is known.

Names are loaded at first use: `tracer.contracts` needs the values alone, and networkx is slow to import.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tracer.trajectory.alignment import Consensus, Divergence, align, first_divergence
    from tracer.trajectory.build import build_trajectories, build_trajectory
    from tracer.trajectory.export import to_dot, to_graphml, to_mermaid, to_node_link
    from tracer.trajectory.facts import handoffs, join_sets, summary
    from tracer.trajectory.grading import Fidelity, fidelity
    from tracer.trajectory.graph import to_networkx
    from tracer.trajectory.queries import AccessSet, Reach, access_set, ancestors, critical_path, descendants, reaches
    from tracer.trajectory.step import Edge, Message, Step, ToolCall, Trajectory

_HOMES = {
    "alignment": "Consensus Divergence align first_divergence",
    "build": "build_trajectories build_trajectory",
    "export": "to_dot to_graphml to_mermaid to_node_link",
    "grading": "Fidelity fidelity",
    "graph": "to_networkx",
    "queries": "AccessSet Reach access_set ancestors critical_path descendants reaches",
    "step": "Edge Message Step ToolCall Trajectory",
    "facts": "handoffs join_sets summary",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}

__all__ = [
    "AccessSet",
    "Consensus",
    "Divergence",
    "Edge",
    "Fidelity",
    "Message",
    "Reach",
    "Step",
    "ToolCall",
    "Trajectory",
    "access_set",
    "align",
    "ancestors",
    "build_trajectories",
    "build_trajectory",
    "critical_path",
    "descendants",
    "fidelity",
    "first_divergence",
    "handoffs",
    "join_sets",
    "reaches",
    "summary",
    "to_dot",
    "to_graphml",
    "to_mermaid",
    "to_networkx",
    "to_node_link",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'tracer.trajectory' has no attribute {name!r}")
    return getattr(importlib.import_module(f"tracer.trajectory.{_HOME_OF[name]}"), name)
