"""A frozen study and its runs -> verdicts: pure, so that the same rows give the same verdict for ever."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from tracer.contracts import Hypothesis
from tracer.stats.multiplicity import holm
from tracer.store import RunRow
from tracer.study.finding import Finding, Table, evaluate
from tracer.study.freeze import Study
from tracer.study.seeds import run_seed
from tracer.study.verdict import Answer, Case, Verdict, decide, identified, p_of

__all__ = ["audit", "judge", "settled"]

_NULLS_ALPHA = 0.01  # shared by the nulls of a hypothesis: they veto broken machinery, not sound studies


def judge(study: Study, rows: Iterable[RunRow]) -> list[Verdict]:
    """Give a verdict for every hypothesis on every stack and model of a study."""
    final = settled(rows)
    systems = [(stack, model) for stack in study.body["stacks"] for model in study.body["models"]]
    findings = {
        (h.id, stack, model): _findings(study, h, [r for r in final if r.stack == stack and r.model == model])
        for h in study.hypotheses
        for stack, model in systems
    }
    hypotheses = {h.id: h for h in study.hypotheses}
    adjusted = holm([p_of(hypotheses[key[0]], found) for key, found in findings.items()]) if findings else []
    levels = [c.levels for c in study.conditions]
    verdicts: list[Verdict] = []
    for (key, found), p in zip(findings.items(), adjusted, strict=True):
        hypothesis, stack, model = hypotheses[key[0]], key[1], key[2]
        mine = [r for r in final if r.stack == stack and r.model == model]
        books = audit(study, mine)
        case = Case(hypothesis, found, books, identified(hypothesis, levels), bool(p <= study.body["alpha"]))
        answer, because = decide(case)
        left = len(study.cells()) - len(mine)
        if left > 0:
            answer = Answer.INCONCLUSIVE
            because = (f"{left} of {len(study.cells())} runs are still to come; a verdict now would be peeking",)
        verdicts.append(
            Verdict(
                study=study.hash,
                hypothesis=hypothesis,
                stack=stack,
                model=model,
                answer=answer,
                because=because,
                findings=tuple(found),
                standing=tuple(f.check.name for f in case.standing),
                complete=left <= 0,
                confirmatory=True,
                runs=Counter(r.status for r in mine),
            )
        )
    return verdicts


def settled(rows: Iterable[RunRow]) -> list[RunRow]:
    """Keep the rows that count: ended ones, of each cell the latest attempt; interrupted and cancelled ones do not."""
    latest: dict[tuple[str, str, str, str, int], RunRow] = {}
    for row in rows:
        if row.status in ("running", "interrupted", "cancelled"):
            continue
        key = (row.stack, row.model, row.scenario, row.condition, row.replicate)
        if key not in latest or latest[key].attempt < row.attempt:
            latest[key] = row
    return list(latest.values())


def audit(study: Study, rows: Sequence[RunRow]) -> list[str]:
    """Check the books of one system: only planned cells, and the seeds that the study prescribes."""
    planned = set(study.cells())
    reseeded = {c.name for c in study.conditions if c.reseed}
    problems: list[str] = []
    stray = [r for r in rows if (r.scenario, r.condition, r.replicate) not in planned]
    if stray:
        problems.append(f"the books: {len(stray)} runs belong to no cell of the study, e.g. {stray[0].id[:12]}")
    seed = study.body["seed"]
    wrong = [
        r
        for r in rows
        if r.seed != run_seed(seed, r.scenario, r.replicate, r.condition if r.condition in reseeded else "")
    ]
    if wrong:
        problems.append(f"the books: {len(wrong)} runs do not have the seed of their cell, e.g. {wrong[0].id[:12]}")
    return problems


def _findings(study: Study, hypothesis: Hypothesis, rows: Sequence[RunRow]) -> list[Finding]:
    table = Table(study.scenarios, study.conditions, rows)
    bounds = {m["name"]: (m["low"], m["high"]) for m in study.body["measures"]}
    alpha: float = study.body["alpha"]
    angles = len(hypothesis.role("angle"))
    shared = max(1, angles - 2) if hypothesis.kind != "behaviour" else 1  # at least three of k have to pass
    nulls = max(1, len(hypothesis.role("null")))
    return [
        evaluate(
            check,
            table,
            level=1 - alpha / (shared if check.role == "angle" else 1),
            bounds=bounds[check.estimand.measure],
            null_alpha=_NULLS_ALPHA / nulls,
        )
        for check in hypothesis.checks
    ]
