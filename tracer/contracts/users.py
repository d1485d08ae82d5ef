"""A simulated user: who answers the system under study, turn by turn, until there is nothing more to say."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tracer.errors import SuiteError

__all__ = ["Counterpart", "User"]


@dataclass(frozen=True, slots=True)
class User:
    """A simulated user, as a task declares it: scripted (`replies`) or played by a model (`model` and `persona`).

    After each answer of the system the user is asked for a reply, and the system is called again with the whole
    conversation, until the user is done or has spoken `max_turns` times. The user is an actor of its own: its steps
    carry `Step.actor` "user", and its model calls do not count as the system's.

    Attributes:
        replies: What a scripted user says, turn by turn; or a pure function from the conversation so far (OpenAI chat
            messages) to the next reply, None where the user is done.
        model: The model that plays the user; the suite lists it in `Suite.user_models`.
        persona: For a model: who the user is and what it wants; the system under study does not see it.
        stop: A reply in which this stands ends the conversation, and is not handed on.
        max_turns: Replies that the user gives at most.
        name: Name of the user as an agent of the trajectory.

    Raises:
        SuiteError: It is neither scripted nor played by a model, or both.
    """

    replies: Sequence[str] | Callable[[list[dict[str, Any]]], str | None] | None = None
    model: str = ""
    persona: str = ""
    stop: str = "###STOP###"
    max_turns: int = 8
    name: str = "user"

    def __post_init__(self) -> None:
        if (self.replies is None) == (not self.model):
            raise SuiteError(f"the simulated user {self.name!r} needs either replies or a model, and not both")
        if isinstance(self.replies, str):
            raise SuiteError(f"the simulated user {self.name!r} has a text as replies: give a list, one text a turn")


class Counterpart(Protocol):
    """The simulated user as a running stack meets it: `kit.user`."""

    async def reply(self, messages: list[dict[str, Any]]) -> str | None:
        """Give what the user says to a conversation (OpenAI chat messages) now; None where the user is done."""
        ...
