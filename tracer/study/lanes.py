"""Which lanes a claim does not have: a lane that cannot run is told as absent, and never as passed."""

from __future__ import annotations

from collections.abc import Iterable

from tracer.contracts import Condition, Hypothesis

__all__ = ["absent_lanes"]

_NO_AGAIN = "absent: no null compares a condition with itself under other seeds"
_NO_REPLAY = "absent: needs replay"


def absent_lanes(hypothesis: Hypothesis, conditions: Iterable[Condition]) -> tuple[str, ...]:
    """Say which nulls and angles a claim is without, e.g. "placebo edit: absent: needs replay", from its plan alone.

    Every claim should have an A/A lane (the same treatment with other seeds), a lane replayed unchanged and a placebo
    edit; a goal or belief also an angle by patching. Runs of the last three continue recorded runs, so that they are
    absent where no plain run can stand for them.
    """
    reseeded = {c.name for c in conditions if c.reseed}
    again = any(reseeded & set(check.estimand.weights) for check in hypothesis.role("null"))
    lanes = [] if again else [f"A/A lane: {_NO_AGAIN}"]
    lanes += [f"replay-unchanged lane: {_NO_REPLAY}", f"placebo edit: {_NO_REPLAY}"]
    if hypothesis.kind != "behaviour":
        lanes.append(f"patching angle: {_NO_REPLAY}")
    return tuple(lanes)
