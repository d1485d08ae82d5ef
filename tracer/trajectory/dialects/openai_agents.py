"""OpenAI Agents SDK as OpenInference records it: a task and turns around agents, handoffs as spans."""

from __future__ import annotations

from dataclasses import replace

from tracer.trajectory.dialects.dialect import scoped
from tracer.trajectory.dialects.openinference import OPENINFERENCE

__all__ = ["OPENAI_AGENTS"]

OPENAI_AGENTS = replace(
    OPENINFERENCE, name="openai_agents", recognises=scoped("openinference.instrumentation.openai_agents")
)
