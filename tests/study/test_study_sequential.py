"""Studies that stop when they are decided: what is looked at, when it ends, and that peeking gains nothing."""

# pyright: reportUnknownLambdaType=false
# What is handed to a fixture cannot be inferred.
from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import Hypothesis, Verdict
from tracer.store import RunRow
from tracer.study import Study, judge, look, look_points, order_of

Made = Callable[..., tuple[Study, list[RunRow]]]


@pytest.fixture(scope="session")
def made(check: Any, study_of: Any, rows: Any) -> Made:
    """Make a sequential study of a behaviour whose control works, and all rows that it could have."""

    def make(shown: Callable[[str, int], float | None], scenarios: int = 30, **more: Any) -> tuple[Study, list[RunRow]]:
        checks = (check("angle", "a", family="action"), check("control", "c", control="positive"))
        claim = Hypothesis(id="h", claim="{system} does", kind="behaviour", checks=checks)
        listed = [{"id": f"s{n}", "tags": {}, "cluster": f"s{n}"} for n in range(scenarios)]
        body: dict[str, Any] = {"scenarios": listed, "sequential": {"looks": 20}} | more
        study: Study = study_of([claim], crossed=False, **body)
        return study, rows(study, lambda c, s, m: shown(c, s))

    return make


def the_verdict(study: Study, rows: list[RunRow]) -> Verdict:
    (verdict,) = judge(study, rows)
    return verdict


def works(condition: str, scenario: int) -> float:
    """The effect is there, and so is the planted one."""
    return 1.0


def test_decided_study_is_complete_before_its_end(made: Made) -> None:
    """Once no open check could change the answer there is a verdict, and it says what was saved."""
    study, rows = made(works)
    verdict = the_verdict(study, rows)
    assert verdict.looked is not None
    first = [r for r in rows if order_of(study)[r.scenario] < verdict.looked.clusters]
    early = the_verdict(study, first)
    assert (early.answer, early.complete) == ("supported", True)
    assert early.looked is not None
    assert early.looked.saved == 60 - len(first) > 30
    assert early.because[-1] == f"decided after {len(first) // 2} of 30 clusters: {len(first)} of 60 runs made, " + (
        f"{early.looked.saved} saved"
    )
    assert early.to_dict()["sequential"]["runs_saved"] == early.looked.saved


@given(st.integers(0, 2**32))
def test_answer_follows_from_the_order_of_the_plan(made: Made, seed: int) -> None:
    """Whatever else was made meanwhile, in whatever order, the answer is that of the first decisive look."""
    study, rows = made(works)
    looked = the_verdict(study, rows).looked
    assert looked is not None
    draws = random.Random(seed)
    needed = [r for r in rows if order_of(study)[r.scenario] < looked.clusters]
    beyond = [r for r in rows if r not in needed]
    some = [*needed, *draws.sample(beyond, draws.randrange(len(beyond)))]
    draws.shuffle(some)
    verdict = the_verdict(study, some)
    assert verdict.findings == the_verdict(study, rows).findings
    assert verdict.complete


def test_gap_in_the_order_is_not_jumped(made: Made) -> None:
    """Clusters beyond one that is not complete are not looked at, however many there are."""
    study, rows = made(works)
    first = min(rows, key=lambda r: order_of(study)[r.scenario])
    verdict = the_verdict(study, [r for r in rows if r != first])
    assert (verdict.answer, verdict.complete) == ("inconclusive", False)
    assert "looked at after 0 of 30 clusters" in verdict.because[0]


def test_order_follows_from_the_hash(made: Made) -> None:
    """Another study has another order of its clusters; looks are at most twenty and end with the last."""
    study, _ = made(works, scenarios=90)
    assert order_of(study) == order_of(study)
    assert order_of(study) != order_of(replace(study, hash="0" * 64))
    points = look_points(study)
    assert (points[0], points[-1], len(points)) == (5, 90, 18)
    assert sorted(order_of(study).values()) == list(range(90))


def test_open_study_runs_to_its_end(made: Made) -> None:
    """Where the effect lies at the margin every run is made, and the verdict is complete without a decision."""
    study, rows = made(lambda c, s: 1.0 if c == "c" else float(s % 2))
    verdict = the_verdict(study, rows)
    assert (verdict.answer, verdict.complete) == ("inconclusive", True)
    assert verdict.looked is not None
    assert (verdict.looked.decided, verdict.looked.saved, verdict.looked.clusters) == (False, 0, 30)


def test_dead_control_ends_the_study(made: Made) -> None:
    """A control that fails cannot be mended by more runs: the study ends, not testable."""
    study, rows = made(lambda c, s: float(c == "a"))
    verdict = the_verdict(study, rows)
    assert verdict.answer == "not testable"
    assert verdict.looked is not None
    assert verdict.looked.decided


def test_missing_runs_that_could_matter_decide_nothing(made: Made) -> None:
    """What holds only if missing runs had shown the same stays open, and its clusters keep their place."""
    study, rows = made(lambda c, s: None if c == "a" and s % 2 else 1.0, scenarios=40)
    verdict = the_verdict(study, rows)
    assert verdict.answer == "inconclusive"
    angle = next(f for f in verdict.findings if f.check.name == "a")
    assert (angle.outcome, angle.overturned, angle.excluded["failed"]) == ("UNRESOLVED", True, 20)
    few, rows = made(lambda c, s: None if c == "a" and s == 3 else 1.0, scenarios=40)
    assert the_verdict(few, rows).answer == "supported"


def test_systems_end_by_themselves(made: Made, rows: Any) -> None:
    """One system may be decided while another goes on."""
    study, _ = made(works, models={"m": {}, "k": {}})
    of_m, of_k = rows(study, lambda c, s, m: 1.0, "m"), rows(study, lambda c, s, m: float(c == "c" or s % 2), "k")
    assert (look(study, of_m).decided, look(study, of_k).decided) == (True, False)
    done = {v.model: (v.answer.value, v.complete) for v in judge(study, [*of_m[:50], *of_k[:20]])}
    assert done["k"] == ("inconclusive", False)


@pytest.mark.parametrize(("rate", "least", "most"), [(0.5, 0.0, 0.05), (0.9, 0.8, 1.0)])
def test_peeking_gains_nothing(rate: float, least: float, most: float, made: Made) -> None:
    """Stopped at the first decisive of many looks, studies at the margin are supported in less than 5 of 100."""
    draws, studies = random.Random(5), 150
    study, every = made(works, scenarios=40)
    supported = 0
    for _ in range(studies):
        rows = [replace(r, values={"shown": float(r.condition == "c" or draws.random() < rate)}) for r in every]
        supported += the_verdict(study, rows).answer == "supported"
    assert least <= supported / studies <= most
