"""A trajectory for other tools: GraphML, node-link JSON, Mermaid, DOT."""

from __future__ import annotations

import re
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import networkx as nx

from tracer.spans.names import EdgeKind, StepKind
from tracer.trajectory.decode import encode
from tracer.trajectory.graph import to_networkx
from tracer.trajectory.step import Message, Step, ToolCall, Trajectory

__all__ = ["to_dot", "to_graphml", "to_mermaid", "to_node_link"]

_SHOWN = (EdgeKind.NEXT, EdgeKind.REQUESTS, EdgeKind.RETURNS, EdgeKind.HANDS_OFF, EdgeKind.JOINS, EdgeKind.SENDS)
_CONTAINERS = (StepKind.AGENT, StepKind.WORKFLOW)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def to_node_link(trajectory: Trajectory) -> dict[str, Any]:
    """Give node-link data that `networkx.node_link_graph` and JSON take: everything, as plain data."""
    graph = to_networkx(trajectory)
    told = nx.node_link_data(graph, edges="edges")
    return _plain(told)


def _plain(value: Any) -> Any:
    if isinstance(value, (Message, ToolCall)):
        return {name: _plain(getattr(value, name)) for name in value.__slots__}
    if isinstance(value, dict) or hasattr(value, "items"):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, str):
        return str(value)
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)


def to_graphml(trajectory: Trajectory) -> bytes:
    """Give GraphML: scalar fields as they are, all else as JSON strings."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(id=trajectory.id)
    full = to_networkx(trajectory)
    for node, data in full.nodes(data=True):
        graph.add_node(node, **_scalars(data))
    for source, target, key, data in full.edges(keys=True, data=True):
        graph.add_edge(source, target, key=key, **_scalars(data))
    sink = BytesIO()
    nx.write_graphml(graph, sink)
    return sink.getvalue()


def _scalars(data: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in data.items():
        plain = _plain(value)
        if plain is None:
            continue
        text = plain if isinstance(plain, (bool, int, float)) else None
        made[key] = text if text is not None else _NOT_XML.sub("\ufffd", _string(plain))
    return made


def _string(plain: Any) -> str:
    return plain if isinstance(plain, str) else encode(plain).decode("utf-8", "replace")


def to_mermaid(trajectory: Trajectory, kinds: Iterable[EdgeKind] = _SHOWN) -> str:
    """Give a Mermaid flowchart of the acts, grouped by agent."""
    wanted = frozenset(kinds)
    acts = [step for step in trajectory.steps if step.kind not in _CONTAINERS]
    numbers = {step.id: f"s{place}" for place, step in enumerate(acts)}
    lines = ["flowchart TD"]
    for group, (agent, steps) in enumerate(_by_agent(acts).items()):
        name = trajectory.agents.get(agent, "")
        indent = "  "
        if name:
            lines.append(f'  subgraph a{group}["{_quoted(name)}"]')
            indent = "    "
        lines += [f'{indent}{numbers[step.id]}["{_quoted(_label(step))}"]' for step in steps]
        if name:
            lines.append("  end")
    for source, target, label in _drawn(trajectory, numbers, wanted):
        lines.append(f"  {numbers[source]} -->|{label}| {numbers[target]}")
    return "\n".join(lines) + "\n"


def to_dot(trajectory: Trajectory, kinds: Iterable[EdgeKind] = _SHOWN) -> str:
    """Give a Graphviz digraph of the acts, grouped by agent."""
    wanted = frozenset(kinds)
    acts = [step for step in trajectory.steps if step.kind not in _CONTAINERS]
    numbers = {step.id: f"s{place}" for place, step in enumerate(acts)}
    lines = ["digraph trajectory {", "  rankdir=TB;", '  node [shape=box, fontname="sans-serif"];']
    for group, (agent, steps) in enumerate(_by_agent(acts).items()):
        name = trajectory.agents.get(agent, "")
        lines.append(f"  subgraph cluster_{group} {{" if name else "  {")
        if name:
            lines.append(f"    label={_dot_string(name)};")
        lines += [f"    {numbers[step.id]} [label={_dot_string(_label(step))}];" for step in steps]
        lines.append("  }")
    for source, target, label in _drawn(trajectory, numbers, wanted):
        lines.append(f"  {numbers[source]} -> {numbers[target]} [label={_dot_string(label)}];")
    return "\n".join([*lines, "}"]) + "\n"


def _by_agent(acts: list[Step]) -> dict[str, list[Step]]:
    grouped: dict[str, list[Step]] = {}
    for step in acts:
        grouped.setdefault(step.agent, []).append(step)
    return grouped


def _label(step: Step) -> str:
    return f"{step.kind}: {step.name}" + ("" if step.status == "ok" else f" ({step.status})")


def _drawn(trajectory: Trajectory, numbers: dict[str, str], wanted: frozenset[EdgeKind]) -> list[tuple[str, str, str]]:
    """Give the edges to draw; an edge to or from a container is drawn at the first act within it."""
    first: dict[str, str] = {}
    inner: dict[str, list[str]] = {}
    for edge in trajectory.edges:
        if edge.kind == EdgeKind.CONTAINS:
            inner.setdefault(edge.source, []).append(edge.target)
    for step in reversed(trajectory.steps):
        found = next((first[i] for i in inner.get(step.id, []) if i in first), None)
        act = step.id if step.id in numbers else found
        if act is not None:
            first[step.id] = act
    drawn: list[tuple[str, str, str]] = []
    for edge in trajectory.edges:
        source, target = first.get(edge.source), first.get(edge.target)
        if edge.kind in wanted and source and target and source != target:
            drawn.append((source, target, str(edge.kind)))
    return list(dict.fromkeys(drawn))


def _quoted(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").replace("\n", " ")


def _dot_string(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
