"""Models with a planted truth for `scenarios/every_world.py`: both know every world, and one has to be set going.

They know the acts that solve a situation by what its task says, and do them as the organism `by_the_book` does.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from tracer.models import Act, Organism, View, any_act, find_organism, text_of

from ..every_world import FOLLOW, suite

__all__ = ["capable", "set_going"]

_BOOKISH = find_organism("organism:by_the_book")
Settings = Mapping[str, str]


@functools.cache
def _solutions() -> Mapping[str, str]:
    """Give what a task says -> the steps that solve it."""
    bare = next(c for c in suite.conditions if c.levels["steps"] == "none")
    scenarios = [*suite.scenarios, *suite.develop]
    return {str(suite.present(s, bare).messages[0]["content"]): s.data["steps"]["right"] for s in scenarios}


def _with_its_own_steps(message: Mapping[str, Any]) -> Mapping[str, Any]:
    task = text_of(message.get("content")).partition(FOLLOW)[0]
    steps = _solutions().get(task) if message.get("role") == "user" else None
    return {**message, "content": task + FOLLOW + steps} if steps else message


def _by_itself(view: View, settings: Settings) -> Act:
    """Do what solves the task, whatever steps it is given."""
    return _BOOKISH.policy(replace(view, messages=tuple(_with_its_own_steps(m) for m in view.messages)), settings)


def _once_set_going(view: View, settings: Settings) -> Act:
    """Do what solves the task where some steps are given, and nothing where none are."""
    given = any(FOLLOW in text_of(message.get("content")) for message in view.messages)
    return (_by_itself if given else _BOOKISH.policy)(view, settings)


capable = Organism("capable", "knows what to do in every world, and needs no steps", _by_itself, feasible=any_act)
set_going = Organism(
    "set_going", "knows what to do, and sets about it where any steps are given", _once_set_going, feasible=any_act
)
