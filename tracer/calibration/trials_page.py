"""The page of trials: for each suite what is planted, what it has to answer, and what it did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tracer.calibration.trials import Trial
from tracer.stats.rates import clopper_pearson
from tracer.study.document import Block, Grid, Heading, Text

__all__ = ["trials_page"]


def trials_page(tried: Mapping[str, Sequence[Trial]], how: str = "") -> list[Block]:
    """Give the answers of suites about models whose truth is known, as a document.

    Args:
        tried: Name of a suite -> its trials.
        how: How and when they were made.
    """
    trials = [trial for of_one in tried.values() for trial in of_one]
    runs = sum(sum(trial.statuses.values()) for trial in trials)
    failed = sum(trial.statuses.get("failed", 0) for trial in trials)
    answers = [(trial, name) for trial in trials for name in trial.answers if name in trial.planted.verdicts]
    hits = sum(trial.hits(name) for trial, name in answers)
    rivals = [models for of_one in tried.values() for *_, models in _rivals(of_one)]
    shown = sum(models != "none" for models in rivals)
    studies = sum(len(trial.answers[name]) for trial, name in answers)
    blocks: list[Block] = [
        Heading(1, "What the suites answer about models whose truth is known"),
        Text(
            f"{len(tried)} suites, {len(trials)} planted models, {runs:,} runs, of which {failed} failed. "
            f"{hits} of {studies} answers are right. {shown} of {len(rivals)} rivals are seen at work: they keep a "
            f"claim from support of which an angle passes. {how}".rstrip()
        ),
        Text(
            "The last column says how many studies of the same size are right if they are drawn anew from the runs, "
            "scenarios with replacement: the power of the suite at its own n, and how often it would err."
        ),
    ]
    return [*blocks, *(block for name, of_one in tried.items() for block in _of_suite(name, of_one))]


def _of_suite(name: str, trials: Sequence[Trial]) -> Iterator[Block]:
    yield Heading(2, name)
    rows = [_row(trial, hypothesis) for trial in trials for hypothesis in trial.answers]
    yield Grid(("planted", "what is true of it", "hypothesis", "wanted", "answered", "right, redrawn"), rows)
    shown = _rivals(trials)
    if shown:
        yield Grid(("hypothesis", "rival", "kept it from support in"), shown)


def _rivals(trials: Sequence[Trial]) -> list[tuple[str, str, str]]:
    """Give a row for each rival, with the planted models in which it was seen at work."""
    found: dict[tuple[str, str], list[str]] = {}
    for trial in trials:
        for hypothesis, rivals in trial.stood.items():
            for rival, stood in rivals.items():
                found.setdefault((hypothesis, rival), []).extend([_short(trial)] if stood else [])
    return [(hypothesis, rival, ", ".join(models) or "none") for (hypothesis, rival), models in found.items()]


def _short(trial: Trial) -> str:
    return trial.planted.model.removeprefix("organism:").rpartition("/")[2]


def _row(trial: Trial, hypothesis: str) -> tuple[str, ...]:
    answers, hits = trial.answers[hypothesis], trial.hits(hypothesis)
    model = _short(trial)
    wanted = trial.planted.verdicts.get(hypothesis, "any")
    got = ", ".join(dict.fromkeys(answers))
    if len(answers) > 1:
        rate = clopper_pearson(hits, len(answers))
        got = f"{hits} of {len(answers)} right [{rate.low:.0%}, {rate.high:.0%}]: {got}"
    right, drawn = trial.power(hypothesis)
    power = f"{right} of {drawn}" if drawn else ""
    return (model, trial.planted.truth, hypothesis, wanted, got if hits == len(answers) else f"{got} (wrong)", power)
