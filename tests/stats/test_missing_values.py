"""What was not observed: bounded without belief, and tested between arms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.stats.clustered import mean_of_clusters
from tracer.stats.missing import attrition, contrast_bounds

NAN = float("nan")
arms = st.lists(st.tuples(st.sampled_from([0.0, 1.0, NAN]), st.sampled_from([0.0, 1.0, NAN])), min_size=3, max_size=25)


@given(pairs=arms, seed=st.integers(0, 20))
def test_bounds_hold_whatever_was_missing(pairs: list[tuple[float, float]], seed: int) -> None:
    """Any way to fill the gaps gives a contrast between worst and best."""
    first, second = np.array(pairs).T
    worst, best = contrast_bounds(first, second)
    draw = np.random.default_rng(seed)
    one, two = (np.where(np.isnan(arm), draw.integers(0, 2, arm.size), arm) for arm in (first, second))
    assert worst.value - 1e-12 <= float(np.mean(one - two)) <= best.value + 1e-12
    assert worst.n == best.n == len(pairs)


def test_nothing_missing_leaves_one_contrast() -> None:
    """Complete data give the same estimate twice, without a note about gaps."""
    worst, best = contrast_bounds([1, 0, 1, 1], [0, 0, 1, 0])
    known = mean_of_clusters([1, 0, 0, 1], bounds=(-1, 1))
    assert worst == best == known


def test_attrition_in_one_arm_is_found() -> None:
    """A third of one arm missing and none of the other is no accident over 20 scenarios."""
    draw = np.random.default_rng(0)
    first = np.where(draw.random(100) < 0.35, NAN, 1.0)
    found = attrition(first, np.ones(100), np.repeat(np.arange(20), 5))
    assert found.value == pytest.approx(np.isnan(first).mean())
    assert found.p < 0.001


def test_equal_attrition_is_not() -> None:
    """The same share missing in both arms has p = 1, and no gaps at all neither a difference nor certainty."""
    gaps = [NAN, 1.0, 1.0, NAN, 1.0, 1.0]
    assert attrition(gaps, gaps).p == 1.0
    complete = attrition([1.0] * 6, [0.0] * 6)
    assert (complete.value, complete.p) == (0.0, 1.0)
    assert complete.high > 0.3


def test_bad_input_is_refused() -> None:
    """Unpaired arms and values outside the bounds raise an error."""
    with pytest.raises(ValueError, match="give pairs"):
        attrition([1], [1, 2])
    with pytest.raises(ValueError, match="outside the bounds"):
        contrast_bounds([3.0], [0.0])
