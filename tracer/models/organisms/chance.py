"""Chance: what a policy without any goal does, in any task: any option, any tool with any of the values it allows."""

from __future__ import annotations

from itertools import islice, product
from typing import Any

from tracer.models.organisms.reading import Act, Settings, Tool, View

__all__ = ["any_act", "first_act"]

_MOST = 64  # acts of one tool; more are not told apart


def any_act(view: View) -> list[Act]:
    """List the acts that are open: an answer for each option, and a call of each tool with each allowed value."""
    if view.options and not view.tools:
        return [Act(text=option) for option in view.options]
    return [act for tool in view.tools for act in _calls(tool)] or [Act()]


def first_act(view: View, settings: Settings) -> Act:
    """Give the first act that is open."""
    return any_act(view)[0]


def _calls(tool: Tool) -> list[Act]:
    properties: dict[str, Any] = dict(tool.schema.get("properties") or {})
    values = [_values(allowed, properties.get(name, {})) for name, allowed in tool.parameters.items()]
    return [
        Act(tool=tool.name, arguments=dict(zip(tool.parameters, v, strict=True)))
        for v in islice(product(*values), _MOST)
    ]


def _values(allowed: tuple[str, ...], schema: Any) -> tuple[Any, ...]:
    if allowed:
        return allowed
    match schema.get("type"):
        case "integer" | "number":
            return (0, 1, 2, 5, 10)
        case "boolean":
            return (True, False)
        case "array":
            return ([],)
        case "object":
            return ({},)
        case _:
            return ("something",)
