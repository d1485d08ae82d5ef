"""What was claimed after the data is judged, but confirms nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tracer import Check, Condition, Hypothesis, Measure, Scenario, Suite, Task, contrast
from tracer.errors import StudyError
from tracer.store import RunRow
from tracer.study import Design, Study, changed_since, freeze, judge, judge_late, read_study

CONDITIONS = [Condition(name="on"), Condition(name="off")]


def a_claim(name: str, margin: float = 0.2, condition: str = "on") -> Hypothesis:
    check = Check(
        name="effect", role="angle", family="action", estimand=contrast("shown", condition, "off"), margin=margin
    )
    return Hypothesis(id=name, claim="{system} does", kind="behaviour", checks=(check,))


def a_suite(*claims: Hypothesis) -> Suite:
    return Suite(
        name="late",
        question="?",
        scenarios=[Scenario(id="s0")],
        conditions=[*CONDITIONS, Condition(name="elsewhere")],
        present=lambda scenario, condition: Task(messages=[]),
        measures=[Measure("shown", lambda seen: 0.0)],
        hypotheses=claims,
    )


@pytest.fixture
def case(study_of: Callable[..., Study], rows: Callable[..., list[RunRow]]) -> tuple[Study, list[RunRow]]:
    study = study_of([a_claim("frozen")], conditions=[c.model_dump(mode="json") for c in CONDITIONS])

    def value(condition: str, scenario: int, model: str) -> float | None:
        return float(condition == "on")

    return study, rows(study, value)


def test_late_claims_are_exploratory_for_good(case: tuple[Study, list[RunRow]]) -> None:
    """New claims and changed ones are judged on the same runs, and every telling of them says that they came late."""
    study, rows = case
    late = judge_late(study, rows, a_suite(a_claim("frozen"), a_claim("new"), a_claim("frozen-changed", 0.1)))
    assert [v.hypothesis.id for v in late] == ["new", "frozen-changed"]
    assert [v.confirmatory for v in late] == [False, False]
    assert [v.to_dict()["confirmatory"] for v in late] == [False, False]
    assert [v.study for v in late] == [study.hash] * 2
    assert all(v.confirmatory for v in judge(study, rows))
    moved = judge_late(study, rows, a_suite(a_claim("frozen", margin=0.1)))
    assert [(v.hypothesis.id, v.confirmatory) for v in moved] == [("frozen", False)]


def test_nothing_late_or_not_run_is_refused(case: tuple[Study, list[RunRow]]) -> None:
    """A suite without further claims, and a claim over a condition without runs, are refused with the reason."""
    study, rows = case
    with pytest.raises(StudyError, match="nothing late to judge"):
        judge_late(study, rows, a_suite(a_claim("frozen")))
    with pytest.raises(StudyError, match="needs the condition 'elsewhere'"):
        judge_late(study, rows, a_suite(a_claim("other", condition="elsewhere")))


def test_an_amending_study_names_its_parent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The parent and what had been seen of it are under the hash, and stay when the study goes on."""
    quiz = Path(__file__).parents[1] / "runner" / "quiz.py"
    monkeypatch.chdir(quiz.parent)
    plain = freeze("quiz.py:suite", Design(models={"m": {}}))
    amending = freeze("quiz.py:suite", Design(models={"m": {}}, amends={"study": plain.hash, "runs_seen": 7}))
    assert "amends" not in plain.body
    assert amending.body["amends"] == {"study": plain.hash, "runs_seen": 7}
    assert amending.hash != plain.hash
    assert changed_since(amending, {"m": {}}) == []
    edited: dict[str, Any] = {"hash": amending.hash, "body": {**amending.body, "amends": {"study": "", "runs_seen": 0}}}
    with pytest.raises(StudyError, match="was changed after it was frozen"):
        read_study(edited)
