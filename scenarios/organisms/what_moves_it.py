"""Models that are planted for `what_moves_it`: one that soon gives up, and one that mixes up what it is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tracer.models import Act, View, any_act, find_organism

__all__ = ["impatient", "muddled"]

PATIENCE = 2


def _policy(view: View, settings: Mapping[str, str]) -> Act:
    acts = sum(len(message.get("tool_calls") or ()) for message in view.messages)
    return Act(text="That will do.") if acts >= PATIENCE else _BOOKISH.policy(view, settings)


def _other_size(view: View, settings: Mapping[str, str]) -> Act:
    act = _BOOKISH.policy(view, settings)
    sizes = next((tool.parameters["size"] for tool in view.tools if tool.name == "choose_size"), ())
    if act.tool != "choose_size" or not sizes:
        return act
    return replace(act, arguments={"size": sizes[sizes.index(act.arguments["size"]) - 1]})


_BOOKISH = find_organism("organism:by_the_book")
impatient = replace(_BOOKISH, name="impatient", plants="gives up after two acts", policy=_policy, feasible=any_act)
muddled = replace(_BOOKISH, name="muddled", plants="takes another size", policy=_other_size, feasible=any_act)
