"""A look at a sequential study: how far it is, and intervals that hold however often one looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean
from typing import Any

from tracer.contracts import Check, Scenario
from tracer.stats import Estimate
from tracer.stats.sequential import Side, betting, e_process

__all__ = ["Looked", "Prefix", "anytime_interval"]


@dataclass(frozen=True, slots=True)
class Prefix:
    """The clusters that a look at a sequential study is at: a beginning of their planned order.

    Attributes:
        order: Cluster -> place in the planned order, 0 first.
        length: How many of them are complete and looked at.
        expected: Clusters planned in the scope of the check at hand, to which its bets are tuned.
    """

    order: Mapping[str, int]
    length: int
    expected: int = 1

    def over(self, scope: Sequence[Scenario]) -> Prefix:
        """Give the same look for a check with this scope."""
        return replace(self, expected=max(1, len({s.cluster or s.id for s in scope})))

    def __contains__(self, scenario: Scenario) -> bool:
        return self.order[scenario.cluster or scenario.id] < self.length


@dataclass(frozen=True, slots=True)
class Looked:
    """How far a sequential study came on one system.

    Attributes:
        clusters: Clusters that the last look was at.
        of: Clusters planned.
        decided: True where nothing that is still open could change an answer, so that no more runs are made.
        made: Runs of this system that are settled.
        planned: Runs of this system that were planned at most.
    """

    clusters: int
    of: int
    decided: bool
    made: int
    planned: int

    @property
    def saved(self) -> int:
        """Runs that were not needed."""
        return self.planned - self.made if self.decided else 0

    def __str__(self) -> str:
        how = "decided" if self.decided else "looked at"
        saved = f", {self.saved} saved" if self.decided else ""
        return f"{how} after {self.clusters} of {self.of} clusters: {self.made} of {self.planned} runs made{saved}"

    def to_dict(self) -> dict[str, Any]:
        """Give the look as plain JSON data."""
        return {
            "clusters": self.clusters,
            "clusters_planned": self.of,
            "decided": self.decided,
            "runs_made": self.made,
            "runs_planned": self.planned,
            "runs_saved": self.saved,
        }


def anytime_interval(
    check: Check,
    thetas: Sequence[float],
    clusters: Sequence[str],
    at: tuple[float, tuple[float, float]],
    prefix: Prefix,
) -> Estimate:
    """Give the mean over clusters with the interval and the p value that hold at every look.

    The cluster means are bet on in the planned order (`tracer.stats.sequential.betting`). `p` is twice the one-sided
    anytime-valid p value 1 / max_t E_t in the direction of PASS; for `within`, the larger of both sides; for a null,
    the two-sided one against 0.

    Args:
        check: The check.
        thetas: (n,) values of the estimand, one a scenario.
        clusters: (n,) their clusters.
        at: Level of the interval, and smallest and largest possible value.
        prefix: The look.
    """
    level, span = at
    of_cluster: dict[str, list[float]] = {}
    for theta, cluster in zip(thetas, clusters, strict=True):
        of_cluster.setdefault(cluster, []).append(theta)
    means = [fmean(of_cluster[name]) for name in sorted(of_cluster, key=prefix.order.__getitem__)]
    margin = 0.0 if check.role == "null" else check.margin
    inside = min(max(margin, span[0]), span[1])
    found = betting(means, level=level, null=inside, bounds=span, expected=prefix.expected)
    found = replace(found, n=len(thetas), null=margin)
    if check.role == "null":
        return found
    sides: dict[str, list[tuple[float, Side]]] = {
        "above": [(margin, "greater")],
        "below": [(margin, "less")],
        "within": [(-margin, "greater"), (margin, "less")],
    }
    ps = [_doubled(means, null, side, at, prefix.expected) for null, side in sides[check.direction]]
    return replace(found, p=max(ps))


def _doubled(
    means: Sequence[float], null: float, side: Side, at: tuple[float, tuple[float, float]], expected: int
) -> float:
    level, span = at
    if not span[0] <= null <= span[1]:  # no value can lie on the null's other side
        return 0.0 if (null < span[0]) == (side == "greater") else 1.0
    wealth = e_process(means, null=null, bounds=span, side=side, alpha=1 - level, expected=expected)
    return min(1.0, 2 / float(wealth.max()))
