"""Power: against statsmodels and the noncentral t, and consistent with itself."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.power import TTestPower

from tracer.stats.clustered import mean_of_clusters
from tracer.stats.power import clusters_needed, power_of, questions_needed, simulated_power, smallest_visible_effect


@pytest.mark.parametrize(("effect", "clusters"), [(0.0, 5), (0.2, 10), (0.5, 34), (1.0, 6), (2.0, 4), (0.05, 2000)])
def test_power_is_that_of_statsmodels(effect: float, clusters: int) -> None:
    """Power of the two-sided t test over clusters."""
    known = float(TTestPower().power(effect, clusters, 0.05))
    assert power_of(effect, 1.0, clusters) == pytest.approx(known, abs=1e-9)


@given(sd=st.floats(0.05, 3), clusters=st.integers(2, 300), level=st.sampled_from([0.9, 0.95, 0.99]))
def test_smallest_visible_effect_has_the_stated_power(sd: float, clusters: int, level: float) -> None:
    """At the smallest visible effect the power is what was asked for, at two clusters and a strict level too."""
    effect = smallest_visible_effect(sd, clusters, level=level)
    assert power_of(effect, sd, clusters, level=level) == pytest.approx(0.8, abs=1e-6)


@given(sd=st.floats(0.05, 2), distance=st.floats(0.05, 2))
def test_clusters_needed_is_the_smallest_number(sd: float, distance: float) -> None:
    """One cluster fewer would have too little power."""
    needed = clusters_needed(sd, distance)
    assert power_of(distance, sd, needed) >= 0.8 or needed >= 1000
    assert needed == 2 or power_of(distance, sd, needed - 1) < 0.8
    assert clusters_needed(sd, -distance) == needed


@pytest.mark.parametrize("clusters", [2, 10, 58])
def test_without_variation_the_bound_of_equal_values_takes_over(clusters: int) -> None:
    """sd 0 does not make every effect visible, and the two questions answer each other."""
    effect = smallest_visible_effect(0.0, clusters)
    found = mean_of_clusters(np.zeros(clusters))
    assert effect == pytest.approx(found.high)
    assert clusters_needed(0.0, effect + 1e-9) == clusters


def test_one_cluster_shows_nothing() -> None:
    """With a single cluster no effect is visible."""
    assert smallest_visible_effect(0.3, 1) == float("inf")


def test_simulated_power_finds_the_formulas_value() -> None:
    """Simulating a design that the formula covers gives the formula's power."""
    found = simulated_power(
        lambda draw: draw.normal(0.4, 1, 40), lambda values: mean_of_clusters(values).p < 0.05, studies=400, seed=3
    )
    assert found.low < power_of(0.4, 1, 40) < found.high
    assert found.n == 400


def test_repeated_samples_replace_questions() -> None:
    """More samples a question need fewer questions, down to the variance between questions."""
    once = questions_needed(0.05, 0.1, (0.2, 0.2), (1, 1))
    often = questions_needed(0.05, 0.1, (0.2, 0.2), (1000, 1000))
    assert once == pytest.approx(5 * often, rel=0.01)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: clusters_needed(0.3, 0.0), "no number of clusters"),
        (lambda: clusters_needed(float("nan"), 0.1), "standard deviation of cluster values"),
        (lambda: smallest_visible_effect(0.3, 20, power=1.0), "below 1"),
        (lambda: smallest_visible_effect(0.3, 20, level=0), "between 0 and 1"),
        (lambda: power_of(0.3, 0.0, 20), "sd above 0"),
        (lambda: questions_needed(0.0, 0.1, (0.1, 0.1), (1, 1)), "differ from 0"),
        (lambda: simulated_power(lambda draw: 0, bool, studies=0), "at least one"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """Questions without an answer raise an error that names the cause."""
    with pytest.raises(ValueError, match=message):
        call()
