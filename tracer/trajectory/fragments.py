"""Root fragments put back where they belong: what threads, executors and processes tore off."""

from __future__ import annotations

from bisect import bisect_right

from tracer.spans.names import Method, StepKind
from tracer.trajectory.draft import ACTS, Draft, Forest

__all__ = ["rejoin_fragments"]

_HOLDERS = (StepKind.AGENT, StepKind.WORKFLOW, StepKind.TOOL)


class _Containers:
    """The containers of a forest, level by level, to find those that stand around a moment."""

    def __init__(self, forest: Forest) -> None:
        self._levels: dict[str | None, tuple[list[Draft], list[int], list[int]]] = {}
        for parent, drafts in forest.children().items():
            holders = [d for d in drafts if d.kind in _HOLDERS and not d.setup]
            latest: list[int] = []
            for draft in holders:
                latest.append(max(draft.stop_ns, latest[-1] if latest else 0))
            self._levels[parent] = (holders, [d.start_ns for d in holders], latest)

    def around(self, parent: str | None, draft: Draft) -> list[Draft]:
        """Give the containers directly in `parent` that are open all the while a step lasts."""
        holders, starts, latest = self._levels.get(parent, ([], [], []))
        found: list[Draft] = []
        place = bisect_right(starts, draft.start_ns) - 1
        while place >= 0 and latest[place] >= draft.stop_ns:
            if holders[place].stop_ns >= draft.stop_ns and holders[place] is not draft:
                found.append(holders[place])
            place -= 1
        return found


def rejoin_fragments(forest: Forest) -> None:
    """Give roots that are no runs of their own a container, as inferred, never rewriting a recorded one.

    In this order: the container of the same graph task (framework metadata); the one open container, of the same
    process and not of another conversation, all the way down as long as only one is open; where several are open, the
    one whose name the fragment's input mentions, else what they have in common.
    """
    containers = _Containers(forest)
    by_task = {d.task: d for d in forest.drafts.values() if d.task and d.kind in (StepKind.AGENT, StepKind.WORKFLOW)}
    for draft in forest.drafts.values():
        if draft.parent is not None or draft.setup:
            continue
        named = by_task.get(draft.task) if draft.task else None
        if named is not None and named is not draft and draft.kind in ACTS:
            _place(draft, named, Method.FRAMEWORK, 0.95)
        elif draft.kind in ACTS or draft.lost_parent or draft.kind == StepKind.UNKNOWN:
            _descend(containers, draft)


def _descend(containers: _Containers, draft: Draft) -> None:
    roots = [c for c in containers.around(None, draft) if _compatible(c, draft)]
    if len(roots) != 1:
        return
    at, confidence = roots[0], 0.8
    if draft.conversation and draft.conversation == at.conversation:
        confidence = 0.9
    while True:
        open_here = containers.around(at.id, draft)
        if len(open_here) > 1:
            mentioned = [c for c in open_here if _mentions(draft, c.name)]
            if len(mentioned) == 1:
                _place(draft, mentioned[0], Method.CONTENT_MATCH, 0.6)
                return
            confidence = min(confidence, 0.5)
        if len(open_here) != 1:
            break
        at = open_here[0]
    _place(draft, at, Method.TIME, confidence)


def _compatible(container: Draft, draft: Draft) -> bool:
    instance = container.process
    if instance != draft.process:
        return False
    return not (container.conversation and draft.conversation) or container.conversation == draft.conversation


def _mentions(draft: Draft, name: str) -> bool:
    return bool(name) and any(name in message.content for message in draft.input[-1:])


def _place(draft: Draft, container: Draft, method: Method, confidence: float) -> None:
    draft.parent = container.id
    draft.parent_known = (method, confidence)
    draft.inferred["parent"] = (method, confidence)
