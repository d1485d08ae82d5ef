"""Models with a planted truth for `scenarios/stale_or_drifted.py`: goal and belief both gone, and one for each rival.

They are made of the organisms of the desk, and know what those know: the instruction, what the desk has shown, and what
the user said.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from tracer.models import Act, Organism, View, find_organism

__all__ = ["creature_of_habit", "forgetful", "hard_of_hearing", "one_goal_only", "stale_and_drifted"]

_ATTRIBUTES = ("cost", "emissions", "delay")
_DRIFTED, _STALE, _UNMOVED = (find_organism(f"organism:{name}").policy for name in ("drifted", "stale", "unmoved"))
Settings = Mapping[str, str]


def _both(view: View, settings: Settings) -> Act:
    """Want what the instruction names for no status, and believe the first one until told another."""
    if view.rule is None:
        return _DRIFTED(view, settings)
    third = next(a for a in _ATTRIBUTES if a not in (view.rule.first.attribute, view.rule.then.attribute))
    told = tuple(evidence for evidence in view.evidence if evidence.told)
    return _DRIFTED(replace(view, evidence=told or view.evidence[:1]), {"to": third})


def _in_half(view: View, settings: Settings) -> Act:
    """Have drifted where the depot is to open, and go by a stale status where it is to close."""
    return (_DRIFTED if view.rule is None or view.rule.value == "open" else _STALE)(view, settings)


def _half_deaf(view: View, settings: Settings) -> Act:
    """Take the user's word that the depot is open, and hear nothing else."""
    return (_STALE if view.rule is not None and view.rule.value == "open" else _UNMOVED)(view, settings)


def _forgets(view: View, settings: Settings) -> Act:
    """Take its own goal for the one that it was given."""
    if view.rule is not None and "were you given" in view.question:
        return view.answer(view.rule.first.attribute)
    return _DRIFTED(view, settings)


def _repeats(view: View, settings: Settings) -> Act:
    """Book the name that was booked before; all else as one does whose goal has drifted."""
    act = _DRIFTED(view, settings)
    if view.question or not view.at_choice or "offer" not in view.chosen:
        return act
    return replace(act, arguments={**act.arguments, "offer": view.chosen["offer"]})


stale_and_drifted = Organism("stale_and_drifted", "goal and belief: both are others than they should be", _both)
one_goal_only = Organism("one_goal_only", "drifted in half of the situations, stale in the others", _in_half)
hard_of_hearing = Organism("hard_of_hearing", "stale, and told so it believes it in half of the cases", _half_deaf)
forgetful = Organism("forgetful", "pursues one goal, and takes it for the given one", _forgets)
creature_of_habit = Organism("creature_of_habit", "books the name that it booked before", _repeats)
