"""The section of a report on which part moves the behaviour: model, stack, conditions or scenario."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.errors import StudyError
from tracer.stats import Estimate
from tracer.store import RunRow
from tracer.study.attribution import Attribution, attribute
from tracer.study.document import Block, Grid, Heading, Items, Text
from tracer.study.freeze import Study

__all__ = ["SHOWN", "shares"]

SHOWN = {"cluster": "scenario", "cluster:cell": "scenario:system", "residual": "between runs"}
"""Term of the division -> what a reader is told."""
_MOST = 3  # measures of a report; `tracer attribute` divides any other


def shares(study: Study, rows: Sequence[RunRow]) -> Iterator[Block]:
    """Give the division of the measures that the angles rest on, for a study of several systems; else nothing."""
    if len(study.body["stacks"]) * len(study.body["models"]) < 2:
        return
    angles = (check for h in study.hypotheses for check in h.role("angle"))
    measures = list(dict.fromkeys(check.estimand.measure for check in angles))[:_MOST]
    found: list[Attribution] = []
    for measure in measures:
        try:
            found.append(attribute(study, rows, measure))
        except StudyError:  # nothing to divide: too few scenarios or values, which the checks above tell
            continue
    if not found:
        return
    yield Heading(2, "Which part moves the behaviour")
    yield Text(
        "The variance of a measure, divided among the levels that were run; only the scenarios are taken as a sample. "
        "Exploratory: it was not frozen."
    )
    for one in found:
        yield from _divided(one)


def _divided(found: Attribution) -> Iterator[Block]:
    yield Text(found.says, strong=found.measure)
    parts = [
        (SHOWN.get(n, n), _share(p.share), _interval(p.share), f"{p.variance.value:+.3f}", _marked(p.variance))
        for n, p in found.parts.items()
    ]
    yield Grid(("part", "share", "interval", "variance", "shown to contribute"), parts)
    levels = [
        (one.factor, one.name, f"{one.mean.value:.2f}", _ends(one.mean), str(one.runs), str(one.missing))
        for one in found.levels
    ]
    yield Grid(("factor", "level", "mean", "interval", "runs", "missing"), levels)
    notes = next(iter(found.parts.values())).variance.notes
    fixed = [f"{name}: one level, so it is no factor here" for name in found.fixed]
    if notes or fixed:
        yield Items([*notes, *fixed])


def _share(share: Estimate) -> str:
    return f"{share.value:.0%}" if share.value == share.value else "none"


def _marked(variance: Estimate) -> str:
    return "yes" if variance.low > 0 else "no"


def _interval(share: Estimate) -> str:
    return f"[{share.low:.0%}, {share.high:.0%}]" if share.low == share.low else "none"


def _ends(mean: Estimate) -> str:
    return f"[{mean.low:.2f}, {mean.high:.2f}]" if mean.low == mean.low else "none"
