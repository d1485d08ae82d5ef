"""What no dialect recognises: a step of kind `unknown`, with what the names of its attributes give away."""

from __future__ import annotations

from tracer.trajectory.dialects.dialect import Dialect, aliases

__all__ = ["UNKNOWN"]

UNKNOWN = Dialect(
    name="unknown",
    recognises=lambda span: True,
    kinds={},
    aliases=aliases(
        input=("input.value", "input", "prompt", "request", "messages"),
        output=("output.value", "output", "completion", "response"),
        agent_name=("agent.name", "agent_name", "agent"),
        conversation=("conversation.id", "thread.id", "thread_id", "session_id"),
    ),
)
