"""The page of a survey: what was asked of each system, what the answer is, and what was not run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from tracer.runner.survey import Surveyed
from tracer.study import Finding, Verdict
from tracer.study.document import Block, Grid, Heading, Items, Text

__all__ = ["survey_page"]

_HEAD = ("hypothesis", "stack", "model", "answer", "primary estimate", "runs", "why")
_ESTIMATE = "{0.value:+.2f} [{0.low:+.2f}, {0.high:+.2f}]"


def survey_page(found: Sequence[Surveyed], title: str = "Survey") -> list[Block]:
    """Give the outcomes of a survey as a document: in short, suite by suite, and what was not run."""
    made = [one for one in found if one.result is not None]
    statuses = Counter(row.status for one in made for row in (one.result.rows if one.result else ()))
    answers = Counter(verdict.answer.value for one in made for verdict in _verdicts(one))
    calls = sum(one.usage["calls"] for one in made)
    tokens = sum(one.usage["input_tokens"] + one.usage["output_tokens"] for one in made)
    minutes = sum(one.seconds for one in made) / 60
    blocks: list[Block] = [
        Heading(1, title),
        Text(
            f"Suites: {len({one.suite for one in made})}. Studies: {len(made)}. Runs: {sum(statuses.values()):,} "
            f"({_counted(statuses) or 'none'}). Model calls: {calls:,}, with {tokens:,} tokens, in {minutes:.0f} min."
        ),
        Text(f"Answers: {_counted(answers) or 'none'}."),
        Text(
            "Each study is a first look: its n is small, so that inconclusive means that more runs are needed, and not "
            "that there is nothing. A claim holds for one system in the scenarios of its suite."
        ),
    ]
    for suite, of_one in groupby(made, key=lambda one: one.suite):
        blocks += _of_suite(suite, list(of_one))
    left_out = [f"{_system(one)}: {one.why_not}" for one in found if one.result is None]
    return [*blocks, *([Heading(2, "Not run"), Items(left_out)] if left_out else [])]


def _system(one: Surveyed) -> str:
    return f"{one.suite} on {one.stack} with {one.model}" if one.stack else one.suite


def _of_suite(suite: str, made: Sequence[Surveyed]) -> Iterator[Block]:
    yield Heading(2, suite)
    yield Text(made[0].question)
    yield Grid(_HEAD, [_row(verdict) for one in made for verdict in _verdicts(one)])


def _row(verdict: Verdict) -> tuple[str, ...]:
    angle = next((f for f in verdict.findings if f.check.role == "angle"), None)
    return (
        verdict.hypothesis.id,
        verdict.stack,
        verdict.model,
        verdict.answer.value,
        _estimate(angle),
        _counted(verdict.runs),
        verdict.because[0] if verdict.because else "",
    )


def _estimate(finding: Finding | None) -> str:
    if finding is None or finding.outcome == "ABSENT":
        return "none"
    return f"{finding.check.name} {_ESTIMATE.format(finding.estimate)}"


def _verdicts(one: Surveyed) -> Sequence[Verdict]:
    return one.result.verdicts if one.result is not None else ()


def _counted(counts: Mapping[str, int]) -> str:
    items = sorted(counts.items(), key=lambda item: -item[1])
    return ", ".join(f"{count:,} {name}" for name, count in items)
