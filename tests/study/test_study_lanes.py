"""A lane that cannot run is told as absent, and counts as neither passed nor failed."""

# pyright: reportUnknownLambdaType=false
# What is handed to a fixture cannot be inferred.
from __future__ import annotations

from typing import Any

import pytest

from tracer import Condition, Hypothesis
from tracer.cli import main
from tracer.study import absent_lanes, judge

REPLAYED = Condition(name="replayed", needs="replay")


@pytest.mark.parametrize(("role", "answer"), [("angle", "supported"), ("null", "supported"), ("rival", "inconclusive")])
def test_checks_over_a_lane_that_needs_replay_are_absent(
    role: str, answer: str, check: Any, study_of: Any, rows: Any
) -> None:
    """Its finding says what it needs; as angle or null it decides nothing, and as a rival it is not ruled out."""
    families = ("stated", "action", "counterfactual")
    late = check(role, "replayed", **({"family": "patching"} if role == "angle" else {}))
    angles = [check("angle", family, family=family) for family in families]
    study = study_of([Hypothesis(id="h", claim="c", kind="goal", checks=(*angles, late))])
    lanes = [c if c["name"] != "replayed" else REPLAYED.model_dump(mode="json") for c in study.body["conditions"]]
    study = study_of(study.hypotheses, conditions=lanes)
    assert "replayed" not in {condition for _, condition, _ in study.cells()}
    (verdict,) = judge(study, rows(study, lambda c, s, _: 1.0))
    assert (verdict.findings[-1].outcome, verdict.findings[-1].notes) == ("ABSENT", ("absent: needs replay",))
    assert (verdict.complete, verdict.answer.value) == (True, answer)


def test_lanes_without_runs_cross_nothing(check: Any, study_of: Any, rows: Any) -> None:
    """Goals crossed with beliefs only in lanes that cannot be run are not crossed: the claim is not testable."""
    families = ("stated", "action", "counterfactual")
    claim = Hypothesis(id="h", claim="c", kind="goal", checks=tuple(check("angle", f, family=f) for f in families))
    study = study_of([claim])
    lanes = [{**c, "needs": "replay"} if c["levels"] else c for c in study.body["conditions"]]
    study = study_of([claim], conditions=lanes)
    (verdict,) = judge(study, rows(study, lambda c, s, _: 1.0))
    assert verdict.answer.value == "not testable"
    assert "not crossed" in verdict.because[0]


def test_what_a_claim_is_without_is_said(check: Any) -> None:
    """Without replay its lanes are absent; the A/A lane is there as soon as a null rests on a reseeded condition."""
    goal = Hypothesis(id="h", claim="c", kind="goal", checks=(check("null", "again"),))
    names = ["A/A lane", "replay-unchanged lane", "placebo edit", "patching angle"]
    assert [lane.partition(": absent: ")[0] for lane in absent_lanes(goal, [])] == names
    assert [lane.partition(":")[0] for lane in absent_lanes(goal, [Condition(name="again", reseed=True)])] == names[1:]


def test_freeze_prints_absent_lanes_and_blind_spots(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The preregistration says which lanes there are not, and which error each family of angles cannot see."""
    monkeypatch.setenv("TRACER_STORE", str(tmp_path / "runs"))
    with pytest.raises(SystemExit):
        main(["freeze", "scenarios/stale_or_drifted.py:suite", "--model", "organism:stale"])
    said = " ".join(capsys.readouterr().out.split())
    assert "placebo edit: absent: needs replay" in said
    assert "stated is blind to confabulation" in said
    assert "A/A lane: absent" not in said
