"""Variance components: against statsmodels, balanced formulas and planted values."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from tracer.stats.variance import variance_components

A, B = np.repeat(np.arange(6), 24), np.tile(np.repeat(np.arange(8), 3), 6)


def outcomes(seed: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return (
        draw.normal(0, 1, 6)[A]
        + draw.normal(0, 0.7, 8)[B]
        + draw.normal(0, 0.5, 48)[8 * A + B]
        + draw.normal(0, 1, 144)
    )


def test_is_restricted_maximum_likelihood() -> None:
    """Two crossed factors with interaction, unbalanced: the components of statsmodels."""
    kept = np.random.default_rng(1).random(144) < 0.8
    values = np.where(kept, outcomes(3), np.nan)
    found = variance_components(values, {"model": A, "scaffold": B}, interactions=[("model", "scaffold")])
    frame = pd.DataFrame({"y": values, "a": A, "b": B, "ab": 8 * A + B, "one": 1})[kept]
    parts = {name: f"0 + C({name})" for name in ("a", "b", "ab")}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the reference warns of its own optimiser's steps
        known: Any = smf.mixedlm("y ~ 1", frame, groups="one", re_formula="0", vc_formula=parts).fit(reml=True)
    estimates = dict(zip(known.model.exog_vc.names, known.vcomp, strict=True))
    assert found["model"].value == pytest.approx(estimates["a"], rel=0.01)
    assert found["scaffold"].value == pytest.approx(estimates["b"], rel=0.01)
    assert found["model:scaffold"].value == pytest.approx(estimates["ab"], rel=0.01)
    assert found["residual"].value == pytest.approx(float(known.scale), rel=0.01)
    assert "missing, dropped" in found["model"].notes[0]


def test_balanced_one_way_is_the_textbook_estimate() -> None:
    """(MSB - MSW) / m and MSW for a balanced one-way design."""
    table = np.random.default_rng(0).normal(0, 1, (10, 5)) + np.arange(10)[:, None] / 2
    between, within = 5 * table.mean(axis=1).var(ddof=1), table.var(axis=1, ddof=1).mean()
    found = variance_components(table.ravel(), {"item": np.repeat(np.arange(10), 5)})
    assert found["item"].value == pytest.approx((between - within) / 5, rel=1e-4)
    assert found["residual"].value == pytest.approx(within, rel=1e-4)
    assert found["item"].p < 1e-6


def test_intervals_cover_planted_components() -> None:
    """Profile intervals hold the planted variances in at least 85 % of 40 studies, none of them empty."""
    hits = np.zeros(2)
    for seed in range(40):
        draw = np.random.default_rng(seed)
        values = draw.normal(0, 0.7, 8)[B] + draw.normal(0, 1, 144)
        found = variance_components(values, {"b": B})
        for i, (name, truth) in enumerate({"b": 0.49, "residual": 1.0}.items()):
            assert found[name].low <= found[name].value <= found[name].high
            hits[i] += found[name].low <= truth <= found[name].high
    assert (hits >= 34).all()


def test_scale_and_names_do_not_matter() -> None:
    """Tenfold values have hundredfold variances; levels may be called anything."""
    values = outcomes(5)
    plain = variance_components(values, {"a": A})
    scaled = variance_components(10 * values + 3, {"a": [f"model {i}" for i in A]})
    assert scaled["a"].value == pytest.approx(100 * plain["a"].value, rel=1e-4)
    assert scaled["a"].high == pytest.approx(100 * plain["a"].high, rel=1e-2)


def test_no_component_is_not_negative() -> None:
    """A factor without effect has a variance of about 0, a lower end of 0 and no small p value."""
    values = np.random.default_rng(7).normal(0, 1, 144)
    found = variance_components(values, {"a": A, "b": B})
    for name in ("a", "b"):
        assert found[name].low == 0.0
        assert found[name].value < 0.05
        assert found[name].p > 0.05


@pytest.mark.parametrize(
    ("values", "levels"), [([1.0] * 6, [0, 0, 0, 1, 1, 1]), ([1.0, 2.0, 3.0], [0, 0, 0]), ([], [])]
)
def test_nothing_to_divide(values: list[float], levels: list[int]) -> None:
    """Equal values, one level or no values give NaN and the reason."""
    found = variance_components(values, {"a": levels})
    assert np.isnan([found["a"].value, found["residual"].low]).all()
    assert found["a"].notes


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: variance_components([1, 2, 3], {"a": [0, 1, 2]}), "level of its own for every run"),
        (lambda: variance_components([1, 2, 3, 4], {"a": [0, 0, 1, 1], "b": [1, 1, 0, 0]}), "same levels"),
        (lambda: variance_components([1, 2, 3], {"a": [0, 1]}), "one label for each"),
        (lambda: variance_components([1, 2, 3], {"a": [0, 1, 1]}, interactions=[("a", "c")]), "name two or more"),
    ],
)
def test_bad_input_is_refused(call: Callable[[], object], message: str) -> None:
    """Designs that cannot tell components apart raise an error that names the cause."""
    with pytest.raises(ValueError, match=message):
        call()
