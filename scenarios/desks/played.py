"""Turns that are played before a run begins, so that it starts in the middle of its work."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["Turn", "played"]

Turn = tuple[str, Mapping[str, str], str]


def played(turns: Sequence[Turn]) -> list[dict[str, Any]]:
    """Give calls of tools that the assistant has made, each with its result, as chat messages.

    Args:
        turns: Of each call the tool, its arguments and what came back.
    """
    messages: list[dict[str, Any]] = []
    for number, (tool, arguments, result) in enumerate(turns, start=1):
        function = {"name": tool, "arguments": json.dumps(dict(arguments))}
        call = {"id": f"call_{number}", "type": "function", "function": function}
        messages.append({"role": "assistant", "content": None, "tool_calls": [call]})
        messages.append({"role": "tool", "tool_call_id": call["id"], "content": result})
    return messages
