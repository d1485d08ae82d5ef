"""The actions of a world as LangChain tools; what each one did to the world is recorded."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

from langchain_core.tools import StructuredTool

from tracer.contracts import World
from tracer.recording import annotate
from tracer.spans.names import Prosaic
from tracer.store import dump_json

__all__ = ["changes", "world_tools"]


def world_tools(world: World | None) -> list[StructuredTool]:
    """Give a tool for each action of a world; schema and description come from its annotations and docstring."""
    return [_tool(world, method) for method in world.actions()] if world is not None else []


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Give field -> [before, after] of every field of the state that differs."""
    names = [*before, *(name for name in after if name not in before)]
    return {name: [before.get(name), after.get(name)] for name in names if before.get(name) != after.get(name)}


def _tool(world: World, method: Callable[..., Any]) -> StructuredTool:
    description = inspect.getdoc(method) or method.__name__.replace("_", " ")
    tool = StructuredTool.from_function(method, name=method.__name__, description=description)
    tool.func = _recorded(world, method)
    return tool


def _recorded(world: World, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        before = world.snapshot()
        try:
            return method(*args, **kwargs)
        finally:
            changed = changes(before, world.snapshot())
            if changed:
                annotate({Prosaic.WORLD_CHANGED: dump_json(changed).decode()})

    return call
