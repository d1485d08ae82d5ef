"""The questions next to a verdict: does it hold elsewhere, what would have refuted it, which rival is left?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from tracer.angles import most_telling
from tracer.contracts import Check, Level
from tracer.store import RunRow
from tracer.study.finding import Finding, evaluate
from tracer.study.freeze import Study
from tracer.study.judgement import judges_of
from tracer.study.judging import settled
from tracer.study.table import Table
from tracer.study.verdict import Verdict

__all__ = ["adjacent_questions"]

_KINDS = 6  # a tag with more levels names its scenarios rather than kinds of them
_WORDING = "wording"
_RULES = {
    "behaviour": "its angle failing, with a positive control that passes",
    "goal": "angles of two families failing, action or counterfactual among them, and none passing",
    "belief": "angles of two families failing, action or counterfactual among them, and none passing",
}


def adjacent_questions(
    study: Study, verdict: Verdict, verdicts: Iterable[Verdict], rows: Iterable[RunRow]
) -> list[tuple[str, str]]:
    """Give the adjacent questions of a verdict with what the study can say to each, or why that is unknown.

    Estimates are those of the most telling angle, and exploratory: they were not corrected for their number.

    Args:
        study: The frozen study.
        verdict: The verdict.
        verdicts: All verdicts of the study.
        rows: Its runs.
    """
    check = most_telling(verdict.hypothesis)
    mine = [row for row in settled(rows) if (row.stack, row.model) == (verdict.stack, verdict.model)]
    table = Table(study.scenarios, study.conditions, mine)
    others = [v for v in verdicts if v.hypothesis.id == verdict.hypothesis.id]
    stacks = [f"{v.stack}: {v.answer.value}" for v in others if v.model == verdict.model and v.stack != verdict.stack]
    models = [f"{v.model}: {v.answer.value}" for v in others if v.stack == verdict.stack and v.model != verdict.model]
    level = next((f.estimate.level for f in verdict.findings if f.check.name == check.name), 0.95)
    neighbours = _by_tags(study, check, table, level, _tags_but(study, _WORDING))
    wordings = _by_tags(study, check, table, level, [_WORDING]) or _by_wording(study, check, table, level)
    return [
        ("does it hold in neighbouring scenarios?", "; ".join(neighbours) or "unknown: its scenarios differ in no tag"),
        ("does it hold with another stack?", "; ".join(stacks) or "unknown: the study has one stack"),
        ("does it hold with another model?", "; ".join(models) or "unknown: the study has one model"),
        (
            "does it hold with another wording?",
            "; ".join(wordings) or f"unknown: no factor or tag of the suite is `{_WORDING}`",
        ),
        ("what would have refuted it?", verdict.hypothesis.refuted_by or _RULES[verdict.hypothesis.kind]),
        ("which rivals stand?", ", ".join(verdict.standing) or "none of those that were probed"),
    ]


def _tags_but(study: Study, left_out: str) -> list[str]:
    return [tag for tag in dict.fromkeys(t for s in study.scenarios for t in s.tags) if tag != left_out]


def _by_tags(study: Study, check: Check, table: Table, level: float, tags: Sequence[str]) -> list[str]:
    """Hold the check against the scenarios of each level of the tags apart."""
    told: list[str] = []
    for tag in tags:
        levels = list(dict.fromkeys(s.tags[tag] for s in study.scenarios if tag in s.tags))
        found: dict[Level, Finding] = {}
        for one in levels if 1 < len(levels) <= _KINDS else []:
            estimand = check.estimand.model_copy(update={"where": {**check.estimand.where, tag: one}})
            there = check.model_copy(update={"estimand": estimand})
            if table.in_scope(there):
                found[one] = _held(study, there, table, level)
        if len(found) > 1:
            told.append(_told(study, check, tag, found))
    return told


def _by_wording(study: Study, check: Check, table: Table, level: float) -> list[str]:
    """Hold the check against the conditions of each wording apart, each with the weights of all."""
    worded = {c.name: c.levels[_WORDING] for c in study.conditions if _WORDING in c.levels}
    levels = dict.fromkeys(worded[name] for name in check.estimand.weights if name in worded)
    found: dict[Level, Finding] = {}
    for one in levels:
        kept = {n: w * len(levels) for n, w in check.estimand.weights.items() if worded.get(n) == one}
        estimand = check.estimand.model_copy(update={"weights": kept})
        found[one] = _held(study, check.model_copy(update={"estimand": estimand}), table, level)
    return [_told(study, check, _WORDING, found)] if len(found) > 1 else []


def _held(study: Study, check: Check, table: Table, level: float) -> Finding:
    bounds = {m["name"]: (m["low"], m["high"]) for m in study.body["measures"]}
    return evaluate(check, table, level=level, bounds=bounds.get(check.estimand.measure, (None, None)))


def _told(study: Study, check: Check, by: str, found: Mapping[Level, Finding]) -> str:
    judged = check.estimand.measure in judges_of(study.body)  # too few labels of each kind to correct parts apart
    parts = [
        f"{one} {f.estimate.value:+.2f} [{f.estimate.low:+.2f}, {f.estimate.high:+.2f}] "
        + ("as judged, uncorrected" if judged else f.outcome.lower())
        if f.outcome != "ABSENT"
        else f"{one} absent"
        for one, f in found.items()
    ]
    return f"`{check.name}` by {by}: {', '.join(parts)}"
