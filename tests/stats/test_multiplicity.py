"""Adjusted p values: against statsmodels, with missing ones counted."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import ArrayLike, NDArray
from statsmodels.stats.multitest import multipletests

from tracer.stats.multiplicity import benjamini_hochberg, bonferroni, holm, partial_conjunction_level

Adjust = Callable[[ArrayLike], NDArray[np.float64]]
ADJUST: dict[str, Adjust] = {"bonferroni": bonferroni, "holm": holm, "fdr_bh": benjamini_hochberg}


@pytest.mark.parametrize("name", ADJUST)
@settings(max_examples=20)  # the reference takes .1 s for its Holm
@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_is_that_of_statsmodels(name: str, p: list[float]) -> None:
    """Adjusted values are those of the reference implementation."""
    assert ADJUST[name](p) == pytest.approx(multipletests(p, method=name)[1])


@pytest.mark.parametrize("name", ADJUST)
def test_untestable_hypotheses_stay_in_the_family(name: str) -> None:
    """A NaN stays NaN and makes the others no more significant than a p value of 1 would."""
    adjust = ADJUST[name]
    found, full = adjust([0.01, float("nan"), 0.03]), adjust([0.01, 1.0, 0.03])
    assert np.isnan(found[1])
    assert found[[0, 2]] == pytest.approx(full[[0, 2]])


@given(p=st.lists(st.floats(0, 1), min_size=1, max_size=10))
def test_holm_lies_between_raw_and_bonferroni(p: list[float]) -> None:
    """Holm never accepts more than the raw values and never less than Bonferroni."""
    assert (holm(p) >= np.array(p) - 1e-15).all()
    assert (holm(p) <= bonferroni(p) + 1e-15).all()


def test_an_empty_family_is_no_error() -> None:
    """No hypotheses, no p values."""
    assert holm([]).size == 0


def test_three_of_seven_angles() -> None:
    """The level of each interval for "at least 3 of k" is 1 - alpha / (k - 2)."""
    for k in range(3, 9):
        assert partial_conjunction_level(3, k) == pytest.approx(1 - 0.05 / (k - 2))


@pytest.mark.parametrize(
    ("call", "message"),
    [(lambda: holm([0.1, 1.2]), "between 0 and 1"), (lambda: partial_conjunction_level(4, 3), "between 1 and 3")],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """Numbers that are no p values raise an error."""
    with pytest.raises(ValueError, match=message):
        call()
