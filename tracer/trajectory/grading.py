"""How much of a trajectory is known: what is missing, what is inferred, and what therefore cannot be asked of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tracer.spans.names import EdgeKind, Method, StepKind
from tracer.trajectory.step import Step, Trajectory

__all__ = ["Fidelity", "fidelity"]

_ACTS = {StepKind.MODEL, StepKind.TOOL, StepKind.PLAN, StepKind.MEMORY, StepKind.RETRIEVAL, StepKind.HANDOFF}
_WEAK = {Method.CONTENT_MATCH, Method.TIME}


@dataclass(frozen=True, slots=True)
class Fidelity:
    """What is known about a trajectory.

    Attributes:
        grade: A: complete, all of it recorded. B: complete, in part inferred. C: something is missing or was lost.
            D: the acts are there but not their content. E: hardly more than a tree of unknown steps.
        spans: Spans that it was built from.
        steps: Steps by kind.
        content: Share of the model calls whose input and output are both recorded; 1 without model calls.
        identified: Share of the tool steps that are joined to a model call by a recorded id; 1 without tools.
        attributed: Share of the acts whose agent is known; 1 without acts.
        inferred: What was inferred -> how often: fields of steps by name, edges by kind.
        losses: What the source is known to have lost.
        unknown: What cannot be told, out of: model_calls, content, tokens, tools, agents, handoffs, joins.
        missing: The same in sentences, for reports.
    """

    grade: str
    spans: int
    steps: Mapping[str, int]
    content: float
    identified: float
    attributed: float
    inferred: Mapping[str, int]
    losses: Mapping[str, int]
    unknown: frozenset[str]
    missing: tuple[str, ...]

    def knows(self, *what: str) -> bool:
        """Tell whether all of these can be told, e.g. `knows("content", "agents")` before asking who saw what."""
        return not self.unknown.intersection(what)

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as plain JSON data."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {
            "steps": dict(self.steps),
            "inferred": dict(self.inferred),
            "losses": dict(self.losses),
            "unknown": sorted(self.unknown),
            "missing": list(self.missing),
        }


def fidelity(trajectory: Trajectory) -> Fidelity:
    """Give what is known, inferred and missing in a trajectory."""
    steps = trajectory.steps
    models = [step for step in steps if step.kind == StepKind.MODEL]
    tools = [step for step in steps if step.kind == StepKind.TOOL]
    acts = [step for step in steps if step.kind in _ACTS]
    asked = {e.target for e in trajectory.edges if e.kind == EdgeKind.REQUESTS and e.method == Method.TOOL_CALL_ID}
    content = _share(models, lambda s: bool(s.input) and bool(s.output or s.status in ("error", "open")))
    identified = _share(tools, lambda s: s.id in asked or (bool(s.tool_call_id) and not s.inferred))
    attributed = _share(acts, lambda s: bool(s.agent))
    inferred = _inferred(trajectory)
    unknown = _unknown(trajectory, models, acts, content)
    kinds = Counter(str(step.kind) for step in steps)
    losses = dict(trajectory.losses)
    open_steps = sum(step.status == "open" for step in steps)
    if open_steps:
        losses["ends"] = open_steps
    return Fidelity(
        grade=_grade(steps, content, unknown, inferred, losses, bool(models)),
        spans=sum(len(step.spans) for step in steps),
        steps=dict(kinds),
        content=content,
        identified=identified,
        attributed=attributed,
        inferred=inferred,
        losses=losses,
        unknown=frozenset(unknown),
        missing=tuple(_sentences(unknown, losses, kinds)),
    )


def _share(steps: list[Step], holds: Callable[[Step], bool]) -> float:
    return sum(1 for step in steps if holds(step)) / len(steps) if steps else 1.0


def _inferred(trajectory: Trajectory) -> dict[str, int]:
    fields = Counter(f"step.{name}" for step in trajectory.steps for name in step.inferred)
    edges = Counter(
        f"edge.{edge.kind}"
        for edge in trajectory.edges
        if edge.method in _WEAK and edge.kind not in (EdgeKind.NEXT, EdgeKind.INFORMS)
    )
    return dict(sorted((fields + edges).items()))


def _unknown(trajectory: Trajectory, models: list[Step], acts: list[Step], content: float) -> set[str]:
    unknown: set[str] = set()
    agents = [step for step in trajectory.steps if step.kind == StepKind.AGENT]
    if agents and not models:
        unknown.add("model_calls")
    if content < 1 or (agents and not models):
        unknown.add("content")
    if not any(step.input_tokens is not None for step in models):
        unknown.add("tokens")
    if acts and not any(step.agent for step in acts):
        unknown.add("agents")
    if not _handoffs_known(trajectory, agents, unknown):
        unknown.add("handoffs")
    if not _joins_known(trajectory, models):
        unknown.add("joins")
    if models and content < 1 and not any(step.kind == StepKind.TOOL for step in trajectory.steps):
        unknown.add("tools")
    return unknown


def _handoffs_known(trajectory: Trajectory, agents: list[Step], unknown: set[str]) -> bool:
    if len({step.agent for step in agents}) < 2 or "content" not in unknown:
        return True
    return any("handoff" in step.data for step in trajectory.steps)


def _joins_known(trajectory: Trajectory, models: list[Step]) -> bool:
    """Tell whether it can be known who waited for whom: not where calls overlap and nothing says in what branch."""
    if any(edge.kind == EdgeKind.JOINS for edge in trajectory.edges):
        return True
    if any("node" in step.data for step in models):
        return True
    latest = 0
    for step in models:
        if step.start_ns < latest and not step.agent:
            return False
        latest = max(latest, step.end_ns or step.start_ns)
    return True


def _grade(
    steps: tuple[Step, ...],
    content: float,
    unknown: set[str],
    inferred: Mapping[str, int],
    losses: Mapping[str, int],
    models: bool,
) -> str:
    known = sum(step.kind != StepKind.UNKNOWN for step in steps)
    if not steps or known < len(steps) / 2:
        return "E"
    if "model_calls" in unknown or (models and content == 0):
        return "D"
    if unknown - {"tokens"} or losses:
        return "C"
    return "B" if inferred else "A"


_SAYS = {
    "model_calls": "there are agents but no model calls",
    "content": "the input or output of some model calls is not recorded",
    "tokens": "no model call tells its tokens",
    "tools": "there are no tool steps, and without content it cannot be told whether tools were called",
    "agents": "it is not recorded which agent acted",
    "handoffs": "there are several agents, and nothing tells whether one passed control to another",
    "joins": "calls ran side by side, and nothing tells which step waited for which",
}
_LOST = {
    "attributes": "the source dropped {} attributes",
    "events": "the source dropped {} events",
    "links": "the source dropped {} links",
    "parents": "{} steps name a parent that is not there",
    "records": "{} records were damaged",
    "ends": "{} steps never ended",
}


def _sentences(unknown: set[str], losses: Mapping[str, int], kinds: Mapping[str, int]) -> list[str]:
    told = [says for what, says in _SAYS.items() if what in unknown]
    told += [text.format(losses[what]) for what, text in _LOST.items() if what in losses]
    if kinds.get("unknown"):
        told.append(f"{kinds['unknown']} spans are written in no dialect that is known")
    return told
