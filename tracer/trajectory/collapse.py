"""One step for one act: wrappers collapsed, doubly instrumented calls merged, their spans all kept."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable

from tracer.spans.names import StepKind
from tracer.trajectory.decode import canonical_arguments
from tracer.trajectory.draft import Draft, Forest
from tracer.trajectory.step import Message

__all__ = ["collapse_wrappers", "content_key", "fold_gotos", "merge_doubles"]

_CONTAINERS = (StepKind.AGENT, StepKind.WORKFLOW)
_COVERS = 0.6  # of a wrapper's time is what it wraps; less of it is an agent that calls itself


def collapse_wrappers(forest: Forest) -> None:
    """Make one step of spans that wrap one another: same name, one inside the other and alone there.

    The step has the id and times of the outermost span and is of the kind of the innermost, which knows best what it
    is. Tools wrapped in tools of the same name and model calls in model calls are one act as well.
    """
    children = forest.children()
    for outer in reversed(list(forest.drafts.values())):
        inner = _wrapped(outer, children)
        while inner is not None:
            _fold(forest, children, outer, inner)
            inner = _wrapped(outer, children)
    forest.settle()


def _wrapped(outer: Draft, children: dict[str | None, list[Draft]]) -> Draft | None:
    inside = children.get(outer.id, [])
    if outer.setup or outer.id == outer.parent:
        return None
    if outer.kind in _CONTAINERS:
        if not inside:
            return _covered_twin(outer, children)
        return _lone_content(outer, inside)
    if outer.kind in (StepKind.TOOL, StepKind.MODEL):
        same = [d for d in inside if d.kind == outer.kind]
        if len(same) == 1 and (outer.kind == StepKind.MODEL or same[0].name == outer.name):
            return same[0]
    return None


def _lone_content(outer: Draft, inside: list[Draft]) -> Draft | None:
    """Find the container of the same name that is all there is in a wrapper, or that another instrumentation made."""
    same = [d for d in inside if d.kind in _CONTAINERS and d.name == outer.name and not d.setup]
    if len(same) != 1 or same[0].stop_ns - same[0].start_ns < _COVERS * (outer.stop_ns - outer.start_ns):
        return None
    foreign = same[0].kind == outer.kind == StepKind.AGENT and same[0].span.scope.name != outer.span.scope.name
    return same[0] if len(inside) == 1 or foreign else None


def _covered_twin(outer: Draft, children: dict[str | None, list[Draft]]) -> Draft | None:
    """Find the sibling of the same name that an empty agent span stands around in time only."""
    if outer.kind != StepKind.AGENT:
        return None
    for twin in children.get(outer.parent, []):
        named = twin is not outer and twin.kind in _CONTAINERS and twin.name == outer.name
        if named and children.get(twin.id) and outer.start_ns <= twin.start_ns and twin.stop_ns <= outer.stop_ns:
            return twin
    return None


def _fold(forest: Forest, children: dict[str | None, list[Draft]], outer: Draft, inner: Draft) -> None:
    moved = children.pop(inner.id, [])
    for draft in moved:
        draft.parent = outer.id
    at = children[inner.parent]
    at[:] = [draft for draft in at if draft is not inner]
    children.setdefault(outer.id, []).extend(moved)
    if outer.kind in _CONTAINERS and outer.kind != inner.kind:
        outer.kind, outer.agent_name, outer.agent = inner.kind, inner.agent_name, inner.agent
    _fill(outer, inner)
    forest.absorb(outer, inner)


def _fill(kept: Draft, folded: Draft) -> None:
    """Let a step learn what only the folded one knows; a failure or a passing of control anywhere is its own."""
    for name in (
        "agent_name",
        "agent",
        "conversation",
        "input",
        "output",
        "tool_call_id",
        "response_id",
        "node",
        "triggers",
        "task",
        "handoff",
    ):
        if not getattr(kept, name):
            setattr(kept, name, getattr(folded, name))
    for name in ("input_tokens", "output_tokens", "node_step"):
        if getattr(kept, name) is None:
            setattr(kept, name, getattr(folded, name))
    kept.data = {**folded.data, **kept.data}
    if "control" in (kept.status, folded.status):
        kept.status, kept.error = "control", ""
    elif folded.status == "error" and kept.status == "ok":
        kept.status, kept.error = folded.status, folded.error


def merge_doubles(forest: Forest) -> None:
    """Merge model calls that two instrumentations recorded: by response id, or by equal output in the same time.

    Tokens are those of one of them, so that nothing is counted twice.
    """
    groups: dict[Hashable, list[Draft]] = defaultdict(list)
    for draft in forest.act({StepKind.MODEL}):
        said = content_key(draft.output)
        if draft.response_id:
            groups["id", draft.response_id].append(draft)
        if said:
            groups["said", said].append(draft)
    gone: set[str] = set()
    for key, group in groups.items():
        by_id = isinstance(key, tuple) and key[0] == "id"
        kept: list[Draft] = []
        for draft in group:
            if draft.id in gone:
                continue
            twin = next((k for k in kept[-8:] if k.id not in gone and _same_call(k, draft, by_id)), None)
            if twin is None:
                kept.append(draft)
                continue
            stays, goes = (draft, twin) if twin.parent is None and draft.parent is not None else (twin, draft)
            _fill(stays, goes)
            forest.absorb(stays, goes)
            gone.add(goes.id)
            kept = [stays if k is twin else k for k in kept]
    _merge_acts(forest)
    forest.settle()


def _merge_acts(forest: Forest) -> None:
    """Fold what a world recorded of a tool call into what the caller recorded of it around that, in other spans."""
    callers: dict[str, list[Draft]] = defaultdict(list)
    acts: list[Draft] = []
    for draft in forest.act({StepKind.TOOL}):
        if draft.dialect == "prosaic":
            acts.append(draft)
        else:
            callers[draft.name].append(draft)
    taken: set[str] = set()
    for act in acts:
        around = (c for c in reversed(callers.get(act.name, [])) if c.id not in taken and _is_around(c, act))
        caller = next(around, None)
        if caller is not None:
            taken.add(caller.id)
            _fill(caller, act)
            forest.absorb(caller, act)


def _is_around(caller: Draft, act: Draft) -> bool:
    if not (caller.start_ns <= act.start_ns and act.stop_ns <= caller.stop_ns):
        return False
    said, also = caller.data.get("arguments"), act.data.get("arguments")
    return said is None or also is None or canonical_arguments(said) == canonical_arguments(also)


def _same_call(a: Draft, b: Draft, by_id: bool) -> bool:
    if max(a.start_ns, b.start_ns) > min(a.stop_ns, b.stop_ns):
        return False
    said, also = content_key(a.output), content_key(b.output)
    if by_id:
        return not said or not also or said == also
    if a.response_id and b.response_id:
        return False
    within = (a.start_ns <= b.start_ns and b.stop_ns <= a.stop_ns) or (
        b.start_ns <= a.start_ns and a.stop_ns <= b.stop_ns
    )
    return within and a.span.scope.name != b.span.scope.name


def content_key(messages: tuple[Message, ...]) -> Hashable:
    """Give what messages say, apart from who is named to say it; empty where they say nothing."""
    return tuple(
        (m.content, tuple((c.name, c.id, canonical_arguments(c.arguments)) for c in m.tool_calls))
        for m in messages
        if m.content or m.tool_calls
    )


def fold_gotos(forest: Forest) -> None:
    """Fold spans that only repeat a handoff (`goto X`) into what they stand in, so that one handoff counts once."""
    seen: set[tuple[str, str]] = set()
    for draft in list(forest.drafts.values()):
        handoff = draft.handoff
        if handoff is None or handoff.rule != "langgraph.command":
            continue
        outer = forest.drafts.get(draft.parent or "")
        key = (draft.span.trace_id + _agent_around(forest, draft), handoff.target)
        tool = outer is not None and outer.kind == StepKind.TOOL
        if outer is not None and (tool or key in seen):
            if tool and outer.handoff is None:
                outer.handoff = handoff
            forest.absorb(outer, draft)
        seen.add(key)
    forest.settle()


def _agent_around(forest: Forest, draft: Draft) -> str:
    return next((outer.id for outer in forest.ancestors(draft) if outer.kind == StepKind.AGENT), "")
