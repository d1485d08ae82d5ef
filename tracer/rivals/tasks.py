"""Probes of rivals as changes to a task, for `Suite.present`: each gives a new task and leaves the given one alone."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

from tracer.contracts import Ask, Task, World
from tracer.errors import SuiteError

__all__ = ["renamed", "reworded", "shuffled_history", "told", "without_history"]


def told(task: Task, sentence: str) -> Task:
    """Give the task with a sentence at the end of the last message of the user.

    Raises:
        SuiteError: There is no message of the user with a text.
    """
    last = _last_of_user(task)
    message = {**task.messages[last], "content": f"{task.messages[last]['content']} {sentence}"}
    return replace(task, messages=[*task.messages[:last], message, *task.messages[last + 1 :]])


def reworded(task: Task, changes: Mapping[str, str], *, role: str = "system") -> Task:
    """Give the task with passages of its instruction replaced: a paraphrase, a contradiction, or "" to remove them.

    Args:
        task: The task.
        changes: Passage -> what stands in its place.
        role: Role of the messages that hold the instruction.

    Raises:
        SuiteError: A passage stands in none of these messages: the probe would change nothing and rule out nothing.
    """
    texts = {
        n: m["content"] for n, m in enumerate(task.messages) if m["role"] == role and isinstance(m["content"], str)
    }
    for passage, instead in changes.items():
        if not any(passage in text for text in texts.values()):
            raise SuiteError(f"no {role} message holds {passage!r}: the instruction would stay as it is")
        texts = {n: text.replace(passage, instead) for n, text in texts.items()}
    messages = [{**m, "content": texts[n]} if n in texts else m for n, m in enumerate(task.messages)]
    return replace(task, messages=[m for n, m in enumerate(messages) if n not in texts or texts[n].strip()])


def without_history(task: Task) -> Task:
    """Give the task with its instruction and the last message of the user alone; no turn before it can be repeated.

    Raises:
        SuiteError: There is no message of the user with a text.
    """
    last = _last_of_user(task)
    kept = [m for m in task.messages[:last] if m["role"] in ("system", "developer")]
    return replace(task, messages=[*kept, task.messages[last]])


def shuffled_history(task: Task, seed: int | str) -> Task:
    """Give the task with its earlier turns in another order, so that acts follow on each other as by chance.

    A turn is a message of the user, or what the assistant said with the results of the tools that it called.

    Raises:
        SuiteError: There are fewer than two turns to put in another order.
    """
    last = _last_of_user(task)
    lead = [m for m in task.messages[:last] if m["role"] in ("system", "developer")]
    turns: list[list[dict[str, Any]]] = []
    for message in task.messages[len(lead) : last]:
        if message["role"] == "tool" and turns:
            turns[-1].append(message)
        else:
            turns.append([message])
    if len(turns) < 2:
        raise SuiteError(f"the task has {len(turns)} turns before its last: there is no history to shuffle")
    order = list(range(len(turns)))
    rng = random.Random(f"history {seed}")
    while order == sorted(order):
        rng.shuffle(order)
    return replace(task, messages=[*lead, *(m for n in order for m in turns[n]), *task.messages[last:]])


def renamed(task: Task, names: Mapping[str, str]) -> Task:
    """Give the task with other names for its entities, in messages, questions, answers and the world's state alike.

    Whole words are replaced, all at once, so that names may also be swapped.

    Raises:
        SuiteError: No name occurs in the task.
    """
    words = sorted(names, key=len, reverse=True)
    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, words)) + r")\b")

    def anew(value: Any) -> Any:
        if isinstance(value, str):
            return pattern.sub(lambda found: names[found[0]], value)
        if isinstance(value, Mapping):
            return {anew(key): anew(part) for key, part in cast(Mapping[Any, Any], value).items()}
        return [anew(part) for part in cast(list[Any], value)] if isinstance(value, list) else value

    messages: list[dict[str, Any]] = anew(task.messages)
    if messages == task.messages:
        raise SuiteError(f"none of the names {', '.join(words)} stands in the task: nothing would be renamed")
    return replace(
        task,
        messages=messages,
        world=None if task.world is None else _world(task.world, anew(task.world.snapshot())),
        options=tuple(anew(option) for option in task.options),
        asks=tuple(
            Ask(name=a.name, text=anew(a.text), options=tuple(anew(option) for option in a.options)) for a in task.asks
        ),
    )


def _world(world: World, state: Mapping[str, Any]) -> World:
    fresh = world.model_copy(deep=True)
    fresh.restore(state)
    return fresh


def _last_of_user(task: Task) -> int:
    for number in reversed(range(len(task.messages))):
        message = task.messages[number]
        if message["role"] == "user" and isinstance(message.get("content"), str):
            return number
    raise SuiteError("the task has no message of the user with a text: there is nothing to change")
