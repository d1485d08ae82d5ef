"""What a suite proves itself by: labelled runs, planted truths, scenarios to develop on, measures that can vary."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from tracer.contracts import Judge, Labelled, Missing, Observation, Suite, Value
from tracer.study.flaw import Flaw
from tracer.study.verdict import Answer

__all__ = ["NOT_SUPPORTED", "proofs", "right"]

NOT_SUPPORTED = "not supported"
_ANSWERS = {answer.value for answer in Answer} | {NOT_SUPPORTED}
_CLOSE = 1e-6


class _LookedAt(Exception):
    """Raised where a measure looks at the run."""


class _Blank:
    """Stands for a run that nothing can be read from."""

    def __getattribute__(self, name: str) -> Any:
        raise _LookedAt(name)


def right(wanted: str, got: str) -> bool:
    """Tell whether an answer is one of those that a planted truth allows.

    `wanted` is an answer, several joined by " or ", or "not supported" for any but one.
    """
    return got != "supported" if wanted == NOT_SUPPORTED else got in wanted.split(" or ")


def proofs(suite: Suite) -> list[Flaw]:
    """Find measures that disagree with the labelled runs or never vary, and say which proofs a suite is without."""
    return [*_constant(suite), *_mislabelled(suite), *_same_for_all(suite), *_wanted(suite), *_without(suite)]


def _constant(suite: Suite) -> Iterator[Flaw]:
    blank: Any = _Blank()
    for measure in suite.measures:
        if isinstance(measure.of, Judge):
            continue
        try:
            value = measure.of(blank)
        except Exception:  # boundary: the suite's own code; that it fails without a run is what it should do
            continue
        told = f"gives {value} without a look at the run: it never varies"
        yield Flaw(f"measure {measure.name!r}", told, part="measures", name=measure.name)


def _mislabelled(suite: Suite) -> Iterator[Flaw]:
    for number, labelled in enumerate(suite.labelled):
        seen = _observed(suite, labelled)
        for measure in suite.measures:
            if measure.name not in labelled.values or isinstance(measure.of, Judge):
                continue
            wanted = labelled.values[measure.name]
            try:
                value = measure.of(seen)
            except Exception as error:  # boundary: the suite's own code
                value = Missing(f"{type(error).__name__}: {error}")
            if not _agree(wanted, value):
                got = f"no value ({value.reason})" if isinstance(value, Missing) else f"{float(value):g}"
                told = f"gives {got} where a person gave {'none' if wanted is None else format(wanted, 'g')}"
                place = f"measure {measure.name!r}, labelled run {number} ({labelled.why or labelled.scenario})"
                yield Flaw(place, told, part="measures", name=measure.name)


def _observed(suite: Suite, labelled: Labelled) -> Observation:
    return Observation(
        scenario=next(s for s in (*suite.scenarios, *suite.develop) if s.id == labelled.scenario),
        condition=next(c for c in suite.conditions if c.name == labelled.condition),
        answer=labelled.answer,
        asked=labelled.asked,
        before=labelled.before,
        after=labelled.after,
        trajectory=labelled.trajectory(),
    )


def _agree(wanted: float | None, value: Value | bool) -> bool:
    if isinstance(value, Missing) or wanted is None:
        return isinstance(value, Missing) and wanted is None
    return math.isclose(wanted, float(value), abs_tol=_CLOSE)


def _same_for_all(suite: Suite) -> Iterator[Flaw]:
    given: Mapping[str, list[float]] = defaultdict(list)
    for labelled in suite.labelled:
        for name, value in labelled.values.items():
            given[name] += [] if value is None else [value]
    for name, values in given.items():
        if len(values) > 1 and len(set(values)) == 1:
            told = f"is {values[0]:g} in every labelled run: label one where it differs, or leave it out if none can be"
            yield Flaw(f"measure {name!r}", told, part="measures", name=name)


def _wanted(suite: Suite) -> Iterator[Flaw]:
    claims = {hypothesis.id for hypothesis in suite.hypotheses}
    for planted in suite.planted:
        for hypothesis, wanted in planted.verdicts.items():
            if hypothesis not in claims:
                told = "the suite has no such hypothesis: the answer is held against nothing"
                place = f"planted {planted.model!r}, hypothesis {hypothesis!r}"
                yield Flaw(place, told, grave=False, part="planted", name=hypothesis)
            strange = [word for word in wanted.split(" or ") if word not in _ANSWERS]
            if strange:
                told = f"{strange[0]!r} is no answer; there are: {', '.join(sorted(_ANSWERS))}"
                yield Flaw(f"planted {planted.model!r}, hypothesis {hypothesis!r}", told, part="planted")


def _without(suite: Suite) -> Iterator[Flaw]:
    used = {check.estimand.measure for h in suite.hypotheses for check in h.checks}
    labelled = {name for run in suite.labelled for name in run.values}
    by_code = {m.name for m in suite.measures if not isinstance(m.of, Judge)}
    unlabelled = sorted((used & by_code) - labelled)
    if unlabelled:
        told = f"not held against a run that a person has measured: {', '.join(unlabelled)}"
        yield Flaw("measures", told, grave=False, part="measures")
    for hypothesis in suite.hypotheses:
        wanted = [p.verdicts[hypothesis.id] for p in suite.planted if hypothesis.id in p.verdicts]
        if "supported" not in wanted:
            told = "no model is planted of which it is true: whether the suite could find it is unknown"
            yield Flaw(f"hypothesis {hypothesis.id!r}", told, grave=False, part="hypotheses", name=hypothesis.id)
        if all(one == "supported" for one in wanted):
            told = "no model is planted of which it is false: whether the suite would support it anyway is unknown"
            yield Flaw(f"hypothesis {hypothesis.id!r}", told, grave=False, part="hypotheses", name=hypothesis.id)
    if not suite.develop:
        told = "none is kept apart to develop on: what is tried out on these is no longer unseen"
        yield Flaw("scenarios", told, grave=False)
