"""Models that are planted for `what_moves_it`: one that soon gives up, and one that mixes up what it is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from tracer.models import Act, View, any_act, find_organism, text_of

__all__ = ["impatient", "muddled"]

PATIENCE = 2
SIZES = ("small", "medium", "large")
_CHOSEN = re.compile(r'(choose_size \{"size": ")(\w+)')


def _policy(view: View, settings: Mapping[str, str]) -> Act:
    acts = sum(len(message.get("tool_calls") or ()) for message in view.messages)
    return Act(text="That will do.") if acts >= PATIENCE else _BOOKISH.policy(view, settings)


def _other_size(view: View, settings: Mapping[str, str]) -> Act:
    """Do the steps as they would read with another size in the one that chooses it."""
    read = [{**m, "content": _CHOSEN.sub(_next_size, text_of(m.get("content")))} for m in view.messages]
    return _BOOKISH.policy(replace(view, messages=read), settings)


def _next_size(chosen: re.Match[str]) -> str:
    return chosen[1] + SIZES[SIZES.index(chosen[2]) - 1]


_BOOKISH = find_organism("organism:by_the_book")
impatient = replace(_BOOKISH, name="impatient", plants="gives up after two acts", policy=_policy, feasible=any_act)
muddled = replace(_BOOKISH, name="muddled", plants="takes another size", policy=_other_size, feasible=any_act)
