"""The adjacent questions of a verdict are answered from what the study has, or said to be unknown."""

# pyright: reportUnknownLambdaType=false
# What is handed to a fixture cannot be inferred.
from __future__ import annotations

from typing import Any

from tracer import Condition, Estimand, Hypothesis
from tracer.study import judge, report, to_markdown
from tracer.study.adjacent import adjacent_questions

WORDINGS = [Condition(name=f"on-{w}", levels={"wording": w}) for w in ("plain", "curt")]


def a_claim(check: Any, **weights: float) -> Hypothesis:
    angle = check("angle", "effect", family="action", estimand=Estimand(measure="shown", weights=weights))
    return Hypothesis(id="h", claim="c", kind="behaviour", checks=(angle,), refuted_by="no effect at all")


def asked(study: Any, made: Any, at: int = 0) -> dict[str, str]:
    verdicts = judge(study, made)
    return dict(adjacent_questions(study, verdicts[at], verdicts, made))


def test_what_was_not_varied_is_unknown(check: Any, study_of: Any, rows: Any) -> None:
    """With one stack, one model, no tags and no wording nothing is claimed of others; what would refute it is said."""
    study = study_of([a_claim(check, on=1)], conditions=[Condition(name="on").model_dump(mode="json")])
    told = asked(study, rows(study, lambda c, s, _: 1.0))
    assert [answer.partition(":")[0] for answer in told.values()] == ["unknown"] * 4 + [
        "no effect at all",
        "none of those that were probed",
    ]


def test_neighbouring_scenarios_are_held_apart(check: Any, study_of: Any, rows: Any) -> None:
    """An effect that is there for one form of scenario alone is told as such, a pinned tag included."""
    study = study_of([a_claim(check, on=1)], conditions=[Condition(name="on").model_dump(mode="json")])
    forms = [{**s, "tags": {"form": "open" if n < 8 else "shut"}} for n, s in enumerate(study.body["scenarios"])]
    study = study_of(study.hypotheses, conditions=study.body["conditions"], scenarios=forms)
    made = rows(study, lambda c, s, _: float(s < 8))
    told = asked(study, made)["does it hold in neighbouring scenarios?"]
    assert "`effect` by form: open +1.00" in told
    assert "pass, shut +0.00" in told
    assert told.endswith("fail")


def test_other_models_are_told_by_their_verdicts(check: Any, study_of: Any, rows: Any) -> None:
    """The same hypothesis on the study's other model is named with its verdict."""
    conditions = [Condition(name="on").model_dump(mode="json")]
    study = study_of([a_claim(check, on=1)], conditions=conditions, models={"m": {}, "n": {}})
    made = [r for model in "mn" for r in rows(study, lambda c, s, m: float(m == "m"), model)]
    assert asked(study, made)["does it hold with another model?"] == "n: inconclusive"
    assert asked(study, made, 1)["does it hold with another model?"] == "m: supported"


def test_another_wording_is_a_factor(check: Any, study_of: Any, rows: Any) -> None:
    """Where the wording is a factor, each of its levels is held against the margin by itself."""
    weights = {"on-plain": 0.5, "on-curt": 0.5}
    study = study_of(
        [a_claim(check, **weights)], conditions=[c.model_dump(mode="json") for c in WORDINGS], question="?"
    )
    made = rows(study, lambda c, s, _: float(c == "on-plain"))
    told = asked(study, made)["does it hold with another wording?"]
    assert told.startswith("`effect` by wording: plain +1.00")
    assert "curt +0.00" in told
    assert told in to_markdown(report(study, made, judge(study, made))).replace("\\", "")
