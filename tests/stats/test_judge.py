"""Judged scores: corrected for the judge's errors, with an interval that knows of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tracer.stats.clustered import mean_of_clusters
from tracer.stats.judge import (
    Calibration,
    calibrate,
    corrected_combination,
    corrected_contrast,
    corrected_rate,
    prediction_powered,
)
from tracer.stats.rates import wilson

GOOD, WEAK, CHANCE = Calibration(9, 10, 9, 10), Calibration(6, 10, 5, 10), Calibration(1, 2, 1, 2)


def judged(draw: np.random.Generator, truth: np.ndarray, specificity: float, sensitivity: float) -> np.ndarray:
    """Give what a judge of these error rates says of the truth."""
    return np.where(truth == 1, draw.random(truth.size) < sensitivity, draw.random(truth.size) > specificity).astype(
        float
    )


def labelled(draw: np.random.Generator, specificity: float, sensitivity: float, size: int = 100) -> Calibration:
    return Calibration(int(draw.binomial(size, specificity)), size, int(draw.binomial(size, sensitivity)), size)


def test_a_perfect_judge_needs_no_correction() -> None:
    """With many labels and no errors the rate is the judged one and the interval nearly Wilson's."""
    found = corrected_rate([1] * 30 + [0] * 70, Calibration(10**6, 10**6, 10**6, 10**6))
    known = wilson(30, 100)
    assert found.value == pytest.approx(0.3)
    assert (found.low, found.high) == pytest.approx((known.low, known.high), abs=0.005)


@pytest.mark.parametrize("rate", [0.05, 0.55, 0.8])
def test_corrected_interval_covers_where_the_naive_one_fails(rate: float) -> None:
    """A judge of specificity .85 and sensitivity .7: the corrected interval covers, the naive one hardly ever."""
    draw = np.random.default_rng(int(100 * rate))
    hits, naive = 0, 0
    for _ in range(400):
        seen = judged(draw, (draw.random(400) < rate).astype(float), 0.85, 0.7)
        found = corrected_rate(seen, labelled(draw, 0.85, 0.7))
        plain = wilson(seen.sum(), seen.size)
        hits += found.low <= rate <= found.high
        naive += plain.low <= rate <= plain.high
    assert hits >= 0.93 * 400
    assert naive < 0.75 * 400


def test_judge_that_errs_differently_by_arm() -> None:
    """No true difference, but a judge that is laxer in one arm: only the corrected contrast knows."""
    draw = np.random.default_rng(5)
    hits, naive = 0, 0
    for _ in range(300):
        rates = np.repeat(draw.beta(3, 3, 40), 5)
        one, two = ((draw.random(200) < rates).astype(float) for _ in range(2))
        first, second = judged(draw, one, 0.7, 0.9), judged(draw, two, 0.9, 0.8)
        scenarios = np.repeat(np.arange(40), 5)
        found = corrected_contrast(first, second, (labelled(draw, 0.7, 0.9), labelled(draw, 0.9, 0.8)), scenarios)
        hits += found.low <= 0 <= found.high
        plain = mean_of_clusters(first - second, scenarios)
        naive += plain.low <= 0 <= plain.high
    assert hits >= 0.93 * 300
    assert naive < 0.6 * 300


def test_shared_calibration_cancels_in_part() -> None:
    """One set of labels for both arms leaves less doubt about their difference than two sets of the same size."""
    one, two = np.tile([1.0, 1.0, 0.0, 1.0], 10), np.tile([1.0, 0.0, 0.0, 1.0], 10)
    shared = Calibration(45, 50, 40, 50)
    together = corrected_contrast(one, two, (shared, shared))
    apart = corrected_contrast(one, two, (shared, Calibration(45, 50, 40, 50)))
    assert together.value == pytest.approx(apart.value) == pytest.approx(0.25 / 0.7)
    assert together.se < apart.se


def test_clusters_widen_the_corrected_rate() -> None:
    """Judgements that agree within scenarios count as few."""
    seen, scenarios = np.repeat([1.0] * 12 + [0.0] * 8, 10), np.repeat(np.arange(20), 10)
    calibration = Calibration(90, 100, 80, 100)
    alone, together = corrected_rate(seen, calibration), corrected_rate(seen, calibration, scenarios)
    assert together.value == alone.value
    assert together.high - together.low > 1.8 * (alone.high - alone.low)


def test_a_judge_hardly_better_than_chance_bounds_nothing() -> None:
    """If its skill cannot be told from 0 the interval is everything, and says why."""
    found = corrected_rate([1, 0, 1, 1], Calibration(6, 10, 5, 10))
    assert (found.low, found.high) == (0.0, 1.0)
    assert any("told from chance" in note for note in found.notes)
    contrast = corrected_contrast([1, 0, 1], [0, 0, 1], (WEAK, WEAK))
    assert np.isnan([contrast.low, contrast.high]).all()


@pytest.mark.parametrize("tuned", [True, False])
def test_prediction_powered_mean_covers(tuned: bool) -> None:
    """Few labels and many scores of a biased judge: the interval covers, clusters included."""
    draw = np.random.default_rng(21)
    hits = 0
    for _ in range(400):
        rates = np.repeat(draw.beta(2, 3, 60), 10)
        truth = (draw.random(600) < rates).astype(float)
        scores = judged(draw, truth, 0.8, 0.9)
        labels = np.where(np.repeat(draw.permutation(60) < 25, 10), truth, np.nan)
        found = prediction_powered(scores, labels, np.repeat(np.arange(60), 10), tuned=tuned)
        hits += found.low <= 0.4 <= found.high
    assert 0.92 * 400 <= hits <= 0.985 * 400


def test_a_good_judge_narrows_and_a_useless_one_does_no_harm() -> None:
    """Against labels alone: shorter with a good judge, no longer than a little with a random one."""
    draw = np.random.default_rng(2)
    truth = (draw.random(2000) < 0.4).astype(float)
    labels = np.where(np.arange(2000) < 150, truth, np.nan)
    alone = mean_of_clusters(truth[:150])
    good = prediction_powered(judged(draw, truth, 0.95, 0.95), labels)
    useless = prediction_powered(draw.random(2000), labels)
    assert good.high - good.low < 0.7 * (alone.high - alone.low)
    assert useless.high - useless.low < 1.02 * (alone.high - alone.low)


def test_labels_of_everything_leave_nothing_to_predict() -> None:
    """If all items are labelled, the judge does not matter."""
    truth = [1.0, 0.0, 1.0, 1.0]
    found, known = prediction_powered([0.0, 0.0, 1.0, 0.0], truth), mean_of_clusters(truth)
    assert (found.value, found.low) == pytest.approx((known.value, known.low))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: corrected_rate([1, 0], Calibration(40, 100, 50, 100)), "no better than chance"),
        (lambda: corrected_contrast([1], [0], (CHANCE, CHANCE)), "no better than chance"),
        (lambda: corrected_rate([1, 2], Calibration(9, 10, 9, 10)), "between 0 and 1"),
        (lambda: Calibration(5, 4, 1, 2), "cannot be right on more"),
        (lambda: Calibration(0, 0, 1, 2), "items of both kinds"),
        (lambda: corrected_contrast([1, 0], [1], (GOOD, GOOD)), "give pairs"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """A judge that cannot be mended by arithmetic is refused, with the way out."""
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("scores", "truth"), [([], []), ([1.0, 0.0], [1.0, float("nan")])], ids=["nothing", "one label"]
)
def test_too_few_labels_give_no_interval(scores: list[float], truth: list[float]) -> None:
    """Fewer than two labelled clusters give NaN bounds and the reason."""
    found = prediction_powered(scores, truth)
    assert np.isnan([found.low, found.high]).all()
    assert any("labelled clusters" in note for note in found.notes)


def test_an_interaction_is_corrected_and_covered() -> None:
    """Four arms of one judge, clustered: the corrected interaction covers the true one about as often as it says."""
    draw = np.random.default_rng(4)
    rates, weights, hits = np.array([0.7, 0.3, 0.4, 0.3]), (1.0, -1.0, -1.0, 1.0), 0
    for _ in range(300):
        clusters = np.repeat(np.arange(40), 2)
        shift = 0.2 * draw.standard_normal(40)[clusters]
        truth = (draw.random((80, 4)) < np.clip(rates + shift[:, None], 0, 1)).astype(float)
        said = judged(draw, truth.ravel(), 0.8, 0.9).reshape(80, 4)
        shared = labelled(draw, 0.8, 0.9)
        found = corrected_combination(said, weights, [shared] * 4, clusters)
        hits += found.low <= 0.3 <= found.high
    assert hits >= 0.91 * 300


def test_weights_undo_the_choice_of_what_to_label() -> None:
    """Labels taken mostly where the judge said yes flatter its sensitivity; weighted by their chance they do not."""
    draw = np.random.default_rng(6)
    truth = (draw.random(20_000) < 0.2).astype(float)
    said = judged(draw, truth, 0.8, 0.7)
    chance = np.where(said == 1, 0.5, 0.05)
    chosen = draw.random(truth.size) < chance
    naive = calibrate(said[chosen], truth[chosen])
    weighted = calibrate(said[chosen], truth[chosen], 1 / chance[chosen])
    assert naive.sensitivity > 0.9
    assert weighted.sensitivity == pytest.approx(0.7, abs=0.04)
    assert weighted.specificity == pytest.approx(0.8, abs=0.02)
    assert weighted.positives < naive.positives


def test_labels_of_few_clusters_count_for_less() -> None:
    """Where a judge errs by whole clusters, its number of labelled items is nearer that of the clusters."""
    right = np.repeat([1, 1, 1, 0, 1, 0, 1, 1], 10).astype(float)
    truth = np.ones(80)
    both = (np.concatenate([right, [0.0, 0.0]]), np.concatenate([truth, [0.0, 0.0]]))
    clusters = [*np.repeat(np.arange(8), 10).tolist(), 8, 9]
    assert calibrate(*both).positives == pytest.approx(80, rel=0.05)
    assert calibrate(*both, None, clusters).positives < 10
