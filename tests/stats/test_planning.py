"""Inverse planning: the planted goal is found, and habit and chance are not mistaken for one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import special

from tracer.stats.clustered import mean_of_clusters
from tracer.stats.planning import BETAS, LAPSES, goal_posterior, held_out_gain, value_iteration

HABIT, CHANCE = -2, -1


def corridor() -> tuple[NDArray[np.intp], tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Give nine rooms in a row with doors left and right, and the values of wanting the left and the right end."""
    rooms = np.arange(9)
    after = np.stack([np.maximum(rooms - 1, 0), np.minimum(rooms + 1, 8)], axis=1)
    after[[0, 8]] = [[0, 0], [8, 8]]
    wants: list[NDArray[np.float64]] = []
    for end in (0, 8):
        reward = np.where((after == end) & (rooms[:, None] != end), 1.0, -0.05)
        reward[[0, 8]] = 0.0
        wants.append(value_iteration(after, reward, discount=0.9))
    return after, (wants[0], wants[1])


def walk(
    draw: np.random.Generator, policy: Callable[[int, int | None], NDArray[np.float64]], runs: int = 12
) -> tuple[NDArray[np.float64], list[int], list[int]]:
    """Give values (goals, T, 2), acts and runs of walks that start in a random inner room.

    In every other run the doors change names: else "always act 0" would be a habit that looks just like a goal.
    """
    after, wants = corridor()
    values: list[NDArray[np.float64]] = []
    acts: list[int] = []
    labels: list[int] = []
    for run in range(runs):
        room, last = int(draw.integers(3, 6)), None
        for _ in range(12):
            if room in (0, 8):
                break
            act = int(draw.choice(2, p=policy(room, last)))
            values.append(np.stack([q[room, :: (-1) ** run] for q in wants]))
            acts.append(act if run % 2 == 0 else 1 - act)
            labels.append(run)
            room, last = int(after[room, act]), act
    return np.stack(values, axis=1), acts, labels


def planner(goal: int, beta: float, lapse: float) -> Callable[[int, int | None], NDArray[np.float64]]:
    q = corridor()[1][goal]
    return lambda room, last: (1 - lapse) * special.softmax(beta * q[room]) + lapse / 2


def stubborn(room: int, last: int | None) -> NDArray[np.float64]:
    """Repeat the last act nine times in ten, whatever the room."""
    stay = np.array([0.5, 0.5]) if last is None else np.full(2, 0.1)
    if last is not None:
        stay[last] = 0.9
    return stay


@pytest.mark.parametrize("goal", [0, 1])
@pytest.mark.parametrize(("beta", "lapse"), [(8.0, 0.05), (20.0, 0.2)])
def test_planted_goal_is_found(goal: int, beta: float, lapse: float) -> None:
    """A soft planner's goal wins over the other goal, habit and chance, and predicts runs that were left out."""
    q, acts, runs = walk(np.random.default_rng(10 * goal + int(beta)), planner(goal, beta, lapse))
    found = goal_posterior(q, acts, runs)
    assert found.probability.argmax() == goal
    assert found.probability[goal] > 0.95
    gains = held_out_gain(q, acts, runs)
    assert mean_of_clusters(gains[goal]).low > 0
    assert mean_of_clusters(gains[goal] - gains[1 - goal]).low > 0


def test_a_habit_is_not_a_goal() -> None:
    """Acts that only repeat themselves are best explained by habit."""
    found = goal_posterior(*walk(np.random.default_rng(2), stubborn, runs=20))
    assert found.probability.argmax() == len(found.probability) + HABIT
    assert found.probability[:2].sum() < 0.05


def test_chance_is_not_a_goal() -> None:
    """Random acts leave no goal with more than one half."""
    found = goal_posterior(*walk(np.random.default_rng(3), lambda room, last: np.full(2, 0.5), runs=20))
    assert found.probability.argmax() == len(found.probability) + CHANCE
    assert found.probability[:2].max() < 0.5
    assert found.nats_per_decision[CHANCE] == 0


def test_rationality_is_recovered() -> None:
    """A sharp planner gets a large beta and a small lapse rate, a sloppy one neither."""
    sharp = goal_posterior(*walk(np.random.default_rng(4), planner(0, 25, 0.01), runs=30))
    sloppy = goal_posterior(*walk(np.random.default_rng(4), planner(0, 2, 0.2), runs=30))
    assert sharp.beta[0] > 3 * sloppy.beta[0]
    assert sharp.lapse[0] < 0.06


def test_evidence_is_the_average_over_the_grid() -> None:
    """Log evidence equals the sum over acts, averaged over the grid, written out."""
    q = np.array([[[1.0, 0.0, -np.inf], [0.0, 0.5, 0.2]]])
    acts = [0, 2]
    total = 0.0
    for beta in BETAS:
        for lapse in LAPSES:
            one = (1 - lapse) / (1 + np.exp(-beta)) + lapse / 2
            two = (1 - lapse) * np.exp(0.2 * beta) / np.exp(beta * q[0, 1]).sum() + lapse / 3
            total += one * two
    found = goal_posterior(q, acts)
    assert found.log_evidence[0] == pytest.approx(np.log(total / (len(BETAS) * len(LAPSES))))
    assert found.log_evidence[CHANCE] == pytest.approx(-np.log(2) - np.log(3))


@given(shift=st.floats(-5, 5), seed=st.integers(0, 30))
def test_only_differences_of_values_matter(shift: float, seed: int) -> None:
    """Adding the same to all values of a decision changes nothing; a prior of 0 rules a goal out."""
    draw = np.random.default_rng(seed)
    q, acts = draw.normal(0, 1, (2, 6, 3)), draw.integers(0, 3, 6)
    plain, moved = goal_posterior(q, acts), goal_posterior(q + shift, acts)
    assert moved.probability == pytest.approx(plain.probability)
    assert plain.probability.sum() == pytest.approx(1)
    assert goal_posterior(q, acts, prior=[0, 1, 1, 1]).probability[0] == 0


def test_forced_acts_say_nothing() -> None:
    """Where every decision has one feasible act, goals stay as they were and a note says so."""
    q = np.array([[[1.0, -np.inf]] * 8, [[0.0, -np.inf]] * 8])
    found = goal_posterior(q, [0] * 8)
    assert found.probability == pytest.approx([0.25] * 4)
    assert found.choices == 1.0
    assert found.notes


def test_values_count_the_way_to_the_goal() -> None:
    """Wanting the left end, each door left is worth a step more than the door right."""
    _, (left, right) = corridor()
    assert (left[1:8, 0] > left[1:8, 1]).all()
    assert (right[1:8, 1] > right[1:8, 0]).all()
    assert left[1, 0] == pytest.approx(1.0)
    assert left[2, 0] == pytest.approx(-0.05 + 0.9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: goal_posterior([[[1.0, -np.inf]]], [1]), "not feasible"),
        (lambda: goal_posterior([[[1.0, np.nan]]], [0]), "have to be finite"),
        (lambda: goal_posterior([[1.0, 0.0]], [0]), r"\(goals, T, A\)"),
        (lambda: goal_posterior([[[1.0, 0.0]]], [0], prior=[1]), "3 weights"),
        (lambda: held_out_gain([[[1.0, 0.0]] * 2], [0, 1], [1, 1]), "two or more"),
        (lambda: value_iteration([[0]], [[0]], discount=1.0), r"in \[0, 1\)"),
        (lambda: value_iteration([[5]], [[0]]), "tables of states"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """Models that cannot have produced the acts raise an error that names the cause."""
    with pytest.raises(ValueError, match=message):
        call()
