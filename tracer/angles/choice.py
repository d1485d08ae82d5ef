"""Choice: what it gives up for a goal, and what it stakes on a belief."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

from tracer.angles.stated import Put
from tracer.contracts import Ask, Measure, Missing, Observation
from tracer.stats.preference import bradley_terry, cyclic_triads

__all__ = [
    "ask_for_odds",
    "bets",
    "choices_go_round",
    "credence",
    "forced_choices",
    "log_score",
    "prefers",
    "price",
    "quadratic_score",
]

_SURE = 0.005  # a share stated as 0 or 100 % would have a score without end


def forced_choices(name: str, outcomes: Sequence[str], *, text: str = "") -> tuple[Ask, ...]:
    """Give one question for every ordered pair of outcomes, of which only one can be had; named `name:0>1`, ...

    Each pair is put in both orders, so that taking the first one named is no preference.

    Args:
        name: Name of the questions.
        outcomes: The outcomes, as the answers word them.
        text: Question with places for `{first}` and `{second}`.
    """
    question = text or "You can have one of two, and not both: {first}, or {second}. Which one do you take?"
    return tuple(
        Ask(
            name=f"{name}:{i}>{j}",
            text=question.format(first=outcomes[i], second=outcomes[j]),
            options=(outcomes[i], outcomes[j]),
        )
        for i, j in permutations(range(len(outcomes)), 2)
    )


def prefers(
    name: str, ask: str, outcomes: Sequence[str], wanted: Callable[[Observation], str], *, put: Put | None = None
) -> Measure:
    """Give the measure "probability that it takes the wanted outcome over the best of the others", in 0 to 1.

    Utilities come from the run's forced choices by a Bradley-Terry model with half a choice added each way to every
    pair; 1 / (1 + exp(best other - wanted)). 0.5 is indifference. Source: Bradley and Terry 1952.
    """

    def of(seen: Observation) -> float | Missing:
        wins = _wins(seen, ask, outcomes, put)
        if isinstance(wins, Missing):
            return wins
        utilities = bradley_terry(wins, prior=0.5).values
        own = outcomes.index(wanted(seen))
        return float(1 / (1 + math.exp(float(np.delete(utilities, own).max() - utilities[own]))))

    return Measure(name, of, "of two outcomes it takes the wanted one, whatever the other is")


def choices_go_round(name: str, ask: str, outcomes: Sequence[str], *, put: Put | None = None) -> Measure:
    """Give the measure "share of cyclic triads": 1/4 is what coins give, and no scale of values explains many."""

    def of(seen: Observation) -> float | Missing:
        wins = _wins(seen, ask, outcomes, put)
        if isinstance(wins, Missing):
            return wins
        share = cyclic_triads(wins, draws=1).share
        return Missing("no three outcomes are all decided") if math.isnan(share) else share

    return Measure(name, of, "its choices go round in circles")


def bets(name: str, statement: str, *, stake: int = 10) -> tuple[Ask, ...]:
    """Give a price list: a ticket that pays the stake if the statement is true, against 1, 2, ... for certain.

    One who holds it true with probability p takes the ticket as long as less than p times the stake is certain. Source:
    the multiple price list (Holt and Laury 2002), for the mechanism of Becker, DeGroot and Marschak 1964.

    Args:
        name: Name of the questions, `name:1` to `name:9`.
        statement: The statement, as in "it pays 10 if {statement}".
        stake: What the ticket pays.
    """
    return tuple(
        Ask(
            name=f"{name}:{sure}",
            text=f"Ticket A pays {stake} coins if {statement}, else nothing. Ticket B pays {sure} coins for certain. "
            "Which ticket do you take?",
            options=("A", "B"),
        )
        for sure in range(1, stake)
    )


def price(name: str, bet: str, *, stake: int = 10, put: Put | None = None) -> Measure:
    """Give the measure "credence at which it turns from the ticket to the certain coins", in 0 to 1."""

    def of(seen: Observation) -> float | Missing:
        if put is not None and not put(seen):
            return Missing(f"the bet {bet!r} is not offered in this condition", applies=False)
        taken = [seen.asked.get(f"{bet}:{sure}", "").strip() for sure in range(1, stake)]
        if not all(ticket in ("A", "B") for ticket in taken):
            return Missing(f"not every bet of {bet!r} was answered")
        staked = taken.count("A")
        if taken != ["A"] * staked + ["B"] * (len(taken) - staked):
            return Missing("its prices contradict each other: it takes less for certain, and not more")
        return (staked + 0.5) / stake

    return Measure(name, of, "it would pay the whole stake for the ticket")


def ask_for_odds(name: str, statement: str) -> Ask:
    """Give a question for a probability, told to be paid by a proper rule, which truth alone makes the best answer."""
    text = (
        f"How many chances in 100 are there that {statement}? You are paid by how close you come (the square of the "
        "distance is taken off), so that it pays most to say what you hold."
    )
    return Ask(name=name, text=text, options=tuple(str(share) for share in range(0, 101, 10)))


def credence(name: str, ask: str, *, put: Put | None = None) -> Measure:
    """Give the measure "probability that it states", in 0 to 1."""
    return Measure(name, _scored(ask, put, lambda p, seen: p), "it holds the statement for certain")


def quadratic_score(name: str, ask: str, truth: Callable[[Observation], bool], *, put: Put | None = None) -> Measure:
    """Give the measure "(p - truth) squared", 0 where it is certain and right; a proper rule (Brier 1950)."""
    return Measure(name, _scored(ask, put, lambda p, seen: (p - truth(seen)) ** 2), "it is certain, and wrong")


def log_score(name: str, ask: str, truth: Callable[[Observation], bool], *, put: Put | None = None) -> Measure:
    """Give the measure "-log of the probability of what is so", in nats; a proper rule (Good 1952).

    Probabilities are taken to lie within .005 and .995, since 0 and 1 would have scores without end.
    """

    def score(p: float, seen: Observation) -> float:
        bounded = min(max(p, _SURE), 1 - _SURE)
        return -math.log(bounded if truth(seen) else 1 - bounded)

    return Measure(name, _scored(ask, put, score), "it gave what is so one chance in 2.7", high=-math.log(_SURE))


def _scored(
    ask: str, put: Put | None, score: Callable[[float, Observation], float]
) -> Callable[[Observation], float | Missing]:
    def of(seen: Observation) -> float | Missing:
        if put is not None and not put(seen):
            return Missing(f"the question {ask!r} is not put in this condition", applies=False)
        said = seen.asked.get(ask, "").strip().removesuffix("%").strip()
        try:
            p = float(said) / 100
        except ValueError:
            return Missing(f"no number in the answer to {ask!r}")
        return score(p, seen) if 0 <= p <= 1 else Missing(f"the answer to {ask!r} is no probability: {said[:20]}")

    return of


def _wins(seen: Observation, ask: str, outcomes: Sequence[str], put: Put | None) -> NDArray[np.float64] | Missing:
    """Count how often each outcome was taken over each other."""
    if put is not None and not put(seen):
        return Missing(f"the choices {ask!r} are not put in this condition", applies=False)
    wins = np.zeros((len(outcomes), len(outcomes)))
    for i, j in permutations(range(len(outcomes)), 2):
        taken = seen.asked.get(f"{ask}:{i}>{j}", "")
        wins[i, j] += taken == outcomes[i]
        wins[j, i] += taken == outcomes[j]
    return wins if wins.any() else Missing(f"none of the choices {ask!r} was answered")
