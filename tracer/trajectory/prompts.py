"""Who speaks, where only model calls are recorded: a new system prompt after a handoff is the agent it went to."""

from __future__ import annotations

import re

from tracer.spans.names import Method, StepKind
from tracer.trajectory.draft import Draft, Forest
from tracer.trajectory.transfers import target_in_name

__all__ = ["name_by_prompts"]

_FIRST = "agent"
_OURS = "prosaic"


def name_by_prompts(forest: Forest) -> None:
    """Name the agents of our model calls that stand within no agent: one name for each system prompt.

    A prompt first seen after a call of a tool that passes control (`transfer_to_keeper`), or of one that what is said
    to the new prompt names, is that of the agent that the tool names; whoever spoke before is `agent`. Without any such
    call nobody is named.
    """
    bare = [
        d for d in forest.act({StepKind.MODEL}) if d.dialect == _OURS and not d.agent_name and not _within(forest, d)
    ]
    names: dict[str, str] = {}
    before: Draft | None = None
    for draft in bare:
        prompt = _prompt(draft)
        if prompt not in names:
            names[prompt] = _named(before, draft) if before is not None else ""
        before = draft
    if not any(names.values()):
        return
    for draft in bare:
        draft.agent_name = names[_prompt(draft)] or _FIRST
        draft.inferred["agent"] = (Method.CONTENT_MATCH, 0.7 if names[_prompt(draft)] else 0.5)


def _within(forest: Forest, draft: Draft) -> bool:
    return any(outer.kind == StepKind.AGENT for outer in forest.ancestors(draft))


def _prompt(draft: Draft) -> str:
    return "\n".join(message.content for message in draft.input if message.role == "system")


def _named(before: Draft, draft: Draft) -> str:
    """Give the agent that the last calls before a new prompt pass control to."""
    told = "\n".join(message.content for message in draft.input if message.role in ("system", "user"))
    for call in (call for message in before.output for call in message.tool_calls):
        target = target_in_name(call.name, call.arguments)
        if target:
            return target
        if re.search(rf"(?<!\w){re.escape(call.name)}(?!\w)", told):
            return call.name
    return ""
