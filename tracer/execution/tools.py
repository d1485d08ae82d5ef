"""The actions of a world as LangChain tools; each attempt is recorded, and what it did to the world."""

from __future__ import annotations

import functools
import inspect
import threading
from collections.abc import Callable
from typing import Any

from langchain_core.tools import StructuredTool, ToolException

from tracer.contracts import World
from tracer.execution.acting import Act, act, wrong_arguments
from tracer.recording import annotate
from tracer.spans.names import Prosaic
from tracer.store import dump_json

__all__ = ["world_tools"]


def world_tools(world: World | None) -> list[StructuredTool]:
    """Give a tool for each action of a world; schema and description come from its annotations and docstring.

    What goes wrong in an action is its result: a text that starts with "Error: ". Acts on one world are done one after
    the other, also where a stack calls several tools at once.
    """
    if world is None:
        return []
    turn = threading.Lock()
    return [_tool(world, method, turn) for method in world.actions()]


def _tool(world: World, method: Callable[..., Any], turn: threading.Lock) -> StructuredTool:
    description = inspect.getdoc(method) or method.__name__.replace("_", " ")
    tool = StructuredTool.from_function(method, name=method.__name__, description=description)
    tool.func = _recorded(world, method, turn)
    tool.handle_validation_error = lambda error: _told(wrong_arguments(error))  # type: ignore[arg-type]  # v2 models only
    tool.handle_tool_error = True
    return tool


def _recorded(world: World, method: Callable[..., Any], turn: threading.Lock) -> Callable[..., Any]:
    signature = inspect.signature(method)

    @functools.wraps(method)
    def call(*args: Any, **kwargs: Any) -> Any:
        with turn:
            done = act(world, method.__name__, signature.bind(*args, **kwargs).arguments)
        said = _told(done)
        if not done.executed:
            raise ToolException(said)
        return said

    return call


def _told(done: Act) -> Any:
    """Record an act on the span of its tool call, and give what the agent is told of it."""
    attributes: dict[str, Any] = {Prosaic.ACTION_ATTEMPTED: True, Prosaic.ACTION_EXECUTED: done.executed}
    if done.permitted is not None:
        attributes[Prosaic.ACTION_PERMITTED] = done.permitted
    if done.changed:
        attributes[Prosaic.WORLD_CHANGED] = dump_json(dict(done.changed)).decode()
    annotate(attributes, error=done.error)
    return done.result if done.executed else f"Error: {done.error}"
