"""Components of crossed factors: planted ones are found, chance and scenarios are not taken for them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tracer.stats.crossed import Component, crossed_components

CLUSTERS = 20
PLANTED = {"model": 0.25 * 2 / 3, "stack": 0.0, "tools": 0.09, "model:tools": 0.06, "residual": 0.49}


def divided(seed: int, runs: int = 2, missing: float = 0.1) -> dict[str, Component]:
    """Draw a study of 3 models x 2 stacks x 2 tool sets and divide it."""
    draw = np.random.default_rng(seed)
    of_cluster, of_cell = draw.normal(0, 0.5, CLUSTERS), draw.normal(0, 0.4, (CLUSTERS, 3, 2, 2))
    rows: list[tuple[float, int, int, int, int]] = []
    for c, m, s, t, _ in itertools.product(range(CLUSTERS), range(3), range(2), range(2), range(runs)):
        planted = 0.5 * (m - 1) + 0.3 * (2 * t - 1) + 0.3 * (m - 1) * (1 - 2 * t)
        value = planted + of_cluster[c] + of_cell[c, m, s, t] + draw.normal(0, 0.7)
        rows.append((value if draw.random() > missing else np.nan, m, s, t, c))
    values, model, stack, tools, clusters = (np.array(column) for column in zip(*rows, strict=True))
    return crossed_components(values, {"model": model, "stack": stack, "tools": tools}, clusters, draws=500, seed=seed)


def test_planted_components_are_found() -> None:
    """Over 40 studies with gaps: no bias, the intervals hold the truth, and a factor without effect is never shown."""
    studies = [divided(seed) for seed in range(40)]
    for name, truth in PLANTED.items():
        found = [study[name].variance for study in studies]
        assert np.mean([f.value for f in found]) == pytest.approx(truth, abs=0.02)
        assert sum(f.low <= truth <= f.high for f in found) >= 33, name
    assert sum(study["stack"].variance.low > 0 for study in studies) <= 2
    assert all(sum(part.share.value for part in study.values()) == pytest.approx(1) for study in studies)


def test_scenarios_and_runs_are_told_apart_only_by_repeated_runs() -> None:
    """With two runs a cell what scenarios add has a component of its own; with one it is in the residual, and said."""
    assert "cluster:cell" in divided(1)
    single = divided(1, runs=1)
    assert "cluster:cell" not in single
    assert "one run a cell: residual and cluster:cell are one" in single["residual"].variance.notes


def test_balanced_design_has_textbook_components() -> None:
    """One factor, complete: (MSA - MSAB) / clusters for the levels tried, as in a table of fixed and random effects."""
    table = np.random.default_rng(3).normal(0, 1, (12, 4)) + np.array([0.0, 0.4, 0.9, 1.5])
    found = crossed_components(table.ravel(), {"a": np.tile(np.arange(4), 12)}, np.repeat(np.arange(12), 4))
    rows, columns = table.mean(axis=1, keepdims=True), table.mean(axis=0, keepdims=True)
    between = 12 * columns.var(ddof=1)
    left = ((table - rows - columns + table.mean()) ** 2).sum() / 33
    assert found["a"].variance.value == pytest.approx((between - left) / 12 * 3 / 4)
    assert found["residual"].variance.value == pytest.approx(left)


def test_scale_order_and_names_do_not_matter() -> None:
    """Tenfold values have hundredfold variances and the same shares."""
    model, clusters = ["a", "b"] * 12, [i // 4 for i in range(24)]
    values = np.random.default_rng(1).normal(0, 1, 24)
    plain = crossed_components(values, {"model": model}, clusters)
    scaled = crossed_components(10 * values + 5, {"model": [m.upper() for m in model]}, clusters)
    assert scaled["model"].variance.high == pytest.approx(100 * plain["model"].variance.high)
    assert scaled["model"].share.value == pytest.approx(plain["model"].share.value)


def test_nothing_varies() -> None:
    """Equal values have components of 0, and no shares of nothing."""
    found = crossed_components([1.0] * 8, {"a": [0, 1] * 4}, [i // 2 for i in range(8)])
    assert all(part.variance.value == 0 for part in found.values())
    assert all(np.isnan(part.share.value) for part in found.values())


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: crossed_components([], {"a": []}, []), "no values"),
        (lambda: crossed_components([1, 2], {"a": [0, 0]}, [0, 1]), "no factor has two levels"),
        (lambda: crossed_components([1, 2], {"a": [0, 1]}, [0, 0]), "one cluster"),
        (lambda: crossed_components([1, 2, 3, 4], {"a": [0, 0, 1, 1]}, [0, 1, 2, 3]), "no cluster in common"),
        (lambda: crossed_components([1, 2, 3], {"a": [0, 0, 1], "b": [0, 1, 0]}, [0, 1, 0]), "1 of 4 combinations"),
        (lambda: crossed_components(range(22), {"a": [*range(11)] * 2, "b": [*range(11)] * 2}, [0, 1] * 11), "limit"),
        (lambda: crossed_components([1, 2], {"a": [0, 1]}, [0, 1], level=2), "level is 2"),
    ],
)
def test_designs_that_tell_nothing_are_refused(call: Callable[[], Any], message: str) -> None:
    """What cannot be divided raises an error that names the cause."""
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(("clusters", "why"), [(2, "two clusters are too few"), (6, "the same in every cluster")])
def test_an_interval_needs_clusters_that_differ(clusters: int, why: str) -> None:
    """Where no draw of clusters could come out otherwise there is no interval, and the reason is said."""
    values = [model + tools for _ in range(clusters) for model in (0, 1) for tools in (0, 1)]
    factors = {"model": [0, 0, 1, 1] * clusters, "tools": [0, 1] * 2 * clusters}
    found = crossed_components(values, factors, [i // 4 for i in range(4 * clusters)])["model"]
    assert found.variance.value == pytest.approx(0.25)
    assert found.share.value == pytest.approx(0.5)
    assert np.isnan(found.share.low)
    assert any(note.startswith(why) for note in found.share.notes)
