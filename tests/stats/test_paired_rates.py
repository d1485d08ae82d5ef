"""Two outcomes of the same item: against published tables, statsmodels and SciPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar as known_mcnemar

from tracer.stats.estimate import Estimate
from tracer.stats.paired import mcnemar, mcnemar_chi2, newcombe, paired_t, tango, tango_z

tables = st.tuples(*[st.integers(0, 40)] * 4).filter(lambda counts: sum(counts) > 0)


@pytest.mark.parametrize(
    ("interval", "table", "low", "high"),
    [
        # Airway hyper-responsiveness before and after a transplantation (Bentur et al. 2009), as analysed by
        # Fagerland, Lydersen and Laake 2014.
        (newcombe, (1, 1, 7, 12), -0.507, -0.026),
        (tango, (1, 1, 7, 12), -0.517, -0.026),
        # Newcombe 1998 (Stat Med 17:2635), method 10.
        (newcombe, (36, 12, 2, 0), 0.057, 0.340),
    ],
)
def test_published_intervals(
    interval: Callable[..., Estimate], table: tuple[int, int, int, int], low: float, high: float
) -> None:
    """Intervals of published tables come out to the printed digit."""
    found = interval(*table)
    assert (round(found.low, 3), round(found.high, 3)) == (low, high)


@given(table=tables)
def test_mcnemar_is_that_of_statsmodels(table: tuple[int, int, int, int]) -> None:
    """Exact p values and the uncorrected statistic."""
    both, one, two, neither = table
    known: Any = known_mcnemar([[both, one], [two, neither]], exact=True)
    assert mcnemar(one, two) == pytest.approx(float(known.pvalue))
    if one + two:
        known = known_mcnemar([[both, one], [two, neither]], exact=False, correction=False)
        assert mcnemar_chi2(one, two) == pytest.approx(float(known.statistic))


@pytest.mark.parametrize("interval", [newcombe, tango])
@given(table=tables)
def test_intervals_hold_their_estimate_and_mirror(
    interval: Callable[..., Estimate], table: tuple[int, int, int, int]
) -> None:
    """Ends stay in [-1, 1] around the estimate; swapping the arms mirrors them."""
    both, one, two, neither = table
    found, mirror = interval(*table), interval(both, two, one, neither)
    assert -1 <= found.low <= found.value <= found.high <= 1
    assert (mirror.low, mirror.high) == pytest.approx((-found.high, -found.low), abs=1e-9)


@given(table=tables)
def test_tango_holds_what_its_score_does_not_reject(table: tuple[int, int, int, int]) -> None:
    """Just inside the interval the score is below 1.96, just outside above."""
    found = tango(*table)
    assert tango_z(*table, min(found.low + 1e-6, found.value)) <= 1.96 + 1e-3
    if found.low > -0.999:
        assert tango_z(*table, found.low - 1e-6) >= 1.95996
    if found.high < 0.999:
        assert tango_z(*table, found.high + 1e-6) <= -1.95996


def test_tango_coverage() -> None:
    """Over many tables the interval holds the true difference in 93 to 98 % of them, with few discordant pairs too."""
    draw = np.random.default_rng(1)
    drawn = draw.multinomial(40, [0.6, 0.12, 0.04, 0.24], size=600)
    hits = sum(found.low <= 0.08 <= found.high for found in (tango(*map(int, row)) for row in drawn))
    assert 0.93 <= hits / 600 <= 0.98


def test_paired_t_drops_incomplete_pairs() -> None:
    """SciPy's paired test of the complete pairs."""
    one, two = [0.2, 0.9, 0.4, float("nan"), 0.8], [0.1, 0.5, float("nan"), 0.3, 0.6]
    known: Any = stats.ttest_rel([0.2, 0.9, 0.8], [0.1, 0.5, 0.6])
    found = paired_t(one, two)
    assert (found.n, found.p) == (3, pytest.approx(float(known.pvalue)))
    assert "2 missing, dropped" in found.notes


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: newcombe(0, 0, 0, 0), "no pairs"),
        (lambda: tango(1, -1, 2, 3), "cannot be negative"),
        (lambda: mcnemar(-1, 2), "cannot be negative"),
        (lambda: tango_z(1, 2, 3, 4, 1.5), "between -1 and 1"),
        (lambda: paired_t([1, 2], [1]), "both members"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """Impossible tables raise an error that names the cause."""
    with pytest.raises(ValueError, match=message):
        call()
