"""All specifications together: honest when nothing is there, sure when something is."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

from tracer.stats.multiverse import multiverse


def test_each_specification_is_its_t_test() -> None:
    """Estimates and p values of the rows are those of SciPy on what each row keeps."""
    values = np.random.default_rng(0).normal(0.2, 1, (3, 20))
    values[1, :5] = np.nan
    found = multiverse(values)
    tests: list[Any] = [stats.ttest_1samp(row[~np.isnan(row)], 0) for row in values]
    known = [test.pvalue for test in tests]
    assert found.p_values == pytest.approx(known)
    assert found.estimates == pytest.approx(np.nanmean(values, axis=1))


def test_many_like_specifications_do_not_add_evidence() -> None:
    """Fifty copies of one analysis give the joint p value of that one analysis."""
    row = np.random.default_rng(4).normal(0.45, 1, 25)
    found = multiverse(np.tile(row, (50, 1)), draws=20_000)
    known: Any = stats.ttest_1samp(row, 0)
    assert found.p_median == pytest.approx(known.pvalue, abs=0.01)
    assert found.share_significant in (0.0, 1.0)


def test_joint_tests_keep_their_error_rate() -> None:
    """Forty related analyses of noise: at most 8 % of 200 multiverses have a joint p below .05."""
    draw = np.random.default_rng(9)
    hits = np.zeros(2)
    for _ in range(200):
        values = draw.normal(0, 1, 30) + draw.normal(0, 0.7, (40, 30))
        values[draw.random(values.shape) < 0.1] = np.nan
        found = multiverse(values, draws=300)
        hits += [found.p_median < 0.05, found.p_share < 0.05]
    assert (hits <= 16).all()


def test_a_finding_that_holds_everywhere() -> None:
    """An effect in all specifications shows in all summaries."""
    draw = np.random.default_rng(2)
    found = multiverse(draw.normal(0.6, 0.5, 40) + draw.normal(0, 0.2, (12, 40)), np.repeat(np.arange(20), 2))
    assert (found.share_same_sign, found.share_significant, found.clusters) == (1.0, 1.0, 20)
    assert found.p_median < 0.01
    assert found.p_share < 0.05


def test_too_few_clusters_give_no_test() -> None:
    """One cluster gives NaN and the reason."""
    found = multiverse([[0.1, 0.2]], ["a", "a"])
    assert np.isnan([found.p_median, found.p_share]).all()
    assert found.notes


def test_bad_input_is_refused() -> None:
    """A flat list is no set of specifications."""
    with pytest.raises(ValueError, match="one row of finite differences"):
        multiverse([0.1, 0.2])
    with pytest.raises(ValueError, match="one label for each"):
        multiverse([[0.1, 0.2]], ["a"])
