"""Runs that are missing in one arm more than in the other are told, and take away what they could have made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tracer import Check, Condition, Hypothesis, Scenario, contrast
from tracer.store import RunRow
from tracer.study import Finding, Table, Verdict, evaluate, judge

CONDITIONS = [Condition(name="on"), Condition(name="off")]
Shown = Callable[[int, str], float | None]


def found(shown: Shown, count: int = 20, **more: Any) -> Finding:
    """Give the finding on `count` scenarios; None is a run that was refused."""
    check = Check.model_validate(
        {"name": "a", "role": "angle", "estimand": contrast("y", "on", "off"), "margin": 0.2} | more
    )
    rows: list[RunRow] = []
    for n in range(count):
        for c in ("on", "off"):
            value = shown(n, c)
            status, values = ("refused", {}) if value is None else ("completed", {"y": value})
            rows.append(RunRow(id=f"{n}{c}", scenario=f"s{n}", condition=c, status=status, values=values))
    table = Table([Scenario(id=f"s{n}") for n in range(count)], CONDITIONS, rows)
    return evaluate(check, table, level=0.95, bounds=(0.0, 1.0))


def lost(on: int, off: int) -> Shown:
    """Give an effect of 1 that the first `on` and `off` runs of the arms do not show, being refused."""
    return lambda n, c: None if n < {"on": on, "off": off}[c] else float(c == "on")


@pytest.mark.parametrize(
    ("on", "off", "outcome", "lopsided", "overturned"),
    [
        pytest.param(0, 0, "PASS", False, False, id="nothing missing"),
        pytest.param(1, 0, "PASS", False, False, id="one missing"),
        pytest.param(9, 9, "PASS", False, True, id="alike, many"),
        pytest.param(12, 0, "UNRESOLVED", True, True, id="one arm, many"),
        pytest.param(7, 0, "PASS", True, False, id="one arm, some"),
    ],
)
def test_outcome_stands_where_missing_runs_cannot_matter(
    on: int, off: int, outcome: str, lopsided: bool, overturned: bool
) -> None:
    """An outcome falls if runs are missing unequally and could have changed it; if only one of both, that is told."""
    finding = found(lost(on, off))
    assert (finding.outcome, finding.lopsided, finding.overturned) == (outcome, lopsided, overturned)
    told = " ".join(finding.notes)
    assert ("more often in one arm" in told) == lopsided
    assert ("could have changed" in told) == overturned
    assert finding.to_dict()["overturned_by_missing"] == overturned
    if overturned:
        assert finding.clusters_to_settle is None, "more of the same would settle nothing"


def test_attrition_is_the_difference_of_missing_rates() -> None:
    """14 of 20 refused in one arm, none in the other: +0.70, and the exact p of 14 scenarios on one side."""
    attrition = found(lost(14, 0)).attrition
    assert attrition is not None
    assert attrition.value == pytest.approx(0.7)
    assert attrition.p == pytest.approx(2 / 2**14)


def test_a_rate_has_no_arms_to_differ() -> None:
    """A single condition can lose runs, but not more than another."""
    check = Check.model_validate({"name": "a", "role": "angle", "estimand": {"measure": "y", "weights": {"on": 1.0}}})
    rows = [RunRow(id=f"{n}", scenario=f"s{n}", condition="on", status="failed" if n else "completed") for n in (0, 1)]
    table = Table([Scenario(id="s0"), Scenario(id="s1")], CONDITIONS, rows)
    assert evaluate(check, table, level=0.95, bounds=(0.0, 1.0)).attrition is None


def test_verdict_says_so(study_of: Any, rows: Any) -> None:
    """A claim whose effect rests on unequal gaps is not supported, and the reasons name the check and the gap."""
    angle = Check(name="effect", role="angle", family="action", estimand=contrast("shown", "on", "off"), margin=0.2)
    hypothesis = Hypothesis(id="h", claim="{system} does", kind="behaviour", checks=(angle,))
    conditions = [c.model_dump(mode="json") for c in CONDITIONS]
    study = study_of([hypothesis], conditions=conditions)

    def verdicts(on: int) -> list[Verdict]:
        def value(condition: str, scenario: int, model: str) -> float | None:
            return lost(on, 0)(scenario, condition)

        return judge(study, rows(study, value))

    assert verdicts(0)[0].answer.value == "supported"
    gaps = verdicts(9)
    assert gaps[0].answer.value == "inconclusive"
    assert "`effect`: runs go missing more often in one arm (+56%, p = 0.0039)" in " ".join(gaps[0].because)
