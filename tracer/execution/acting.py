"""One act on a world: permitted or not, brought to its end or not, and what it changed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from tracer.contracts import Forbidden, World
from tracer.execution.containment import stop_thread

__all__ = ["Act", "act", "wrong_arguments"]


@dataclass(frozen=True, slots=True)
class Act:
    """What came of an attempt to act.

    Attributes:
        result: What the action gave back, cut where it is too long; None where it was not executed.
        permitted: False where the world forbade it; None where the world was not asked, the arguments being wrong.
        executed: Whether the action came to its end; only then the world has changed.
        error: Why it was not executed.
        changed: What it changed, as `World.diff` gives it.
    """

    result: Any = None
    permitted: bool | None = True
    executed: bool = True
    error: str = ""
    changed: Mapping[str, Any] = field(default_factory=dict[str, Any])


def act(world: World, name: str, arguments: Mapping[str, Any]) -> Act:
    """Do one action of a world, on a copy that becomes its state only if the action comes to its end."""
    before = world.snapshot()
    trial = type(world).model_validate(before)
    try:
        given = _within(world.ACTION_SECONDS, name, lambda: getattr(trial, name)(**arguments))
        result = _cut(given, world.RESULT_CHARACTERS)
        after = trial.snapshot()
        world.restore(after)
    except Forbidden as why:
        return Act(permitted=False, executed=False, error=f"Forbidden: {why}")
    except ValidationError as error:
        return Act(executed=False, error=_problems(error))
    except Exception as error:  # boundary: an action is the suite's own code, and what it raises is told to the agent
        return Act(executed=False, error=f"{type(error).__name__}: {error}")
    return Act(result, changed=World.diff(before, after))


def wrong_arguments(error: ValidationError) -> Act:
    """Give the act that an attempt with wrong arguments is."""
    return Act(permitted=None, executed=False, error=f"wrong arguments: {_problems(error)}")


def _within(seconds: float, name: str, call: Callable[[], Any]) -> Any:
    """Give what a call gives, if it ends in time; a thread that does not is told to stop."""
    gave: list[Any] = []
    raised: list[BaseException] = []

    def work() -> None:
        try:
            gave.append(call())
        except BaseException as error:  # handed to the thread that waits; an action that exits ends nothing else
            raised.append(error)

    thread = threading.Thread(target=work, name=f"action {name}", daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        error = raised[0]
        raise error if isinstance(error, Exception) else RuntimeError(f"the action raised {type(error).__name__}")
    if not gave:
        stop_thread(thread)
        raise TimeoutError(f"{name} took longer than {seconds:g} s and was given up; nothing was changed")
    return gave[0]


def _cut(result: Any, characters: int) -> Any:
    text = result if isinstance(result, str) else json.dumps(result, ensure_ascii=False, default=str)
    if len(text) <= characters:
        return result
    return f"{text[:characters]}\n[cut here: {len(text):,} characters in all]"


def _problems(error: ValidationError) -> str:
    told = [(".".join(map(str, p["loc"])), p["msg"]) for p in error.errors(include_url=False)]
    return "; ".join(f"{place}: {what}" if place else what for place, what in told)
