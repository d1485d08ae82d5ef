"""One rate: against statsmodels, at the edges, and as properties."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.proportion import confint_proportions_2indep, proportion_confint

from tracer.stats.estimate import Estimate
from tracer.stats.rates import clopper_pearson, clustered_rate, difference, jeffreys, rule_of_three, wilson

INTERVALS: dict[str, Callable[..., Estimate]] = {"wilson": wilson, "beta": clopper_pearson, "jeffreys": jeffreys}
counts = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize("name", INTERVALS)
@given(counts=counts, level=st.sampled_from([0.8, 0.95, 0.99]))
def test_intervals_agree_with_statsmodels(name: str, counts: tuple[int, int], level: float) -> None:
    """All three intervals are those of statsmodels wherever that does not cut them differently."""
    successes, trials = counts
    found = INTERVALS[name](successes, trials, level=level)
    low, high = proportion_confint(successes, trials, alpha=1 - level, method=name)
    if name == "jeffreys" and successes in (0, trials):  # the modification of Brown, Cai and DasGupta 2001
        low, high = (0.0, high) if successes == 0 else (low, 1.0)
    assert found.low == pytest.approx(low, abs=1e-9)
    assert found.high == pytest.approx(high, abs=1e-9)


@pytest.mark.parametrize("name", INTERVALS)
@given(counts=counts)
def test_intervals_hold_their_estimate(name: str, counts: tuple[int, int]) -> None:
    """Ends lie in [0, 1] around the estimate, and swapping success and failure mirrors them."""
    successes, trials = counts
    found = INTERVALS[name](successes, trials)
    assert 0 <= found.low <= found.value <= found.high <= 1
    mirror = INTERVALS[name](trials - successes, trials)
    assert (mirror.low, mirror.high) == pytest.approx((1 - found.high, 1 - found.low), abs=1e-9)


@pytest.mark.parametrize(("k", "n", "low", "high"), [(0, 300, 0.0, 1.22), (25, 500, 3.3, 7.3)])
def test_clopper_pearson_as_used_for_false_positives(k: int, n: int, low: float, high: float) -> None:
    """0 of 300 bounds a rate at 1.22 %, 25 of 500 at [3.3, 7.3] %."""
    found = clopper_pearson(k, n)
    assert 100 * found.low == pytest.approx(low, abs=0.05)
    assert 100 * found.high == pytest.approx(high, abs=0.05)


def test_rule_of_three() -> None:
    """The upper bound of an unseen event is about 3 / n."""
    assert rule_of_three(1000) == pytest.approx(3 / 1000, rel=0.01)


def test_difference_is_newcombes_for_independent_rates() -> None:
    """Two Wilson intervals join to Newcombe's interval of the difference."""
    found = difference(wilson(56, 70), wilson(48, 80))
    assert (found.low, found.high) == pytest.approx(confint_proportions_2indep(56, 70, 48, 80, method="newcomb"))


def test_clustered_rate_is_wider_the_more_alike_clusters_are() -> None:
    """Outcomes that agree within clusters count as few, independent ones as many."""
    labels = np.repeat(np.arange(20), 10)
    alike = np.repeat([1] * 6 + [0] * 14, 10)
    mixed = np.tile([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], 20)
    wide, narrow = clustered_rate(alike, labels), clustered_rate(mixed, labels)
    single = clopper_pearson(6, 20)
    assert wide.value == narrow.value == 0.3
    assert (wide.low, wide.high) == pytest.approx((single.low, single.high), abs=0.02)
    assert narrow.high - narrow.low < 0.5 * (wide.high - wide.low)


def test_clustered_rate_without_any_success_counts_clusters() -> None:
    """0 of 200 runs in 20 scenarios is 0 of 20, not 0 of 200."""
    found = clustered_rate(np.zeros(200), np.repeat(np.arange(20), 10))
    assert found.high == pytest.approx(clopper_pearson(0, 20).high)


@pytest.mark.parametrize("interval", [wilson, clopper_pearson, jeffreys])
def test_no_trials_give_no_number(interval: Callable[..., Estimate]) -> None:
    """An empty arm has no rate and no interval, and says why."""
    found = interval(0, 0)
    assert np.isnan([found.value, found.low, found.high]).all()
    assert found.notes == ("no trials",)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wilson(11, 10), "between 0 and the trials"),
        (lambda: jeffreys(-1, 10), "between 0 and the trials"),
        (lambda: clopper_pearson(1, 10, level=1.0), "between 0 and 1"),
        (lambda: rule_of_three(0), "no trials"),
        (lambda: clustered_rate([0.5, 2.0], [1, 2]), "between 0 and 1"),
        (lambda: difference(wilson(1, 2), wilson(1, 2, level=0.9)), "one level"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """What cannot be a rate raises an error that names the cause."""
    with pytest.raises(ValueError, match=message):
        call()
