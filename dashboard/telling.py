"""One step, and everything that was said, as escaped markup."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from charts import Bar, duration
from conversation import Line, as_json, lines, told
from markup import Markup, clip, el, facts, join, table
from palette import GREY, KINDS, ROLES
from tracer import Edge, Message, Step, Trajectory

__all__ = ["Clock", "bars", "said", "show_step", "step_name", "step_tip"]

_SHOWN = ("arguments", "result", "query", "records", "tools", "goals", "beliefs", "steps")


@dataclass(frozen=True, slots=True)
class Clock:
    """Tells times from the start of the run."""

    zero_ns: int

    def since(self, time_ns: int) -> str:
        """Give a moment as time since the start."""
        return f"+{duration((time_ns - self.zero_ns) / 1e9)}"

    def seconds(self, time_ns: int) -> float:
        """Give a moment in seconds since the start."""
        return (time_ns - self.zero_ns) / 1e9


def step_name(step: Step) -> str:
    """Name a step as `kind name`."""
    kind = str(step.kind)
    return step.name if step.name == kind or step.name.startswith(f"{kind} ") else f"{kind} {step.name}"


def step_tip(step: Step, trajectory: Trajectory, clock: Clock) -> str:
    """Say what a step is, in a few lines."""
    took = "open: it never ended" if step.end_ns is None else f"took {duration((step.end_ns - step.start_ns) / 1e9)}"
    tokens = "" if step.output_tokens is None else f"{step.input_tokens or 0} tokens in, {step.output_tokens} out"
    output = next((text for m in step.output for _, text in told(m) if text), "")
    parts = [
        step_name(step),
        f"agent {trajectory.agents.get(step.agent) or step.agent[:8]}" if step.agent else "",
        f"at {clock.since(step.start_ns)}, {took}",
        tokens,
        f"{step.status}: {clip(step.error, 160)}" if step.error else "",
        clip(output, 200),
    ]
    return "\n".join(filter(None, parts))


def bars(trajectory: Trajectory, steps: Sequence[Step], clock: Clock) -> list[Bar]:
    """Give the bars of a timeline, every step under what contains it."""
    parent = {e.target: e.source for e in trajectory.edges if e.kind == "contains"}
    wanted = {s.id: s for s in steps}
    children: dict[str, list[Step]] = {}
    for step in steps:
        outer = parent.get(step.id, "")
        children.setdefault(outer if outer in wanted else "", []).append(step)
    found: list[Bar] = []
    waiting = [(step, 0) for step in reversed(children.get("", []))]
    while waiting:
        step, depth = waiting.pop()
        end = None if step.end_ns is None else clock.seconds(step.end_ns)
        tip = step_tip(step, trajectory, clock)
        failed = step.status == "error"
        found.append(
            Bar(step.id, step_name(step), str(step.kind), depth, clock.seconds(step.start_ns), end, failed, tip)
        )
        waiting += [(inner, depth + 1) for inner in reversed(children.get(step.id, []))]
    return found


def said(trajectory: Trajectory, steps: Sequence[Step], clock: Clock) -> Markup:
    """Give everything that was said and done in the given steps, in order."""
    found = lines(trajectory, steps)
    if not found:
        return el("p", "Nothing was said: the spans of this run hold no content.", class_="t-sub")
    return join(*(_line(line, clock) for line in found))


def show_step(trajectory: Trajectory, step: Step, named: Mapping[str, str], clock: Clock) -> None:
    """Show all that is known of one step."""
    st.html(join(el("h2", named[step.id], class_="t-head"), _facts(step, trajectory, clock)))
    for key in _SHOWN:
        if step.data.get(key):
            st.html(_block(key, as_json(step.data[key])))
    sent, came = st.columns(2)
    for place, head, messages in ((sent, "in", step.input), (came, "out", step.output)):
        if messages and step.kind not in ("tool", "memory", "retrieval"):
            count = f"{len(messages)} message{'s' if len(messages) > 1 else ''} {head}"
            place.html(join(el("h3", count, class_="t-head"), *(_message(m) for m in messages)))
    edges = [e for e in trajectory.edges if step.id in (e.source, e.target) and e.kind != "contains"]
    if edges:
        rows = [_edge(e, step.id, named) for e in edges]
        st.html(join(el("h3", "Edges", class_="t-head"), table(["edge", "step", "known by", "evidence"], rows)))


def _facts(step: Step, trajectory: Trajectory, clock: Clock) -> Markup:
    guessed = [f"{name} by {method}, {confidence:.2f}" for name, (method, confidence) in step.inferred.items()]
    agent = trajectory.agents.get(step.agent, "")
    rest = {k: v for k, v in step.data.items() if k not in _SHOWN and isinstance(v, (str, int, float)) and v != ""}
    return facts(
        {
            "agent": f"{agent} ({step.agent[:8]})" if agent and agent != step.agent else step.agent,
            "status": step.status,
            "error": step.error,
            "began": clock.since(step.start_ns),
            "took": "never ended" if step.end_ns is None else duration((step.end_ns - step.start_ns) / 1e9),
            "tokens in": step.input_tokens,
            "tokens out": step.output_tokens,
            "call": step.tool_call_id,
            "response": step.response_id,
            **rest,
            "read as": step.dialect,
            "inferred": "; ".join(guessed),
            "spans": ", ".join(step.spans),
        }
    )


def _edge(edge: Edge, at: str, named: Mapping[str, str]) -> list[object]:
    arrow, other = ("→", edge.target) if edge.source == at else ("←", edge.source)
    known = f"{edge.method}, {edge.confidence:.2f}"
    evidence = ", ".join(f"{k}: {clip(str(v), 60)}" for k, v in edge.evidence.items())
    return [f"{arrow} {edge.kind}", named.get(other, other), known, evidence]


def _line(line: Line, clock: Clock) -> Markup:
    color = ROLES.get(line.role) or KINDS.get(line.role, GREY)
    state = {"error": "✕ failed", "open": "… open"}.get(line.state)
    head = el(
        "header",
        el("b", line.role),
        el("span", line.speaker) if line.speaker and line.speaker != line.role else None,
        el("span", state) if state else None,
        el("i", clock.since(line.time_ns)),
    )
    return el("div", head, *(_block(name, text) for name, text in line.blocks), class_="t-line", style=f"--c:{color}")


def _message(message: Message) -> Markup:
    color = ROLES.get(message.role, GREY)
    name = el("span", message.name or message.tool_call_id) if message.name or message.tool_call_id else None
    blocks = (_block(head, text) for head, text in told(message))
    return el("div", el("header", el("b", message.role), name), *blocks, class_="t-line", style=f"--c:{color}")


def _block(head: str, text: str) -> Markup:
    named = el("div", head, class_="t-kicker") if head else None
    return el("div", named, el("div", text, class_="t-text data" if head not in ("", "reasoning") else "t-text"))
