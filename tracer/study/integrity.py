"""Integrity of attempts: what times, seeds, numbers and words say against runs being what they are passed off as.

What cannot be in an honest set is *wrong* and makes a verdict invalid; what can be, but is how a best-of-N set or a
copy would look, is *odd* and is printed beside the verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise

from tracer.store import RunRow
from tracer.study.freeze import Study
from tracer.study.seeds import run_seed

__all__ = ["UNSETTLED", "audit", "audit_recorded", "odd_attempts"]

UNSETTLED = ("running", "interrupted", "cancelled")
_SKEW_NS = 60_000_000_000  # clocks are set back by a little now and then
_LONG = 200  # characters that two runs do not say alike by chance
_REAL_NS = 10**18  # September 2001: times of transcripts without clocks are small numbers

Cells = Mapping[Hashable, Sequence[RunRow]]


def audit(study: Study, rows: Sequence[RunRow]) -> list[str]:
    """Say what is wrong with the books of one system, over all of its rows; empty where they are in order.

    Only planned cells, with the seeds that the study prescribes, begun after the freeze, each settled once (a run made
    again after it had ended well would be the best of several, passed off as one), with every attempt still there, at
    times that can be, and none of them a copy of another.
    """
    planned = set(study.cells())
    reseeded = {c.name for c in study.conditions if c.reseed}
    strays = [row for row in rows if (row.scenario, row.condition, row.replicate) not in planned]
    inside = [row for row in rows if (row.scenario, row.condition, row.replicate) in planned]
    lanes = {row.id: row.condition if row.condition in reseeded else "" for row in inside}
    cells = _by_cell(inside)
    seed = study.body["seed"]
    return _told(
        [
            (strays, "belong to no cell of the study"),
            (
                [r for r in inside if r.seed != run_seed(seed, r.scenario, r.replicate, lanes[r.id])],
                "do not have the seed of their cell",
            ),
            ([r for r in inside if _before(r, study.frozen_ns)], "began before the study was frozen"),
            (
                [found[-1] for found in cells.values() if _made_again(found)],
                "are of cells that were run again although they had a result",
            ),
            (
                [
                    found[-1]
                    for found in cells.values()
                    if len({r.attempt for r in found}) < max(r.attempt for r in found)
                ],
                "are of cells of which an earlier attempt is no longer there",
            ),
            *_impossible(cells),
        ]
    )


def odd_attempts(rows: Sequence[RunRow]) -> list[str]:
    """Say what is odd about the attempts of one system of a study."""
    return [*_retried(rows), *_copied(rows)]


def _retried(rows: Sequence[RunRow]) -> Iterable[str]:
    cells = _by_cell(rows)
    earlier = [row for found in cells.values() for row in found if row.attempt < max(r.attempt for r in found)]
    failed = [row for row in earlier if row.status == "failed"]
    silent = [row for row in earlier if row.status != "completed" and not row.reason]
    if failed:
        yield f"odd: {_runs(failed)} made again after failing, which may have been chosen after results were seen"
    if silent:
        yield f"odd: {_runs(silent)} made again, and no reason is kept why the attempt before did not count"


def _copied(rows: Iterable[RunRow]) -> Iterable[str]:
    first: dict[str, RunRow] = {}
    long = [row for row in rows if row.answer is not None and len(row.answer) >= _LONG]
    copies = [row for row in long if first.setdefault(row.answer or "", row).scenario != row.scenario]
    if copies:
        yield f"odd: {_runs(copies)} of {_LONG} characters or more say what a run of another scenario says word by word"


def audit_recorded(
    rows: Sequence[RunRow], numbers: Mapping[str, str], declared: int | None, success: Mapping[str, float]
) -> tuple[list[str], list[str]]:
    """Say what is wrong, and what is odd, with the attempts of one model of a record.

    Args:
        rows: Its runs, with scenario and condition.
        numbers: Run id -> number of the attempt, as the record has it; empty where it has none.
        declared: Attempts that were made at each scenario in each condition; None where nobody says.
        success: Measure -> the value that counts as success.
    """
    cells: dict[tuple[str, str], list[RunRow]] = {}
    for row in rows:
        cells.setdefault((row.scenario, row.condition), []).append(row)
    twice = [row for found in cells.values() for row in _repeated(found, numbers)]
    wrong = _told([(twice, "have the attempt number of another run of their cell"), *_impossible(cells)])
    wrong += _best_of(cells, numbers, declared, success)
    odd = [*_retried([row for row in rows if row.seed]), *_copied(rows)]  # a seed: the run was one of ours
    several = sum(len(found) > 1 for found in cells.values())
    if several and not numbers and declared is None:
        odd.append(
            f"odd: {several} of {len(cells)} cells have several runs, and the map says neither which attempts they are "
            "nor how many there were (`attempt`, `attempts`): whether some were left out cannot be told"
        )
    return wrong, odd


def _best_of(
    cells: Mapping[tuple[str, str], Sequence[RunRow]],
    numbers: Mapping[str, str],
    declared: int | None,
    success: Mapping[str, float],
) -> list[str]:
    """Say that attempts are missing, and what the kept ones would hide if they had been kept for their success."""
    given = [int(n) for n in numbers.values() if n.isdigit()]
    least = min(given, default=0)
    expected = declared or (max(given) - least + 1 if given else 0)
    short = {cell: found for cell, found in cells.items() if len(found) < expected}
    if not short:
        return []
    kept = [row for found in short.values() for row in found]
    lost = sum(expected - len(found) for found in short.values())
    told = f"integrity: of {expected} attempts at each cell, {lost} are missing in {len(short)} of {len(cells)} cells"
    values = {name: [v for r in kept if isinstance(v := r.values.get(name), float)] for name in success}
    rates = {name: sum(v >= success[name] for v in found) / len(found) for name, found in values.items() if found}
    hidden = [
        f"`{name}` succeeds in {rate:.0%} of the runs kept there, as the best of {expected} attempts would that "
        f"succeed in {1 - (1 - rate) ** (1 / expected):.0%} each"
        for name, rate in rates.items()
    ]
    return ["; ".join([told, *hidden])]


def _repeated(found: Sequence[RunRow], numbers: Mapping[str, str]) -> list[RunRow]:
    seen = Counter(numbers[row.id] for row in found if numbers.get(row.id))
    return [row for row in found if seen[numbers.get(row.id, "")] > 1][1:]


def _impossible(cells: Cells | Mapping[tuple[str, str], Sequence[RunRow]]) -> list[tuple[list[RunRow], str]]:
    rows = [row for found in cells.values() for row in found]
    timed = [row for row in rows if row.started_ns > _REAL_NS and row.ended_ns]
    same = Counter((row.started_ns, row.ended_ns) for row in timed)
    return [
        ([r for r in timed if (r.ended_ns or 0) < r.started_ns], "end before they begin"),
        (
            [r for r in timed if same[r.started_ns, r.ended_ns] > 1][1:],
            "begin and end in the same nanosecond as another",
        ),
        ([r for found in cells.values() for r in _overlapping(found)], "began while an earlier attempt was under way"),
    ]


def _overlapping(found: Sequence[RunRow]) -> list[RunRow]:
    attempts = sorted((r for r in found if r.started_ns > _REAL_NS), key=lambda row: row.attempt)
    return [
        after
        for before, after in pairwise(attempts)
        if after.attempt > before.attempt and after.started_ns + _SKEW_NS < (before.ended_ns or before.started_ns)
    ]


def _made_again(attempts: Sequence[RunRow]) -> bool:
    """Tell whether a cell has two results; a failed attempt may be followed by another."""
    ended = sorted((r for r in attempts if r.status not in UNSETTLED), key=lambda row: row.attempt)
    twice = len({row.attempt for row in ended}) < len(ended)
    return twice or any(row.status != "failed" for row in ended[:-1])


def _before(row: RunRow, frozen_ns: int) -> bool:
    return bool(frozen_ns and row.started_ns) and row.started_ns + _SKEW_NS < frozen_ns


def _by_cell(rows: Iterable[RunRow]) -> dict[Hashable, list[RunRow]]:
    cells: dict[Hashable, list[RunRow]] = {}
    for row in rows:
        cells.setdefault((row.scenario, row.condition, row.replicate), []).append(row)
    return cells


def _told(problems: Iterable[tuple[Sequence[RunRow], str]]) -> list[str]:
    return [f"the books: {_runs(found)} {problem}, e.g. {found[0].id[:12]}" for found, problem in problems if found]


def _runs(rows: Sequence[RunRow]) -> str:
    return f"{len(rows)} run" + ("s" if len(rows) > 1 else "")
