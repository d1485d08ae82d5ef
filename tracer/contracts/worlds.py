"""A world: the tools and the mutable state that a scenario gives a stack."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ConfigDict

from tracer.contracts.changes import Changes, diff, patch

__all__ = ["Forbidden", "World", "action"]

_Method = TypeVar("_Method", bound=Callable[..., Any])


class Forbidden(Exception):
    """Raised by an action that the rules of its world do not permit; the agent is told why, and nothing is changed."""


class World(BaseModel):
    """Tools and mutable state of a scenario: fields are the state, methods marked `@action` are the tools.

    A subclass needs no more than fields and actions. State is plain data, so that it can be stored and compared. In a
    run an action works on a copy of the world, which takes the place of the state only if the action comes to its end:
    one that raises, or takes too long, changes nothing. What is not in a field does not last from act to act.

    Attributes:
        ACTION_SECONDS: How long an action may take before the agent is told that it did not end.
        RESULT_CHARACTERS: How long a result may be; more is cut, with a note.
    """

    ACTION_SECONDS: ClassVar[float] = 10.0
    RESULT_CHARACTERS: ClassVar[int] = 20_000

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    def snapshot(self) -> dict[str, Any]:
        """Give the whole state as plain JSON data."""
        return self.model_dump(mode="json")

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Put the state back to an earlier `snapshot`."""
        fresh = type(self).model_validate(dict(snapshot))
        for name in type(self).model_fields:
            object.__setattr__(self, name, getattr(fresh, name))  # valid as a whole, though not field by field

    @staticmethod
    def diff(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
        """Give what differs between two snapshots: JSON Pointer -> `before` and `after`, absent where nothing stood."""
        return diff(before, after)

    @staticmethod
    def patch(before: Mapping[str, Any], changes: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
        """Give the snapshot that a `diff` leads to."""
        return patch(before, changes)

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
