"""Which steps pass control from one agent to another: rules in the order of how sure they are."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tracer.spans.names import Method, StepKind
from tracer.trajectory.decode import as_text, decode_mapping
from tracer.trajectory.dialects.langchain import command_target
from tracer.trajectory.draft import Draft, Forest, Handoff

__all__ = ["find_handoffs", "target_in_name"]

_NAMED = re.compile(r"^(?:transfer|hand_?off|delegate)(?:_back)?_to_(?:the_)?(.+)$", re.IGNORECASE)
_GENERIC = {"agent", "coworker", "worker", "assistant"}
_ASKING = {"transfer_to_agent", "handoff_to_agent", "delegate_work_to_coworker", "ask_question_to_coworker"}
_ARGUMENTS = ("agent_name", "coworker", "agent", "target", "to", "name", "recipient")


def find_handoffs(forest: Forest) -> None:
    """Mark the tool and handoff steps that pass control, once for each call."""
    seen: set[tuple[str, str, str]] = set()
    acts = [*forest.act({StepKind.TOOL, StepKind.HANDOFF})]
    told = {(d.parent, d.handoff.target) for d in acts if d.handoff is not None and d.kind == StepKind.HANDOFF}
    for draft in acts:
        handoff = draft.handoff or _handoff(draft)
        if handoff is None or (draft.id, handoff.target) in told:  # a step inside the tool says it outright
            continue
        key = (draft.tool_call_id or draft.id, draft.agent, handoff.target)
        draft.handoff = None if key in seen else handoff
        seen.add(key)


def _handoff(draft: Draft) -> Handoff | None:
    attributes = draft.attributes
    target = as_text(
        attributes.get("gen_ai.transfer.target.name") or attributes.get("gen_ai.agent.handoff.target.name")
    )
    if target:
        return Handoff(as_text(attributes.get("gen_ai.agent.handoff.source.name")), target, "gen_ai.transfer")
    target = command_target(draft.data.get("result"))
    if target:
        return Handoff("", target, "command", Method.FRAMEWORK, 0.98)
    target = target_in_name(draft.name, draft.data.get("arguments"))
    return Handoff("", target, "tool name", Method.CONTENT_MATCH, 0.9) if target else None


def target_in_name(tool: str, arguments: Any = None) -> str:
    """Give the agent that a tool of this name passes control to, "" where it is no such tool."""
    found = _NAMED.match(tool)
    if found and found.group(1).lower() not in _GENERIC:
        return found.group(1)
    if found or tool.lower() in _ASKING:
        told: Mapping[str, Any] = decode_mapping(arguments)
        return next((as_text(told[key]) for key in _ARGUMENTS if told.get(key)), "")
    return ""
