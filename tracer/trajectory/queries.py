"""Questions to one trajectory, or to two, in one line each."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from tracer.spans.names import EdgeKind, StepKind
from tracer.trajectory.grading import fidelity
from tracer.trajectory.passages import squeeze
from tracer.trajectory.step import Message, Step, Trajectory

__all__ = ["AccessSet", "Reach", "access_set", "ancestors", "critical_path", "descendants", "reaches"]

DATAFLOW = (EdgeKind.INFORMS, EdgeKind.REQUESTS, EdgeKind.RETURNS, EdgeKind.READS_MEMORY, EdgeKind.SENDS)
_ORDER = (EdgeKind.NEXT, EdgeKind.REQUESTS, EdgeKind.RETURNS, EdgeKind.HANDS_OFF, EdgeKind.JOINS, EdgeKind.SENDS)


def ancestors(trajectory: Trajectory, step: str, kinds: Iterable[EdgeKind] = DATAFLOW) -> set[str]:
    """Give the ids of all steps that a step depends on, by default by dataflow.

    Raises:
        KeyError: There is no such step.
    """
    return _reachable(trajectory, step, kinds, backwards=True)


def descendants(trajectory: Trajectory, step: str, kinds: Iterable[EdgeKind] = DATAFLOW) -> set[str]:
    """Give the ids of all steps that depend on a step, by default by dataflow.

    Raises:
        KeyError: There is no such step.
    """
    return _reachable(trajectory, step, kinds, backwards=False)


def _reachable(trajectory: Trajectory, step: str, kinds: Iterable[EdgeKind], *, backwards: bool) -> set[str]:
    _step(trajectory, step)
    wanted = frozenset(kinds)
    near: dict[str, list[str]] = defaultdict(list)
    for edge in trajectory.edges:
        if edge.kind in wanted:
            source, target = (edge.target, edge.source) if backwards else (edge.source, edge.target)
            near[source].append(target)
    found: set[str] = set()
    waiting = deque([step])
    while waiting:
        for other in near[waiting.popleft()]:
            if other not in found:
                found.add(other)
                waiting.append(other)
    return found - {step}


@dataclass(frozen=True, slots=True)
class AccessSet:
    """What an agent had been shown by a moment.

    Attributes:
        agent: Instance id.
        messages: Every distinct message in its inputs, what its tools gave back and what was sent to it, in order.
        steps: Ids of the steps whose output is among that.
        complete: False where some of its inputs are not recorded: then it may have known more.
    """

    agent: str
    messages: tuple[Message, ...]
    steps: frozenset[str]
    complete: bool

    def holds(self, text: str) -> bool:
        """Tell whether a text stands in what was shown, apart from white space, case and JSON escapes."""
        wanted = squeeze(text)
        return any(wanted in squeeze(message.content) for message in self.messages)


def access_set(trajectory: Trajectory, agent: str, step: str | None = None) -> AccessSet:
    """Give what an agent had been shown when a step began (its inputs included), or by the end of the run.

    Args:
        trajectory: The trajectory.
        agent: Instance id, or the name of an agent that has one instance.
        step: Id of the step; None for the end.

    Raises:
        KeyError: There is no such agent, no such step, or the name has several instances.
    """
    instance = _instance(trajectory, agent)
    until = None if step is None else _step(trajectory, step)
    shown: dict[int, Message] = {}
    mine: set[str] = set()
    complete = True
    for other in trajectory.steps:
        if other.agent != instance or other.kind == StepKind.PROBE:
            continue
        if until is not None and other.start_ns > until.start_ns:
            continue
        mine.add(other.id)
        if other.kind == StepKind.MODEL and not other.input:
            complete = False
        if other.kind in (StepKind.MODEL, StepKind.HUMAN):
            shown.update((id(message), message) for message in other.input)
        over = until is None or (other.end_ns is not None and other.end_ns <= until.start_ns)
        if over and other.kind in (StepKind.TOOL, StepKind.MEMORY, StepKind.RETRIEVAL):
            shown.update((id(message), message) for message in other.output)
    flows = (EdgeKind.INFORMS, EdgeKind.RETURNS, EdgeKind.READS_MEMORY, EdgeKind.SENDS)
    sources = {e.source for e in trajectory.edges if e.kind in flows and e.target in mine}
    return AccessSet(instance, tuple(shown.values()), frozenset(sources), complete)


def _instance(trajectory: Trajectory, agent: str) -> str:
    if agent in trajectory.agents:
        return agent
    named = [instance for instance, name in trajectory.agents.items() if name == agent]
    if len(named) != 1:
        known = ", ".join(f"{name} ({instance})" for instance, name in trajectory.agents.items()) or "none"
        raise KeyError(f"{agent!r} names {len(named)} agents; there are: {known}")
    return named[0]


def _step(trajectory: Trajectory, step: str) -> Step:
    found = next((s for s in trajectory.steps if s.id == step), None)
    if found is None:
        raise KeyError(f"trajectory {trajectory.id} has no step {step!r}")
    return found


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether an evidence could have reached an actor.

    Attributes:
        answer: True: it did. False: all that the actor was shown is recorded and the evidence is not in it. None: it
            cannot be told.
        reason: Why, in one sentence.
        steps: The steps at which it was shown.
    """

    answer: bool | None
    reason: str
    steps: tuple[str, ...] = ()


def reaches(trajectory: Trajectory, evidence: str, agent: str, step: str | None = None) -> Reach:
    """Tell whether an evidence had reached an agent when a step began, or by the end of the run.

    A claim about what an actor believed needs this path; where it cannot be told, nothing can be said.

    Args:
        trajectory: The trajectory.
        evidence: A text, or the id of the step that produced it.
        agent: Instance id, or the name of an agent that has one instance.
        step: Id of the step; None for the end.

    Raises:
        KeyError: There is no such agent or step.
    """
    shown = access_set(trajectory, agent, step)
    source = next((s for s in trajectory.steps if s.id == evidence), None)
    if source is not None and source.id in shown.steps:
        return Reach(True, "its output stands in what the agent was shown", _showing(trajectory, shown, source.id))
    texts = [message.content for message in source.output if message.content] if source is not None else [evidence]
    for text in texts:
        if shown.holds(text):
            return Reach(True, "the text stands in what the agent was shown")
    if source is not None and not texts:
        return Reach(None, f"the output of step {source.id} is not recorded")
    known = fidelity(trajectory)
    if not shown.complete:
        return Reach(None, "not all inputs of the agent are recorded")
    if not known.knows("agents", "model_calls") or not shown.messages:
        return Reach(None, "it is not recorded what this agent was shown: " + "; ".join(known.missing))
    return Reach(False, "all inputs of the agent are recorded, and it stands in none of them")


def _showing(trajectory: Trajectory, shown: AccessSet, source: str) -> tuple[str, ...]:
    mine = {step.id for step in trajectory.steps if step.agent == shown.agent}
    shows = (e.target for e in trajectory.edges if e.source == source and e.target in mine and e.kind in DATAFLOW)
    return tuple(dict.fromkeys(shows))


def critical_path(trajectory: Trajectory) -> list[Step]:
    """Give the chain of acts, each waiting for the one before, that takes the longest in all.

    Only with a shorter act on it can the run be shorter (as far as the waiting is recorded or inferred).
    """
    steps = {step.id: step for step in trajectory.steps}
    before: Mapping[str, list[str]] = defaultdict(list)
    for edge in trajectory.edges:
        if edge.kind in _ORDER and steps[edge.source].start_ns <= steps[edge.target].start_ns:
            before[edge.target].append(edge.source)
    best: dict[str, tuple[int, str | None]] = {}
    containers = (StepKind.AGENT, StepKind.WORKFLOW, StepKind.PROBE)
    for step in trajectory.steps:
        if step.kind in containers:
            continue
        lasted = max(0, (step.end_ns or step.start_ns) - step.start_ns)
        known = [(best[other][0], other) for other in before[step.id] if other in best]
        longest = max(known, default=(0, None))
        best[step.id] = (longest[0] + lasted, longest[1])
    at = max(best, key=lambda identity: best[identity][0], default=None)
    path: list[Step] = []
    while at is not None:
        path.append(steps[at])
        at = best[at][1]
    return path[::-1]
