"""Angles on goals and beliefs: eight families, each with its checks, its measures and its blind spot."""

from __future__ import annotations

from tracer.angles.action import Decisions, acts_on_goal, belief_in_acts, goal_directedness, goal_over_rivals
from tracer.angles.choice import (
    ask_for_odds,
    bets,
    choices_go_round,
    credence,
    forced_choices,
    log_score,
    prefers,
    price,
    quadratic_score,
)
from tracer.angles.counterfactual import changed, takes
from tracer.angles.families import FAMILIES, AngleFamily, blind_spots, most_telling, on_belief, on_goal
from tracer.angles.patching import patched, spliced
from tracer.angles.persistence import Revision, keeps, keeps_until, moves_other_beliefs, revision_slope
from tracer.angles.social import predicted, reported
from tracer.angles.stated import answers_to, asks_for_belief, asks_for_goal, says_so, wordings_agree
from tracer.angles.text import against_labels, mentions, written

__all__ = [
    "FAMILIES",
    "AngleFamily",
    "Decisions",
    "Revision",
    "acts_on_goal",
    "against_labels",
    "answers_to",
    "ask_for_odds",
    "asks_for_belief",
    "asks_for_goal",
    "belief_in_acts",
    "bets",
    "blind_spots",
    "changed",
    "choices_go_round",
    "credence",
    "forced_choices",
    "goal_directedness",
    "goal_over_rivals",
    "keeps",
    "keeps_until",
    "log_score",
    "mentions",
    "most_telling",
    "moves_other_beliefs",
    "on_belief",
    "on_goal",
    "patched",
    "predicted",
    "prefers",
    "price",
    "quadratic_score",
    "reported",
    "revision_slope",
    "says_so",
    "spliced",
    "takes",
    "wordings_agree",
    "written",
]
