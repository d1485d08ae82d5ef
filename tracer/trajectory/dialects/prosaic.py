"""Our own dialect: GenAI conventions, plus the `prosaic.*` attributes for what none of them covers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tracer.spans.names import GenAI, Prosaic, StepKind
from tracer.trajectory.decode import as_int, as_text, decode
from tracer.trajectory.dialects.dialect import Dialect, aliases
from tracer.trajectory.dialects.genai import OPERATIONS, mark_setup, note_memory_operation
from tracer.trajectory.draft import Draft, Handoff
from tracer.trajectory.messages import MessageReader
from tracer.trajectory.step import Message

__all__ = ["PROSAIC"]

_NAMED = {GenAI.WORKFLOW_NAME, Prosaic.PLAN_STEP_ID, Prosaic.BRANCH_ID}
_KINDS = {str(kind): kind for kind in StepKind}


def _is_ours(span: Any) -> bool:
    attributes = span.attributes
    return Prosaic.RUN_ID in attributes or Prosaic.STEP_KIND in attributes or span.scope.name.startswith("prosaic")


def _read_node(draft: Draft, reader: MessageReader) -> None:
    attributes = draft.attributes
    draft.node = as_text(attributes.get(Prosaic.NODE))
    draft.node_step = as_int(attributes.get(Prosaic.NODE_STEP))
    triggers = decode(attributes.get(Prosaic.NODE_TRIGGERS))
    if isinstance(triggers, (list, tuple)):
        draft.triggers = tuple(map(str, triggers))
    draft.task = as_text(attributes.get(Prosaic.NODE_TASK))
    if draft.node and draft.kind == StepKind.WORKFLOW and attributes.keys().isdisjoint(_NAMED):
        draft.name = draft.node


def _read_actor(draft: Draft, reader: MessageReader) -> None:
    draft.actor = as_text(draft.attributes.get(Prosaic.ACTOR))


def _read_action(draft: Draft, reader: MessageReader) -> None:
    """Take what a world says of an attempt to act: whether it was permitted and executed, and what it changed."""
    attributes = draft.attributes
    if Prosaic.ACTION_ATTEMPTED not in attributes:
        return
    named = {"attempted": Prosaic.ACTION_ATTEMPTED, "permitted": Prosaic.ACTION_PERMITTED}
    named |= {"executed": Prosaic.ACTION_EXECUTED, "changed": Prosaic.WORLD_CHANGED}
    draft.data["action"] = {name: decode(attributes[key]) for name, key in named.items() if key in attributes}


def _read_handoff(draft: Draft, reader: MessageReader) -> None:
    attributes = draft.attributes
    target = as_text(attributes.get(Prosaic.HANDOFF_TO))
    if target:
        reason = as_text(attributes.get(Prosaic.HANDOFF_REASON))
        source = as_text(attributes.get(Prosaic.HANDOFF_FROM))
        draft.handoff = Handoff(source, target, "prosaic.handoff", reason=reason)


def _read_plan(draft: Draft, reader: MessageReader) -> None:
    attributes = draft.attributes
    if draft.kind == StepKind.PLAN:
        draft.name = draft.agent_name or draft.name
        steps = decode(attributes.get(Prosaic.PLAN_STEPS))
        draft.data["plan"] = as_text(attributes.get(Prosaic.PLAN_ID))
        draft.data["version"] = as_int(attributes.get(Prosaic.PLAN_VERSION))
        draft.data["steps"] = steps if isinstance(steps, (list, tuple)) else []
        if draft.data["steps"] and not draft.output:
            draft.output = (Message(role="assistant", content=_plan_text(draft.data["steps"])),)
    elif Prosaic.PLAN_STEP_ID in attributes:
        draft.data["plan_step"] = as_text(attributes[Prosaic.PLAN_STEP_ID])
        draft.data["plan"] = as_text(attributes.get(Prosaic.PLAN_ID))


def _plan_text(steps: Any) -> str:
    return "\n".join(as_text(_told(step)) for step in steps)


def _told(step: Any) -> Any:
    return (
        next((step[k] for k in ("text", "description", "title") if k in step), step)
        if isinstance(step, Mapping)
        else step
    )


def _read_branch(draft: Draft, reader: MessageReader) -> None:
    attributes = draft.attributes
    if Prosaic.BRANCH_ID in attributes:
        value = attributes.get(Prosaic.BRANCH_VALUE)
        draft.data["branch"] = as_text(attributes[Prosaic.BRANCH_ID])
        draft.data["parent"] = as_text(attributes.get(Prosaic.BRANCH_PARENT))
        draft.data["content"] = as_text(attributes.get(Prosaic.BRANCH_CONTENT))
        draft.data["value"] = float(value) if isinstance(value, (int, float)) else None


def _read_message(draft: Draft, reader: MessageReader) -> None:
    attributes = draft.attributes
    if draft.kind == StepKind.MESSAGE:
        to = decode(attributes.get(Prosaic.MESSAGE_TO))
        draft.data["message"] = as_text(attributes.get(Prosaic.MESSAGE_ID))
        draft.data["from"] = as_text(attributes.get(Prosaic.MESSAGE_FROM)) or draft.agent or draft.agent_name
        draft.data["to"] = list(map(as_text, to)) if isinstance(to, (list, tuple)) else [as_text(to)]
        draft.output = reader.read(attributes.get(Prosaic.MESSAGE_CONTENT), "assistant") or draft.output


def _read_human(draft: Draft, reader: MessageReader) -> None:
    attributes = draft.attributes
    if draft.kind == StepKind.HUMAN:
        draft.name = draft.agent_name or draft.name
        draft.input = reader.read(attributes.get(Prosaic.HUMAN_PROMPT), "assistant")
        draft.output = reader.read(attributes.get(Prosaic.HUMAN_ANSWER), "user")


def _read_attitudes(draft: Draft, reader: MessageReader) -> None:
    """Take goals and beliefs from span events."""
    for event in draft.span.events:
        if event.name in (Prosaic.GOAL_EVENT, Prosaic.BELIEF_EVENT):
            cut = len(event.name) + 1
            told = {k[cut:]: v for k, v in event.attributes.items() if k.startswith(event.name + ".")}
            told["time_ns"] = event.time_ns
            draft.data.setdefault("goals" if event.name == Prosaic.GOAL_EVENT else "beliefs", []).append(told)


def _read_import(draft: Draft, reader: MessageReader) -> None:
    """Take what an importer says of a run and of the place of an act in its transcript."""
    for key, name in (
        ("prosaic.conditions", "conditions"),
        ("prosaic.outcome", "outcome"),
        ("prosaic.import.index", "index"),
    ):
        value = draft.attributes.get(key)
        if value is not None:
            draft.data[name] = decode(value)


PROSAIC = Dialect(
    name="prosaic",
    recognises=_is_ours,
    kinds={Prosaic.STEP_KIND: _KINDS, GenAI.OPERATION: OPERATIONS},
    aliases=aliases(),
    repairs=(
        mark_setup,
        note_memory_operation,
        _read_node,
        _read_actor,
        _read_action,
        _read_handoff,
        _read_plan,
        _read_branch,
        _read_message,
        _read_human,
        _read_attitudes,
        _read_import,
    ),
)
