"""Studies made of plain values, and rows that give each of their checks the outcome that a test asks for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import pytest

from tracer import Check, Condition, Estimand, Hypothesis, Scenario
from tracer.store import RunRow
from tracer.study import Study, judge, run_seed

SCENARIOS = 16
CROSSED = tuple({"goal": g, "belief": b} for g in ("a", "b") for b in ("x", "y"))
# What a run shows, by scenario number, so that a check with margin 0.5 comes out like this.
SHOWN: Mapping[str, Callable[[int], float | None]] = {
    "PASS": lambda s: 1.0,
    "FAIL": lambda s: 0.0,
    "UNRESOLVED": lambda s: float(s % 2),
    "ABSENT": lambda s: None,
}


def a_check(role: str, name: str, **more: Any) -> Check:
    """Give a check that looks at the condition of its own name."""
    estimand = Estimand(measure="shown", weights={name: 1.0})
    return Check.model_validate({"name": name, "role": role, "estimand": estimand, "margin": 0.5} | more)


def over_all(hypothesis: Hypothesis) -> Hypothesis:
    """Give a goal or belief claim a null that looks at the goals and beliefs that are crossed, and shows nothing."""
    if hypothesis.kind == "behaviour" or any(check.name == "crossing" for check in hypothesis.checks):
        return hypothesis
    weights = {f"cross-{n}": weight for n, weight in enumerate((1.0, -1.0, -1.0, 1.0))}
    null = Check(name="crossing", role="null", estimand=Estimand(measure="shown", weights=weights))
    return hypothesis.model_copy(update={"checks": (null, *hypothesis.checks)})


def a_study(hypotheses: Iterable[Hypothesis], *, crossed: bool = True, **more: Any) -> Study:
    """Give a frozen study of these hypotheses, each of whose checks has a condition of its own."""
    hypotheses = [over_all(hypothesis) if crossed else hypothesis for hypothesis in hypotheses]
    conditions = [Condition(name=name) for name in _names(hypotheses)]
    conditions += [Condition(name=f"cross-{n}", levels=levels) for n, levels in enumerate(CROSSED)] * crossed
    body: dict[str, Any] = {
        "suite": "s.py:suite",
        "name": "s",
        "scenarios": [{"id": f"s{n}", "tags": {}, "cluster": f"s{n}"} for n in range(SCENARIOS)],
        "conditions": [c.model_dump(mode="json") for c in conditions],
        "measures": [{"name": "shown", "says": "", "low": 0.0, "high": 1.0}],
        "hypotheses": [h.model_dump(mode="json") for h in hypotheses],
        "stacks": ["a.py:build"],
        "models": {"m": {}},
        "replicates": 1,
        "seed": 1,
        "alpha": 0.05,
    }
    return Study("f" * 64, body | more)


def _names(hypotheses: Iterable[Hypothesis]) -> Iterable[str]:
    return dict.fromkeys(c.name for h in hypotheses for c in h.checks if c.name != "crossing")


def rows_of(study: Study, value: Callable[[str, int, str], float | None], model: str = "m") -> list[RunRow]:
    """Give one row for each cell; `value(condition, scenario number, model)` is what its run shows, None a failure."""
    rows: list[RunRow] = []
    for number, (scenario, condition, replicate) in enumerate(study.cells()):
        shown = value(condition, int(scenario[1:]), model)
        row = RunRow(
            id=f"{model}-{number:08d}",
            study=study.hash,
            scenario=scenario,
            condition=condition,
            stack="a.py:build",
            model=model,
            replicate=replicate,
            seed=run_seed(study.body["seed"], scenario, replicate),
            status="failed" if shown is None else "completed",
            values={} if shown is None else {"shown": shown},
        )
        rows.append(row)
    return rows


def verdict_of(kind: str, checks: Sequence[tuple[Check, str]], **more: Any) -> tuple[str, str]:
    """Give answer and reasons of one hypothesis whose checks come out as stated."""
    outcomes = {check.name: outcome for check, outcome in checks}
    hypothesis = Hypothesis.model_validate(
        {"id": "h", "claim": "{system} does", "kind": kind, "checks": tuple(check for check, _ in checks)}
    )
    study = a_study([hypothesis], **more)
    nulls = {check.name for check, _ in checks if check.role == "null"}
    quiet = {"PASS": "FAIL", "FAIL": "PASS"}  # a null passes where there is nothing to see
    shown = {name: quiet.get(o, o) if name in nulls else o for name, o in outcomes.items()}
    (verdict,) = judge(study, rows_of(study, lambda c, s, _: SHOWN[shown.get(c, "PASS")](s)))
    came_out = {f.check.name: f.outcome for f in verdict.findings if f.check.name != "crossing"}
    assert came_out == outcomes, "the rows do not give the outcomes that the test is about"
    return verdict.answer.value, "\n".join(verdict.because)


@pytest.fixture(scope="session")
def check() -> Callable[..., Check]:
    return a_check


@pytest.fixture(scope="session")
def study_of() -> Callable[..., Study]:
    return a_study


@pytest.fixture(scope="session")
def rows() -> Callable[..., list[RunRow]]:
    return rows_of


@pytest.fixture(scope="session")
def decided() -> Callable[..., tuple[str, str]]:
    return verdict_of


@pytest.fixture(scope="session")
def scenarios() -> list[Scenario]:
    return [Scenario(id=f"s{n}", cluster=f"s{n}") for n in range(SCENARIOS)]
