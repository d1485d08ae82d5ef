"""Times to an event: against statsmodels, with runs nested in scenarios."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from statsmodels.duration.survfunc import SurvfuncRight, survdiff

from tracer.stats.survival import kaplan_meier, log_rank, restricted_mean_difference

DRAW = np.random.default_rng(6)
TIMES = np.round(DRAW.exponential(8, 200)) + 1
SEEN = (DRAW.random(200) < 0.8).astype(float)
ARM = np.repeat([0, 1], 100)


def test_curve_is_that_of_statsmodels() -> None:
    """Times and shares of the Kaplan-Meier curve."""
    known: Any = SurvfuncRight(TIMES, SEEN)
    when, left = kaplan_meier(TIMES, SEEN)
    assert when.tolist() == known.surv_times[known.n_events > 0].tolist()
    assert left == pytest.approx(known.surv_prob[known.n_events > 0])


def test_restricted_mean_is_the_area_under_the_curves() -> None:
    """The difference equals the areas counted by hand from both curves."""
    areas: list[float] = []
    for arm in (0, 1):
        own = np.flatnonzero(np.equal(ARM, arm))
        when, left = kaplan_meier(TIMES[own], SEEN[own])
        grid = np.linspace(0, 12, 120_001)[:-1]
        areas.append(12 * float(np.mean(np.concatenate([[1.0], left])[np.searchsorted(when, grid, "right")])))
    found = restricted_mean_difference(TIMES, SEEN, ARM, horizon=12)
    assert found.value == pytest.approx(areas[1] - areas[0], abs=1e-3)


def test_without_censoring_it_is_a_difference_of_means() -> None:
    """All events seen before the horizon: means of times and their Welch error, nearly."""
    times = np.random.default_rng(0).integers(1, 20, 80).astype(float)
    arm = np.repeat([0, 1], 40)
    found = restricted_mean_difference(times, np.ones(80), arm, horizon=25)
    assert found.value == pytest.approx(times[40:].mean() - times[:40].mean())
    spread = (times[:40].var(ddof=1) + times[40:].var(ddof=1)) / 40
    assert found.se == pytest.approx(spread**0.5, rel=0.02)


def test_log_rank_is_near_that_of_statsmodels() -> None:
    """For many independent runs the robust test gives about the textbook p value."""
    times = np.concatenate([TIMES[:100], TIMES[100:] * 1.3])
    _, known = survdiff(times, SEEN, ARM)
    assert log_rank(times, SEEN, ARM) == pytest.approx(float(known), abs=0.02)


def test_clusters_keep_the_error_rate() -> None:
    """Runs of a scenario that fail together: 5 % of nulls are rejected with clusters, far more without."""
    draw = np.random.default_rng(8)
    scenarios, arm = np.repeat(np.arange(24), 10), np.repeat([0, 1], 120)
    with_clusters = without = 0
    for _ in range(300):
        times = np.round(draw.exponential(np.exp(draw.normal(1.5, 0.7, 24))[scenarios])) + 1
        seen = (times < 20).astype(float)
        times = np.minimum(times, 20)
        with_clusters += log_rank(times, seen, arm, scenarios) < 0.05
        without += log_rank(times, seen, arm) < 0.05
    assert with_clusters <= 0.08 * 300
    assert without > 0.2 * 300


def test_copies_of_runs_add_nothing() -> None:
    """Each run five times within its cluster gives the same interval and p value."""
    times, seen, arm = TIMES[80:120], SEEN[80:120], ARM[80:120]
    labels = np.repeat(np.arange(40), 5)
    often = (np.repeat(times, 5), np.repeat(seen, 5), np.repeat(arm, 5))
    once = restricted_mean_difference(times, seen, arm, horizon=10)
    again = restricted_mean_difference(*often, labels, horizon=10)
    assert (again.value, again.low, again.high) == pytest.approx((once.value, once.low, once.high))
    assert log_rank(*often, labels) == pytest.approx(log_rank(times, seen, arm))


def test_what_was_not_followed_is_said() -> None:
    """An arm that ends before the horizon carries a note; one without events is simply all there."""
    found = restricted_mean_difference([2, 3, 3, 4, 9, 9], [1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1], horizon=8)
    assert any("arm 0 was not followed" in note for note in found.notes)
    assert np.isnan(log_rank([3, 4], [0, 0], [0, 1]))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: kaplan_meier([-1], [1]), "negative"),
        (lambda: kaplan_meier([1], [2]), "1 where the event was seen"),
        (lambda: log_rank([1, 2], [1, 1], [0, 0]), "both arm 0 and arm 1"),
        (lambda: restricted_mean_difference([1, 2], [1, 1], [0, 1], horizon=0), "above 0"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """Impossible times, codes and arms raise an error that names the cause."""
    with pytest.raises(ValueError, match=message):
        call()
