"""Before spending: what a suite would see at several sizes, by simulating its own design."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from statistics import fmean
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import special

from tracer.contracts import Check, Hypothesis, Scenario, Suite, matches
from tracer.errors import StudyError
from tracer.stats.power import smallest_visible_effect
from tracer.store import RunRow
from tracer.study.finding import interval_of, outcome_of, span_of
from tracer.study.freeze import Study
from tracer.study.judging import level_of, settled
from tracer.study.table import Table

__all__ = ["Assumed", "Outlook", "Pilot", "Size", "plan_sizes", "read_pilot"]

_DECLARED = 0.1  # effect beyond a margin of 0, where none is declared
_GRID = np.linspace(0.0005, 0.9995, 400)

Bounds = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Pilot:
    """What a study that was run already says about how clusters differ and what a run uses.

    Attributes:
        deviations: (hypothesis, check) -> values of the pilot's clusters, less the mean of their system.
        usage: `calls`, `input_tokens` and `output_tokens` of a run, on average.
    """

    deviations: Mapping[tuple[str, str], NDArray[np.float64]]
    usage: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Assumed:
    """What has to be assumed where nothing is known.

    Attributes:
        rate: Mean, as a share of the measure's span, in the conditions against which an effect is held.
        sd: Standard deviation of that mean between clusters, in the same unit.
        alike: Correlation of a cluster's means between conditions, from which pairing gains.
        effect: True effect beyond the margin; None for the margin once more, .1 where it is 0; for a rate, half the
            way to its end.
        replicates: Runs per cell; None for the suite's own number.
        systems: Stacks times models.
        alpha: Error rate shared by the hypotheses.
        studies: Simulated studies; the power's own standard error is at most 0.5 / sqrt(studies).
        seed: Seed of the simulation.
        pilot: Takes the place of `rate`, `sd` and `alike` where it has the check.
    """

    rate: float = 0.3
    sd: float = 0.2
    alike: float = 0.5
    effect: float | None = None
    replicates: int | None = None
    systems: int = 1
    alpha: float = 0.05
    studies: int = 400
    seed: int = 1
    pilot: Pilot | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What one check would see at one size.

    Attributes:
        hypothesis: Id of the hypothesis.
        check: The check.
        true: The value of the estimand that was simulated.
        clusters: Clusters in its scope.
        power: Share of simulated studies in which it passes; NaN where nothing can be simulated.
        visible: Smallest distance from the margin that is seen in 8 of 10 studies; NaN where nothing can be simulated.
        why_not: Why nothing can be simulated.
    """

    hypothesis: str
    check: Check
    true: float
    clusters: int
    power: float = float("nan")
    visible: float = float("nan")
    why_not: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give the outlook as plain JSON data."""
        return {
            "hypothesis": self.hypothesis,
            "check": self.check.name,
            "role": self.check.role,
            "margin": self.check.margin,
            "direction": self.check.direction,
            "true": self.true,
            "clusters": self.clusters,
            "power": self.power if isfinite(self.power) else None,
            "smallest_visible": self.visible if isfinite(self.visible) else None,
            "why_not": self.why_not,
        }


@dataclass(frozen=True, slots=True)
class Size:
    """What one size of the study costs and sees.

    Attributes:
        of_each_kind: Scenarios taken of each combination of tags, as `-n` of `tracer run`.
        scenarios: Scenarios in all.
        to_write: How many of them the suite does not have yet.
        runs: Runs on all systems.
        outlooks: What each check would see; nulls are left out.
    """

    of_each_kind: int
    scenarios: int
    to_write: int
    runs: int
    outlooks: tuple[Outlook, ...] = field(default=())


def plan_sizes(suite: Suite, counts: Sequence[int], assumed: Assumed) -> list[Size]:
    """Simulate the suite's design at several sizes: scenarios, clusters, conditions, replicates, levels and margins.

    A run of a measure with bounds is drawn at one of its two ends, which is the most that it can vary; the mean of a
    cluster comes from a beta distribution, joined over conditions by a Gaussian copula. Beyond the scenarios of the
    suite, more of the same kind and clustering are imagined.

    Args:
        suite: The suite.
        counts: Scenarios of each kind, one for each size.
        assumed: What is assumed, or a pilot.
    """
    return [_size(suite, count, assumed) for count in counts]


def read_pilot(study: Study, rows: Sequence[RunRow]) -> Pilot:
    """Learn from a study that was run already.

    Raises:
        StudyError: None of its runs has ended.
    """
    ended = settled(rows)
    if not ended:
        raise StudyError(f"study {study.hash[:12]} has no ended run: it cannot serve as a pilot")
    systems: dict[tuple[str, str], list[RunRow]] = {}
    for row in ended:
        systems.setdefault((row.stack, row.model), []).append(row)
    tables = [Table(study.scenarios, study.conditions, of_one) for of_one in systems.values()]
    deviations: dict[tuple[str, str], NDArray[np.float64]] = {}
    for hypothesis in study.hypotheses:
        for check in hypothesis.checks:
            found = [_deviations(check, table) for table in tables]
            deviations[hypothesis.id, check.name] = np.concatenate([f for f in found if f.size > 1] or [np.empty(0)])
    names = ("calls", "input_tokens", "output_tokens")
    return Pilot(deviations, {name: fmean(float(row.usage.get(name) or 0) for row in ended) for name in names})


def _deviations(check: Check, table: Table) -> NDArray[np.float64]:
    """Give what the clusters of one system differ from their mean by, widened for the mean being their own."""
    clusters: dict[str, list[float]] = {}
    for scenario, theta in table.thetas(check):
        clusters.setdefault(scenario.cluster or scenario.id, []).append(theta)
    means = np.array([fmean(thetas) for thetas in clusters.values()])
    return (means - means.mean()) * (means.size / (means.size - 1)) ** 0.5 if means.size > 1 else np.empty(0)


def _size(suite: Suite, count: int, assumed: Assumed) -> Size:
    scenarios = _grown(suite.scenarios, count)
    had = {s.id for s in suite.scenarios}
    cells = sum(not c.needs and matches(s, c.where) for s in scenarios for c in suite.conditions)
    replicates = assumed.replicates or suite.replicates
    table = Table(scenarios, suite.conditions, ())
    known: Assumed = replace(assumed, replicates=replicates)
    bounds = {m.name: (m.low, m.high) for m in suite.measures}
    return Size(
        count,
        len(scenarios),
        sum(s.id not in had for s in scenarios),
        cells * replicates * assumed.systems,
        tuple(
            _outlook(h, check, table.in_scope(check), bounds[check.estimand.measure], known)
            for h in suite.hypotheses
            for check in h.checks
            if check.role != "null"
        ),
    )


def _grown(scenarios: Sequence[Scenario], count: int) -> list[Scenario]:
    """Take `count` scenarios of each kind; where there are fewer, imagine more with the same clustering."""
    kinds: dict[tuple[Any, ...], list[Scenario]] = {}
    for scenario in scenarios:
        kinds.setdefault(tuple(sorted(scenario.tags.items())), []).append(scenario)
    grown: list[Scenario] = []
    for kind in kinds.values():
        for number in range(count):
            again, at = divmod(number, len(kind))
            one, mark = kind[at], f"~{again + 1}" if again else ""
            named = {"id": one.id + mark, "cluster": (one.cluster or one.id) + mark}
            grown.append(one.model_copy(update=named))
    return grown


def _outlook(
    hypothesis: Hypothesis, check: Check, scope: Sequence[Scenario], bounds: Bounds, assumed: Assumed
) -> Outlook:
    clusters = [s.cluster for s in scope]
    true = _true_value(check, span_of(check, bounds), assumed.effect)
    found = Outlook(hypothesis.id, check, true, len(set(clusters)))
    rng = np.random.default_rng([assumed.seed, len(scope)])
    span = span_of(check, bounds)
    deviations = assumed.pilot.deviations.get((hypothesis.id, check.name)) if assumed.pilot else None
    if found.clusters < 2:
        return replace(found, why_not="fewer than two clusters")
    if assumed.pilot and (deviations is None or deviations.size < 2):
        return replace(found, why_not="the pilot has fewer than two clusters for it")
    if deviations is not None:
        labels = sorted(set(clusters))
        thetas = true + rng.choice(deviations, (assumed.studies, found.clusters))
        thetas = thetas if span is None else np.clip(thetas, *span)
    elif span is None:
        return replace(found, why_not="the measure has no bounds: give a pilot")
    else:
        labels = clusters
        thetas = _assumed_thetas(check, clusters, bounds, true, assumed, rng)
    return _judged(found, thetas, labels, level_of(check, hypothesis, assumed.alpha), span)


def _judged(
    found: Outlook,
    thetas: NDArray[np.float64],
    labels: Sequence[str],
    level: float,
    span: tuple[float, float] | None,
) -> Outlook:
    """Judge every simulated study as `tracer verdict` would."""
    estimates = [interval_of(found.check, study.tolist(), labels, level, span) for study in thetas]
    passed = fmean(outcome_of(found.check, e) == "PASS" for e in estimates)
    sd = fmean(e.se for e in estimates) * found.clusters**0.5
    return replace(found, power=passed, visible=smallest_visible_effect(sd, found.clusters, level=level))


def _true_value(check: Check, span: tuple[float, float] | None, effect: float | None) -> float:
    """Give the value at which power is asked: well beyond the margin, where PASS lies."""
    if check.direction == "within":
        return 0.0
    above = check.direction == "above"
    end = None if span is None else span[1] if above else span[0]
    is_rate = abs(sum(check.estimand.weights.values())) > 1e-9
    beyond = abs(end - check.margin) / 2 if is_rate and end is not None else abs(check.margin) or _DECLARED
    true = check.margin + (1 if above else -1) * (beyond if effect is None else effect)
    return true if span is None else min(max(true, span[0]), span[1])


def _assumed_thetas(
    check: Check, clusters: Sequence[str], bounds: Bounds, true: float, assumed: Assumed, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Draw (studies, scenarios) values of the estimand."""
    low, high = bounds[0] or 0.0, 1.0 if bounds[1] is None else bounds[1]
    weights = np.array(list(check.estimand.weights.values()))
    means = _means(weights, (true - low * weights.sum()) / (high - low), assumed.rate)
    labels, codes = np.unique(clusters, return_inverse=True)
    shape = (assumed.studies, labels.size)
    shared = rng.standard_normal(shape)
    thetas = np.zeros((assumed.studies, codes.size))
    for weight, mean in zip(weights, means, strict=True):
        score = assumed.alike**0.5 * shared + (1 - assumed.alike) ** 0.5 * rng.standard_normal(shape)
        rates = _beta(special.ndtr(score), float(mean), assumed.sd)[:, codes]
        runs = assumed.replicates or 1
        thetas += weight * (low + (high - low) * rng.binomial(runs, rates) / runs)
    return thetas


def _means(weights: NDArray[np.float64], target: float, rate: float) -> NDArray[np.float64]:
    """Give means in [0, 1] whose combination is the target: `rate` for negative weights, as far as that can be."""
    gains, losses = float(weights[weights > 0].sum()), float(weights[weights < 0].sum())
    if not gains or not losses:
        return np.full(weights.size, min(max(target / (gains + losses), 0.0), 1.0))
    first = min(max((target - rate * losses) / gains, 0.0), 1.0)
    second = min(max((target - first * gains) / losses, 0.0), 1.0)
    return np.where(weights > 0, first, second)


def _beta(shares: NDArray[np.float64], mean: float, sd: float) -> NDArray[np.float64]:
    """Give the quantiles of the beta distribution of this mean and sd, the latter as far as the mean lets it be."""
    most = (mean * (1 - mean)) ** 0.5
    if most < 1e-6 or sd <= 0:
        return np.full(shares.shape, mean)
    size = (most / min(sd, 0.95 * most)) ** 2 - 1
    return np.interp(shares, _GRID, special.betaincinv(mean * size, (1 - mean) * size, _GRID))
