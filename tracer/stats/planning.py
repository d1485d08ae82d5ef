"""Inverse planning: which goal would make these acts sensible, against the rivals habit and chance.

Acts are explained by a planner that prefers better acts the more, the larger its rationality beta, and that lapses now
and then. Neither number is known, so that both are averaged over; and a goal is only worth naming if it predicts the
acts better than a habit (each act from the one before) and than chance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tracer.stats.samples import Labels, codes_for

__all__ = ["BETAS", "LAPSES", "GoalPosterior", "goal_posterior", "held_out_gain", "value_iteration"]

BETAS: tuple[float, ...] = tuple(float(b) for b in np.geomspace(0.1, 30, 16))
"""Rationality grid, equally likely a priori (uniform in the logarithm)."""

LAPSES: tuple[float, ...] = (0.01, 0.03, 0.1, 0.3)
"""Lapse grid, equally likely a priori."""

Grid = tuple[Sequence[float], Sequence[float]]


@dataclass(frozen=True, slots=True)
class GoalPosterior:
    """How well each goal, habit and chance explain the acts.

    The arrays list the goals in their order, then habit, then chance.

    Attributes:
        probability: (goals + 2,) posterior probabilities.
        log_evidence: (goals + 2,) log marginal likelihoods, in nats.
        nats_per_decision: (goals + 2,) log evidence above chance, per act.
        beta: (goals,) posterior mean of log-rationality, as a rationality.
        lapse: (goals,) posterior mean of the lapse rate.
        decisions: Number of acts.
        choices: Mean number of feasible acts; a claim needs at least 2 at most decisions.
        notes: What a reader has to know.
    """

    probability: NDArray[np.float64]
    log_evidence: NDArray[np.float64]
    nats_per_decision: NDArray[np.float64]
    beta: NDArray[np.float64]
    lapse: NDArray[np.float64]
    decisions: int
    choices: float
    notes: tuple[str, ...] = ()


def value_iteration(
    next_state: ArrayLike, reward: ArrayLike, *, discount: float = 0.95, tolerance: float = 1e-9
) -> NDArray[np.float64]:
    """Give Q (S, A), the value of each act in each state if one acts best from then on.

    Q(s, a) = r(s, a) + discount max_a' Q(next(s, a), a'), iterated until it moves by less than the tolerance. A final
    state leads to itself with reward 0. Source: Bellman 1957.

    Args:
        next_state: (S, A) state that an act leads to; -1 where the act is not feasible.
        reward: (S, A) reward of the act under one goal.
        discount: Weight of the next step, in [0, 1).
        tolerance: Largest change at which to stop.

    Returns:
        -inf where an act is not feasible.

    Raises:
        ValueError: Shapes differ, a state does not exist, a state has no act, or the discount is outside [0, 1).

    Example:
        >>> value_iteration([[0, 1], [1, 2], [2, 2]], [[0, 0], [0, 1], [0, 0]], discount=0.5).tolist()
        [[0.25, 0.5], [0.5, 1.0], [0.0, 0.0]]
    """
    after, gain = np.asarray(next_state, dtype=np.intp), np.asarray(reward, dtype=np.float64)
    if after.ndim != 2 or after.shape != gain.shape or after.max(initial=-1) >= len(after) or after.min(initial=0) < -1:
        raise ValueError(f"states {after.shape} and rewards {gain.shape}: give (S, A) tables of states 0..S-1 or -1")
    feasible = after >= 0
    if not 0 <= discount < 1 or not feasible.any(axis=1).all():
        raise ValueError(
            "the discount has to be in [0, 1), and every state needs a feasible act (a final one: to itself)"
        )
    gain = np.where(feasible, gain, -np.inf)
    values = np.zeros(len(after))
    while True:
        q = gain + discount * values[after]
        best = q.max(axis=1)
        if np.abs(best - values).max() <= tolerance:
            return q
        values = best


def goal_posterior(
    q_values: ArrayLike,
    actions: ArrayLike,
    runs: Labels | None = None,
    *,
    prior: ArrayLike | None = None,
    grid: Grid = (BETAS, LAPSES),
) -> GoalPosterior:
    """Give the posterior over goals, habit and chance from acts and from what each act is worth under each goal.

    P(a | s, g) = (1 - e) exp(beta Q_g(s, a)) / sum_a' exp(beta Q_g(s, a')) + e / |A(s)|, averaged over the grid of
    (beta, e), which all acts share. Habit: each act from the one before in its run, with the Krichevsky-Trofimov
    estimate from the acts so far; chance: 1 / |A(s)|. Source: Baker, Saxe and Tenenbaum 2009 (softmax planner,
    marginal rationality); Krichevsky and Trofimov 1981.

    Args:
        q_values: (goals, T, A) value of each act at each decision, on a scale on which 1 is a clear difference; -inf
            where an act is not feasible.
        actions: (T,) acts taken, 0..A-1, in order.
        runs: (T,) run of each act, for the habit; None takes one run.
        prior: (goals + 2,) prior weights of the goals, habit and chance; None takes them alike.
        grid: Rationalities and lapse rates to average over.

    Raises:
        ValueError: Shapes do not fit, a value is NaN, or an act was not feasible.

    Example:
        >>> left, right = [1.0, 0.0], [0.0, 1.0]
        >>> found = goal_posterior([[left] * 12, [right] * 12], [0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0])
        >>> found.probability.round(2).tolist()
        [0.71, 0.01, 0.17, 0.1]
    """
    q, acts, codes = _checked(q_values, actions, runs)
    logs, betas, lapses = _log_acts(q, acts, grid)
    joint = logs.sum(axis=-1)
    evidence = np.logaddexp.reduce(joint, axis=1) - np.log(joint.shape[1])
    chance = -float(np.log(np.isfinite(q[0]).sum(axis=1)).sum())
    habit = float(_habit(acts, codes, np.isfinite(q[0])).sum())
    everything = np.concatenate([evidence, [habit, chance]])
    weights = np.ones(len(everything)) if prior is None else np.asarray(prior, dtype=np.float64)
    if weights.shape != everything.shape or not (weights >= 0).all() or weights.sum() == 0:
        raise ValueError(f"prior of shape {weights.shape}: give {len(everything)} weights (goals, habit, chance)")
    with np.errstate(divide="ignore"):
        posterior = special.softmax(everything + np.log(weights))
    shares = special.softmax(joint, axis=1)
    choices = float(np.isfinite(q[0]).sum(axis=1).mean())
    notes = ("most acts had no alternative: they say little about goals",) if choices < 1.5 else ()
    return GoalPosterior(
        posterior,
        everything,
        (everything - chance) / len(acts),
        np.exp(shares @ np.log(betas)),
        shares @ lapses,
        len(acts),
        choices,
        notes,
    )


def held_out_gain(
    q_values: ArrayLike, actions: ArrayLike, runs: Labels, *, grid: Grid = (BETAS, LAPSES)
) -> NDArray[np.float64]:
    """Give how much better than chance each goal, and habit, predicts a run that was not used to fit it.

    For each run: (log P(acts | the other runs) + sum log |A|) / acts, with the grid of (beta, lapse), or the table of
    habits, learned from the other runs. In nats per decision; 0 is chance. One number a run, ready for
    `tracer.stats.clustered.mean_of_clusters`. Source: MacDermott et al. 2024 (arXiv 2412.04758) for the score, here
    with held-out rationality.

    Args:
        q_values: (goals, T, A) as in `goal_posterior`.
        actions: (T,) acts taken.
        runs: (T,) run of each act.
        grid: Rationalities and lapse rates to average over.

    Returns:
        (goals + 1, runs): the goals in their order, then habit; runs in order of first appearance.

    Raises:
        ValueError: Fewer than two runs, or as `goal_posterior`.

    Example:
        >>> left, right = [1.0, 0.0], [0.0, 1.0]
        >>> gains = held_out_gain([[left] * 12, [right] * 12], [0, 0, 1, 0, 0, 0] * 2, ["a"] * 6 + ["b"] * 6)
        >>> gains.round(2).tolist()
        [[0.18, 0.18], [-0.08, -0.08], [0.17, 0.17]]
    """
    q, acts, codes = _checked(q_values, actions, runs)
    count = int(codes.max()) + 1
    if count < 2:
        raise ValueError("one run: to predict a run from others takes two or more")
    picks = (codes[:, None] == np.arange(count)).astype(np.float64)
    logs, _, _ = _log_acts(q, acts, grid)
    by_run = logs @ picks
    others = by_run.sum(axis=-1, keepdims=True) - by_run
    gains = np.logaddexp.reduce(by_run + special.log_softmax(others, axis=1), axis=1)
    feasible = np.isfinite(q[0])
    habit = [_habit_after(acts, codes, feasible, run) for run in range(count)]
    chance = -np.log(feasible.sum(axis=1)) @ picks
    return (np.vstack([gains, habit]) - chance) / picks.sum(axis=0)


def _checked(
    q_values: ArrayLike, actions: ArrayLike, runs: Labels | None
) -> tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.intp]]:
    q, acts = np.asarray(q_values, dtype=np.float64), np.asarray(actions)
    if q.ndim != 3 or acts.shape != q.shape[1:2] or not acts.size:
        raise ValueError(f"values {q.shape} and acts {acts.shape}: give (goals, T, A) values for (T,) acts")
    acts = acts.astype(np.intp)
    if np.isnan(q).any() or np.isposinf(q).any() or (np.isfinite(q) != np.isfinite(q[:1])).any():
        raise ValueError("values have to be finite, or -inf for an act that is not feasible whatever the goal")
    if acts.min() < 0 or acts.max() >= q.shape[2] or not np.isfinite(q[0, np.arange(acts.size), acts]).all():
        raise ValueError(
            "an act was taken that the model calls not feasible: correct the model or the reading of the act"
        )
    everything = np.ones(acts.size, dtype=np.bool_)
    return q, acts, codes_for(np.zeros(acts.size) if runs is None else runs, everything)


def _log_acts(
    q: NDArray[np.float64], acts: NDArray[np.intp], grid: Grid
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    # (goals, grid, T) log probability of each act; one pass per rationality keeps the memory at (goals, T, A).
    betas, lapses = (np.asarray(part, dtype=np.float64) for part in grid)
    feasible = np.isfinite(q[0]).sum(axis=1)
    top = q - q.max(axis=2, keepdims=True)
    rows: list[NDArray[np.float64]] = []
    for beta in betas:
        planned = special.softmax(beta * top, axis=2)[:, np.arange(acts.size), acts]
        rows.extend(np.log((1 - lapse) * planned + lapse / feasible) for lapse in lapses)
    return np.stack(rows, axis=1), np.repeat(betas, lapses.size), np.tile(lapses, betas.size)


def _habit(
    acts: NDArray[np.intp],
    codes: NDArray[np.intp],
    feasible: NDArray[np.bool_],
    table: NDArray[np.float64] | None = None,
) -> NDArray[np.float64]:
    # Each act given the act before it in its run; row A of the table stands for the start of a run.
    kinds = feasible.shape[1]
    counts = np.full((kinds + 1, kinds), 0.5) if table is None else table
    before: dict[int, int] = {}
    logs = np.empty(acts.size)
    for time, (act, run) in enumerate(zip(acts.tolist(), codes.tolist(), strict=True)):
        row = counts[before.get(run, kinds)]
        logs[time] = np.log(row[act] / row[feasible[time]].sum())
        row[act] += 1
        before[run] = act
    return logs


def _habit_after(acts: NDArray[np.intp], codes: NDArray[np.intp], feasible: NDArray[np.bool_], run: int) -> float:
    own = codes == run
    kinds = feasible.shape[1]
    table = np.full((kinds + 1, kinds), 0.5)
    _habit(acts[~own], codes[~own], feasible[~own], table)
    return float(_habit(acts[own], codes[own], feasible[own], table).sum())
