"""What is known of the judges of a study: how they err, how they agree, and how far their own noise reaches."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from statistics import fmean, variance
from typing import Any

from tracer.stats import Estimate
from tracer.stats.agreement import cohen_kappa, gwet_ac1, krippendorff_alpha
from tracer.stats.judge import Calibration
from tracer.store import RunRow
from tracer.study.correction import calibration_of, labelled_items
from tracer.study.freeze import Study
from tracer.study.judgement import Judgement, judgements, judges_of
from tracer.study.judging import settled
from tracer.study.labels import disagreeing, first_judgement, labels_of, part_of, truth_of

__all__ = ["Agreement", "JudgeReport", "judge_reports", "told"]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two raters agree on whether runs are positive.

    Attributes:
        raters: Who they are.
        runs: Runs that both rated.
        kappa: Cohen's kappa.
        ac1: Gwet's AC1, which holds where one answer is rare.
        alpha: Krippendorff's alpha.
    """

    raters: tuple[str, str]
    runs: int
    kappa: Estimate
    ac1: Estimate
    alpha: Estimate


@dataclass(frozen=True, slots=True)
class JudgeReport:
    """What is known of the judges of one measure.

    Attributes:
        measure: The measure.
        question: What they are asked.
        models: Names of their models, the first judge's first.
        judged: Runs with an answer of the first judge.
        missing: Reason -> completed runs without one.
        draws: How often it is asked about a run.
        noise: Variance between draws about one run: the judge's own.
        spread: Variance between runs of a condition beyond that: the system's. NaN where no draw is repeated.
        labels: Labeler -> labels.
        split: Runs on which labelers do not agree.
        left_out: Those of them that no majority settles.
        confusion: (answer, label) -> runs of the dev part.
        test: How it did on the test part; None without labels of both kinds.
        agreements: Of the judges, of labelers with each other, and of the judge with them on the test part.
        own: Whether the first judge is one of the models under study.
    """

    measure: str
    question: str
    models: tuple[str, ...]
    judged: int
    missing: dict[str, int]
    draws: int
    noise: float
    spread: float
    labels: dict[str, int]
    split: int
    left_out: int
    confusion: dict[tuple[bool, bool], int]
    test: Calibration | None
    agreements: tuple[Agreement, ...]
    own: bool

    def to_dict(self) -> dict[str, Any]:
        """Give the report as plain JSON data."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return plain | {
            "noise": _number(self.noise),
            "spread": _number(self.spread),
            "confusion": [{"judge": judge, "label": label, "runs": n} for (judge, label), n in self.confusion.items()],
            "test": asdict(self.test) if self.test else None,
            "agreements": [
                {"raters": a.raters, "runs": a.runs}
                | {name: getattr(a, name).to_dict() for name in ("kappa", "ac1", "alpha")}
                for a in self.agreements
            ],
        }


def judge_reports(study: Study, rows: Iterable[RunRow]) -> list[JudgeReport]:
    """Report on the judges of every judged measure of a study; empty where none is judged."""
    final = [row for row in settled(rows) if row.status == "completed"]
    return [_report(study, measure, judge, final) for measure, judge in judges_of(study.body).items()]


def told(report: JudgeReport) -> list[str]:
    """Say what a report says, one sentence each."""
    lines = [f"{report.judged} runs judged by {report.models[0]}, asked {report.draws} times about each"]
    if report.missing:
        reasons = "; ".join(f"{count} {reason}" for reason, count in list(report.missing.items())[:3])
        lines.append(f"{sum(report.missing.values())} completed runs have no answer: {reasons}")
    if report.own:
        lines.append("it is one of the models under study, and may favour its own")
    if not math.isnan(report.noise + report.spread):
        lines.append(
            f"variance between its draws about one run {report.noise:.3f}, between runs of a condition beyond that "
            f"{report.spread:.3f}"
        )
    lines += [_agreement(agreement) for agreement in report.agreements]
    if report.split:
        lines.append(f"labelers disagree on {report.split} runs; {report.left_out} are left out without a majority")
    if report.test is None:
        lines.append("how often it errs is not known: no test labels of both kinds")
    else:
        lines.append(
            f"on test labels: sensitivity {report.test.sensitivity:.2f}, specificity {report.test.specificity:.2f}"
            + ("" if report.test.skill > 0 else ": no better than chance")
        )
    return lines


def _agreement(agreement: Agreement) -> str:
    numbers = ((name, getattr(agreement, name).value) for name in ("kappa", "ac1", "alpha"))
    said = ", ".join(f"{name} {value:.2f}" if value == value else f"{name} undefined" for name, value in numbers)
    return f"{agreement.raters[0]} and {agreement.raters[1]} on {agreement.runs} runs: {said.replace('ac1', 'AC1')}"


def _report(study: Study, measure: str, judge: dict[str, Any], rows: Sequence[RunRow]) -> JudgeReport:
    positive = judge["positive"]
    first = {row.id: j for row in rows if (j := first_judgement(row, measure)) is not None}
    gone = Counter(_reason(row, measure) for row in rows if row.id not in first)
    noise, spread = _variances([(row, first[row.id]) for row in rows if row.id in first])
    split = disagreeing(rows, measure)
    try:
        test = calibration_of(labelled_items(rows, measure, "test"))
    except ValueError:  # no labels of both kinds: a state of the study, not an error
        test = None
    return JudgeReport(
        measure=measure,
        question=judge["question"],
        models=tuple(judge["models"]),
        judged=len(first),
        missing=dict(gone.most_common()),
        draws=judge["draws"],
        noise=noise,
        spread=spread,
        labels=dict(Counter(label.labeler for row in rows for label in labels_of(row, measure) if label.answer)),
        split=len(split),
        left_out=sum(not isinstance(truth_of(row, measure, positive), float) for row in split),
        confusion=dict(Counter((item.judged >= 0.5, item.truth == 1) for item in labelled_items(rows, measure, "dev"))),
        test=test,
        agreements=tuple(_agreements(rows, measure, positive)),
        own=judge["models"][0] in study.body["models"],
    )


def _reason(row: RunRow, measure: str) -> str:
    value = row.values.get(measure)
    return str(value.get("missing")) if isinstance(value, dict) else "not judged"


def _variances(judged: Sequence[tuple[RunRow, Judgement]]) -> tuple[float, float]:
    """Give the variance between draws of a run, and that between runs of one system and condition beyond it."""
    within = [variance(j.marks) for _, j in judged if len(j.marks) > 1]
    cells: dict[tuple[str, str, str], list[Judgement]] = defaultdict(list)
    for row, judgement in judged:
        cells[row.stack, row.model, row.condition].append(judgement)
    several = [cell for cell in cells.values() if len(cell) > 1]
    if not within or not several:
        return math.nan, math.nan
    freedom = sum(len(cell) - 1 for cell in several)
    between = sum((len(cell) - 1) * variance(fmean(j.marks) for j in cell) for cell in several) / freedom
    own = fmean(within)
    return own, max(0.0, between - own * fmean(1 / len(j.marks) for _, j in judged))


def _agreements(rows: Sequence[RunRow], measure: str, positive: str) -> Iterable[Agreement]:
    """Compare every two judges, every two labelers, and the first judge with the labels of the test part."""
    votes: dict[str, dict[str, float]] = defaultdict(dict)
    labels: dict[str, dict[str, float]] = defaultdict(dict)
    truth: dict[str, float] = {}
    clusters = {row.id: row.cluster or row.scenario for row in rows}
    for row in rows:
        for judgement in judgements(row, measure):
            if judgement.marks and fmean(judgement.marks) != 0.5:
                votes[_rater(judgement)][row.id] = float(fmean(judgement.marks) > 0.5)
        for label in labels_of(row, measure):
            if label.answer:
                labels[label.labeler][row.id] = float(label.answer == positive)
        known = truth_of(row, measure, positive)
        if isinstance(known, float) and part_of(row, measure) == "test":
            truth[row.id] = known
    pairs = [*combinations(votes.items(), 2), *combinations(labels.items(), 2)]
    if votes and truth:
        pairs.append((next(iter(votes.items())), ("the test labels", truth)))
    for (one, of_one), (two, of_two) in pairs:
        both = sorted(of_one.keys() & of_two.keys())
        if both:
            yield _agree((one, two), [of_one[i] for i in both], [of_two[i] for i in both], [clusters[i] for i in both])


def _rater(judgement: Judgement) -> str:
    return judgement.model + (" (late)" if judgement.by == "late" else "")


def _agree(raters: tuple[str, str], one: list[float], two: list[float], clusters: list[str]) -> Agreement:
    table = list(zip(one, two, strict=True))
    return Agreement(
        raters,
        len(table),
        cohen_kappa(one, two, clusters),
        gwet_ac1(table, clusters),
        krippendorff_alpha(table, clusters),
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value
