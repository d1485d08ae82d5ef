"""The normalised act and the typed edge: what a trajectory is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from tracer.spans.names import EdgeKind, Method, StepKind

__all__ = ["Edge", "Message", "Step", "ToolCall", "Trajectory"]

_EMPTY: Mapping[str, Any] = MappingProxyType({})


def _nothing() -> Mapping[str, Any]:
    return _EMPTY


@dataclass(frozen=True, slots=True)
class ToolCall:
    """One tool call that a model asked for; `id` is empty where the source gives none."""

    name: str
    arguments: Any
    id: str = ""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a model's input or output, whatever dialect it came in.

    Attributes:
        role: system, user, assistant or tool.
        content: The text; "" where there is none.
        reasoning: Reasoning text, kept apart from what was said.
        tool_calls: Calls that the message asks for.
        tool_call_id: The call that a tool message answers; "" otherwise.
        name: Speaker, where the source names one.
    """

    role: str
    content: str = ""
    reasoning: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One act in a run.

    Attributes:
        id: Span id of the span it was read from; of the outermost where several were collapsed into one step.
        kind: What kind of act.
        name: Model, tool, agent or node name.
        agent: Instance id of the agent that acted; "" where unknown. The agent's name is in `Trajectory.agents`.
        actor: Who acted if it was not the system under study: "user" for the simulated user; else "".
        start_ns: Unix time in nanoseconds.
        end_ns: Unix time in nanoseconds; None for a step that never ended.
        status: "ok", "error", "open" or "control" (a handoff or an interrupt that the source may show as an error).
        error: What went wrong, where `status` is "error".
        input: Messages that went into a model call; for other kinds at most one.
        output: Messages that came out.
        tool_call_id: For a tool step: the call that it executes.
        response_id: For a model step: the provider's id of the response.
        input_tokens: Tokens in (cached ones included), None where the source does not tell.
        output_tokens: Tokens out, None where the source does not tell.
        spans: Every span id that stands behind the step, the outermost first.
        dialect: Name of the dialect that it was read by.
        data: Further fields by kind: arguments and result of a tool, what a
            world says of an act (`action`: `attempted`, `permitted`, `executed`, `changed`), steps and version of a
            plan, goals and beliefs.
        inferred: Field -> (method, confidence) for what no span says outright.
    """

    id: str
    kind: StepKind
    name: str
    start_ns: int
    end_ns: int | None
    agent: str = ""
    actor: str = ""
    status: str = "ok"
    error: str = ""
    input: tuple[Message, ...] = ()
    output: tuple[Message, ...] = ()
    tool_call_id: str = ""
    response_id: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    spans: tuple[str, ...] = ()
    dialect: str = ""
    data: Mapping[str, Any] = field(default_factory=_nothing)
    inferred: Mapping[str, tuple[Method, float]] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Edge:
    """A typed relation between two steps, with how it is known.

    Attributes:
        source: Id of the earlier or outer step.
        target: Id of the later or inner step.
        kind: What the relation is.
        method: How it is known.
        confidence: 0 to 1; 1 only for what the source records.
        evidence: What it rests on: ids, offsets, the matched text.
    """

    source: str
    target: str
    kind: EdgeKind
    method: Method
    confidence: float = 1.0
    evidence: Mapping[str, Any] = field(default_factory=_nothing)


@dataclass(frozen=True, slots=True)
class Trajectory:
    """The graph of one run.

    Attributes:
        id: Run id, or the trace id of imported spans.
        steps: In order of start (ties: order of recording).
        edges: Typed, with provenance.
        agents: Instance id -> name.
        problems: What is missing or contradictory in the source, one line each.
        losses: What the source is known to have lost -> how often: `attributes`, `events` and `links` that it says it
            dropped, `parents` that are named and not there, records with `problems` of their own.
    """

    id: str
    steps: tuple[Step, ...]
    edges: tuple[Edge, ...] = ()
    agents: Mapping[str, str] = field(default_factory=_nothing)
    problems: tuple[str, ...] = ()
    losses: Mapping[str, int] = field(default_factory=_nothing)
