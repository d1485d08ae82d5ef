"""What organisms that work through a list of acts have in common: what was done so far, and what comes next."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tracer.models import Act, View, text_of

__all__ = ["calls_made", "next_of", "said_by"]


def calls_made(view: View) -> list[Act]:
    """List the calls of tools that stand in the messages, oldest first."""
    calls: list[Any] = [call for message in view.messages for call in message.get("tool_calls") or []]
    return [Act(tool=c["function"]["name"], arguments=json.loads(c["function"]["arguments"] or "{}")) for c in calls]


def said_by(view: View, *roles: str) -> str:
    """Give all that messages of some roles say, a line each."""
    return "\n".join(text_of(m.get("content")) for m in view.messages if m.get("role") in roles)


def next_of(view: View, wanted: Sequence[Act]) -> Act:
    """Give the first wanted call that was not made yet and can be made; then say that the work is finished."""
    made, offered = calls_made(view), {tool.name for tool in view.tools}
    left = [act for act in wanted if act.tool in offered and act not in made]
    if left:
        return left[0]
    closing = "submit_answer" in offered
    return Act(tool="submit_answer", arguments={"answer": "finished"}) if closing else Act(text="finished")
