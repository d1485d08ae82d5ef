"""Change points: found where planted, and not where there is none."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tracer.stats.drift import change_point


def test_planted_change_is_found_over_runs() -> None:
    """Twenty runs that switch at step 12 of 30 show it, with an interval around it and both levels."""
    draw = np.random.default_rng(1)
    rates = np.where(np.arange(30) < 12, 0.9, 0.3)
    found = change_point((draw.random((20, 30)) < rates).astype(float))
    assert found.low <= 12 <= found.high
    assert abs(found.at - 12) <= 1
    assert found.high - found.low <= 4
    assert found.p < 0.01
    assert (found.before, found.after) == pytest.approx((0.9, 0.3), abs=0.08)


def test_one_run_says_what_it_takes_for_granted() -> None:
    """A single long run shows its change, with the note that times are taken as exchangeable."""
    draw = np.random.default_rng(2)
    values = np.concatenate([draw.normal(0, 1, 40), draw.normal(2, 1, 40)])
    found = change_point(values)
    assert found.low <= 40 <= found.high
    assert found.p < 0.01
    assert any("exchangeable" in note for note in found.notes)


@pytest.mark.parametrize("runs", [1, 12])
def test_no_change_is_rarely_called_one(runs: int) -> None:
    """Without a change at most 8 % of 200 studies have p below .05, sticky runs included."""
    draw = np.random.default_rng(runs)
    hits = 0
    for _ in range(200):
        values = draw.normal(0, 1, (runs, 20))
        if runs > 1:  # a level of its own and dependence over steps
            values = draw.normal(0, 1, (runs, 1)) + np.cumsum(values, axis=1) / 3
        hits += change_point(values, draws=300).p < 0.05
    assert hits <= 16


def test_missing_steps_are_left_out() -> None:
    """Runs that end early count while they last."""
    draw = np.random.default_rng(3)
    values = (draw.random((15, 20)) < np.where(np.arange(20) < 8, 0.1, 0.9)).astype(float)
    for run, end in enumerate(draw.integers(12, 20, 15)):
        values[run, end:] = np.nan
    found = change_point(values)
    assert abs(found.at - 8) <= 1
    assert found.p < 0.01


def test_nothing_varies() -> None:
    """A constant series has no change and no place for one."""
    found = change_point(np.ones((8, 10)))
    assert (found.at, found.p) == (-1, 1.0)
    assert found.notes


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: change_point([1, 0, 1]), "four times or more"),
        (lambda: change_point([1, 0, float("inf"), 1]), "finite values"),
        (lambda: change_point([1, 0, 1, 0, 1], draws=5), "too coarse"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """Too short or infinite series raise an error that names the cause."""
    with pytest.raises(ValueError, match=message):
        call()
