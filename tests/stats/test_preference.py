"""Forced choices: utilities against statsmodels, and cycles against counting."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, permutations
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import assume, given
from hypothesis import strategies as st
from numpy.typing import NDArray

from tracer.stats.preference import Utilities, bradley_terry, cyclic_triads, preference_between, thurstone

WINS = np.array([[0, 14, 18, 9], [6, 0, 11, 7], [2, 9, 0, 8], [1, 3, 4, 0]], dtype=float)


def as_regression(wins: NDArray[np.float64], link: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Give utilities and their covariance from a binomial regression with option 0 as the base, centred."""
    k = len(wins)
    pairs = list(combinations(range(k), 2))
    design = np.array([[(i == o) - (j == o) for o in range(1, k)] for i, j in pairs], dtype=float)
    counts = np.array([[wins[i, j], wins[j, i]] for i, j in pairs])
    fit: Any = sm.GLM(counts, design, family=sm.families.Binomial(link=link)).fit()
    centre = np.eye(k)[:, 1:] - 1 / k
    return centre @ fit.params, centre @ fit.cov_params() @ centre.T


@pytest.mark.parametrize(
    ("fit", "link"), [(bradley_terry, sm.families.links.Logit()), (thurstone, sm.families.links.Probit())]
)
def test_is_the_binomial_regression(fit: Callable[..., Utilities], link: Any) -> None:
    """Both models are binomial regressions on option indicators, and give the same utilities and errors."""
    values, covariance = as_regression(WINS, link)
    found = fit(WINS)
    assert found.values == pytest.approx(values, abs=1e-6)
    # statsmodels uses the expected information, which differs from ours for the probit only.
    assert found.covariance == pytest.approx(covariance, rel=1e-4 if fit is bradley_terry else 0.1, abs=1e-6)
    assert found.n == WINS.sum()


def test_planted_utilities_are_covered_in_clusters() -> None:
    """Choices of scenarios that lean their own way: the clustered interval covers the planted gap."""
    draw = np.random.default_rng(3)
    planted = np.array([0.5, 0.0, -0.5])
    hits = 0
    for _ in range(200):
        tables = np.zeros((25, 3, 3))
        for table in tables:
            lean = planted + draw.normal(0, 0.8, 3)
            for i, j in combinations(range(3), 2):
                table[i, j] = draw.binomial(8, 1 / (1 + np.exp(lean[j] - lean[i])))
                table[j, i] = 8 - table[i, j]
        found = preference_between(bradley_terry(tables), 0, 2)
        # The gap of average choices, which is what a common utility can mean, lies a little nearer to 0.
        hits += found.low <= 0.87 <= found.high
    assert hits >= 0.92 * 200


def test_a_prior_makes_one_sided_choices_finite() -> None:
    """An option that always wins has no finite utility; half a choice each way gives it one."""
    always = [[0, 5, 5], [0, 0, 3], [0, 2, 0]]
    with pytest.raises(ValueError, match="no finite utilities"):
        bradley_terry(always)
    assert bradley_terry(always, prior=0.5).values.argmax() == 0


@given(
    wins=st.lists(st.lists(st.integers(0, 3), min_size=5, max_size=5), min_size=5, max_size=5),
    order=st.permutations(range(5)),
)
def test_order_of_options_does_not_matter(wins: list[list[int]], order: list[int]) -> None:
    """Renumbering the options renumbers the utilities and keeps the cycles."""
    table = np.array(wins, dtype=float)
    again = table[np.ix_(order, order)]
    assert bradley_terry(again, prior=0.5).values == pytest.approx(
        bradley_terry(table, prior=0.5).values[list(order)], abs=1e-6
    )
    assert cyclic_triads(again, draws=100).cyclic == cyclic_triads(table, draws=100).cyclic


@given(wins=st.lists(st.lists(st.integers(0, 2), min_size=6, max_size=6), min_size=6, max_size=6))
def test_cycles_are_counted(wins: list[list[int]]) -> None:
    """The count equals that over all triples, ties left out."""
    table = np.array(wins)
    beats = table > table.T
    decided = [t for t in combinations(range(6), 3) if all(beats[a, b] or beats[b, a] for a, b in combinations(t, 2))]
    cyclic = [t for t in decided if any(beats[a, b] and beats[b, c] and beats[c, a] for a, b, c in permutations(t))]
    found = cyclic_triads(wins, draws=100)
    assert (found.triads, found.cyclic) == (len(decided), len(cyclic))
    assume(decided)
    assert found.share == len(cyclic) / len(decided)


def test_a_consistent_chooser_is_told_from_a_coin() -> None:
    """No cycle among eight options is far less than coins give; a coin's tournament is not."""
    ladder = np.triu(np.ones((8, 8)), 1)
    assert cyclic_triads(ladder).p < 0.001
    coin = np.triu(np.random.default_rng(4).integers(0, 2, (8, 8)), 1)
    assert cyclic_triads(coin + np.triu(1 - coin, 1).T).p > 0.05


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: bradley_terry([[0, 1, 2]]), "two options or more"),
        (lambda: bradley_terry([[0, -1], [1, 0]]), "must not be negative"),
        (lambda: thurstone([[0, float("nan")], [1, 0]]), "must not be negative or NaN"),
        (lambda: cyclic_triads([[0, 1]]), "square table"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """Tables that are no counts of choices raise an error that names the cause."""
    with pytest.raises(ValueError, match=message):
        call()
