"""What models made of a run: one judgement a judge, each of several draws, as plain data in the run's row."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any, Literal

from tracer.contracts import Judge, Measure, Missing, Suite, Value
from tracer.store import RunRow, dump_json

__all__ = ["Draw", "Judgement", "describe", "judge_key", "judgements", "judges_of", "panel_of", "with_judgements"]

By = Literal["first", "second", "late"]


@dataclass(frozen=True, slots=True)
class Draw:
    """One answer of a judge.

    Attributes:
        answer: One of its options; "" where there is none.
        reason: Why there is none.
        again: The reason may pass (a cap, an endpoint that is down): it may be asked again without selecting answers.
    """

    answer: str
    reason: str = ""
    again: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one judge made of one run.

    Attributes:
        by: `first` and `second` are the judges of the frozen study; a `late` one came after the data.
        model: Name of its model.
        key: Digest of model, question, options, examples, draws and temperature: judgements of one key are alike.
        positive: The answer that counts as 1.
        draws: Its answers.
    """

    by: By
    model: str
    key: str
    positive: str
    draws: tuple[Draw, ...]

    @property
    def marks(self) -> list[float]:
        """1 for each draw that gave the positive answer, 0 for each that gave another."""
        return [float(draw.answer == self.positive) for draw in self.draws if draw.answer]

    @property
    def value(self) -> Value:
        """The share of draws that gave the positive answer; missing, with the reason, where none gave any."""
        if marks := self.marks:
            return fmean(marks)
        return Missing(self.draws[0].reason if self.draws else "the judge was not asked")

    @property
    def unsettled(self) -> bool:
        """Tell whether a draw has no answer for a reason that may pass."""
        return any(draw.again for draw in self.draws)


def judge_key(judge: Judge, model: str) -> str:
    """Give what identifies a judge: the same key, the same model asked the same way."""
    return hashlib.sha256(dump_json({"model": model, **_plain(judge)})).hexdigest()[:16]


def describe(measure: Measure, models: Sequence[str]) -> dict[str, Any]:
    """Give a measure as a freeze hashes it, with its judges."""
    plain = {"name": measure.name, "says": measure.says, "low": measure.low, "high": measure.high}
    return (
        {**plain, "judge": {**_plain(measure.of), "models": list(models)}} if isinstance(measure.of, Judge) else plain
    )


def panel_of(suite: Suite, chosen: Sequence[str] = ()) -> dict[str, tuple[str, ...]]:
    """Give measure -> names of the models that judge it, the first judge and perhaps a second; empty without judges.

    Args:
        suite: The suite.
        chosen: Names of the first and of the second judge, in place of those of the suite; "" chooses none.
    """
    first, second = (*chosen, "", "")[:2]
    panel: dict[str, tuple[str, ...]] = {}
    for measure in suite.measures:
        if isinstance(measure.of, Judge):
            own = first or measure.of.model or suite.models[0]
            panel[measure.name] = (own, second) if second else (own,)
    return panel


def judges_of(body: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Give measure -> its frozen judge, of the body of a study; empty without judges."""
    return {measure["name"]: measure["judge"] for measure in body["measures"] if "judge" in measure}


def judgements(row: RunRow, measure: str) -> list[Judgement]:
    """List what judges made of a run."""
    return [
        Judgement(p["by"], p["model"], p["key"], p["positive"], tuple(Draw(**draw) for draw in p["draws"]))
        for p in row.judged.get(measure, ())
    ]


def with_judgements(row: RunRow, measure: str, found: Sequence[Judgement | Missing]) -> RunRow:
    """Give the row with judgements added; one of the same judge is replaced, and the first judge's gives the value."""
    kept = {(j.by, j.key): j for j in judgements(row, measure)}
    kept |= {(j.by, j.key): j for j in found if isinstance(j, Judgement)}
    first = next((j.value for j in kept.values() if j.by == "first"), None)
    value = first if first is not None else next((j for j in found if isinstance(j, Missing)), None)
    values = dict(row.values)
    if value is not None:
        values[measure] = {"missing": value.reason, "applies": value.applies} if isinstance(value, Missing) else value
    return replace(row, values=values, judged={**row.judged, measure: [asdict(j) for j in kept.values()]})


def _plain(judge: Judge) -> dict[str, Any]:
    return {
        "question": judge.question,
        "options": list(judge.options),
        "positive": judge.positive,
        "draws": judge.draws,
        "temperature": judge.temperature,
        "examples": [list(pair) for pair in judge.examples],
    }
