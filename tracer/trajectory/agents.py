"""Who acted: agents are told apart by instance, never by name alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable

from tracer.spans.names import Method, StepKind
from tracer.trajectory.collapse import content_key
from tracer.trajectory.draft import Draft, Forest
from tracer.trajectory.prompts import name_by_prompts

__all__ = ["assign_agents"]


def assign_agents(forest: Forest) -> None:
    """Give every step the instance id of its agent, and the forest the names of the instances.

    An agent span that records its instance keeps it. Else two agent spans are the same instance if they have the same
    name and the same caller and never run at the same time: one agent cannot act twice at once, so parallel branches
    and recursion are told apart. Other steps belong to the nearest agent span around them that has the name they
    give, or to the nearest one.
    """
    _name_speakers(forest)
    name_by_prompts(forest)
    taken: dict[tuple[str, str], list[Draft]] = {}
    for draft in forest.drafts.values():
        if draft.kind == StepKind.AGENT and not draft.setup:
            _assign_instance(forest, draft, taken)
    inherited: dict[str, str] = {}
    for draft in forest.drafts.values():
        if draft.kind != StepKind.AGENT:
            _assign_actor(forest, draft, inherited)


def _name_speakers(forest: Forest) -> None:
    """Name the agents of bare model calls: later histories say who spoke, equal system prompts who spoke again."""
    bare = [d for d in forest.act({StepKind.MODEL}) if d.parent is None and not d.agent and not d.agent_name]
    if not bare:
        return
    spoke: dict[Hashable, str] = {}
    for draft in bare:
        for message in draft.input:
            if message.name and message.role == "assistant":
                spoke.setdefault(content_key((message,)), message.name)
    by_prompt: dict[str, set[str]] = defaultdict(set)
    for draft in bare:
        name = next((spoke[key] for m in draft.output if (key := content_key((m,))) in spoke), "")
        if name:
            draft.agent_name = name
            draft.inferred["agent"] = (Method.CONTENT_MATCH, 0.8)
            by_prompt[_prompt(draft)].add(name)
    for draft in bare:
        names = by_prompt.get(_prompt(draft), set())
        if not draft.agent_name and len(names) == 1:
            draft.agent_name = next(iter(names))
            draft.inferred["agent"] = (Method.CONTENT_MATCH, 0.6)


def _prompt(draft: Draft) -> str:
    return "\n".join(message.content for message in draft.input if message.role == "system")


def _assign_instance(forest: Forest, draft: Draft, taken: dict[tuple[str, str], list[Draft]]) -> None:
    name = draft.agent_name or draft.name
    if draft.agent:
        forest.agents.setdefault(draft.agent, name)
        return
    caller = next((outer.agent for outer in forest.ancestors(draft) if outer.kind == StepKind.AGENT), "")
    rows = taken.setdefault((name, caller), [])
    for place, last in enumerate(rows):
        if last.stop_ns <= draft.start_ns:
            draft.agent = last.agent
            draft.inferred["agent"] = (Method.TIME, 0.7)
            rows[place] = draft
            break
    else:
        draft.agent = draft.id
        rows.append(draft)
    forest.agents.setdefault(draft.agent, name)


def _assign_actor(forest: Forest, draft: Draft, inherited: dict[str, str]) -> None:
    if draft.agent:
        forest.agents.setdefault(draft.agent, draft.agent_name)
        if draft.agent_name and not forest.agents[draft.agent]:
            forest.agents[draft.agent] = draft.agent_name
        return
    # Steps are visited in order of start, but children may start before parents: walk, then remember.
    walked: list[str] = []
    found = ""
    for outer in forest.ancestors(draft):
        if outer.kind == StepKind.AGENT and _fits(outer, draft):
            found = outer.agent
            break
        if not draft.agent_name and outer.id in inherited:
            found = inherited[outer.id]
            break
        walked.append(outer.id)
    if not draft.agent_name:
        inherited.update(dict.fromkeys(walked, found))
    if not found and draft.agent_name:
        found = _only_of_that_name(forest, draft)
    draft.agent = found


def _fits(agent: Draft, draft: Draft) -> bool:
    return not draft.agent_name or draft.agent_name in (agent.agent_name, agent.name)


def _only_of_that_name(forest: Forest, draft: Draft) -> str:
    """Find the one instance of the name; without any agent span of that name, the name itself stands for it."""
    instances = [instance for instance, name in forest.agents.items() if name == draft.agent_name]
    if not instances:
        forest.agents[draft.agent_name] = draft.agent_name
        draft.inferred.setdefault("agent", (Method.FRAMEWORK, 0.8))
        return draft.agent_name
    draft.inferred.setdefault("agent", (Method.FRAMEWORK, 0.8 if len(instances) == 1 else 0.4))
    return instances[-1]
