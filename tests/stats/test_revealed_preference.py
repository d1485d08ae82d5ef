"""Choices under budgets: consistent choosers pass, contradictions are counted, power is known."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.stats.revealed import afriat_efficiency, bronars_power, garp_violations

choices = st.lists(
    st.tuples(*[st.integers(1, 5)] * 2, *[st.integers(0, 5)] * 2).filter(lambda row: row[2] + row[3] > 0),
    min_size=2,
    max_size=6,
)


@given(seed=st.integers(0, 200), weight=st.floats(0.1, 0.9))
def test_a_maximiser_never_contradicts_itself(seed: int, weight: float) -> None:
    """Cobb-Douglas demand passes under any prices."""
    draw = np.random.default_rng(seed)
    prices, budgets = draw.uniform(0.5, 3, (12, 2)), draw.uniform(5, 10, 12)
    bought = budgets[:, None] * np.array([weight, 1 - weight]) / prices
    assert garp_violations(prices, bought) == 0
    assert afriat_efficiency(prices, bought) == 1.0


@given(rows=choices)
def test_violations_are_counted_by_definition(rows: list[tuple[int, int, int, int]]) -> None:
    """The count equals a plain walk over chains of revealed preference."""
    prices, bought = np.array(rows)[:, :2], np.array(rows)[:, 2:]
    n = len(rows)
    direct = {(t, s) for t, s in product(range(n), repeat=2) if prices[t] @ bought[t] >= prices[t] @ bought[s]}
    chained = set(direct)
    while True:
        more = chained | {(a, d) for a, b in chained for c, d in chained if b == c}
        if more == chained:
            break
        chained = more
    broken = sum(prices[s] @ bought[s] > prices[s] @ bought[t] for t, s in chained)
    assert garp_violations(prices, bought) == broken


@given(rows=choices)
def test_efficiency_is_where_contradictions_end(rows: list[tuple[int, int, int, int]]) -> None:
    """Shrinking all budgets to just below the index leaves no contradiction; with none it is 1."""
    prices, bought = np.array(rows, dtype=float)[:, :2], np.array(rows, dtype=float)[:, 2:]
    index = afriat_efficiency(prices, bought)
    assert 0 < index <= 1
    assert (garp_violations(prices, bought) == 0) <= (index == 1.0)


def test_efficiency_of_a_known_contradiction() -> None:
    """Each bundle could have been had for half the money spent on the other."""
    assert afriat_efficiency([[1, 2], [2, 1]], [[0, 4], [4, 0]]) == 0.5


def test_power_of_two_crossing_budgets() -> None:
    """A random chooser contradicts itself exactly where both choices lie below the crossing: 1 in 9."""
    found = bronars_power([[1, 2], [2, 1]], [8, 8], draws=4000, seed=1)
    assert found.low < 1 / 9 < found.high


def test_power_of_budgets_that_never_cross() -> None:
    """Budgets of the same prices cannot catch anybody, so that passing them shows nothing."""
    assert bronars_power([[1, 2], [1, 2]], [8, 4], draws=200).value == 0.0


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: garp_violations([[1, 0]], [[1, 1]]), "above 0"),
        (lambda: garp_violations([[1, 1]], [[0, 0]]), "something chosen"),
        (lambda: afriat_efficiency([[1, 1]], [[1, 1, 1]]), "the same goods"),
        (lambda: bronars_power([[1, 1]], [0]), "one budget above 0"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """Prices and bundles that make no budget raise an error that names the cause."""
    with pytest.raises(ValueError, match=message):
        call()
