"""What people made of runs that a model judged: labels, their order of asking, their parts, and what they agree on."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Literal

from tracer.contracts import Missing, Value
from tracer.store import RunRow
from tracer.study.judgement import Judgement, judgements

__all__ = [
    "Label",
    "Part",
    "disagreeing",
    "first_judgement",
    "labels_of",
    "order_to_label",
    "part_of",
    "stratum_of",
    "truth_of",
    "with_label",
    "without_label",
]

Part = Literal["dev", "test"]
_DEV = 3  # one run in three is for improving the judge, the others for correcting what it says


@dataclass(frozen=True, slots=True)
class Label:
    """What one person said of one run.

    Attributes:
        measure: The judged measure.
        labeler: Who said it.
        answer: One of the judge's options; "" for skipped.
        at_ns: When, in nanoseconds since 1970.
    """

    measure: str
    labeler: str
    answer: str
    at_ns: int


def labels_of(row: RunRow, measure: str) -> list[Label]:
    """List the labels of a run for one measure, the latest of each labeler."""
    found = [Label(**plain) for plain in row.labels if plain["measure"] == measure]
    return list({label.labeler: label for label in sorted(found, key=lambda label: label.at_ns)}.values())


def with_label(row: RunRow, label: Label) -> RunRow:
    """Give the row with a label; an earlier one of the same labeler stays in the record, and no longer counts."""
    return replace(row, labels=[*row.labels, asdict(label)])


def without_label(row: RunRow, label: Label) -> RunRow:
    """Give the row without a label: it was taken back before the next was given."""
    return replace(row, labels=[plain for plain in row.labels if plain != asdict(label)])


def truth_of(row: RunRow, measure: str, positive: str) -> Value | None:
    """Give 1 or 0 by the majority of the labelers, missing where they are even; None where nobody labelled the run."""
    answers = [label.answer == positive for label in labels_of(row, measure) if label.answer]
    if not answers:
        return None
    if 2 * sum(answers) == len(answers):
        return Missing("labelers disagree, and no majority settles it")
    return float(2 * sum(answers) > len(answers))


def part_of(row: RunRow, measure: str) -> Part:
    """Tell whether a run's labels may be looked at to improve the judge (dev), or correct what it says (test)."""
    return "dev" if _hash(measure, *_cell(row)) % _DEV == 0 else "test"


def first_judgement(row: RunRow, measure: str) -> Judgement | None:
    """Give what the first judge made of a run, or else the last late one; None where neither gave an answer."""
    found = [j for j in judgements(row, measure) if j.by != "second" and j.marks]
    return next((j for j in found if j.by == "first"), found[-1] if found else None)


def stratum_of(row: RunRow, measure: str) -> tuple[str, str, str, bool]:
    """Give the stratum of a judged run: stack, model, condition, and whether most draws of the judge are positive."""
    judged = first_judgement(row, measure)
    return (row.stack, row.model, row.condition, judged is not None and fmean(judged.marks) >= 0.5)


def order_to_label(rows: Iterable[RunRow], measure: str, seed: int) -> list[RunRow]:
    """Give the judged runs in the order in which they are to be labelled.

    The strata (system, condition, judge's answer) take turns, so that rare answers are labelled too; within each, and
    among them in each turn, the order is random by the seed. Whoever stops anywhere has labelled a random part of every
    stratum.
    """
    strata: dict[tuple[str, str, str, bool], list[RunRow]] = defaultdict(list)
    for row in rows:
        if first_judgement(row, measure) is not None:
            strata[stratum_of(row, measure)].append(row)
    turns: list[tuple[int, int, RunRow]] = []
    for of_one in strata.values():
        of_one.sort(key=lambda row: _hash(seed, measure, *_cell(row)))
        turns += [(turn, _hash(seed, "turn", *_cell(row)), row) for turn, row in enumerate(of_one)]
    return [row for *_, row in sorted(turns, key=lambda turn: turn[:2])]


def _cell(row: RunRow) -> tuple[object, ...]:
    """Give what a run is in its study, so that the same study has the same parts and order whenever it is run."""
    return (row.id,) if row.source else (row.stack, row.model, row.scenario, row.condition, row.replicate)


def _hash(*parts: object) -> int:
    digest = hashlib.sha256("\x1f".join(map(str, parts)).encode()).digest()
    return int.from_bytes(digest[:8], "big")


def disagreeing(rows: Sequence[RunRow], measure: str) -> list[RunRow]:
    """List the runs that labelers do not agree on, settled by a majority or not."""
    return [r for r in rows if len({label.answer for label in labels_of(r, measure) if label.answer}) > 1]
