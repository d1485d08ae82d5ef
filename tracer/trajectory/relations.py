"""Relations between agents and branches: handoffs, join sets, messages, plans, memory, retries, recorded links."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from tracer.spans.names import EdgeKind, Method, Prosaic, StepKind
from tracer.trajectory.decode import as_text, decode, encode
from tracer.trajectory.draft import ACTS, Draft, Forest
from tracer.trajectory.step import Edge

__all__ = [
    "join_branches",
    "join_handoffs",
    "join_links",
    "join_memory",
    "join_messages",
    "join_plans",
    "join_retries",
    "join_search",
]

_FAILED_KEPT = 8  # failed acts of one actor that may still be tried again

_LINK_KINDS = {
    "caused_by_generation": EdgeKind.REQUESTS,
    "informed_by": EdgeKind.INFORMS,
    "evidence_for": EdgeKind.INFORMS,
    "retry_of": EdgeKind.RETRIES,
    "revises": EdgeKind.REVISES,
    "handoff_from": EdgeKind.HANDS_OFF,
    "message": EdgeKind.SENDS,
    "join": EdgeKind.JOINS,
    "reads_memory": EdgeKind.READS_MEMORY,
    "spawned": EdgeKind.FORKS,
    "forked_from": EdgeKind.FORKS,
}


class _Starts:
    """The steps of every agent and node in order of start, to find who takes up what was passed on."""

    def __init__(self, forest: Forest) -> None:
        self._of: dict[str, list[Draft]] = defaultdict(list)
        self._when: dict[str, list[int]] = defaultdict(list)
        for draft in forest.drafts.values():
            if draft.setup or draft.kind == StepKind.PROBE:
                continue
            names = {draft.agent, forest.agents.get(draft.agent, "")} if draft.agent else {draft.node}
            for name in names - {""}:
                self._of[name].append(draft)
                self._when[name].append(draft.start_ns)

    def after(self, who: str, step: Draft) -> Draft | None:
        """Give the first step of an agent (by instance or name) or node that starts no earlier than another step."""
        steps = self._of.get(who, [])
        place = bisect_left(self._when.get(who, []), step.start_ns)
        return next((draft for draft in steps[place : place + 2] if draft is not step), None)


def join_handoffs(forest: Forest) -> None:
    """Add a `hands_off` edge from the step that passes control to the first step of who takes it."""
    starts = _Starts(forest)
    for draft in list(forest.drafts.values()):
        handoff = draft.handoff
        if handoff is None:
            continue
        source = handoff.source or forest.agents.get(draft.agent, "") or draft.node
        draft.data["handoff"] = {"from": source, "to": handoff.target, "rule": handoff.rule}
        if handoff.reason:
            draft.data["handoff"]["reason"] = handoff.reason
        if draft.status == "error":
            draft.status, draft.error = "control", ""
        taker = starts.after(handoff.target, draft)
        if taker is not None:
            evidence = {"from": source, "to": handoff.target, "rule": handoff.rule}
            forest.edges.append(
                Edge(draft.id, taker.id, EdgeKind.HANDS_OFF, handoff.method, handoff.confidence, evidence)
            )


def join_branches(forest: Forest) -> None:
    """Add `joins` edges from every branch that a graph node waited for, as its triggers name them."""
    runs: dict[tuple[str, str], list[Draft]] = defaultdict(list)
    for draft in forest.drafts.values():
        if draft.node:
            runs[_graph(draft), draft.node].append(draft)
    done: set[tuple[str, str]] = set()
    for draft in forest.drafts.values():
        key = (draft.task or draft.id, draft.node)
        waited = [trigger for trigger in draft.triggers if trigger.startswith("join:")]
        if not waited or key in done:
            continue
        done.add(key)
        for trigger in waited:
            for branch in _sources(trigger):
                last = _last_before(runs.get((_graph(draft), branch), []), draft)
                if last is not None:
                    forest.edges.append(_joined(last, draft, trigger))


def _graph(draft: Draft) -> str:
    """Give the (sub-)graph that a node belongs to: its checkpoint namespace without its own part."""
    return draft.task.rpartition("|")[0]


def _sources(trigger: str) -> list[str]:
    return [name for name in trigger.split(":")[1].split("+") if name]


def _last_before(branch: list[Draft], waiting: Draft) -> Draft | None:
    """Give the outermost step of the last execution of a branch that was over before the waiting node began."""
    over = [
        d for d in branch if d.start_ns <= waiting.start_ns and (d.node_step or 0) <= (waiting.node_step or 1 << 62)
    ]
    if not over:
        return None
    newest = max(over, key=lambda d: (d.node_step or 0, d.start_ns))
    same = [d for d in over if d.task == newest.task and d.node_step == newest.node_step]
    containers = [d for d in same if d.kind == StepKind.WORKFLOW]
    return containers[0] if containers else max(same, key=lambda d: d.stop_ns)


def _joined(branch: Draft, waiting: Draft, trigger: str) -> Edge:
    evidence = {"trigger": trigger, "waiting": waiting.node, "waited_for": branch.node}
    return Edge(branch.id, waiting.id, EdgeKind.JOINS, Method.FRAMEWORK, 0.98, evidence)


def join_messages(forest: Forest) -> None:
    """Add a `sends` edge from every message to the first step of each recipient after it."""
    starts = _Starts(forest)
    for draft in forest.act({StepKind.MESSAGE}):
        for recipient in draft.data.get("to", ()):
            taker = starts.after(recipient, draft)
            if taker is not None:
                evidence = {"message": draft.data.get("message", ""), "to": recipient}
                forest.edges.append(Edge(draft.id, taker.id, EdgeKind.SENDS, Method.RECORDED, 1.0, evidence))


def join_plans(forest: Forest) -> None:
    """Add `plans` (what wrote a plan), `revises` (a newer version) and `executes` (what carries out a step of it)."""
    versions: dict[str, list[Draft]] = defaultdict(list)
    for plan in forest.act({StepKind.PLAN}):
        earlier = versions[plan.data.get("plan", "")]
        if earlier:
            forest.edges.append(Edge(earlier[-1].id, plan.id, EdgeKind.REVISES, Method.RECORDED, 1.0))
        earlier.append(plan)
    for draft in forest.drafts.values():
        outer = forest.drafts.get(draft.parent or "")
        if draft.kind == StepKind.MODEL and outer is not None and outer.kind == StepKind.PLAN:
            forest.edges.append(Edge(draft.id, outer.id, EdgeKind.PLANS, *draft.parent_known))
        if "plan_step" in draft.data:
            plan = _plan_of(versions, draft)
            if plan is not None:
                evidence = {"step": draft.data["plan_step"]}
                forest.edges.append(Edge(plan.id, draft.id, EdgeKind.EXECUTES, Method.RECORDED, 1.0, evidence))


def _plan_of(versions: Mapping[str, list[Draft]], draft: Draft) -> Draft | None:
    named = draft.data.get("plan", "")
    candidates = versions.get(named, []) if named else [plan for plans in versions.values() for plan in plans]
    before = [plan for plan in candidates if plan.start_ns <= draft.start_ns]
    holding = [plan for plan in before if _holds_step(plan, draft.data["plan_step"])]
    return max(holding or before, key=lambda plan: plan.start_ns, default=None)


def _holds_step(plan: Draft, step: str) -> bool:
    return any(as_text(told.get("id")) == step for told in plan.data.get("steps", ()) if isinstance(told, Mapping))


def join_search(forest: Forest) -> None:
    """Add `forks` from a branch of a search to every branch that goes on from it."""
    branches = {(d.agent, d.data["branch"]): d for d in forest.drafts.values() if "branch" in d.data}
    for draft in branches.values():
        earlier = branches.get((draft.agent, draft.data["parent"]))
        if earlier is not None:
            forest.edges.append(Edge(earlier.id, draft.id, EdgeKind.FORKS, Method.RECORDED, 1.0))


def join_memory(forest: Forest) -> None:
    """Add `reads_memory` from the last write of a record to every step that gets it back, by record id or content."""
    written: dict[str, Draft] = {}
    for draft in forest.act({StepKind.MEMORY}):
        writes = "search" not in as_text(draft.data.get("operation"))
        for key, evidence in _records(draft):
            if writes:
                written[key] = draft
            elif key in written:
                method = Method.RECORDED if "id" in evidence else Method.CONTENT_MATCH
                confidence = 1.0 if "id" in evidence else 0.9
                forest.edges.append(
                    Edge(written[key].id, draft.id, EdgeKind.READS_MEMORY, method, confidence, evidence)
                )
                break


def _records(draft: Draft) -> list[tuple[str, dict[str, Any]]]:
    store = as_text(draft.data.get("store"))
    keys: list[tuple[str, dict[str, Any]]] = []
    own = as_text(draft.attributes.get("gen_ai.memory.record.id"))
    if own:
        keys.append((f"{store}/id/{own}", {"id": own}))
    records = decode(draft.data.get("records"))
    for record in records if isinstance(records, (list, tuple)) else ():
        told: Mapping[str, Any] = record if isinstance(record, Mapping) else {"content": record}
        if told.get("id"):
            keys.append((f"{store}/id/{told['id']}", {"id": as_text(told["id"])}))
        if told.get("content"):
            text = as_text(told["content"])
            keys.append((f"{store}/text/{text}", {"content": text[:80]}))
    return keys


def join_retries(forest: Forest) -> None:
    """Add `retries` from a failed act to the next act of the same actor that asks for the same thing."""
    failed: dict[tuple[str, str, str], list[Draft]] = defaultdict(list)
    for draft in forest.act({StepKind.MODEL, StepKind.TOOL}):
        before = failed[draft.agent, draft.kind, draft.name]
        earlier = next((d for d in before if d.stop_ns <= draft.start_ns and _request(d) == _request(draft)), None)
        if earlier is not None:
            before.remove(earlier)
            forest.edges.append(Edge(earlier.id, draft.id, EdgeKind.RETRIES, Method.CONTENT_MATCH, 0.9))
        if draft.status == "error":
            before.append(draft)
            del before[:-_FAILED_KEPT]


def _request(draft: Draft) -> object:
    return encode(draft.data.get("arguments")) if draft.kind == StepKind.TOOL else draft.input


def join_links(forest: Forest) -> None:
    """Turn span links into edges: of the kind they state, else of the kind that the two steps suggest."""
    at = {(d.span.trace_id, span): d for d in forest.drafts.values() for span in d.spans}
    for draft in list(forest.drafts.values()):
        waited: list[Draft] = []
        for trace, span, told in _links(draft):
            earlier = at.get((trace, span))
            if earlier is None or earlier is draft:
                continue
            kind = _LINK_KINDS.get(told) or _suggested(earlier, draft)
            if kind is not None:
                forest.edges.append(Edge(earlier.id, draft.id, kind, Method.RECORDED, 1.0, {"link": told}))
            if kind == EdgeKind.SENDS and draft.kind != StepKind.MESSAGE:
                waited.append(forest.drafts.get(earlier.parent or "", earlier))
        if len(waited) > 1:
            # What several messages led to has waited for all who sent them.
            forest.edges.extend(_waited(branch, draft) for branch in waited)


def _waited(branch: Draft, waiting: Draft) -> Edge:
    evidence = {"waiting": waiting.node or waiting.name, "waited_for": branch.node or branch.name}
    return Edge(branch.id, waiting.id, EdgeKind.JOINS, Method.RECORDED, 1.0, evidence)


def _links(draft: Draft) -> list[tuple[str, str, str]]:
    found = {(link.trace_id, link.span_id): _told_kind(link.attributes) for link in draft.span.links}
    copies = decode(draft.attributes.get(Prosaic.LINKS))
    for copy in copies if isinstance(copies, (list, tuple)) else ():
        if isinstance(copy, Mapping):
            trace = as_text(copy.get("trace_id")) or draft.span.trace_id
            found.setdefault((trace, as_text(copy.get("span_id"))), _told_kind(copy))
    return [(trace, span, told) for (trace, span), told in found.items()]


def _told_kind(attributes: Mapping[str, Any]) -> str:
    told = attributes.get(Prosaic.LINK_KIND) or attributes.get("gen_ai.attribution.link_type") or attributes.get("kind")
    return as_text(told).lower()


def _suggested(earlier: Draft, later: Draft) -> EdgeKind | None:
    """A link without a kind says that one thing led to another; between message spans that is a sending."""
    if StepKind.MESSAGE in (earlier.kind, later.kind):
        return EdgeKind.SENDS
    return EdgeKind.INFORMS if earlier.kind in ACTS and later.kind in ACTS else None
