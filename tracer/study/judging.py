"""A frozen study and its runs -> verdicts: pure, so that the same rows give the same verdict for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tracer.contracts import Check, Hypothesis, Suite
from tracer.errors import StudyError
from tracer.stats.multiplicity import benjamini_hochberg, holm
from tracer.store import RunRow
from tracer.study.finding import Finding, evaluate
from tracer.study.freeze import Study
from tracer.study.lanes import absent_lanes
from tracer.study.seeds import run_seed
from tracer.study.table import Table
from tracer.study.verdict import Answer, Case, Verdict, decide, identified, p_of

__all__ = ["audit", "judge", "judge_late", "level_of", "settled"]

_UNSETTLED = ("running", "interrupted", "cancelled")
_NULLS_ALPHA = 0.01  # shared by the nulls of a hypothesis: they veto broken machinery, not sound studies


def judge(study: Study, rows: Iterable[RunRow]) -> list[Verdict]:
    """Give a verdict for every hypothesis on every stack and model of a study.

    Args:
        study: The frozen study.
        rows: Every row that its store has, attempts that ended early included: the books are checked over all of them.
    """
    return _judge(study, rows, confirmatory=True)


def judge_late(study: Study, rows: Iterable[RunRow], suite: Suite) -> list[Verdict]:
    """Judge the hypotheses of a suite that are not in the frozen study, on its runs: exploratory, for good.

    They were stated when the data could be known, so that no verdict on them is confirmatory; among themselves they
    are corrected by Benjamini and Hochberg's false discovery rate.

    Args:
        study: The frozen study.
        rows: Its rows, with the values of the suite's measures.
        suite: The suite with the late hypotheses: another one, or the study's own as it is today.

    Raises:
        StudyError: The suite has no hypothesis that is not frozen, or one that needs a condition that was not run.
    """
    frozen = study.hypotheses
    late = [h for h in suite.hypotheses if h not in frozen]
    if not late:
        raise StudyError(f"every hypothesis of {suite.name!r} is in the frozen study: there is nothing late to judge")
    conditions = {c.name for c in study.conditions}
    for hypothesis in late:
        strange = [n for check in hypothesis.checks for n in check.estimand.weights if n not in conditions]
        if strange:
            raise StudyError(
                f"hypothesis {hypothesis.id!r} needs the condition {strange[0]!r}, which study {study.hash[:12]} does "
                f"not have; it has: {', '.join(sorted(conditions))}"
            )
    body = {
        **study.body,
        "hypotheses": [h.model_dump(mode="json") for h in late],
        "measures": [{"name": m.name, "says": m.says, "low": m.low, "high": m.high} for m in suite.measures],
    }
    return _judge(Study(study.hash, body), rows, confirmatory=False)


def _judge(study: Study, rows: Iterable[RunRow], *, confirmatory: bool) -> list[Verdict]:
    systems = [(stack, model) for stack in study.body["stacks"] for model in study.body["models"]]
    of_system: dict[tuple[str, str], list[RunRow]] = {system: [] for system in systems}
    strangers = 0
    for row in rows:
        if row.study == study.hash and (row.stack, row.model) in of_system:
            of_system[row.stack, row.model].append(row)
        else:
            strangers += 1
    stray = [f"the books: {strangers} runs are of another study, stack or model"] if strangers else []
    books = {system: [*stray, *audit(study, of_system[system])] for system in systems}
    final = {system: settled(of_system[system]) for system in systems}
    findings = {(h.id, *system): _findings(study, h, final[system]) for h in study.hypotheses for system in systems}
    hypotheses = {h.id: h for h in study.hypotheses}
    adjust = holm if confirmatory else benjamini_hochberg
    adjusted = adjust([p_of(hypotheses[key[0]], found) for key, found in findings.items()]) if findings else []
    levels = [c.levels for c in study.conditions]
    verdicts: list[Verdict] = []
    for ((name, *_), found), system, p in zip(findings.items(), systems * len(hypotheses), adjusted, strict=True):
        untestable = identified(hypotheses[name], levels)
        case = Case(hypotheses[name], found, books[system], untestable, bool(p <= study.body["alpha"]))
        found_verdict = _verdict(study, case, system, final[system])
        verdicts.append(replace(found_verdict, confirmatory=confirmatory))
    return verdicts


def _verdict(study: Study, case: Case, system: tuple[str, str], final: Sequence[RunRow]) -> Verdict:
    answer, because = decide(case)
    planned = set(study.cells())
    left = len(planned - {(r.scenario, r.condition, r.replicate) for r in final})
    if left and not case.books:
        answer = Answer.INCONCLUSIVE
        because = (f"{left} of {len(planned)} runs are still to come; a verdict now would be peeking",)
    return Verdict(
        study=study.hash,
        hypothesis=case.hypothesis,
        stack=system[0],
        model=system[1],
        answer=answer,
        because=because,
        findings=tuple(case.findings),
        standing=tuple(f.check.name for f in case.standing),
        complete=not left,
        confirmatory=True,
        runs=Counter(r.status for r in final),
        absent=absent_lanes(case.hypothesis, study.conditions),
    )


def settled(rows: Iterable[RunRow]) -> list[RunRow]:
    """Keep the rows that count: ended ones, of each cell the latest attempt; interrupted and cancelled ones do not."""
    latest: dict[tuple[str, str, str, str, int], RunRow] = {}
    for row in rows:
        if row.status in _UNSETTLED:
            continue
        key = (row.stack, row.model, row.scenario, row.condition, row.replicate)
        if key not in latest or latest[key].attempt < row.attempt:
            latest[key] = row
    return list(latest.values())


def audit(study: Study, rows: Sequence[RunRow]) -> list[str]:
    """Say what is wrong with the books of one system, over all of its rows; empty where they are in order.

    Only planned cells, with the seeds that the study prescribes, and each settled once: a run made again after it had
    ended well would be the best of several, passed off as one.
    """
    planned = set(study.cells())
    reseeded = {c.name for c in study.conditions if c.reseed}
    stray: list[RunRow] = []
    wrong: list[RunRow] = []
    attempts: dict[tuple[str, str, int], list[RunRow]] = {}
    for row in rows:
        cell = (row.scenario, row.condition, row.replicate)
        if cell not in planned:
            stray.append(row)
            continue
        attempts.setdefault(cell, []).append(row)
        lane = row.condition if row.condition in reseeded else ""
        if row.seed != run_seed(study.body["seed"], row.scenario, row.replicate, lane):
            wrong.append(row)
    again = [found for found in attempts.values() if _made_again(found)]
    problems = [
        (stray, "runs belong to no cell of the study"),
        (wrong, "runs do not have the seed of their cell"),
        ([rows[-1] for rows in again], "cells were run again although they had a result"),
    ]
    return [f"the books: {len(found)} {problem}, e.g. {found[0].id[:12]}" for found, problem in problems if found]


def _made_again(attempts: Sequence[RunRow]) -> bool:
    """Tell whether a cell has two results; a failed attempt may be followed by another."""
    ended = sorted((r for r in attempts if r.status not in _UNSETTLED), key=lambda row: row.attempt)
    twice = len({row.attempt for row in ended}) < len(ended)
    return twice or any(row.status != "failed" for row in ended[:-1])


def level_of(check: Check, hypothesis: Hypothesis, alpha: float) -> float:
    """Give the confidence level of a check: angles share alpha where at least three of k have to pass."""
    angles = len(hypothesis.role("angle"))
    shared = max(1, angles - 2) if hypothesis.kind != "behaviour" and check.role == "angle" else 1
    return 1 - alpha / shared


def _findings(study: Study, hypothesis: Hypothesis, rows: Sequence[RunRow]) -> list[Finding]:
    table = Table(study.scenarios, study.conditions, rows)
    bounds = {m["name"]: (m["low"], m["high"]) for m in study.body["measures"]}
    nulls = max(1, len(hypothesis.role("null")))
    return [
        evaluate(
            check,
            table,
            level=level_of(check, hypothesis, study.body["alpha"]),
            bounds=bounds[check.estimand.measure],
            null_alpha=_NULLS_ALPHA / nulls,
        )
        for check in hypothesis.checks
    ]
