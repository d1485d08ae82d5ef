"""Agreement of raters: against published examples and statsmodels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.inter_rater import cohens_kappa

from tracer.stats.agreement import Scale, cohen_kappa, gwet_ac1, krippendorff_alpha

_ = float("nan")
# Krippendorff 2011, section C: four observers, twelve units, missing values.
OBSERVERS = np.array(
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, _, _, _],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, _, 3],
        [_, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, _],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, _],
    ]
).T
ratings = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=8, max_size=40)


@pytest.mark.parametrize(("scale", "alpha"), [("nominal", 0.743), ("ordinal", 0.815), ("interval", 0.849)])
def test_krippendorffs_own_example(scale: Scale, alpha: float) -> None:
    """The published values on all three scales, with missing ratings."""
    found = krippendorff_alpha(OBSERVERS, scale=scale)
    assert round(found.value, 3) == alpha
    assert found.n == 11
    assert "1 units with fewer than 2 ratings, dropped" in found.notes


@given(pairs=ratings)
def test_kappa_is_that_of_statsmodels(pairs: list[tuple[int, int]]) -> None:
    """The value of two raters' kappa."""
    table = np.zeros((3, 3))
    np.add.at(table, tuple(np.array(pairs).T), 1)
    if len({a for a, _ in pairs} | {b for _, b in pairs}) < 2:
        return
    known: Any = cohens_kappa(table, return_results=False)
    assert cohen_kappa(*zip(*pairs, strict=True)).value == pytest.approx(float(known))


def test_jackknife_error_is_near_the_asymptotic_one() -> None:
    """For many independent units both errors are the same."""
    first = np.repeat([1, 1, 0, 0], [400, 100, 80, 420])
    second = np.repeat([1, 0, 1, 0], [400, 100, 80, 420])
    found = cohen_kappa(first, second)
    known: Any = cohens_kappa([[400, 100], [80, 420]])
    assert found.se == pytest.approx(known.std_kappa, rel=0.02)


def test_the_paradox_that_ac1_resolves() -> None:
    """Where nearly all units are of one kind, kappa is about 0 and AC1 about the agreement seen."""
    first, second = [1] * 118 + [1] * 5 + [0] * 2, [1] * 118 + [0] * 5 + [1] * 2
    assert round(cohen_kappa(first, second).value, 3) == -0.023
    assert round(gwet_ac1(np.column_stack([first, second])).value, 3) == 0.941


@given(pairs=ratings)
def test_raters_and_names_of_categories_do_not_matter(pairs: list[tuple[int, int]]) -> None:
    """Swapping raters or renaming categories changes no coefficient."""
    table = np.array(pairs, dtype=float)
    renamed = np.array([30.0, 10.0, 20.0])[table.astype(int)][:, ::-1]
    for coefficient in (krippendorff_alpha, gwet_ac1):
        assert coefficient(table).value == pytest.approx(coefficient(renamed).value, nan_ok=True)


def test_clusters_widen_the_interval() -> None:
    """Units copied ten times in their cluster tell no more than once."""
    pairs = np.array([[1, 1], [0, 1], [1, 1], [0, 0], [1, 0], [0, 0], [1, 1], [0, 0]], dtype=float)
    labels = np.repeat(np.arange(8), 10)
    once, copied = gwet_ac1(pairs), gwet_ac1(np.repeat(pairs, 10, axis=0), labels)
    assert (copied.value, copied.se) == pytest.approx((once.value, once.se))
    assert copied.clusters == 8


@pytest.mark.parametrize("coefficient", [krippendorff_alpha, gwet_ac1])
@pytest.mark.parametrize("table", [[[1, 1]] * 5, [[1, _], [_, 0]], [[1, 0]]], ids=["one kind", "unpaired", "one unit"])
def test_no_number_where_agreement_has_none(coefficient: Callable[..., object], table: list[list[float]]) -> None:
    """One category, no pairs or one unit give NaN bounds and a reason."""
    found = krippendorff_alpha(table) if coefficient is krippendorff_alpha else gwet_ac1(table)
    assert np.isnan([found.low, found.high]).all()
    assert found.notes


def test_bad_input_is_refused() -> None:
    """A flat list is no table of raters, and labels must fit."""
    with pytest.raises(ValueError, match="one column per rater"):
        gwet_ac1([1, 0, 1])
    with pytest.raises(ValueError, match="one label for each"):
        krippendorff_alpha([[1, 0], [1, 1]], ["a"])
