"""CrewAI as OpenInference records it: the one stack that writes goals down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tracer.spans.names import StepKind
from tracer.trajectory.decode import as_text, decode_mapping
from tracer.trajectory.dialects.dialect import scoped
from tracer.trajectory.dialects.openinference import OPENINFERENCE
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["CREWAI"]


def _read_goal(draft: Draft, reader: MessageReader) -> None:
    if draft.kind != StepKind.AGENT:
        return
    told = decode_mapping(draft.attributes.get("input.value"))
    agent, task = told.get("agent"), told.get("task")
    if isinstance(agent, Mapping) and agent.get("goal"):
        draft.data["goals"] = [{"text": as_text(agent["goal"]), "source": "user", "status": "active"}]
    if isinstance(task, Mapping):
        draft.data["task"] = as_text(task.get("description"))


CREWAI = replace(
    OPENINFERENCE,
    name="crewai",
    recognises=scoped("openinference.instrumentation.crewai"),
    repairs=(*OPENINFERENCE.repairs, _read_goal),
)
