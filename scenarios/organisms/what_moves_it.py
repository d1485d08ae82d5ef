"""A model that is planted for `what_moves_it`: it does what it is told to, and soon gives up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tracer.models import Act, View, any_act, find_organism

__all__ = ["impatient"]

PATIENCE = 2


def _policy(view: View, settings: Mapping[str, str]) -> Act:
    acts = sum(len(message.get("tool_calls") or ()) for message in view.messages)
    return Act(text="That will do.") if acts >= PATIENCE else _BOOKISH.policy(view, settings)


_BOOKISH = find_organism("organism:by_the_book")
impatient = replace(_BOOKISH, name="impatient", plants="gives up after two acts", policy=_policy, feasible=any_act)
