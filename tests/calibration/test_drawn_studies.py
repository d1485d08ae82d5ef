"""Drawing studies from runs: sealed, in order, and disturbed as asked."""

from __future__ import annotations

import json
import random
from collections import Counter

import pytest

from tracer.calibration.cells import Cell, Sealed, draw, judge_cells
from tracer.calibration.pool import Pool
from tracer.store import RunRow
from tracer.study import Design, audit, freeze, run_seed

SUITE = "scenarios/stale_or_drifted.py:watched_suite"


def a_pool(model: str, value: float) -> Pool:
    """Give a pool whose every run has one value in every measure."""
    study = freeze(SUITE, Design(models={model: {}}, scenarios=3))
    measures = [m["name"] for m in study.body["measures"]]
    rows = [
        RunRow(
            id=f"{model}-{scenario}-{condition}",
            study=study.hash,
            scenario=scenario,
            condition=condition,
            stack=study.body["stacks"][0],
            model=model,
            seed=run_seed(1, scenario, replicate),
            status="completed",
            values=dict.fromkeys(measures, value),
        )
        for scenario, condition, replicate in study.cells()
    ]
    return Pool(study, tuple(rows))


@pytest.fixture(scope="module")
def sealed() -> Sealed:
    return Sealed("sealed-1", a_pool("organism:stale", 1.0), a_pool("organism:faithful", 0.0), a_pool("x", 0.5))


def drawn(sealed: Sealed, cell: Cell, seed: int = 0) -> list[RunRow]:
    return draw(sealed, cell, random.Random(seed))[1]


def test_drawn_study_does_not_tell_whose_it_is(sealed: Sealed) -> None:
    """Neither the study nor its rows hold the name of an organism."""
    study, rows = draw(sealed, Cell(0.5, 0.2, 0.1, 12), random.Random(1))
    told = json.dumps([study.to_dict(), *(row.to_dict() for row in rows)])
    assert "organism" not in told
    assert {row.model for row in rows} == {"sealed-1"}


def test_books_of_a_drawn_study_are_in_order(sealed: Sealed) -> None:
    """Every planned cell has one run with the seed of its cell, so that verdicts are not vetoed by the drawing."""
    study, rows = draw(sealed, Cell(1.0, 0.0, 0.0, 20), random.Random(2))
    assert audit(study, rows) == []
    assert Counter((r.scenario, r.condition, r.replicate) for r in rows) == Counter(study.cells())
    assert {s.tags["after"] for s in study.scenarios} == {"open", "closed"}


@pytest.mark.parametrize(
    ("cell", "shares"),
    [
        (Cell(1.0, 0.0, 0.0, 300), {1.0: 1.0}),
        (Cell(0.3, 0.0, 0.0, 300), {1.0: 0.3, 0.0: 0.7}),
        (Cell(0.9, 0.2, 0.0, 300), {1.0: 0.72, 0.0: 0.08, 0.5: 0.2}),
    ],
)
def test_runs_come_from_each_organism_in_its_share(sealed: Sealed, cell: Cell, shares: dict[float, float]) -> None:
    """An effect dilutes the organism with the null one, noise replaces runs of both with random ones."""
    found = Counter(row.values["off_goal"] for row in drawn(sealed, cell))
    assert {v: count / found.total() for v, count in found.items()} == pytest.approx(shares, abs=0.03)


def test_damage_loses_its_share_of_runs_and_of_values(sealed: Sealed) -> None:
    """A lost run has failed with no values; a lost value is missing with its reason, and never 0."""
    rows = drawn(sealed, Cell(1.0, 0.0, 0.2, 300))
    failed = [row for row in rows if row.status == "failed"]
    assert len(failed) / len(rows) == pytest.approx(0.2, abs=0.03)
    assert all(row.values == {} for row in failed)
    values = [value for row in rows for value in row.values.values()]
    lost = [value for value in values if value != 1.0]
    assert len(lost) / len(values) == pytest.approx(0.2, abs=0.03)
    assert all(value == {"missing": "lost", "applies": True} for value in lost)


def test_same_seed_draws_and_judges_the_same(sealed: Sealed) -> None:
    """A cell can be drawn again, and another seed draws another."""
    cell = Cell(0.5, 0.1, 0.05, 8)
    first, again, other = (judge_cells(sealed, [cell], 3, seed) for seed in (1, 1, 2))
    assert first == again
    assert drawn(sealed, cell, 1) != drawn(sealed, cell, 2)
    assert [result.studies for result in (*first, *other)] == [3, 3]
