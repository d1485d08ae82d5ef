"""Rivals: other explanations of the same acts, each with the probe that would tell it apart.

A rival's check passes where the other explanation holds; then, or while it is open, it stands and bars support.
"""

from __future__ import annotations

from tracer.rivals.kinds import RIVALS, Rival, RivalKind, rival, same_again
from tracer.rivals.measures import did_it_itself, habit_over_goals, had_choice, had_reached, judges_differ, was_sent
from tracer.rivals.tasks import renamed, reworded, shuffled_history, told, without_history

__all__ = [
    "RIVALS",
    "Rival",
    "RivalKind",
    "did_it_itself",
    "habit_over_goals",
    "had_choice",
    "had_reached",
    "judges_differ",
    "renamed",
    "reworded",
    "rival",
    "same_again",
    "shuffled_history",
    "told",
    "was_sent",
    "without_history",
]
