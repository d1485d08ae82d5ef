"""Trials of a suite: it is run on the models that are planted for it, and its answers are held against their truths."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from typing import Any

from tracer.calibration.cells import Cell, Sealed, judge_cells
from tracer.calibration.pool import Pool
from tracer.contracts import Planted, Suite
from tracer.progress import NoProgress, Progress
from tracer.runner import StudyResult, run
from tracer.study import NOT_SUPPORTED, Answer, Verdict, load_suite, right

__all__ = ["CHANCE", "Asked", "Trial", "trials_of", "try_all", "try_planted"]

CHANCE = "organism:chance"
_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Asked:
    """How a suite is tried.

    Attributes:
        suite: Address of the suite.
        seeds: Seeds of the studies on each model.
        redraw: Studies to draw from the runs of the first one.
    """

    suite: str
    seeds: Sequence[int] = (1,)
    redraw: int = 0


@dataclass(frozen=True, slots=True)
class Trial:
    """What a suite answered about one planted model, over one or several studies with seeds of their own.

    Attributes:
        planted: The model and its truth.
        answers: Hypothesis -> the answer of each study.
        statuses: Status -> runs, over all studies.
        stack: Address of the stack that the model was put into.
        because: Hypothesis -> why its first study answered so, the decisive reason; "" for none.
        reasons: Status other than completed -> why the first run that ended so did.
        stood: Hypothesis -> its rivals, and whether each kept it from being supported in the first study: an angle
            passes, and the rival's own check as well.
        spans: Measure -> its lowest and highest value over all runs; measures without a value are left out.
        redrawn: Hypothesis -> the answers of studies of the same size that were drawn from these runs, scenarios with
            replacement (Efron 1979), and how often each was given; empty where none were drawn.
    """

    planted: Planted
    answers: Mapping[str, Sequence[str]]
    statuses: Mapping[str, int] = field(default_factory=dict[str, int])
    stack: str = ""
    redrawn: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])
    because: Mapping[str, str] = field(default_factory=dict[str, str])
    reasons: Mapping[str, str] = field(default_factory=dict[str, str])
    stood: Mapping[str, Mapping[str, bool]] = field(default_factory=dict[str, Mapping[str, bool]])
    spans: Mapping[str, tuple[float, float]] = field(default_factory=dict[str, tuple[float, float]])

    def power(self, hypothesis: str) -> tuple[int, int]:
        """Count the redrawn studies whose answer is one that the truth allows, and all of them."""
        wanted = self.planted.verdicts.get(hypothesis)
        drawn = self.redrawn.get(hypothesis, {})
        return sum(n for got, n in drawn.items() if wanted is None or right(wanted, got)), sum(drawn.values())

    def hits(self, hypothesis: str) -> int:
        """Count the studies whose answer is one that the truth allows; all of them where it says nothing."""
        wanted = self.planted.verdicts.get(hypothesis)
        return sum(wanted is None or right(wanted, got) for got in self.answers[hypothesis])

    @property
    def holds(self) -> bool:
        """Tell whether every answer is right, and no run failed."""
        return self.answered_right and not self.statuses.get("failed")

    @property
    def answered_right(self) -> bool:
        """Tell whether every answer is right."""
        return all(self.hits(name) == len(answers) for name, answers in self.answers.items())

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "model": self.planted.model,
            "stack": self.stack,
            "truth": self.planted.truth,
            "wanted": dict(self.planted.verdicts),
            "answers": {name: list(answers) for name, answers in self.answers.items()},
            "because": dict(self.because),
            "stood": {name: dict(rivals) for name, rivals in self.stood.items()},
            "spans": dict(self.spans),
            "runs": dict(self.statuses),
            "reasons": dict(self.reasons),
            "redrawn": {name: dict(drawn) for name, drawn in self.redrawn.items()},
            "right": self.holds,
        }


def trials_of(suite: Suite) -> list[Planted]:
    """Give the models that a suite is tried on: those planted for it, and one that acts at random."""
    own = [*suite.planted]
    if any(planted.model.startswith(CHANCE) for planted in own):
        return own
    nothing = {hypothesis.id: NOT_SUPPORTED for hypothesis in suite.hypotheses}
    return [*own, Planted(model=CHANCE, truth="Every act is uniformly random.", verdicts=nothing)]


def try_planted(asked: Asked, planted: Planted) -> Trial:
    """Run a suite on a planted model, one study for each seed, in a store of their own that is thrown away.

    Raises:
        TracerError: Whatever keeps the study from being run.
    """
    stack = planted.stack or load_suite(asked.suite).stack
    with tempfile.TemporaryDirectory(prefix="tracer-trial-") as store:
        done = [run(asked.suite, model=planted.model, stack=stack, seed=seed, store=store) for seed in asked.seeds]
    answers: dict[str, list[str]] = {}
    for verdict in (verdict for one in done for verdict in one.verdicts):
        answers.setdefault(verdict.hypothesis.id, []).append(verdict.answer.value)
    statuses = Counter(row.status for one in done for row in one.rows)
    because = {verdict.hypothesis.id: "; ".join(verdict.because[:1]) for verdict in done[0].verdicts}
    redrawn = _redrawn(done[0], asked.redraw) if asked.redraw else {}
    reasons = {row.status: row.reason for one in reversed(done) for row in reversed(one.rows) if row.reason}
    stood = {verdict.hypothesis.id: _kept_back(verdict) for verdict in done[0].verdicts}
    return Trial(planted, answers, dict(statuses), stack, redrawn, because, reasons, stood, _spans(done))


def try_all(asked: Sequence[Asked], progress: Progress | None = None) -> list[list[Trial]]:
    """Try suites on the models planted for them, side by side in processes of their own; one list for each suite.

    Raises:
        TracerError: Whatever keeps a study from being run.
    """
    shown = progress or NoProgress()
    jobs = [(number, one, planted) for number, one in enumerate(asked) for planted in trials_of(load_suite(one.suite))]
    context = multiprocessing.get_context("spawn")  # a fork would share the sockets and locks of the parent
    shown.start("models tried", len(jobs))
    try:
        with ProcessPoolExecutor(min(os.cpu_count() or 1, _WORKERS, len(jobs) or 1), mp_context=context) as workers:
            made = [workers.submit(try_planted, one, planted) for _, one, planted in jobs]
            for done in as_completed(made):
                shown.advance(1, note=done.result().planted.model)
    finally:
        shown.finish()
    return [
        [found.result() for found, (of, _, _) in zip(made, jobs, strict=True) if of == number]
        for number in range(len(asked))
    ]


def _kept_back(verdict: Verdict) -> dict[str, bool]:
    """Tell of each rival whether it is shown at work: it holds where the claim would be supported but for it."""
    open_to_rivals = verdict.answer == Answer.INCONCLUSIVE and any(
        f.check.role == "angle" and f.outcome == "PASS" for f in verdict.findings
    )
    rivals = [f for f in verdict.findings if f.check.role == "rival"]
    return {f.check.name: open_to_rivals and f.outcome == "PASS" for f in rivals}


def _spans(done: Sequence[StudyResult]) -> dict[str, tuple[float, float]]:
    frames = [one.frame for one in done]
    names = [measure["name"] for measure in done[0].study.body["measures"]]
    values = {name: [v for frame in frames for v in frame[name].dropna().astype(float)] for name in names}
    return {name: (min(found), max(found)) for name, found in values.items() if found}


def _redrawn(done: StudyResult, studies: int) -> Mapping[str, Mapping[str, int]]:
    pool = Pool(done.study, tuple(done.rows))
    cell = Cell(effect=1.0, noise=0.0, damage=0.0, scenarios=len({row.scenario for row in done.rows}))
    return judge_cells(Sealed("redrawn", pool, pool, pool), [cell], studies, done.study.body["seed"])[0].verdicts
