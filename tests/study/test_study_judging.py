"""From rows to verdicts: only complete studies with books in order are judged."""

# pyright: reportUnknownLambdaType=false
# What is handed to a fixture cannot be inferred.
from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tracer import Hypothesis, Verdict
from tracer.store import RunRow
from tracer.study import Study, judge, settled

Damage = Callable[[list[RunRow]], list[RunRow]]


@pytest.fixture
def study(check: Any, study_of: Any) -> Study:
    """A behaviour claim that its rows will support."""
    claim = Hypothesis(id="h", claim="{system} does", kind="behaviour", checks=(check("angle", "a", family="action"),))
    return study_of([claim], crossed=False)


@pytest.fixture
def complete(study: Study, rows: Any) -> list[RunRow]:
    return rows(study, lambda c, s, m: 1.0)


def the_verdict(study: Study, rows: list[RunRow]) -> Verdict:
    (verdict,) = judge(study, rows)
    return verdict


def test_complete_study_is_judged(study: Study, complete: list[RunRow]) -> None:
    """With every planned run settled there is a verdict, and it names the system."""
    verdict = the_verdict(study, complete)
    assert (verdict.answer, verdict.complete, verdict.claim) == ("supported", True, "a.py:build with m does")
    assert verdict.to_dict()["runs"] == {"completed": 16}


@pytest.mark.parametrize("status", [None, "running", "interrupted", "cancelled"])
def test_incomplete_study_is_no_verdict(status: str | None, study: Study, complete: list[RunRow]) -> None:
    """While a run is to come, whatever became of its attempts, nothing is concluded."""
    *most, last = complete
    verdict = the_verdict(study, most if status is None else [*most, replace(last, status=status, values={})])
    assert (verdict.answer, verdict.complete) == ("inconclusive", False)
    assert verdict.because == ("1 of 16 runs are still to come; a verdict now would be peeking",)


def test_study_without_runs_is_no_verdict(study: Study) -> None:
    """A study that was frozen and not run is told as such."""
    assert "16 of 16 runs are still to come" in the_verdict(study, []).because[0]


def test_failed_runs_are_settled(study: Study, complete: list[RunRow]) -> None:
    """A run that failed, hit a limit or was refused has happened: it is missing, not to come."""
    ends = ["failed", "limit", "refused"]
    rows = [replace(r, status=s, values={}) for r, s in zip(complete, ends, strict=False)] + complete[3:]
    verdict = the_verdict(study, rows)
    assert verdict.complete
    assert dict(verdict.findings[0].excluded) == {"failed": 1, "limit": 1, "refused": 1}


DAMAGES: dict[str, tuple[Damage, str]] = {
    "stray cell": (lambda rows: [*rows, replace(rows[0], id="z", replicate=7)], "belong to no cell"),
    "stray condition": (lambda rows: [*rows, replace(rows[0], id="z", condition="b")], "belong to no cell"),
    "stray instead of a planned one": (lambda rows: [*rows[1:], replace(rows[0], scenario="x")], "belong to no cell"),
    "wrong seed": (lambda rows: [replace(rows[0], seed=rows[0].seed + 1), *rows[1:]], "seed of their cell"),
    "seed of another scenario": (lambda rows: [replace(rows[0], seed=rows[1].seed), *rows[1:]], "seed of their cell"),
    "run twice": (lambda rows: [*rows, replace(rows[0], id="z")], "although they had a result"),
    "best of two": (lambda rows: [*rows, replace(rows[0], id="z", attempt=2)], "although they had a result"),
    "run again after a limit": (
        lambda rows: [replace(rows[0], status="limit"), replace(rows[0], id="z", attempt=2), *rows[1:]],
        "although they had a result",
    ),
    "another study": (lambda rows: [*rows, replace(rows[0], id="z", study="0" * 64)], "of another study"),
    "another model": (lambda rows: [*rows, replace(rows[0], id="z", model="other")], "of another study"),
}


@pytest.mark.parametrize(("damage", "told"), DAMAGES.values(), ids=DAMAGES.keys())
def test_books_out_of_order_are_invalid(damage: Damage, told: str, study: Study, complete: list[RunRow]) -> None:
    """Runs that the plan does not know, wrong seeds and second helpings veto any verdict, and are named."""
    verdict = the_verdict(study, damage(complete))
    assert verdict.answer == "invalid"
    assert verdict.because[0].startswith("the books: 1 ")
    assert told in verdict.because[0]


def test_broken_books_are_told_before_the_end(study: Study, complete: list[RunRow]) -> None:
    """A study that can no longer be valid is told so while it runs, not after it was paid for."""
    assert the_verdict(study, [replace(complete[0], seed=0), *complete[2:]]).answer == "invalid"


@pytest.mark.parametrize("status", ["interrupted", "cancelled", "failed"])
def test_further_attempt_is_in_order(status: str, study: Study, complete: list[RunRow]) -> None:
    """An attempt that was interrupted, cancelled or failed may be followed by another; the last one counts."""
    first = replace(complete[0], id="z", status=status, values={})
    rows = [first, replace(complete[0], attempt=2), *complete[1:]]
    assert the_verdict(study, rows).answer == "supported"
    assert {r.attempt for r in settled(rows) if r.scenario == first.scenario} == {2}


def test_order_of_rows_does_not_matter(study: Study, complete: list[RunRow]) -> None:
    """The same rows in any order give the same verdict, to the last digit."""
    rows = [replace(r, values={"shown": float(n % 3 == 0)}) for n, r in enumerate(complete)]
    rows += [replace(rows[0], id="z", attempt=0, status="interrupted")]
    shuffled = random.Random(3).sample(rows, len(rows))
    assert the_verdict(study, rows).to_dict() == the_verdict(study, shuffled).to_dict()


def test_systems_are_judged_apart(check: Any, study_of: Any, rows: Any) -> None:
    """What one model did says nothing about another, and broken books of one leave the other's alone."""
    claim = Hypothesis(id="h", claim="{system}", kind="behaviour", checks=(check("angle", "a", family="action"),))
    study = study_of([claim], crossed=False, models={"m": {}, "k": {}})
    good, bad = rows(study, lambda c, s, m: 1.0, "m"), rows(study, lambda c, s, m: 1.0, "k")
    verdicts = judge(study, [*good, *(replace(r, seed=0) for r in bad)])
    assert {v.model: v.answer.value for v in verdicts} == {"m": "supported", "k": "invalid"}


def effect(size: float, lapse: random.Random, count: int) -> list[float]:
    """Draw whether each run shows the behaviour."""
    return [float(lapse.random() < size) for _ in range(count)]


@pytest.mark.parametrize(("size", "least", "most"), [(0.5, 0.0, 0.05), (0.95, 0.8, 1.0)])
def test_rate_of_support(size: float, least: float, most: float, study: Study, complete: list[RunRow]) -> None:
    """With the true effect at the margin at most 5 of 100 studies are supported; well beyond it, at least 80 are."""
    draws = random.Random(11)
    supported = 0
    for _ in range(300):
        shown = effect(size, draws, len(complete))
        rows = [replace(r, values={"shown": v}) for r, v in zip(complete, shown, strict=True)]
        supported += the_verdict(study, rows).answer == "supported"
    assert least <= supported / 300 <= most


@pytest.mark.parametrize(("true", "least", "most"), [(0.5, 0.0, 0.05), (0.97, 0.8, 1.0)])
def test_rate_of_support_for_a_goal(
    true: float, least: float, most: float, check: Any, study_of: Any, rows: Any
) -> None:
    """A goal claim whose angles all lie at their margins is supported in at most 5 of 100 studies."""
    families = ("stated", "choice", "action", "counterfactual", "persistence")
    claim = Hypothesis(id="h", claim="c", kind="goal", checks=tuple(check("angle", f, family=f) for f in families))
    study, draws = study_of([claim]), random.Random(5)
    answers = [the_verdict(study, rows(study, lambda c, s, m: float(draws.random() < true))).answer for _ in range(150)]
    assert least <= answers.count("supported") / 150 <= most  # type: ignore[arg-type]  # an answer is a string
