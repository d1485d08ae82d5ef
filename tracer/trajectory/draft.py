"""The step while it is being built, and the forest of steps that one trajectory is built from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracer.spans.names import Method, StepKind
from tracer.spans.span import Span
from tracer.trajectory.decode import as_text
from tracer.trajectory.step import Edge, Message, Step

__all__ = ["ACTS", "Draft", "Forest", "Handoff"]

ACTS = frozenset(
    {
        StepKind.MODEL,
        StepKind.TOOL,
        StepKind.PLAN,
        StepKind.MESSAGE,
        StepKind.HANDOFF,
        StepKind.MEMORY,
        StepKind.RETRIEVAL,
        StepKind.HUMAN,
    }
)
"""Kinds of steps that are done by somebody; agents and workflows contain them, probes and unknown ones stand apart."""


@dataclass(slots=True)
class Handoff:
    """Control that passes from one agent to another; names or instance ids, "" where the span does not tell."""

    source: str
    target: str
    rule: str
    method: Method = Method.RECORDED
    confidence: float = 1.0
    reason: str = ""


@dataclass(slots=True)
class Draft:
    """A step while it is being built.

    Attributes:
        agent_name: Name of the acting agent, as far as the span itself tells.
        agent: Instance id of the acting agent.
        actor: Who acted, if not the system under study.
        parent: Step id of the container; None for a root.
        parent_known: How the container is known, and how surely.
        conversation: Conversation, thread or session id.
        node: Graph node that the step was made in or is; "" where unknown.
        node_step: Super-step of the node.
        triggers: What made the node run.
        task: Checkpoint namespace: one per execution of a node.
        framework: Metadata that LangChain and LangGraph put beside every span.
        setup: True for what prepares agents and tools and is no act of a run.
        lost_parent: Container that the span names and the source does not hold.
    """

    id: str
    kind: StepKind
    name: str
    span: Span
    dialect: str = ""
    agent_name: str = ""
    agent: str = ""
    actor: str = ""
    parent: str | None = None
    parent_known: tuple[Method, float] = (Method.RECORDED, 1.0)
    status: str = "ok"
    error: str = ""
    start_ns: int = 0
    end_ns: int | None = None
    input: tuple[Message, ...] = ()
    output: tuple[Message, ...] = ()
    tool_call_id: str = ""
    response_id: str = ""
    input_tokens: int | None = None
    output_tokens: int | None = None
    spans: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    inferred: dict[str, tuple[Method, float]] = field(default_factory=dict)
    conversation: str = ""
    node: str = ""
    node_step: int | None = None
    triggers: tuple[str, ...] = ()
    task: str = ""
    framework: Mapping[str, Any] = field(default_factory=dict[str, Any])
    handoff: Handoff | None = None
    setup: bool = False
    lost_parent: str = ""

    @property
    def stop_ns(self) -> int:
        """Give the end, or the start where the step never ended or ends before it starts."""
        return self.start_ns if self.end_ns is None else max(self.end_ns, self.start_ns)

    @property
    def attributes(self) -> Mapping[str, Any]:
        """Give the attributes of the span that the step was read from."""
        return self.span.attributes

    @property
    def process(self) -> str:
        """Give the id of the process that made the span, "" where it is not recorded."""
        return as_text(self.span.resource.get("service.instance.id"))

    def freeze(self) -> Step:
        """Give the step as a value."""
        place = {"node": self.node, "node_step": self.node_step, "task": self.task, "triggers": self.triggers}
        return Step(
            id=self.id,
            kind=self.kind,
            name=self.name,
            start_ns=self.start_ns,
            end_ns=self.end_ns,
            agent=self.agent,
            actor=self.actor,
            status=self.status,
            error=self.error,
            input=self.input,
            output=self.output,
            tool_call_id=self.tool_call_id,
            response_id=self.response_id,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens,
            spans=tuple(self.spans),
            dialect=self.dialect,
            data=self.data | {key: value for key, value in place.items() if value},
            inferred=self.inferred,
        )


@dataclass(slots=True)
class Forest:
    """The steps of a trajectory by id, in order of start, with what was found wrong and the edges found so far."""

    drafts: dict[str, Draft]
    agents: dict[str, str] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    aliases: dict[str, str] = field(default_factory=dict)

    def children(self) -> dict[str | None, list[Draft]]:
        """Give container -> what it directly contains, in order of start; roots under None."""
        gathered: dict[str | None, list[Draft]] = {}
        for draft in self.drafts.values():
            gathered.setdefault(draft.parent, []).append(draft)
        return gathered

    def ancestors(self, draft: Draft) -> Iterable[Draft]:
        """Walk from the container of a step outwards."""
        parent, seen = draft.parent, {draft.id}  # folding can close a ring of damaged parents
        while parent is not None and parent not in seen:
            seen.add(parent)
            outer = self.drafts[parent]
            yield outer
            parent = outer.parent

    def absorb(self, kept: Draft, folded: Draft) -> None:
        """Fold one step into another: its spans go to the kept one, and after `settle` its children too."""
        kept, folded = self._standing(kept), self._standing(folded)
        if kept is folded:
            return
        kept.spans.extend(folded.spans)
        del self.drafts[folded.id]
        self.aliases[folded.id] = kept.id

    def settle(self) -> None:
        """Point every step at the container that its own was folded into."""
        for draft in self.drafts.values():
            while draft.parent in self.aliases:
                draft.parent = self.aliases[draft.parent]
            if draft.parent == draft.id:
                draft.parent = None

    def _standing(self, draft: Draft) -> Draft:
        """Give what a step was folded into, or the step itself: two that fold each other would else both be lost."""
        identity = draft.id
        while identity in self.aliases:
            identity = self.aliases[identity]
        return self.drafts[identity]

    def act(self, kinds: Iterable[StepKind] = ACTS) -> list[Draft]:
        """Give the steps of some kinds in order of start."""
        wanted = frozenset(kinds)
        return [draft for draft in self.drafts.values() if draft.kind in wanted and not draft.setup]
