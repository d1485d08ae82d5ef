"""Equivalence: against statsmodels, and as the reverse of what an interval says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.weightstats import ttost_paired

from tracer.stats.equivalence import tost, tost_proportions

values = st.lists(st.integers(-10, 10).map(lambda x: x / 20), min_size=3, max_size=20)


@given(values=values, margin=st.sampled_from([0.05, 0.1, 0.3]))
def test_is_that_of_statsmodels(values: list[float], margin: float) -> None:
    """p is the larger of the two one-sided p values."""
    if len(set(values)) == 1:
        return
    known = float(ttost_paired(np.array(values), np.zeros(len(values)), -margin, margin)[0])
    assert tost(values, margin=margin).p == pytest.approx(known)


@given(values=values, margin=st.floats(0.02, 0.6))
def test_equivalent_means_interval_inside_margin(values: list[float], margin: float) -> None:
    """p < .05 exactly where the 90 % interval lies inside the margin, without variation too."""
    found = tost(values, margin=margin)
    if abs(found.p - 0.05) > 1e-9:
        assert (found.p < 0.05) == (-margin < found.low and found.high < margin)


def test_few_equal_values_do_not_prove_equivalence() -> None:
    """Ten scenarios without any difference leave room for .26; a hundred do not."""
    assert tost(np.zeros(10), margin=0.1).p > 0.05
    assert tost(np.zeros(100), margin=0.1).p < 0.001


@given(discordant=st.tuples(st.integers(0, 15), st.integers(0, 15)), margin=st.floats(0.05, 0.4))
def test_paired_rates_inside_margin(discordant: tuple[int, int], margin: float) -> None:
    """The score test and Tango's 90 % interval agree."""
    found = tost_proportions(40, *discordant, 40, margin=margin)
    if abs(found.p - 0.05) > 1e-6:
        assert (found.p < 0.05) == (-margin < found.low and found.high < margin)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: tost([0.1, 0.2], margin=0), "smallest difference that would matter"),
        (lambda: tost([0.1, 0.2], margin=0.1, level=0.4), "above 0.5"),
        (lambda: tost_proportions(1, 2, 3, 4, margin=1.0), "margin below 1"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """A margin that nothing can miss raises an error."""
    with pytest.raises(ValueError, match=message):
        call()
