"""Which spans are one run: a forest of many traces split into the forests of single runs."""

from __future__ import annotations

from collections import defaultdict

from tracer.spans.names import Prosaic, StepKind
from tracer.trajectory.collapse import content_key
from tracer.trajectory.decode import as_text
from tracer.trajectory.draft import Draft, Forest

__all__ = ["split_runs"]

_TELLING = 20  # characters that an answer has to have for its return in a later input to prove a conversation


class _Sets:
    """Disjoint sets of step ids."""

    def __init__(self) -> None:
        self._up: dict[str, str] = {}

    def find(self, name: str) -> str:
        up = self._up.setdefault(name, name)
        while up != self._up[up]:
            self._up[up] = self._up[self._up[up]]
            up = self._up[up]
        self._up[name] = up
        return up

    def join(self, a: str, b: str) -> None:
        self._up[self.find(a)] = self.find(b)


def split_runs(forest: Forest) -> list[tuple[str, Forest]]:
    """Give the runs in a forest with their ids, in order of start.

    Steps are of one run if they share a run id, a trace or a container (also an inferred one), if a link or a bare
    model call's input leads from one to the other, or if one sets up an agent that the other uses.
    """
    sets = _Sets()
    for draft in forest.drafts.values():
        me = "step:" + draft.id
        run = as_text(draft.attributes.get(Prosaic.RUN_ID))
        sets.join(me, "run:" + run if run else "trace:" + draft.span.trace_id)
        if draft.parent is not None:
            sets.join(me, "step:" + draft.parent)
        for link in draft.span.links:
            if not link.attributes.get(Prosaic.LINK_KIND):
                continue
            sets.join(me, "trace:" + link.trace_id)
    _join_conversations(forest, sets)
    _join_setups(forest, sets)
    parts: dict[str, list[Draft]] = defaultdict(list)
    for draft in forest.drafts.values():
        parts[sets.find("step:" + draft.id)].append(draft)
    return [_run(forest, drafts, len(parts)) for drafts in parts.values()]


def _join_conversations(forest: Forest, sets: _Sets) -> None:
    """Join bare model calls whose input holds what an earlier one said, or answers a call it made."""
    said: dict[tuple[object, ...], Draft] = {}
    for draft in forest.act({StepKind.MODEL}):
        instance = draft.process
        if draft.parent is None:
            for message in draft.input:
                if message.role == "assistant" and (message.tool_calls or len(message.content) >= _TELLING):
                    earlier = said.get((instance, content_key((message,))))
                    if earlier is not None:
                        sets.join("step:" + draft.id, "step:" + earlier.id)
            for message in draft.output:
                said[instance, content_key((message,))] = draft


def _join_setups(forest: Forest, sets: _Sets) -> None:
    """Join what sets up an agent to the first run of the same process that has an agent of that name."""
    users: dict[tuple[object, str], list[Draft]] = defaultdict(list)
    for draft in forest.drafts.values():
        if draft.agent_name and not draft.setup:
            users[draft.process, draft.agent_name].append(draft)
    for draft in forest.drafts.values():
        if draft.setup and draft.parent is None:
            near = users.get((draft.process, draft.agent_name))
            if near:
                sets.join("step:" + draft.id, "step:" + near[0].id)


def _run(forest: Forest, drafts: list[Draft], parts: int) -> tuple[str, Forest]:
    named = next((d.attributes[Prosaic.RUN_ID] for d in drafts if d.attributes.get(Prosaic.RUN_ID)), None)
    roots = [d for d in drafts if d.parent is None and not d.setup] or drafts
    holding = [d for d in roots if d.kind in (StepKind.WORKFLOW, StepKind.AGENT)] or roots
    identity = as_text(named) if named else holding[0].span.trace_id
    mine = {span for draft in drafts for span in draft.spans}
    problems = [p for p in forest.problems if parts == 1 or not p.startswith("span ") or p.split()[1] in mine]
    return identity, Forest({draft.id: draft for draft in drafts}, problems=problems)
