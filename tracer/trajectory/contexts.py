"""What is new in each actor's context, so that a history that grows with every call is walked once."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from tracer.trajectory.draft import Draft
from tracer.trajectory.step import Message

__all__ = ["Contexts"]


class Contexts:
    """The last input of every actor."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[Message, ...]] = {}

    def fresh(self, draft: Draft) -> Iterator[tuple[int, Message]]:
        """Give the messages of an input, with their positions, that the actor's last input did not begin with."""
        last = self._last.get(draft.agent, ())
        known = len(last) if draft.input[: len(last)] == last else 0
        self._last[draft.agent] = draft.input
        return islice(enumerate(draft.input), known, None)

    def dropped(self, draft: Draft) -> tuple[Message, ...]:
        """Give the actor's last input if this one does not go on from it, else nothing; to be asked before `fresh`."""
        last = self._last.get(draft.agent, ())
        return () if draft.input[: len(last)] == last else last
