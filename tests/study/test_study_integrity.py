"""Attempts that are not what they are passed off as: refused, or told beside the verdict."""

# pyright: reportUnknownLambdaType=false
# What is handed to a fixture cannot be inferred.
from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tracer import Hypothesis
from tracer.store import RunRow
from tracer.study import Recorded, Study, judge, judge_recorded, load_recorded

NOW, SECOND = 1_800_000_000_000_000_000, 1_000_000_000
LONG = "It was paid twice, as the ledger shows. " * 8
Rows = list[RunRow]


@pytest.fixture
def study(check: Any, study_of: Any) -> Study:
    """A behaviour claim that its rows will support, frozen a minute before them."""
    claim = Hypothesis(id="h", claim="{system} does", kind="behaviour", checks=(check("angle", "a", family="action"),))
    made: Study = study_of([claim], crossed=False)
    return replace(made, frozen_ns=NOW - 60 * SECOND)


@pytest.fixture
def complete(study: Study, rows: Any) -> Rows:
    """A run for each cell, one after the other."""
    made: Rows = rows(study, lambda c, s, m: 1.0)
    times = [NOW + number * SECOND for number in range(len(made))]
    return [replace(r, started_ns=t, ended_ns=t + SECOND // 2) for r, t in zip(made, times, strict=True)]


WRONG: dict[str, tuple[Callable[[Rows], Rows], str]] = {
    "begun before the freeze": (
        lambda rows: [replace(rows[0], started_ns=NOW - 3600 * SECOND), *rows[1:]],
        "1 run began before the study was frozen",
    ),
    "first attempts taken out": (
        lambda rows: [*[replace(r, attempt=3) for r in rows[:4]], *rows[4:]],
        "4 runs are of cells of which an earlier attempt is no longer there",
    ),
    "copied": (
        lambda rows: [replace(rows[0], started_ns=rows[1].started_ns, ended_ns=rows[1].ended_ns), *rows[1:]],
        "1 run begin and end in the same nanosecond as another",
    ),
    "ended before it began": (
        lambda rows: [replace(rows[0], ended_ns=NOW - SECOND), *rows[1:]],
        "1 run end before they begin",
    ),
    "two attempts at once": (
        lambda rows: [
            replace(rows[0], id="z", status="failed", values={}, ended_ns=NOW + 900 * SECOND),
            replace(rows[0], attempt=2, started_ns=NOW + 3 * SECOND, ended_ns=NOW + 4 * SECOND),
            *rows[1:],
        ],
        "1 run began while an earlier attempt was under way",
    ),
}


@pytest.mark.parametrize(("change", "told"), WRONG.values(), ids=WRONG.keys())
def test_what_cannot_be_is_refused(change: Callable[[Rows], Rows], told: str, study: Study, complete: Rows) -> None:
    """Times, numbers and copies that no honest set of runs has veto any verdict, and are named."""
    assert judge(study, complete)[0].answer == "supported"
    (verdict,) = judge(study, change(complete))
    assert verdict.answer == "invalid"
    assert told in verdict.because[0]


ODD: dict[str, tuple[Callable[[Rows], Rows], str]] = {
    "made again after failing": (
        lambda rows: [
            replace(rows[0], id="z", status="failed", reason="out of memory", values={}),
            replace(rows[0], attempt=2, started_ns=NOW + 90 * SECOND, ended_ns=NOW + 91 * SECOND),
            *rows[1:],
        ],
        "1 run made again after failing",
    ),
    "no reason": (
        lambda rows: [
            replace(rows[0], id="z", status="interrupted", values={}),
            replace(rows[0], attempt=2, started_ns=NOW + 90 * SECOND, ended_ns=NOW + 91 * SECOND),
            *rows[1:],
        ],
        "1 run made again, and no reason is kept",
    ),
    "same words": (
        lambda rows: [*[replace(r, answer=LONG) for r in rows[:3]], *rows[3:]],
        "2 runs of 200 characters or more say what a run of another scenario says",
    ),
}


@pytest.mark.parametrize(("change", "told"), ODD.values(), ids=ODD.keys())
def test_what_may_be_is_told(change: Callable[[Rows], Rows], told: str, study: Study, complete: Rows) -> None:
    """What an honest set may have, but a best-of-N set or a copy has too, stands beside the verdict."""
    (verdict,) = judge(study, change(complete))
    assert verdict.answer == "supported"
    assert told in verdict.because[-1]


MAP = """
name = "m"
question = "?"
form = "f"
scenario = "{task}"
[conditions.all]
[measures.right]
[[hypotheses]]
id = "h"
kind = "behaviour"
claim = "{system} does"
[[hypotheses.checks]]
name = "effect"
role = "angle"
margin = 0.5
estimand = { measure = "right", weights = { all = 1.0 } }
"""


def recorded(tmp_path: Path, more: str = "") -> Recorded:
    file = tmp_path / "map.toml"
    file.write_text(more + MAP)
    return load_recorded(file)


def attempt(task: int, trial: int, *, right: bool, **more: Any) -> RunRow:
    facts = {"conditions": {"task": f"t{task}", "trial": trial}, "outcome": {"right": right}}
    return RunRow(id=f"{task}-{trial}", suite="f", model="m", status="completed", facts=facts, **more)


def test_best_of_several_is_no_single_run(tmp_path: Path) -> None:
    """Where attempts were declared and are not there, what is left proves nothing, and it is told what it may hide."""
    kept = [attempt(task, task % 4, right=True) for task in range(20)]
    (verdict,) = judge_recorded(recorded(tmp_path, "attempts = 4\n"), kept).verdicts
    assert verdict.answer == "invalid"
    assert "of 4 attempts at each cell, 60 are missing in 20 of 20 cells" in verdict.because[0]
    assert "`right` succeeds in 100% of the runs kept there, as the best of 4 attempts would" in verdict.because[0]
    (numbered,) = judge_recorded(recorded(tmp_path, 'attempt = "{trial}"\n'), kept).verdicts
    assert numbered.answer == "invalid", "the numbers alone say that there were four"
    whole = [attempt(task, trial, right=trial != 3) for task in range(20) for trial in range(4)]
    for more in ("attempts = 4\n", 'attempt = "{trial}"\n'):
        (verdict,) = judge_recorded(recorded(tmp_path, more), whole).verdicts
        assert verdict.answer != "invalid"


def test_attempts_without_numbers_are_told(tmp_path: Path) -> None:
    """Several runs that nobody numbered, or counted, may be what was left: that is told and decides nothing."""
    whole = [attempt(task, trial, right=True) for task in range(20) for trial in range(3)]
    (verdict,) = judge_recorded(recorded(tmp_path), whole).verdicts
    assert any("whether some were left out cannot be told" in reason for reason in verdict.because)


def test_doubled_attempt_is_refused(tmp_path: Path) -> None:
    """Two runs with one number in one cell are one run told twice, or two of which one was to count."""
    rows = [attempt(task, 0, right=True) for task in range(20)]
    rows.append(replace(rows[0], id="again"))
    (verdict,) = judge_recorded(recorded(tmp_path, 'attempt = "{trial}"\n'), rows).verdicts
    assert verdict.answer == "invalid"
    assert "attempt number of another run of their cell" in verdict.because[0]
