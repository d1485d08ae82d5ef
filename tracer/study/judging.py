"""A frozen study and its runs -> verdicts: pure, so that the same rows give the same verdict for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from tracer.contracts import Check, Hypothesis, Suite
from tracer.errors import StudyError
from tracer.stats.multiplicity import benjamini_hochberg, holm
from tracer.store import RunRow
from tracer.study.anytime import Looked, Prefix
from tracer.study.correction import Item, correct, labelled_items
from tracer.study.finding import Finding, evaluate
from tracer.study.freeze import Study
from tracer.study.integrity import UNSETTLED, audit, odd_attempts
from tracer.study.judgement import describe, judges_of, panel_of
from tracer.study.lanes import absent_lanes
from tracer.study.looks import cannot_change, look_points, order_of, reached
from tracer.study.table import Table
from tracer.study.verdict import Answer, Case, Verdict, decide, identified, p_of

__all__ = ["current", "judge", "judge_late", "level_of", "look", "runs_saved", "settled"]

_NULLS_ALPHA = 0.01  # shared by the nulls of a hypothesis: they veto broken machinery, not sound studies


def judge(study: Study, rows: Iterable[RunRow]) -> list[Verdict]:
    """Give a verdict for every hypothesis on every stack and model of a study.

    Args:
        study: The frozen study.
        rows: Every row that its store has, attempts that ended early included: the books are checked over all of them.
    """
    return _judge(study, rows, study.hypotheses)


def look(study: Study, final: Sequence[RunRow]) -> Looked:
    """Say how far a sequential study is on one system, and whether it is decided there.

    The looks are taken one after the other, so that the same runs give the same answer whenever they are read: the
    first look at which no answer can change any more is the last.

    Args:
        study: The frozen study, which has to be a sequential one.
        final: The settled rows of the system.
    """
    order = order_of(study)
    ready = reached(study, order, final)
    points = [point for point in look_points(study) if point <= ready]
    table = Table(study.scenarios, study.conditions, final)
    decided = next((point for point in points if _decided(study, table, Prefix(order, point))), None)
    planned = set(study.cells())
    made = sum((row.scenario, row.condition, row.replicate) in planned for row in final)
    last = decided or max(points, default=0)
    return Looked(last, len(order), decided is not None, made, len(planned))


def runs_saved(verdicts: Iterable[Verdict]) -> int:
    """Give the runs that a sequential study did not need, over all of its systems; 0 where their number was fixed."""
    of_system = {(v.stack, v.model): v.looked.saved for v in verdicts if v.looked is not None}
    return sum(of_system.values())


def _decided(study: Study, table: Table, prefix: Prefix) -> bool:
    runnable = [c for c in study.conditions if not c.needs]
    hypotheses = study.hypotheses
    family = len(hypotheses) * len(study.body["stacks"]) * len(study.body["models"])
    for hypothesis in hypotheses:
        findings = _findings(study, hypothesis, table, prefix)
        # Holm's correction asks no more than Bonferroni's, and this does not depend on how far other systems are.
        survives = p_of(hypothesis, findings) * family <= study.body["alpha"]
        absent = {check.name for check in hypothesis.checks if table.needs(check)}
        if not cannot_change(Case(hypothesis, findings, (), identified(hypothesis, runnable), survives), absent):
            return False
    return True


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
    panel = panel_of(suite)
    body = {
        **study.body,
        "measures": [describe(m, panel.get(m.name, ())) for m in suite.measures],
    }
    return _judge(study, rows, late, body)


def _judge(
    study: Study, rows: Iterable[RunRow], asked: Sequence[Hypothesis], body: Mapping[str, Any] | None = None
) -> list[Verdict]:
    """Judge hypotheses on the runs; `body`, with the measures of late ones, says that they are late."""
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
    odd = {system: odd_attempts(of_system[system]) for system in systems}
    final = {system: settled(of_system[system]) for system in systems}
    tables = {system: Table(study.scenarios, study.conditions, final[system]) for system in systems}
    looked = {system: look(study, final[system]) for system in systems} if "sequential" in study.body else {}
    order = order_of(study)
    prefixes = {system: Prefix(order, found.clusters) for system, found in looked.items()}
    measured = study if body is None else Study(study.hash, body)
    items = _labelled(measured, [row for of_one in final.values() for row in of_one])
    hypotheses = {h.id: h for h in asked}
    findings = {
        (h.id, *system): _findings(measured, h, tables[system], prefixes.get(system), items)
        for h in asked
        for system in systems
    }
    adjust = holm if body is None else benjamini_hochberg
    adjusted = adjust([p_of(hypotheses[key[0]], found) for key, found in findings.items()]) if findings else []
    runnable = [c for c in study.conditions if not c.needs]
    verdicts: list[Verdict] = []
    confirmatory = body is None and "develop" not in study.body
    for ((name, *_), found), system, p in zip(findings.items(), systems * len(hypotheses), adjusted, strict=True):
        untestable = identified(hypotheses[name], runnable)
        case = Case(hypotheses[name], found, books[system], untestable, bool(p <= study.body["alpha"]))
        found_verdict = _verdict(study, case, system, final[system], looked.get(system))
        because = (*found_verdict.because, *odd[system])
        verdicts.append(replace(found_verdict, because=because, confirmatory=confirmatory))
    return verdicts


def _verdict(
    study: Study, case: Case, system: tuple[str, str], final: Sequence[RunRow], looked: Looked | None
) -> Verdict:
    answer, because = decide(case)
    planned = set(study.cells())
    left = len(planned - {(r.scenario, r.condition, r.replicate) for r in final})
    if looked is not None:
        because = (*because, str(looked))
        left = 0 if looked.decided else left
    if left and not case.books:
        answer = Answer.INCONCLUSIVE
        because = (_to_come(left, len(planned), looked),)
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
        looked=looked,
    )


def _to_come(left: int, planned: int, looked: Looked | None) -> str:
    if looked is None:
        return f"{left} of {planned} runs are still to come; a verdict now would be peeking"
    return f"{looked}; the study goes on, with {left} runs still to come at most"


def settled(rows: Iterable[RunRow]) -> list[RunRow]:
    """Keep the rows that count: ended ones, of each cell the latest attempt; interrupted and cancelled ones do not."""
    return current(row for row in rows if row.status not in UNSETTLED)


def current(rows: Iterable[RunRow]) -> list[RunRow]:
    """Keep of each cell the latest attempt, however it is; earlier ones are superseded."""
    latest: dict[tuple[str, str, str, str, int], RunRow] = {}
    for row in rows:
        key = (row.stack, row.model, row.scenario, row.condition, row.replicate)
        if key not in latest or latest[key].attempt < row.attempt:
            latest[key] = row
    return list(latest.values())


def level_of(check: Check, hypothesis: Hypothesis, alpha: float) -> float:
    """Give the confidence level of a check: angles share alpha where at least three of k have to pass."""
    angles = len(hypothesis.role("angle"))
    shared = max(1, angles - 2) if hypothesis.kind != "behaviour" and check.role == "angle" else 1
    return 1 - alpha / shared


def _labelled(study: Study, rows: Sequence[RunRow]) -> dict[str, list[Item]]:
    """Give measure -> the labelled runs of its test part, of all systems; empty without judged measures."""
    return {measure: labelled_items(rows, measure, "test") for measure in judges_of(study.body)}


def _findings(
    study: Study,
    hypothesis: Hypothesis,
    table: Table,
    prefix: Prefix | None = None,
    items: Mapping[str, Sequence[Item]] | None = None,
) -> list[Finding]:
    bounds = {m["name"]: (m["low"], m["high"]) for m in study.body["measures"]}
    nulls = max(1, len(hypothesis.role("null")))
    found: list[Finding] = []
    for check in hypothesis.checks:
        measure = check.estimand.measure
        finding = evaluate(
            check,
            table,
            level=level_of(check, hypothesis, study.body["alpha"]),
            bounds=bounds[measure],
            null_alpha=_NULLS_ALPHA / nulls,
            prefix=prefix,
        )
        command = f"tracer label {study.hash[:12]} --measure {measure}"
        found.append(correct(finding, table, items[measure], command) if items and measure in items else finding)
    return found
