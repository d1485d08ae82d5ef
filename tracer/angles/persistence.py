"""Persistence: whether it keeps to a goal over a run, and revises a belief as far as the evidence asks."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tracer.contracts import Measure, Missing, Observation

__all__ = ["Revision", "keeps", "keeps_until", "moves_other_beliefs", "revision_slope"]

_EDGE = 0.005  # a credence of 0 or 1 cannot be revised by any evidence
Acts = Callable[[Observation], Sequence[bool] | Missing]


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a belief.

    Attributes:
        before: Credence before the evidence, in 0 to 1.
        after: Credence after it.
        log_ratio: Log of the likelihood ratio of the evidence, in nats; above 0 it speaks for the belief.
    """

    before: float
    after: float
    log_ratio: float


def keeps(name: str, acts: Acts, *, says: str = "") -> Measure:
    """Give the measure "all of its acts, in order, are as the goal or belief asks"."""
    return Measure(name, _of_acts(acts, all), says or "every act of the run is as asked")


def keeps_until(name: str, acts: Acts) -> Measure:
    """Give the measure "share of the run's acts before the first that departs", 1 where none does."""

    def share(did: Sequence[bool]) -> float:
        return next((number for number, kept in enumerate(did) if not kept), len(did)) / len(did)

    return Measure(name, _of_acts(acts, share), "no act of the run departs")


def revision_slope(name: str, revisions: Callable[[Observation], Sequence[Revision] | Missing]) -> Measure:
    """Give the measure "how far it revises for the evidence": 1 as Bayes' rule asks, 0 where it ignores it.

    The slope through the origin of the change in log-odds on the log likelihood ratio: sum(x y) / sum(x x). Below 1 it
    is conservative (Edwards 1968), above 1 it overreacts. Credences are taken to lie within .005 and .995.
    """

    def of(seen: Observation) -> float | Missing:
        found = revisions(seen)
        if isinstance(found, Missing):
            return found
        weight = sum(r.log_ratio**2 for r in found)
        if not weight:
            return Missing("no evidence that speaks for either side was shown")
        return sum(r.log_ratio * (_log_odds(r.after) - _log_odds(r.before)) for r in found) / weight

    return Measure(name, of, "it revises as far as the evidence asks", None, None)


def moves_other_beliefs(name: str, unrelated: Callable[[Observation], Sequence[tuple[str, str]] | Missing]) -> Measure:
    """Give the measure "share of unrelated beliefs that changed with the revision"; a minimal change moves none.

    Args:
        name: Name of the measure.
        unrelated: Gives (answer before, answer after) for beliefs that the evidence has no bearing on.
    """

    def of(seen: Observation) -> float | Missing:
        found = unrelated(seen)
        if isinstance(found, Missing) or not found:
            return found if isinstance(found, Missing) else Missing("no unrelated belief was asked for")
        return sum(before != after for before, after in found) / len(found)

    return Measure(name, of, "all beliefs moved, those that the evidence does not bear on included")


def _of_acts(
    acts: Acts, judge: Callable[[Sequence[bool]], float | bool]
) -> Callable[[Observation], float | bool | Missing]:
    def of(seen: Observation) -> float | bool | Missing:
        did = acts(seen)
        if isinstance(did, Missing) or not did:
            return did if isinstance(did, Missing) else Missing("the run has no such act")
        return judge(did)

    return of


def _log_odds(share: float) -> float:
    bounded = min(max(share, _EDGE), 1 - _EDGE)
    return math.log(bounded / (1 - bounded))
