"""What trials show of a suite itself: measures that tell nothing apart, and rivals that nothing was planted for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tracer.calibration.trials import Trial
from tracer.contracts import Suite
from tracer.study import Flaw

__all__ = ["trial_flaws"]


def trial_flaws(suite: Suite, trials: Sequence[Trial]) -> list[Flaw]:
    """List what is wrong with a suite by the runs of its planted models.

    A measure with one value in every run of every model is grave where an angle or a rival rests on it: what comes of
    it was known before. A rival that no planted model makes stand is not, but nobody has seen that it would keep the
    claim from support.

    Args:
        suite: The suite.
        trials: Its trials; nothing is said where it has no planted models of its own.
    """
    return [*_constant(suite, trials), *_untried(suite, trials)] if suite.planted else []


def _constant(suite: Suite, trials: Sequence[Trial]) -> Iterator[Flaw]:
    checks = [check for hypothesis in suite.hypotheses for check in hypothesis.checks]
    claimed = {check.estimand.measure for check in checks if check.role in ("angle", "rival")}
    for measure in suite.measures:
        spans = [trial.spans[measure.name] for trial in trials if measure.name in trial.spans]
        values = {value for span in spans for value in span}
        if len(values) == 1:
            what = f"is {values.pop():g} in every run of every planted model, so that it tells nothing apart; mend it, "
            what += "or plant a model that moves it"
            yield Flaw(f"measure {measure.name!r}", what, measure.name in claimed, "measures", measure.name)


def _untried(suite: Suite, trials: Sequence[Trial]) -> Iterator[Flaw]:
    for hypothesis in suite.hypotheses:
        tried = [trial.stood.get(hypothesis.id, {}) for trial in trials]
        for rival in hypothesis.role("rival"):
            if not any(stood.get(rival.name) for stood in tried):
                what = "no planted model makes it stand; plant one for which it is the truth, and want `inconclusive`"
                yield Flaw(f"{hypothesis.id}, rival {rival.name!r}", what, False, "hypotheses", rival.name)
