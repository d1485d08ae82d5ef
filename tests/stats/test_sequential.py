"""Betting: right at every look, decided when it should be, and never outside its bounds."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.stats.sequential import betting, betting_sequence, e_process

values = st.lists(st.integers(-8, 8).map(lambda x: x / 8), min_size=1, max_size=40)


@pytest.mark.parametrize("side", ["two-sided", "greater", "less"])
@pytest.mark.parametrize("expected", [None, 60])
def test_wealth_rarely_grows_if_the_null_is_true(side: str, expected: int | None) -> None:
    """Skewed values of mean 0: at most 5 % of 1,000 studies ever reach 20, at any of 60 looks."""
    draw = np.random.default_rng(12)
    studies = np.where(draw.random((1000, 60)) < 0.2, 0.8, -0.2)
    reached = sum(float(e_process(s, side=side, expected=expected).max()) >= 20 for s in studies)  # type: ignore[arg-type]  # parametrize gives str
    assert reached <= 50


@given(values=values, expected=st.sampled_from([None, 10, 40]))
def test_intervals_only_narrow_and_agree_with_the_wealth(values: list[float], expected: int | None) -> None:
    """Ends move inwards only, stay in bounds, and leave 0 out only once the wager against 0 has won 20 times."""
    path = betting_sequence(values, expected=expected)
    low, high = path.low[~np.isnan(path.low)], path.high[~np.isnan(path.high)]
    assert (np.diff(low) >= -1e-12).all()
    assert (np.diff(high) <= 1e-12).all()
    assert ((low >= -1) & (high <= 1)).all()
    out = (path.low > 0) | (path.high < 0)
    wealth = np.maximum.accumulate(e_process(values, expected=expected))
    assert (wealth[out] >= 20).all()


@given(values=values)
def test_mirrored_values_mirror_the_interval(values: list[float]) -> None:
    """Nothing favours one sign."""
    one, two = betting_sequence(values), betting_sequence([-v for v in values])
    assert one.low == pytest.approx(-two.high, nan_ok=True)


def test_looking_back_does_not_change_what_was_seen() -> None:
    """The interval after 20 values is the same whether or not more follow: bets never look ahead."""
    drawn = np.random.default_rng(0).uniform(-1, 1, 50)
    assert betting_sequence(drawn).low[:20] == pytest.approx(betting_sequence(drawn[:20]).low)


def test_decides_soon_on_a_clear_effect() -> None:
    """An effect of .5 with an sd of .3 is decided within 20 scenarios in at least 8 of 10 studies."""
    draw = np.random.default_rng(7)
    studies = np.clip(draw.normal(0.5, 0.3, (200, 20)), -1, 1)
    assert np.mean([e_process(s, expected=20).max() >= 20 for s in studies]) >= 0.8


def test_long_sequences_narrow_to_the_mean() -> None:
    """After 3,000 values the interval is narrow and holds the mean."""
    found = betting(np.random.default_rng(3).uniform(-0.5, 0.7, 3000))
    assert found.low < 0.1 < found.high
    assert found.high - found.low < 0.1


def test_nothing_seen_leaves_everything_open() -> None:
    """Before the first value the interval is the whole range."""
    found = betting([float("nan")])
    assert (found.low, found.high, found.p, found.n) == (-1.0, 1.0, 1.0, 0)


def test_a_system_that_changed_is_named() -> None:
    """Values that no constant mean explains give NaN bounds and say so."""
    found = betting([1.0] * 60 + [-1.0] * 120)
    assert np.isnan(found.low)
    assert any("did the system change" in note for note in found.notes)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: betting([0.1, 1.4]), "outside the bounds"),
        (lambda: e_process([0.1], null=2), "outside the bounds"),
        (lambda: betting([0.1], bounds=(1, 0)), "smallest possible value"),
        (lambda: betting_sequence([0.1], level=1), "between 0 and 1"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """Values that would break the guarantee are refused."""
    with pytest.raises(ValueError, match=message):
        call()
