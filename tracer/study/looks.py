"""Studies that stop when they are decided: in which order clusters are completed, and when one is looked at.

A sequential study completes whole clusters of scenarios in a random order that follows from its hash, and is looked at
after every few of them. Each interval is then a confidence sequence over cluster-level values, which holds at all
looks at once (Waudby-Smith and Ramdas 2024), so that one may stop at any of them.

What is looked at is always a beginning of the planned order, never what happened to be ready: a cluster counts once
all of its runs are settled, and those that were made beyond it wait. A cluster without a value keeps its place and is
not replaced, and a run that failed is not made again, so that nothing seen decides what is counted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import product

from tracer.store import RunRow
from tracer.study.finding import Outcome
from tracer.study.freeze import Study
from tracer.study.verdict import Answer, Case, decide

__all__ = ["cannot_change", "look_points", "order_of", "reached"]

_OPEN = ("UNRESOLVED", "ABSENT")
_MOST_OPEN = 7  # open checks whose every ending is tried, 3^7 of them; with more, a study is not decided


def order_of(study: Study) -> dict[str, int]:
    """Give the place of each cluster in the order in which a sequential study completes them, 0 first.

    The order is that of SHA-256 over the study's hash and the cluster's name: random, and fixed by the freeze.
    """
    names = {s["cluster"] for s in study.body["scenarios"]}
    ordered = sorted(names, key=lambda name: hashlib.sha256(f"{study.hash}\x1f{name}".encode()).digest())
    return {name: place for place, name in enumerate(ordered)}


def look_points(study: Study) -> list[int]:
    """List the numbers of completed clusters after which a sequential study is looked at."""
    clusters = len({s["cluster"] for s in study.body["scenarios"]})
    every = max(1, -(-clusters // study.body["sequential"]["looks"]))
    return [*range(every, clusters, every), clusters]


def reached(study: Study, order: Mapping[str, int], final: Iterable[RunRow]) -> int:
    """Give the length of the longest beginning of the order whose clusters are complete on one system.

    Args:
        study: The frozen study.
        order: The order of its clusters.
        final: The settled rows of the system.
    """
    settled = {(row.scenario, row.condition, row.replicate) for row in final}
    cluster_of = {s["id"]: s["cluster"] for s in study.body["scenarios"]}
    open_clusters = {cluster_of[cell[0]] for cell in study.cells() if cell not in settled}
    return min((order[name] for name in open_clusters), default=len(order))


def cannot_change(case: Case, absent: Container[str] = ()) -> bool:
    """Tell whether an answer stands, however the checks that are still open came out.

    Outcomes of a confidence sequence never turn back, so that only open checks could change the answer. Nulls could
    reject at any later look and are held as they are: their guarantee is for the looks that are taken.

    Args:
        case: What is known of the hypothesis; `survives` only where no further look can take that back.
        absent: Names of the checks that no run of this study can give a value.
    """
    answer, _ = decide(case)
    failed = any(f.check.role == "control" and f.outcome == "FAIL" for f in case.findings)
    if answer == Answer.INVALID or (answer == Answer.NOT_TESTABLE and (failed or case.untestable)):
        return True
    held = [f.check.role == "null" or f.check.name in absent for f in case.findings]
    places = [n for n, f in enumerate(case.findings) if not held[n] and f.outcome in _OPEN]
    if len(places) > _MOST_OPEN:
        return False
    surviving = (True,) if case.survives else (True, False)
    return all(
        decide(_ended(case, places, outcomes, survives))[0] == answer
        for outcomes in product(("FAIL", "PASS", "UNRESOLVED"), repeat=len(places))
        for survives in surviving
    )


def _ended(case: Case, places: Sequence[int], outcomes: Sequence[Outcome], survives: bool) -> Case:
    findings = list(case.findings)
    for place, outcome in zip(places, outcomes, strict=True):
        findings[place] = replace(findings[place], outcome=outcome)
    return replace(case, findings=findings, survives=survives)
