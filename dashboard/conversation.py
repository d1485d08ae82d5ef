"""What was said and done in a run, in order and each thing once, as plain values."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracer import Message, Step, Trajectory

__all__ = ["Attitude", "Line", "as_json", "attitudes", "changes", "lines", "told"]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said or done.

    Attributes:
        step: Step that it belongs to.
        time_ns: When.
        role: system, user, assistant, tool, or the kind of the step.
        speaker: Who or what: an agent, a tool.
        blocks: (heading, text) pairs; the heading is "" for what was said itself.
        state: "", "error" or "open".
    """

    step: str
    time_ns: int
    role: str
    speaker: str
    blocks: tuple[tuple[str, str], ...]
    state: str = ""


@dataclass(frozen=True, slots=True)
class Attitude:
    """A goal, a belief or a plan that a run states, with what the source says about it."""

    time_ns: int
    agent: str
    kind: str
    text: str
    facts: str


def lines(trajectory: Trajectory, steps: Sequence[Step] | None = None) -> list[Line]:
    """List what was said and done, in order of time.

    A model is sent its whole history at every call: of what goes in, only what its agent has not been shown with
    before is listed. A tool's result is listed where it was produced, and again only if a model was sent another one.
    """
    wanted = None if steps is None else {s.id for s in steps}
    inner = {e.source for e in trajectory.edges if e.kind == "contains"}
    known: dict[str, Counter[str]] = {}
    found: list[Line] = []
    for step in trajectory.steps:
        if step.kind in ("agent", "workflow") and step.id in inner:
            continue
        new = list(_of_step(step, trajectory.agents.get(step.agent, ""), known.setdefault(step.agent, Counter())))
        if wanted is None or step.id in wanted:
            found += new
    return sorted(found, key=lambda line: line.time_ns)


def attitudes(trajectory: Trajectory) -> list[Attitude]:
    """List goals, beliefs and plans in order of time."""
    found: list[Attitude] = []
    for step in trajectory.steps:
        agent = trajectory.agents.get(step.agent, "")
        for kind, key, text in (("goal", "goals", "text"), ("belief", "beliefs", "proposition")):
            for stated in step.data.get(key, ()):
                facts = ", ".join(f"{k} {v}" for k, v in stated.items() if k not in (text, "time_ns"))
                found.append(Attitude(stated.get("time_ns", step.start_ns), agent, kind, str(stated.get(text)), facts))
        if step.kind == "plan":
            text = "\n".join(f"{number}. {_planned(s)}" for number, s in enumerate(step.data.get("steps", ()), 1))
            facts = f"{step.data.get('plan', '')} version {step.data.get('version') or 1}"
            found.append(Attitude(step.start_ns, agent, "plan", text, facts))
    return sorted(found, key=lambda a: a.time_ns)


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """List what differs between two states of a world as (where, before, after)."""
    old, new = dict(_leaves(before)), dict(_leaves(after))
    differing = [k for k in dict.fromkeys([*old, *new]) if old.get(k) != new.get(k)]
    return [(key, old.get(key, "–"), new.get(key, "–")) for key in differing]


def told(message: Message) -> tuple[tuple[str, str], ...]:
    """Give the blocks of a message: reasoning, what is said, the calls it asks for."""
    blocks = [("reasoning", message.reasoning)] if message.reasoning else []
    if message.content or not message.tool_calls:
        blocks.append(("", message.content))
    return (*blocks, *((f"calls {call.name}", as_json(call.arguments)) for call in message.tool_calls))


def as_json(value: Any) -> str:
    """Give a value as text: strings as they are, all else as indented JSON."""
    if isinstance(value, str):
        return value
    return json.dumps(value, indent=2, ensure_ascii=False, default=str)


def _of_step(step: Step, agent: str, known: Counter[str]) -> Iterator[Line]:
    end = step.start_ns if step.end_ns is None else step.end_ns
    state = step.status if step.status in ("error", "open") else ""
    if step.kind in ("tool", "memory", "retrieval", "handoff"):
        known.update(_key(message) for message in step.output)
        yield Line(step.id, end, str(step.kind), step.name, tuple(_acted(step)), state)
        return
    sent: Counter[str] = Counter()
    for message in step.input:
        key = _key(message)
        sent[key] += 1
        if sent[key] > known[key]:
            yield Line(step.id, step.start_ns, message.role, message.name or agent, told(message))
    known |= sent
    role = "" if step.kind in ("model", "unknown") else str(step.kind)
    for message in step.output:
        known[_key(message)] += 1
        yield Line(step.id, end, role or message.role, agent or step.name, told(message), state)
    if state and not step.output:
        gone = step.error or ("it never ended" if state == "open" else "it failed")
        yield Line(step.id, end, role or "assistant", agent or step.name, (("", gone),), state)


def _acted(step: Step) -> Iterator[tuple[str, str]]:
    passed = step.data.get("handoff")
    if passed:
        yield "", f"control passes from {passed['from'] or 'here'} to {passed['to']}"
    for key in ("arguments", "query", "reason"):
        if step.data.get(key):
            yield key, as_json(step.data[key])
    for key in ("result", "records"):
        if key in step.data:
            yield key, "\n".join(message.content for message in step.output) or as_json(step.data[key])
    if step.error:
        yield "error", step.error
    if step.status == "open":
        yield "", "it never ended"


def _key(message: Message) -> str:
    if message.role == "tool":
        return f"tool\0{message.tool_call_id}\0{message.content}"
    return f"{message.role}\0{message.content}\0{message.reasoning}\0{message.tool_calls!r}"


def _planned(step: Any) -> str:
    return (
        str(next((step[k] for k in ("text", "description", "title") if k in step), step))
        if isinstance(step, Mapping)
        else str(step)
    )


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, (list, tuple)) and value:
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]")
    else:
        yield path, as_json(value)
