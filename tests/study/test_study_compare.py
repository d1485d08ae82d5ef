"""Two studies of a suite are compared scenario by scenario, and a replication is pooled without gaining scenarios."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from statistics import fmean
from typing import Any

import pytest

from tracer import Check, Condition, Hypothesis, contrast
from tracer.errors import StudyError
from tracer.store import RunRow
from tracer.study import Study, compare

Case = tuple[Study, list[RunRow]]
Make = Callable[..., Case]


@pytest.fixture
def make(study_of: Callable[..., Study], rows: Callable[..., list[RunRow]]) -> Make:
    """Give a study of one check with the hash and seed asked for, in which scenario s shows `shown(s)`."""
    check = Check(name="effect", role="angle", family="action", estimand=contrast("shown", "on", "off"), margin=0.2)
    hypothesis = Hypothesis(id="h", claim="{system} does", kind="behaviour", checks=(check,))

    def case(name: str, shown: Callable[[int], float | None], **more: Any) -> Case:
        conditions = [Condition(name=n).model_dump(mode="json") for n in ("on", "off")]
        study = replace(study_of([hypothesis], conditions=conditions, **more), hash=name * 64)

        def value(condition: str, scenario: int, model: str) -> float | None:
            return shown(scenario) if condition == "on" else 0.0

        return study, rows(study, value, *more.get("models", {"m": {}}))

    return case


def rising(scenario: int) -> float:
    return scenario / 32


def better(scenario: int) -> float:
    return scenario / 32 + (0.45 if scenario % 2 else 0.5)


def late(scenario: int) -> float | None:
    return None if scenario < 3 else 1.0


def other_half(scenario: int) -> float:
    return 1 - half(scenario) / 2


def half(scenario: int) -> float:
    return float(scenario % 2)


def test_change_is_paired_by_scenario(make: Make) -> None:
    """Scenarios that differ a lot but all change alike leave no doubt of the change; it is second less first."""
    first = make("a", rising)
    (change,) = compare(first, make("b", better, code={"stack.py": "other"}))
    assert change.change.value == pytest.approx(0.475)
    assert change.change.high - change.change.low < 0.05
    assert change.second.value - change.first.value == pytest.approx(0.475)
    assert change.pooled is None
    assert change.adjusted < 0.01
    assert change.to_dict()["adjusted_p"] == change.adjusted


def test_replication_is_pooled_over_the_same_scenarios(make: Make) -> None:
    """With another seed both estimates and their mean are given; the clusters are those of one study, not of two."""
    (change,) = compare(make("a", half, seed=1), make("b", other_half, seed=2))
    assert change.pooled is not None
    assert change.pooled.value == pytest.approx(fmean([change.first.value, change.second.value]))
    assert change.pooled.clusters == 16
    (again,) = compare(make("a", half), make("b", half))
    assert again.pooled is None, "the same seed gives the same runs: nothing is replicated"


def test_scenarios_without_a_pair_are_counted(make: Make) -> None:
    """What has a value in one study only, or was changed in between, is left out and counted."""
    second = make("b", late)
    changed = [s | {"digest": "new"} if s["id"] == "s9" else s for s in second[0].body["scenarios"]]
    edited = replace(second[0], body={**second[0].body, "scenarios": changed})
    (change,) = compare(make("a", half), (edited, second[1]))
    assert (change.change.clusters, change.left_out) == (12, 4)


def test_models_are_compared_and_riddles_refused(make: Make) -> None:
    """One system each is a pair whatever its name; itself, another suite and several strangers are refused."""
    first = make("a", half)
    (change,) = compare(first, make("b", half, models={"n": {}}))
    assert change.systems == (("a.py:build", "m"), ("a.py:build", "n"))
    with pytest.raises(StudyError, match="with itself"):
        compare(first, first)
    several = make("b", half, models={"n": {}})
    two_models = replace(several[0], body={**several[0].body, "models": {"n": {}, "o": {}}})
    with pytest.raises(StudyError, match="which belong together"):
        compare(first, (two_models, several[1]))
    other = replace(several[0], body={**several[0].body, "hypotheses": []})
    with pytest.raises(StudyError, match="share no check"):
        compare(first, (other, several[1]))


def test_judged_measures_are_compared_as_judged(make: Make) -> None:
    """Nothing in a comparison is corrected for the errors of a judge, and each change over a judged measure says so."""
    judged = {"name": "shown", "says": "", "low": 0.0, "high": 1.0, "judge": {"models": ["j"]}}
    first, second = make("a", rising), make("b", better)
    (plain,) = compare(first, second)
    assert not any("as judged" in note for note in plain.change.notes)
    (change,) = compare(first, make("b", better, measures=[judged]))
    assert any("as judged by a model, uncorrected" in note for note in change.change.notes)
