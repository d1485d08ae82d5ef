"""Runs recorded elsewhere, held against the same checks: a map says what their scenarios, conditions and values are.

    name = "agentdojo"
    question = "Does an injected goal change what the system does?"
    form = "agentdojo"                         # runs imported by this recipe
    scenario = "{suite}/{user_task}"           # from the conditions that the runs were imported with

    [where]
    user_task = "user_task_.*"                 # only runs whose condition matches this, whole

    [conditions.calm]
    attack = "none"
    [conditions.attacked]
    attack = "important_instructions"

    [measures.utility]                         # an outcome that the runs were imported with, a number or a boolean

    [[hypotheses]]
    id = "derailed"
    kind = "behaviour"
    claim = "an injected goal keeps {system} from its task"
    [[hypotheses.checks]]
    name = "task not done"
    role = "angle"
    direction = "below"
    margin = -0.1
    estimand = { measure = "utility", weights = { attacked = 1.0, calm = -1.0 } }

Nobody froze these claims before the data, and the conditions were not assigned by us: every verdict is exploratory.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import fmean
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tracer.contracts import Condition, Hypothesis, Scenario
from tracer.errors import StudyError
from tracer.stats import Estimate
from tracer.stats.multiplicity import benjamini_hochberg
from tracer.store import RunRow, dump_json
from tracer.study.correction import correct, labelled_items
from tracer.study.finding import Finding, evaluate
from tracer.study.integrity import audit_recorded
from tracer.study.judgement import judgements
from tracer.study.judging import level_of
from tracer.study.lanes import absent_lanes
from tracer.study.repeated import passes_of
from tracer.study.table import Table
from tracer.study.verdict import Case, Verdict, decide, identified, p_of

__all__ = ["Mean", "Recorded", "RecordedResult", "judge_recorded", "load_recorded"]

_ALPHA = 0.05
_TO_LABEL = "imported runs have no labels: `tracer label` takes those of a study"
_OBSERVED = "observational: the claim was not frozen before these runs, and their conditions were not assigned by it"


class RecordedMeasure(BaseModel):
    """An outcome of the record as a measure.

    Attributes:
        outcome: Name of the outcome; default the name of the measure.
        low: Smallest possible value.
        high: Largest possible value.
        judged: True where the value is what a model judged (`tracer judge --form`), not an outcome of the record.
        repeated: True for pass^k over the runs of a scenario; a run succeeds at `high`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: str = ""
    low: float = 0.0
    high: float = 1.0
    judged: bool = False
    repeated: bool = False


class Recorded(BaseModel):
    """What recorded runs are; see the module's own text.

    Attributes:
        name: Short name.
        question: What is asked of them.
        form: Recipe by which the runs were imported.
        scenario: Template of the scenario, over the conditions of a run; "" for the scenario that it was imported with.
        cluster: Template of the cluster; "" for the scenario.
        attempt: Template of the number of an attempt, over the conditions of a run; "" where the record has none.
        attempts: Attempts that were made at each scenario in each condition; None where nobody says.
        where: Condition of the record -> pattern that it has to match as a whole.
        conditions: Our condition -> conditions of the record -> pattern that each has to match as a whole.
        measures: Measure -> where it is found.
        hypotheses: The claims.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    question: str
    form: str
    scenario: str = ""
    cluster: str = ""
    where: Mapping[str, str] = Field(default_factory=dict)
    attempt: str = ""
    attempts: int | None = Field(default=None, ge=1)
    conditions: Mapping[str, Mapping[str, str]]
    measures: Mapping[str, RecordedMeasure]
    hypotheses: tuple[Hypothesis, ...] = ()


@dataclass(frozen=True, slots=True)
class Mean:
    """What the runs of one model in one condition show, every run counted alike, as papers report it.

    Attributes:
        model: Model.
        condition: Condition.
        measure: Measure.
        value: Mean over runs.
        runs: Runs with a value.
        passes: pass^k for k = 1, 2, ... over the scenario's runs, clustered; empty unless the measure is `repeated`.
    """

    model: str
    condition: str
    measure: str
    value: float
    runs: int
    passes: tuple[Estimate, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the mean as plain JSON data."""
        plain = {name: getattr(self, name) for name in ("model", "condition", "measure", "value", "runs")}
        return {**plain, "pass_all": [e.to_dict() for e in self.passes]}


@dataclass(frozen=True, slots=True)
class RecordedResult:
    """What recorded runs show.

    Attributes:
        recorded: The map.
        means: One for each model, condition and measure that has values.
        verdicts: One for each hypothesis and model; none is confirmatory.
        left_out: Runs of the form that the map puts nowhere.
    """

    recorded: Recorded
    means: tuple[Mean, ...]
    verdicts: tuple[Verdict, ...]
    left_out: int


def load_recorded(file: Path) -> Recorded:
    """Load a map from a TOML file.

    Raises:
        StudyError: The file cannot be read, or a check names a measure or condition that the map does not have.
    """
    try:
        recorded = Recorded.model_validate(tomllib.loads(file.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        raise StudyError(f"{file} is no map of recorded runs: {error}") from error
    for check in (check for h in recorded.hypotheses for check in h.checks):
        known = {*recorded.measures}, {*recorded.conditions}
        strange = [*({check.estimand.measure} - known[0]), *(check.estimand.weights.keys() - known[1])]
        if strange:
            raise StudyError(f"{file}, check {check.name!r}: there is no measure or condition {sorted(strange)[0]!r}")
    return recorded


def judge_recorded(recorded: Recorded, rows: Iterable[RunRow]) -> RecordedResult:
    """Hold imported runs against the checks of a map, for each model: paired by scenario, clustered, exploratory.

    Raises:
        StudyError: No run fits the map.
    """
    of_form = [row for row in rows if row.suite == recorded.form]
    placed = [found for row in of_form if (found := _placed(recorded, row)) is not None]
    if not placed:
        raise StudyError(
            f"{recorded.name}: none of {len(of_form)} runs of the form {recorded.form!r} fits the map; `tracer import` "
            "brings them in, and `tracer list --json` shows the conditions that they have"
        )
    models: dict[str, list[RunRow]] = {}
    for row in placed:
        models.setdefault(row.model, []).append(row)
    means = tuple(m for model, of_one in sorted(models.items()) for m in _means(recorded, model, of_one))
    return RecordedResult(recorded, means, tuple(_verdicts(recorded, models)), len(of_form) - len(placed))


def _placed(recorded: Recorded, row: RunRow) -> RunRow | None:
    """Give a run its scenario, cluster, condition and values; None where the map has no place for it."""
    said = {name: "" if value is None else str(value) for name, value in row.facts.get("conditions", {}).items()}
    condition = next((name for name, wanted in recorded.conditions.items() if _fits(wanted, said)), None)
    if condition is None or not _fits(recorded.where, said):
        return None
    scenario = _filled(recorded.scenario, said) or row.scenario
    cluster = _filled(recorded.cluster, said) or scenario
    model = row.model or "an unnamed model"
    values = _values(recorded, row)
    return replace(row, model=model, scenario=scenario, cluster=cluster, condition=condition, values=values)


def _fits(wanted: Mapping[str, str], said: Mapping[str, str]) -> bool:
    return all(re.fullmatch(pattern, said.get(name, "")) for name, pattern in wanted.items())


def _filled(template: str, said: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: said.get(found[1], ""), template)


def _values(recorded: Recorded, row: RunRow) -> dict[str, Any]:
    outcome = row.facts.get("outcome", {})
    judged = {name: found[-1].value for name in recorded.measures if (found := judgements(row, name))}
    found = {
        name: (judged if measure.judged else outcome).get(name if measure.judged else measure.outcome or name)
        for name, measure in recorded.measures.items()
    }
    return {
        name: float(value) if isinstance(value, (bool, int, float)) else {"missing": "the record does not say"}
        for name, value in found.items()
    }


def _means(recorded: Recorded, model: str, rows: Sequence[RunRow]) -> Iterable[Mean]:
    for condition in recorded.conditions:
        for name, measure in recorded.measures.items():
            here = [row for row in rows if row.condition == condition and isinstance(row.values[name], float)]
            if here:
                passes = _passes(here, name, measure.high) if measure.repeated else ()
                yield Mean(model, condition, name, fmean(row.values[name] for row in here), len(here), passes)


def _passes(rows: Sequence[RunRow], name: str, success: float) -> tuple[Estimate, ...]:
    """Give pass^k for every k that each scenario has runs for."""
    most = min(Counter(row.scenario for row in rows).values())
    return passes_of(rows, name, success, most, {row.scenario: row.cluster for row in rows})


def _verdicts(recorded: Recorded, models: Mapping[str, Sequence[RunRow]]) -> Iterable[Verdict]:
    mark = hashlib.sha256(dump_json(recorded.model_dump(mode="json"))).hexdigest()
    keys = [(hypothesis, model) for hypothesis in recorded.hypotheses for model in sorted(models)]
    found = [_findings(recorded, hypothesis, models[model]) for hypothesis, model in keys]
    ps = [p_of(hypothesis, findings) for (hypothesis, _), findings in zip(keys, found, strict=True)]
    adjusted = benjamini_hochberg(ps) if ps else []
    books = {model: _books(recorded, of_one) for model, of_one in models.items()}
    for (hypothesis, model), findings, p in zip(keys, found, adjusted, strict=True):
        wrong, odd = books[model]
        case = Case(hypothesis, findings, wrong, identified(hypothesis, []), bool(p <= _ALPHA))
        answer, because = decide(case)
        yield Verdict(
            study=mark,
            hypothesis=hypothesis,
            stack=recorded.form,
            model=model,
            answer=answer,
            because=(*because, *odd, _OBSERVED),
            findings=tuple(findings),
            standing=tuple(f.check.name for f in case.standing),
            complete=True,
            confirmatory=False,
            runs=Counter(row.status for row in models[model]),
            absent=absent_lanes(hypothesis, []),
        )


def _books(recorded: Recorded, rows: Sequence[RunRow]) -> tuple[list[str], list[str]]:
    said = {
        row.id: {k: "" if v is None else str(v) for k, v in row.facts.get("conditions", {}).items()} for row in rows
    }
    numbers = {name: number for name, facts in said.items() if (number := _filled(recorded.attempt, facts))}
    success = {name: measure.high for name, measure in recorded.measures.items()}
    return audit_recorded(rows, numbers, recorded.attempts, success)


def _findings(recorded: Recorded, hypothesis: Hypothesis, rows: Sequence[RunRow]) -> list[Finding]:
    scenarios = {row.scenario: Scenario(id=row.scenario, cluster=row.cluster) for row in rows}
    table = Table(list(scenarios.values()), [Condition(name=name) for name in recorded.conditions], rows)
    bounds = {name: (measure.low, measure.high) for name, measure in recorded.measures.items()}
    found: list[Finding] = []
    for check in hypothesis.checks:
        name = check.estimand.measure
        finding = evaluate(check, table, level=level_of(check, hypothesis, _ALPHA), bounds=bounds[name])
        judged = recorded.measures[name].judged
        found.append(correct(finding, table, labelled_items(rows, name, "test"), _TO_LABEL) if judged else finding)
    return found
