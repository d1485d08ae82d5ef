"""Every shipped suite is sound, agrees with its labelled runs, and runs through in its quick form."""

from __future__ import annotations

from pathlib import Path

import pytest

import tracer
from tracer.runner import shipped_suites
from tracer.study import flaws, load_suite

ROOT = Path(__file__).parents[2]
SHIPPED = shipped_suites()
PROVED = [a for a in SHIPPED if not a.endswith((":desk_suite", ":long_suite"))]


@pytest.mark.parametrize("address", SHIPPED)
def test_no_flaw_is_found(address: str) -> None:
    """Nothing that would make an answer worthless; measures give what a person gave; no line of a template is empty."""
    found = flaws(load_suite(address))
    assert [flaw for flaw in found if flaw.grave] == []


@pytest.mark.parametrize("address", PROVED)
def test_a_suite_brings_its_proof(address: str) -> None:
    """Thirty scenarios and as many to develop on, labelled runs, planted truths of either kind, a rival and a null."""
    suite = load_suite(address)
    assert [
        flaw for flaw in flaws(suite) if flaw.what.startswith("not held against") or flaw.place == "scenarios"
    ] == []
    assert min(len(suite.scenarios), len(suite.develop)) >= 30
    assert len(suite.labelled) >= 5
    wanted = {answer for planted in suite.planted for answer in planted.verdicts.values()}
    assert "supported" in wanted
    assert wanted - {"supported"}


@pytest.mark.parametrize("address", PROVED)
def test_quick_form_runs_through(address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In its quick form no run of a suite fails, and what is planted is not refuted; `make truths` tries all of it."""
    monkeypatch.chdir(ROOT)
    suite = load_suite(address)
    planted = next(p for p in suite.planted if "supported" in p.verdicts.values())
    stack = planted.stack or suite.stack
    done = tracer.run(address, model=planted.model, stack=stack, n=min(suite.quick, 2), store=tmp_path)
    assert {row.status for row in done.rows} <= {"completed", "limit"}
    assert any(row.status == "completed" for row in done.rows)
    for verdict in done.verdicts:
        if planted.verdicts.get(verdict.hypothesis.id) == "supported":
            assert verdict.answer.value in ("supported", "inconclusive", "not testable")
