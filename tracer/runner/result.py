"""What a study came to, for people and for notebooks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import pandas as pd

from tracer.store import RunRow
from tracer.study import Study, Verdict, judge

__all__ = ["StudyResult"]


@dataclass(frozen=True)
class StudyResult:
    """A study with its runs.

    Attributes:
        study: The frozen study.
        rows: Every run made, in the order of their start.
        stopped: Why not all runs were made; "" where they were.
    """

    study: Study
    rows: Sequence[RunRow]
    stopped: str = ""

    @cached_property
    def verdicts(self) -> list[Verdict]:
        """A verdict for every hypothesis on every stack and model."""
        return judge(self.study, self.rows)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """The runs as a table: one row a run, a column for each measure; missing values are NaN, never 0."""
        measures = [m["name"] for m in self.study.body["measures"]]
        records = [
            {
                "run": row.id,
                "scenario": row.scenario,
                "condition": row.condition,
                "stack": row.stack,
                "model": row.model,
                "replicate": row.replicate,
                "status": row.status,
                "reason": row.reason,
                "answer": row.answer,
                "calls": row.usage.get("calls"),
                "input_tokens": row.usage.get("input_tokens"),
                "output_tokens": row.usage.get("output_tokens"),
                "seconds": (row.ended_ns - row.started_ns) / 1e9 if row.ended_ns else None,
                **{name: _number(row.values.get(name)) for name in measures},
            }
            for row in self.rows
        ]
        return pd.DataFrame.from_records(records)

    def __str__(self) -> str:
        return "\n".join(f"{v.hypothesis.id} | {v.stack} | {v.model}: {v.answer.value}" for v in self.verdicts)


def _number(value: object) -> float:
    return float(value) if isinstance(value, float | int) else math.nan
