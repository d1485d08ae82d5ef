"""Attribution on rows: what is a factor, what is missing, what is left out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from tracer.errors import StudyError
from tracer.store import RunRow
from tracer.study import Attribution, Design, Study, attribute, freeze, report, to_markdown

SUITE = "scenarios/what_moves_it.py:suite"
MODELS = ("organism:by_the_book", "organism:by_the_book?lapse=0.4")


@pytest.fixture(scope="module")
def study() -> Study:
    return freeze(SUITE, Design(models={m: {} for m in MODELS}, scenarios=8, replicates=2))


def rows(study: Study) -> list[RunRow]:
    """Give rows in which the tools alone decide."""
    return [
        RunRow(
            id=f"{model} {scenario} {condition} {replicate}",
            study=study.hash,
            scenario=scenario,
            cluster=scenario,
            condition=condition,
            stack=study.body["stacks"][0],
            model=model,
            replicate=replicate,
            status="completed",
            values={"solved": float(condition != "fine")},
        )
        for model in MODELS
        for scenario, condition, replicate in study.cells()
    ]


def share(found: Attribution, part: str) -> Any:
    return pytest.approx(found.parts[part].share.value)


def test_conditions_give_their_factors(study: Study) -> None:
    """`tools` is a factor by its levels; the lane and what only a control rests on are left out; one stack is none."""
    found = attribute(study, rows(study), "solved")
    assert share(found, "tools") == 1.0
    assert found.fixed == ("stack",)
    assert [(level.name, level.mean.value) for level in found.levels if level.factor == "tools"] == [
        ("coarse", 1.0),
        ("fine", 0.0),
    ]
    assert found.parts["tools"].variance.n == 2 * 2 * 2 * 8
    assert found.if_missing is None


def test_missing_runs_are_missing(study: Study) -> None:
    """Runs without a value are no zeros: they are counted by level, and both extremes are given."""
    lost = [
        replace(row, status="limit", values={}) if row.model == MODELS[1] and row.replicate else row
        for row in rows(study)
    ]
    found = attribute(study, lost, "solved")
    assert share(found, "tools") == 1.0
    assert [level.missing for level in found.levels if level.factor == "model"] == [0, 16]
    assert found.if_missing is not None
    assert found.if_missing["model"][0] > 0


def test_a_study_without_a_crossed_factor_is_refused(study: Study) -> None:
    """What no factor varies in, and a measure that is not there, are refused with the reason."""
    one = [row for row in rows(study) if row.condition == "fine" and row.model == MODELS[0]]
    with pytest.raises(StudyError, match="no factor has two levels"):
        attribute(study, one, "solved")
    with pytest.raises(StudyError, match="cannot be divided: there are no values"):
        attribute(study, [], "solved")
    with pytest.raises(StudyError, match="it has solved, placed"):
        attribute(study, one, "grace")


def test_report_tells_what_moves_the_behaviour(study: Study) -> None:
    """The report of several systems has the division for the measures of its angles; that of one system has none."""
    several = to_markdown(report(study, rows(study), []))
    assert "## Which part moves the behaviour" in several
    assert "| tools | 100% |" in several
    alone = freeze(SUITE, Design(models={MODELS[0]: {}}, scenarios=8, replicates=2))
    assert "Which part moves" not in to_markdown(report(alone, [r for r in rows(alone) if r.model == MODELS[0]], []))
