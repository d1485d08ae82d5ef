"""Scores given by a fallible judge: rates and contrasts corrected for its errors, which widen the interval.

A judge's errors are estimated from items whose truth is known (labels by people), per condition if they may differ.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tracer.stats.clustered import mean_of_clusters
from tracer.stats.estimate import Estimate
from tracer.stats.robust import design_effect
from tracer.stats.samples import Labels, check_level, codes_for, complete, noted, student, z_of

__all__ = [
    "Calibration",
    "calibrate",
    "corrected_combination",
    "corrected_contrast",
    "corrected_rate",
    "prediction_powered",
]


@dataclass(frozen=True, slots=True)
class Calibration:
    """How a judge did on items whose truth is known; numbers of items may be effective ones, see `calibrate`.

    Attributes:
        rejected: True negatives that the judge called negative.
        negatives: True negatives.
        accepted: True positives that the judge called positive.
        positives: True positives.
    """

    rejected: float
    negatives: float
    accepted: float
    positives: float

    def __post_init__(self) -> None:
        if not (0 <= self.rejected <= self.negatives and 0 <= self.accepted <= self.positives):
            raise ValueError(f"{self}: the judge cannot be right on more items than there are")
        if not (self.negatives and self.positives):
            raise ValueError(f"{self}: label items of both kinds, or the judge's errors cannot be known")

    @property
    def specificity(self) -> float:
        """Share of true negatives that it rejects."""
        return self.rejected / self.negatives

    @property
    def sensitivity(self) -> float:
        """Share of true positives that it accepts."""
        return self.accepted / self.positives

    @property
    def skill(self) -> float:
        """Youden's J: sensitivity + specificity - 1; 0 is guessing."""
        return self.sensitivity + self.specificity - 1

    def smoothed(self) -> tuple[float, float, float, float]:
        """Give specificity and sensitivity with one success and one failure added, and the variance of each."""
        m0, m1 = self.negatives + 2, self.positives + 2
        q0, q1 = (self.rejected + 1) / m0, (self.accepted + 1) / m1
        return q0, q1, q0 * (1 - q0) / m0, q1 * (1 - q1) / m1

    def require_skill(self) -> None:
        """Refuse a judge that does no better than chance.

        Raises:
            ValueError: Sensitivity + specificity does not exceed 1.
        """
        if self.skill <= 0:
            raise ValueError(
                f"the judge does no better than chance (sensitivity {self.sensitivity:.2f} + specificity "
                f"{self.specificity:.2f} <= 1): no correction can mend it; take another judge or label by hand"
            )

    def distinguishable(self, level: float) -> bool:
        """Say whether its skill is surely above 0, without which a corrected interval has no end."""
        q0, q1, v0, v1 = self.smoothed()
        return q0 + q1 - 1 > z_of(level) * (v0 + v1) ** 0.5


def calibrate(
    judged: ArrayLike, truth: ArrayLike, weights: ArrayLike | None = None, clusters: Labels | None = None
) -> Calibration:
    """Give how a judge did, from labelled items that may be weighted and clustered.

    Items that were chosen by what the judge had said (so that rare answers are labelled often enough) have to be
    weighted by the inverse of their chance of being chosen, or sensitivity and specificity are biased (Begg and Greenes
    1983). Each is then a weighted share q; its number of items is an effective one, the smaller of Kish's
    (sum w)^2 / sum w^2 and q (1 - q) / v, with v the variance of q by sums over clusters.

    Args:
        judged: (n,) what the judge said: 0, 1, or the share of its draws.
        truth: (n,) 0 or 1.
        weights: (n,) positive weights; None weighs all alike.
        clusters: (n,) labels; None takes items as independent.

    Raises:
        ValueError: Items of one kind only, a weight that is not positive, or lengths that differ.

    Example:
        >>> found = calibrate([1, 1, 0, 0, 0, 1], [1, 1, 1, 0, 0, 0])
        >>> round(found.sensitivity, 3), round(found.specificity, 3), round(found.positives, 3)
        (0.667, 0.667, 2.0)
    """
    known = np.asarray(truth, dtype=np.float64)
    weighing = np.ones(known.size) if weights is None else np.asarray(weights, dtype=np.float64)
    (scores, true, weight), kept, _ = complete(judged, known, weighing)
    if weight.size and weight.min() <= 0:
        raise ValueError("a weight is not positive: weigh each labelled item by 1 / its chance of being labelled")
    codes = codes_for(clusters, kept)
    counts: list[tuple[float, float]] = []
    for kind, right in ((0.0, 1 - scores), (1.0, scores)):
        of_kind = true == kind
        counts.append(_effective(right[of_kind], weight[of_kind], codes[of_kind]) if of_kind.any() else (0.0, 0.0))
    return Calibration(*counts[0], *counts[1])


def _effective(right: NDArray[np.float64], weight: NDArray[np.float64], codes: NDArray[np.intp]) -> tuple[float, float]:
    # How many items are judged right, and how many there are, as many as would give the share its error.
    share = min(1.0, float((weight * right).sum() / weight.sum()))
    items = float(weight.sum() ** 2 / (weight**2).sum())
    pulls = np.bincount(codes, weight * (right - share) / weight.sum())
    units = len(np.unique(codes))
    spread = float((pulls**2).sum()) * units / (units - 1) if units > 1 else 0.0
    if spread > 0:
        items = max(1.0, min(items, share * (1 - share) / spread))
    return share * items, items


def corrected_rate(
    judged: ArrayLike, calibration: Calibration, clusters: Labels | None = None, *, level: float = 0.95
) -> Estimate:
    """Give the true rate behind judged outcomes (Rogan-Gladen) with the interval of Lee et al.

    value = (p + q0 - 1) / (q0 + q1 - 1), cut to [0, 1], with p the judged rate, q0 specificity, q1 sensitivity.
    Interval: with p' = (np + z^2/2)/(n + z^2), q' = (mq + 1)/(m + 2), n' = n + z^2, m' = m + 2 in place of p, q, n, m:
    centre theta' + 2 z^2 (-(1 - theta') q0'(1-q0')/m0' + theta' q1'(1-q1')/m1') and standard error
    sqrt(p'(1-p')/n' + (1-theta')^2 q0'(1-q0')/m0' + theta'^2 q1'(1-q1')/m1') / (q0' + q1' - 1). With clusters, n is the
    effective number n / design effect. Source: Rogan and Gladen 1978; Lee et al. 2025 (arXiv 2511.21140).

    Args:
        judged: (n,) judgements 0 or 1; NaN is missing.
        calibration: How this judge did on labelled items of the same condition.
        clusters: (n,) labels; None takes judgements as independent.
        level: Confidence level.

    Returns:
        The interval is [0, 1], with a note, if the judge's skill cannot be told from 0. NaN bounds, with a note,
        without judgements or with one cluster.

    Raises:
        ValueError: The judge is no better than chance, or a judgement or the level is not between 0 and 1.

    Example:
        >>> found = corrected_rate([1] * 60 + [0] * 40, Calibration(45, 50, 40, 50))
        >>> round(found.value, 3), round(found.low, 3), round(found.high, 3)
        (0.714, 0.541, 0.915)
    """
    z = z_of(level)
    calibration.require_skill()
    (seen,), kept, notes = complete(judged)
    if seen.size and not 0 <= seen.min() <= seen.max() <= 1:
        raise ValueError("judgements have to lie between 0 and 1")
    labels = codes_for(clusters, kept)
    units, nan, name = len(np.unique(labels)), float("nan"), "Rogan-Gladen, interval of Lee et al."
    value = nan
    if seen.size:
        value = min(1.0, max(0.0, (float(seen.mean()) + calibration.specificity - 1) / calibration.skill))
    if units < 2:
        notes = (*notes, "fewer than two clusters: no interval")
        return Estimate(value, nan, nan, level, seen.size, units, method=name, notes=notes)
    if not calibration.distinguishable(level):
        notes = (*notes, "the judge's skill cannot be told from chance: every rate is possible; label more items")
        return Estimate(value, 0.0, 1.0, level, seen.size, units, method=name, notes=notes)
    effect = 1.0 if clusters is None else design_effect(seen, labels)
    n = seen.size / effect if effect > 0 else float(units)
    p = (n * float(seen.mean()) + z * z / 2) / (n + z * z)
    q0, q1, v0, v1 = calibration.smoothed()
    skill = q0 + q1 - 1
    theta = (p + q0 - 1) / skill
    centre = theta + 2 * z * z * (-(1 - theta) * v0 + theta * v1)
    se = (p * (1 - p) / (n + z * z) + (1 - theta) ** 2 * v0 + theta**2 * v1) ** 0.5 / skill
    low, high = (min(1.0, max(0.0, centre + sign * z * se)) for sign in (-1, 1))
    return Estimate(value, min(low, value), max(high, value), level, seen.size, units, se, method=name, notes=notes)


def corrected_contrast(
    first: ArrayLike,
    second: ArrayLike,
    calibrations: tuple[Calibration, Calibration],
    clusters: Labels | None = None,
    *,
    level: float = 0.95,
) -> Estimate:
    """Give the paired difference of two true rates behind judged outcomes, each arm corrected by its own calibration.

    value = mean over clusters of first / J1 - second / J2, plus (q0_1 - 1) / J1 - (q0_2 - 1) / J2 with J = q0 + q1 - 1.
    SE^2 = variance of that mean + sum over arms of ((1 - theta)^2 v0 + theta^2 v1) / J^2 (v: variances of q0, q1). One
    calibration given for both arms is one set of errors, which partly cancels: (theta1 - theta2)^2 (v0 + v1) / J^2.
    Student's interval on G - 1. Source: Rogan and Gladen 1978, by the delta method.

    Args:
        first: (n,) judgements 0 or 1 of one arm; NaN is missing.
        second: (n,) judgements of the other arm for the same scenario and replicate.
        calibrations: The judge on labelled items of the first and of the second arm; the same object twice if the
            labelled items are shared.
        clusters: (n,) labels; None makes every pair its own cluster.
        level: Confidence level.

    Returns:
        NaN bounds, with a note, with fewer than two clusters or where the judge's skill cannot be told from chance.

    Raises:
        ValueError: A judge is no better than chance, lengths differ, or the level is outside (0, 1).

    Example:
        >>> both = Calibration(45, 50, 40, 50)
        >>> found = corrected_contrast([1, 1, 0, 1, 1, 1], [0, 1, 0, 0, 1, 0], (both, both))
        >>> round(found.value, 3), round(found.se, 3)
        (0.714, 0.328)
    """
    one, two = np.asarray(first, dtype=np.float64), np.asarray(second, dtype=np.float64)
    if one.shape != two.shape:
        raise ValueError(f"{one.shape} and {two.shape} judgements: give pairs, NaN for a missing judgement")
    return corrected_combination(np.column_stack([one, two]), (1.0, -1.0), calibrations, clusters, level=level)


def corrected_combination(
    judged: ArrayLike,
    weights: Sequence[float],
    calibrations: Sequence[Calibration],
    clusters: Labels | None = None,
    *,
    level: float = 0.95,
    null: float = 0.0,
) -> Estimate:
    """Give a linear combination of the true rates of several arms, each corrected by its own calibration.

    With J = q0 + q1 - 1 of an arm: value = mean over clusters of sum_c w_c y_c / J_c, plus sum_c w_c (q0_c - 1) / J_c.
    SE^2 = variance of that mean + sum over calibrations g of
    [(sum_{c in g} w_c (1 - theta_c))^2 v0_g + (sum_{c in g} w_c theta_c)^2 v1_g] / J_g^2, where arms that share a
    calibration share its errors, which then partly cancel. Student's interval on G - 1. Source: Rogan and Gladen 1978,
    by the delta method.

    Args:
        judged: (n, k) judgements, or means of several, of each unit in each arm; a row with NaN is missing.
        weights: (k,) weights of the arms: (1,) for a rate, (1, -1) for a contrast.
        calibrations: (k,) the judge on labelled items of each arm; the same object where the items are shared.
        clusters: (n,) labels; None makes every row its own cluster.
        level: Confidence level.
        null: Value tested against.

    Returns:
        NaN bounds, with a note, with fewer than two clusters or where the judge's skill cannot be told from chance.

    Raises:
        ValueError: A judge is no better than chance, shapes do not fit, or the level is outside (0, 1).

    Example:
        >>> found = corrected_combination([[1], [0], [1], [1]], (1,), (Calibration(45, 50, 40, 50),))
        >>> round(found.value, 3)
        0.929
    """
    table, signs = np.asarray(judged, dtype=np.float64), np.asarray(weights, dtype=np.float64)
    if table.ndim != 2 or not table.shape[1] == signs.size == len(calibrations):
        raise ValueError(f"judgements of shape {table.shape}: give a column, a weight and a calibration for each arm")
    for calibration in calibrations:
        calibration.require_skill()
    scales = signs / np.array([c.skill for c in calibrations])
    bounds = (float(np.minimum(scales, 0).sum()), float(np.maximum(scales, 0).sum()))
    moved = mean_of_clusters(table @ scales, clusters, level=level, bounds=_just_beyond(bounds))
    shift = float(scales @ np.array([c.specificity - 1 for c in calibrations]))
    nan, name = float("nan"), "Rogan-Gladen, t on cluster means"
    found = replace(moved, value=moved.value + shift, low=nan, high=nan, se=nan, p=nan, null=null, method=name)
    if moved.clusters < 2:
        return found
    if not all(c.distinguishable(level) for c in calibrations):
        return noted(found, "the judge's skill cannot be told from chance: label more items")
    kept = ~np.isnan(table.sum(axis=1))
    labels = codes_for(clusters, kept)
    rates = [mean_of_clusters(arm, labels).value for arm in table[kept].T]
    theta = [(p + c.specificity - 1) / c.skill for p, c in zip(rates, calibrations, strict=True)]
    # Without variation between clusters the exact bound takes the place of their standard error.
    df = moved.clusters - 1
    own = moved.se or (moved.high - moved.low) / 2 / float(special.stdtrit(df, 0.5 + level / 2))
    return student(found, (own**2 + _calibration_variance(theta, scales, calibrations)) ** 0.5, df)


def _just_beyond(bounds: tuple[float, float]) -> tuple[float, float]:
    # Sums of weighted judgements may miss the bounds by a rounding error.
    slack = 1e-9 * (bounds[1] - bounds[0])
    return bounds[0] - slack, bounds[1] + slack


def _calibration_variance(
    theta: Sequence[float], scales: NDArray[np.float64], calibrations: Sequence[Calibration]
) -> float:
    pulls: dict[int, tuple[Calibration, float, float]] = {}
    for share, scale, calibration in zip(theta, scales.tolist(), calibrations, strict=True):
        _, on_negatives, on_positives = pulls.get(id(calibration), (calibration, 0.0, 0.0))
        pulls[id(calibration)] = (calibration, on_negatives + scale * (1 - share), on_positives + scale * share)
    total = 0.0
    for calibration, on_negatives, on_positives in pulls.values():
        _, _, v0, v1 = calibration.smoothed()
        total += on_negatives**2 * v0 + on_positives**2 * v1
    return total


def prediction_powered(
    judged: ArrayLike, labels: ArrayLike, clusters: Labels | None = None, *, level: float = 0.95, tuned: bool = True
) -> Estimate:
    """Give the mean of the true scores from many judged and few labelled items, whatever the judge's quality.

    theta = lambda mean(f unlabelled) + mean(Y - lambda f over labelled). `tuned` takes
    lambda = cov(Y, f) / ((1 + n/N) var f), else 1: a useless judge then costs nothing. The error sums the influence of
    each item by cluster (of labelled and unlabelled items together); Student's interval on the labelled clusters - 1.
    Source: Angelopoulos et al. 2023 (arXiv 2301.09633; PPI) and 2023 (arXiv 2311.01453; PPI++).

    Args:
        judged: (n,) the judge's scores of all items; NaN is missing.
        labels: (n,) true scores, NaN where not labelled; the labelled items have to be a random part of all.
        clusters: (n,) labels of clusters; None makes every item its own cluster.
        level: Confidence level.
        tuned: Whether the weight of the judge is estimated.

    Returns:
        NaN bounds, with a note, with fewer than two labelled clusters.

    Raises:
        ValueError: Lengths differ or the level is outside (0, 1).

    Example:
        >>> nan = float("nan")
        >>> found = prediction_powered([1, 0, 1, 1, 0, 1, 0, 1], [1, 0, 1, 0, nan, nan, nan, nan])
        >>> round(found.value, 3), found.low < 0.5 < found.high
        (0.422, True)
    """
    check_level(level)
    truth = np.asarray(labels, dtype=np.float64)
    (scores, filled), kept, notes = complete(judged, np.nan_to_num(truth, nan=0.0))
    known = ~np.isnan(truth[kept])
    codes = codes_for(clusters, kept)
    n, rest = int(known.sum()), int((~known).sum())
    nan, name = float("nan"), "prediction-powered mean" + (" (tuned)" if tuned else "")
    value = float(filled[known].mean()) if n else nan
    units, labelled = len(np.unique(codes)), len(np.unique(codes[known]))
    found = Estimate(value, nan, nan, level, scores.size, units, method=name, notes=notes)
    if labelled < 2:
        return noted(found, "fewer than two labelled clusters: no interval")
    weight = _judge_weight(scores, filled, known, tuned=tuned) if rest else 0.0
    corrections = filled[known] - weight * scores[known]
    influence = np.empty(scores.size)
    influence[known] = (corrections - corrections.mean()) / n
    value = float(corrections.mean())
    if rest:
        value += weight * float(scores[~known].mean())
        influence[~known] = weight * (scores[~known] - scores[~known].mean()) / rest
    pulls = np.bincount(codes, influence)
    se = float(np.sqrt((pulls**2).sum() * labelled / (labelled - 1)))
    found = replace(found, value=value)
    if se == 0:
        return noted(found, "no variation: no interval; see mean_of_clusters")
    return student(found, se, labelled - 1)


def _judge_weight(
    scores: NDArray[np.float64], truth: NDArray[np.float64], known: NDArray[np.bool_], *, tuned: bool
) -> float:
    if not tuned:
        return 1.0
    spread = float(scores.var(ddof=1))
    shared = float(np.cov(truth[known], scores[known])[0, 1])
    share = float(known.sum() / (~known).sum())
    return min(1.0, max(0.0, shared / ((1 + share) * spread))) if spread > 0 else 0.0
