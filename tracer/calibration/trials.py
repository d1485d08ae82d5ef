"""Trials of a suite: it is run on the models that are planted for it, and its answers are held against their truths."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracer.contracts import Planted, Suite
from tracer.progress import Progress
from tracer.runner import run
from tracer.study import NOT_SUPPORTED, load_suite, right

__all__ = ["CHANCE", "Trial", "trials_of", "try_planted"]

CHANCE = "organism:chance"


@dataclass(frozen=True, slots=True)
class Trial:
    """What a suite answered about one planted model, over one or several studies with seeds of their own.

    Attributes:
        planted: The model and its truth.
        answers: Hypothesis -> the answer of each study.
        statuses: Status -> runs, over all studies.
        stack: Address of the stack that the model was put into.
    """

    planted: Planted
    answers: Mapping[str, Sequence[str]]
    statuses: Mapping[str, int] = field(default_factory=dict[str, int])
    stack: str = ""

    def hits(self, hypothesis: str) -> int:
        """Count the studies whose answer is one that the truth allows; all of them where it says nothing."""
        wanted = self.planted.verdicts.get(hypothesis)
        return sum(wanted is None or right(wanted, got) for got in self.answers[hypothesis])

    @property
    def holds(self) -> bool:
        """Tell whether every answer is right, and no run failed."""
        return not self.statuses.get("failed") and all(
            self.hits(name) == len(answers) for name, answers in self.answers.items()
        )

    def to_dict(self) -> dict[str, Any]:
        """Give it as plain data."""
        return {
            "model": self.planted.model,
            "stack": self.stack,
            "truth": self.planted.truth,
            "wanted": dict(self.planted.verdicts),
            "answers": {name: list(answers) for name, answers in self.answers.items()},
            "runs": dict(self.statuses),
            "right": self.holds,
        }


def trials_of(suite: Suite) -> list[Planted]:
    """Give the models that a suite is tried on: those planted for it, and one that acts at random."""
    own = [*suite.planted]
    if any(planted.model.startswith(CHANCE) for planted in own):
        return own
    nothing = {hypothesis.id: NOT_SUPPORTED for hypothesis in suite.hypotheses}
    return [*own, Planted(model=CHANCE, truth="Every act is uniformly random.", verdicts=nothing)]


def try_planted(
    address: str, planted: Planted, seeds: Iterable[int] = (1,), n: int | None = None, progress: Progress | None = None
) -> Trial:
    """Run a suite on a planted model, one study for each seed, in a store of their own that is thrown away.

    Args:
        address: Address of the suite.
        planted: The model and its truth.
        seeds: Seeds of the studies.
        n: Scenarios of each kind to take; default all.
        progress: What hears how far a study is.

    Raises:
        TracerError: Whatever keeps the study from being run.
    """
    stack = planted.stack or load_suite(address).stack
    answers: dict[str, list[str]] = {}
    statuses: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="tracer-trial-") as store:
        for seed in seeds:
            done = run(address, model=planted.model, stack=stack, n=n, seed=seed, store=store, progress=progress)
            statuses.update(row.status for row in done.rows)
            for verdict in done.verdicts:
                answers.setdefault(verdict.hypothesis.id, []).append(verdict.answer.value)
    return Trial(planted, answers, dict(statuses), stack)
