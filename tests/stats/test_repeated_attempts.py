"""pass^k and pass@k: unbiased, and opposite to each other."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.stats.passk import pass_all, pass_any

tasks = st.lists(st.integers(4, 8).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=2, max_size=8)


@given(tasks=tasks, k=st.integers(1, 4))
def test_both_are_shares_of_subsets(tasks: list[tuple[int, int]], k: int) -> None:
    """They equal the share of k-subsets of the attempts that all, or partly, succeed."""
    subsets = [[list(s) for s in combinations([1] * c + [0] * (n - c), k)] for c, n in tasks]
    wins, trials = zip(*tasks, strict=True)
    every = np.mean([np.mean([all(s) for s in found]) for found in subsets])
    some = np.mean([np.mean([any(s) for s in found]) for found in subsets])
    assert pass_all(wins, trials, k).value == pytest.approx(every)
    assert pass_any(wins, trials, k).value == pytest.approx(some)


def test_tasks_with_too_few_attempts_are_dropped_and_counted() -> None:
    """A task tried twice says nothing about four attempts."""
    found = pass_all([2, 4, 3], [2, 4, 4], 4)
    assert (found.value, found.clusters) == (0.5, 2)
    assert "1 missing, dropped" in found.notes


def test_always_passing_is_not_certainty() -> None:
    """Ten tasks that always pass leave room for others that do not."""
    found = pass_all([4] * 10, [4] * 10, 4)
    assert (found.value, found.high) == (1.0, 1.0)
    assert 0.6 < found.low < 0.8


@pytest.mark.parametrize(
    ("wins", "trials", "k", "message"), [([1], [1], 0, "at least one attempt"), ([3], [2], 1, "between 0 and trials")]
)
def test_bad_input_is_refused(wins: list[int], trials: list[int], k: int, message: str) -> None:
    """Impossible counts raise an error that names the cause."""
    with pytest.raises(ValueError, match=message):
        pass_any(wins, trials, k)
