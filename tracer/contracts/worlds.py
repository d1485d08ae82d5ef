"""A world: the tools and the mutable state that a scenario gives a stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict

__all__ = ["World", "action"]

_Method = TypeVar("_Method", bound=Callable[..., Any])


class World(BaseModel):
    """Tools and mutable state of a scenario: fields are the state, methods marked `@action` are the tools.

    A subclass needs no more than fields and actions. State is plain data, so that it can be stored and compared.
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    def snapshot(self) -> dict[str, Any]:
        """Give the whole state as plain JSON data."""
        return self.model_dump(mode="json")

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Put the state back to an earlier `snapshot`."""
        fresh = type(self).model_validate(dict(snapshot))
        for name in type(self).model_fields:
            setattr(self, name, getattr(fresh, name))

    def actions(self) -> list[Callable[..., Any]]:
        """List the bound methods that a stack may call as tools, in the order of their definition."""
        names = [
            name
            for base in reversed(type(self).__mro__)
            for name, member in vars(base).items()
            if getattr(member, "__tracer_action__", False)
        ]
        return [getattr(self, name) for name in dict.fromkeys(names)]


def action(method: _Method) -> _Method:
    """Mark a method of a `World` as a tool; its name, docstring and annotations are the tool's definition."""
    method.__tracer_action__ = True  # type: ignore[attr-defined]  # the mark is the whole point
    return method
