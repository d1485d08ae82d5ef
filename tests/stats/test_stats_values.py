"""What all statistics share: plain results, and no dependence on the rest of the product."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import numpy as np
import pytest

import tracer.stats
from tracer.stats.bootstrap import bootstrap
from tracer.stats.clustered import mean_of_clusters
from tracer.stats.jackknife import Totals, jackknife
from tracer.stats.roots import root

SOURCES = sorted(Path(tracer.stats.__path__[0]).glob("*.py"))


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.stem)
def test_imports_numpy_scipy_and_its_own_only(source: Path) -> None:
    """Every number can be checked by itself: nothing above, and no third library, is imported."""
    allowed = {"numpy", "scipy", "math", "dataclasses", "collections", "functools", "itertools", "typing", "__future__"}
    for node in ast.walk(ast.parse(source.read_text())):
        names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        for name in names:
            assert name.split(".")[0] in allowed or name.startswith("tracer.stats."), name


def test_an_estimate_becomes_plain_json() -> None:
    """NaN is null and notes are a list, so that any page can read it."""
    plain = json.loads(json.dumps(mean_of_clusters([0.5, float("nan")]).to_dict(), allow_nan=False))
    assert plain["value"] == 0.5
    assert plain["low"] is None
    assert plain["notes"] == ["1 missing, dropped", "one cluster: no interval; observe at least two"]


def test_jackknife_of_a_mean_is_students_interval() -> None:
    """For a mean, leaving out one cluster at a time gives the usual error."""
    values = np.random.default_rng(0).normal(0, 1, 20)
    parts = np.column_stack([values, np.ones(20)])
    found = jackknife(Totals(parts, 20), lambda t: t[..., 0] / t[..., 1], method="mean")
    known = mean_of_clusters(values)
    assert (found.value, found.low, found.high) == pytest.approx((known.value, known.low, known.high))


def test_root_needs_a_change_of_sign() -> None:
    """A function that does not cross zero is refused; a falling one is no problem."""
    assert root(lambda x: 1 - x, 0, 3) == pytest.approx(1)
    with pytest.raises(ValueError, match="no zero between"):
        root(lambda x: x + 1, 0, 1)


def test_an_end_that_is_not_bounded_is_null_too() -> None:
    """Two clusters leave a bootstrap interval open, which JSON cannot say but a note can."""
    found = bootstrap([0.0, 1.0])
    plain = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert plain["high"] is None
    assert "too few clusters to bound the mean" in plain["notes"]
