"""What a study came to, for people and for notebooks."""

from __future__ import annotations

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
                **{name: value if isinstance(value, float | int) else None for name, value in row.values.items()},
            }
            for row in self.rows
        ]
        frame = pd.DataFrame.from_records(records)
        measures = [m["name"] for m in self.study.body["measures"]]
        return frame.assign(**{m: pd.to_numeric(frame[m]) for m in measures if m in frame})

    def __str__(self) -> str:
        return "\n".join(f"{v.hypothesis.id} | {v.stack} | {v.model}: {v.answer.value}" for v in self.verdicts)
