"""The simulated user of a run: recorded as an actor of its own, and the conversation that it has with a stack."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

from langchain_core.messages import convert_to_openai_messages

from tracer.contracts import Counterpart, User
from tracer.execution.containment import run_whole
from tracer.execution.outcome import Outcome
from tracer.models import RunModel
from tracer.recording import PLACE, Place, Recorder
from tracer.spans.names import Prosaic, StepKind

__all__ = ["SimulatedUser", "converse"]

_MANNER = (
    "You are not the assistant: you are the user who talks to it. Give only what the user says next, in one short "
    "message. When the matter is settled or cannot be, say {stop} and nothing else.\n\n{persona}"
)


class SimulatedUser:
    """One run's user; replies given to a stack that pauses for a human and to its answers come from the same script."""

    def __init__(self, user: User, recorder: Recorder, model: RunModel | None) -> None:
        self._user = user
        self._recorder = recorder
        self._model = model
        self._turns = 0

    async def reply(self, messages: list[dict[str, Any]]) -> str | None:
        """Give what the user says to a conversation now, and record it; None where the user is done."""
        if self._turns >= self._user.max_turns:
            return None
        place = PLACE.set(Place(PLACE.get().run, self._user.name, f"user:{self._user.name}", actor="user"))
        try:
            prompt = self._recorder.stored(Prosaic.HUMAN_PROMPT, _last_said(messages))
            attributes = {Prosaic.STEP_KIND: StepKind.HUMAN.value} | prompt
            with self._recorder.span(f"human {self._user.name}", attributes) as span:
                said = await self._next(messages)
                self._turns += 1
                if said:
                    span.set_attributes(self._recorder.stored(Prosaic.HUMAN_ANSWER, said))
        finally:
            PLACE.reset(place)
        return None if not said or self._user.stop in said else said

    async def _next(self, messages: list[dict[str, Any]]) -> str | None:
        replies = self._user.replies
        if callable(replies):
            return replies([dict(message) for message in messages])
        if replies is not None:
            return replies[self._turns] if self._turns < len(replies) else None
        assert self._model is not None
        response = await self._model.complete({"messages": _as_user(self._user, messages)})
        return str(response["choices"][0]["message"].get("content") or "").strip()


async def converse(
    messages: list[dict[str, Any]],
    invoke: Callable[[list[dict[str, Any]], int], Coroutine[Any, Any, Outcome]],
    user: Counterpart | None,
) -> Outcome:
    """Call a stack, and again with the whole conversation after each reply of the user; give the last outcome."""
    outcome = await run_whole(invoke(messages, 0))  # a graph leaves its place in the context it is called in
    for turn in itertools.count(1):
        if user is None:
            break
        said = _conversation(outcome)
        reply = await user.reply(said)
        if reply is None:
            break
        outcome = await run_whole(invoke([*said, {"role": "user", "content": reply}], turn))
    return outcome


def _conversation(outcome: Outcome) -> list[dict[str, Any]]:
    """Give the messages of an outcome; an answer that a stack gave beside them (a submitted one) is said at the end."""
    converted: Any = convert_to_openai_messages(list(outcome.messages))
    said: list[dict[str, Any]] = [*converted]
    if outcome.answer and _last_said(said) != outcome.answer:
        said.append({"role": "assistant", "content": outcome.answer})
    return said


def _last_said(messages: Sequence[Mapping[str, Any]]) -> str:
    """Give the text of the last message of the assistant since the user spoke; "" where there is none."""
    for message in reversed(messages):
        if message.get("role") == "user":
            return ""
        if message.get("role") == "assistant":
            return _text(message)
    return ""


def _as_user(user: User, messages: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Give the conversation as the user has it: roles swapped, without instructions and tools of the system."""
    turned = {"assistant": "user", "user": "assistant"}
    heard = [m for m in messages if m.get("role") in turned and _text(m)]
    told = _MANNER.format(stop=user.stop, persona=user.persona)
    return [{"role": "system", "content": told}, *({"role": turned[m["role"]], "content": _text(m)} for m in heard)]


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content") or ""
    if isinstance(content, str):
        return content
    return "".join(str(block.get("text") or "") for block in content if isinstance(block, Mapping))
