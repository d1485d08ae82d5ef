"""What agents say to one another, apart from what they write for themselves beside a call of a tool."""

from __future__ import annotations

from tracer import Observation

__all__ = ["said_aloud"]


def said_aloud(seen: Observation) -> list[tuple[str, str]]:
    """Give who said what, in order: the messages of a run; without any, words that came with no call of a tool.

    Labelled runs have no messages. In a run, words beside a call are read by nobody else, and so are no statement.
    """
    steps, agents = seen.trajectory.steps, seen.trajectory.agents
    sent = [
        (str(step.data.get("from") or agents.get(step.agent, step.agent)), message.content)
        for step in steps
        if step.kind == "message"
        for message in step.output
    ]
    return sent or [
        (agents.get(step.agent, step.agent), message.content)
        for step in steps
        if step.kind == "model"
        for message in step.output
        if not message.tool_calls and message.content
    ]
