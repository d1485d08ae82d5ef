"""What missing runs could have shown, and whether they go missing more often in one arm of a contrast."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean

from tracer.contracts import Check, Scenario
from tracer.stats import Estimate
from tracer.stats.clustered import mean_of_clusters, sign_flip
from tracer.study.table import NOT_RUN, Cell

__all__ = ["Cells", "attrition_between_arms", "if_missing_had_shown"]

Cells = Sequence[tuple[Scenario, Mapping[str, Cell]]]
"""The scenarios in scope of a check, each with what its conditions have."""


def if_missing_had_shown(
    check: Check, cells: Cells, bounds: tuple[float | None, float | None]
) -> tuple[list[float], list[float]] | None:
    """Give the scenarios' values if every missing run had shown the least, and the most, for the estimand.

    Source: Manski 1990; Horowitz and Manski 2000.

    Returns:
        Two lists, one value a scenario of `cells`; None where nothing is missing or the measure has no bounds.
    """
    low, high = bounds
    missing = any(cell.missing for _, by_name in cells for cell in by_name.values())
    if not missing or low is None or high is None:
        return None

    def filled(for_positive: float, for_negative: float) -> list[float]:
        weights = check.estimand.weights.items()
        return [
            sum(w * by_name[name].mean(for_positive if w > 0 else for_negative) for name, w in weights)
            for _, by_name in cells
        ]

    return filled(low, high), filled(high, low)


def attrition_between_arms(check: Check, cells: Cells, *, level: float = 0.95) -> Estimate | None:
    """Give the difference between the arms of a contrast in the share of runs without a value, with its test.

    The arms are the conditions of positive and of negative weight. The interval is that of `mean_of_clusters`, the p
    value that of the sign-flip test over clusters. Runs still to come are not missing.

    Returns:
        None where the estimand has one arm only, or nothing is missing.
    """
    weights = check.estimand.weights
    arms = [[name for name, w in weights.items() if w > 0], [name for name, w in weights.items() if w < 0]]
    if not all(arms):
        return None
    shares = [[fmean(_gone(by_name[name]) for name in arm) for _, by_name in cells] for arm in arms]
    if not any(map(any, shares)):
        return None
    gone = [one - two for one, two in zip(*shares, strict=True)]
    clusters = [scenario.cluster or scenario.id for scenario, _ in cells]
    found = mean_of_clusters(gone, clusters, level=level, bounds=(-1.0, 1.0))
    p = sign_flip(gone, clusters)
    return replace(found, p=p if math.isfinite(p) else 1.0, method="difference of missing rates, sign-flip test")


def _gone(cell: Cell) -> float:
    lost = sum(reason != NOT_RUN for reason in cell.missing)
    return lost / (len(cell.values) + len(cell.missing))
