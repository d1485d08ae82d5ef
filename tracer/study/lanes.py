"""Which lanes a claim does not have, or not here: one that cannot run is told as absent, and never as passed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tracer.contracts import Condition, Hypothesis, Suite, matches
from tracer.errors import SuiteError
from tracer.stacks import runs_roles

__all__ = ["absent_lanes", "lanes_on"]

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


def lanes_on(suite: Suite, stacks: Sequence[str]) -> list[Condition]:
    """Give the conditions of a suite, those with `needs="roles"` whose roles a stack of the study does not take.

    Raises:
        SuiteError: A hypothesis has no angle left that can run.
    """
    single = [stack for stack in stacks if not runs_roles(stack)]
    conditions = [_needing(suite, condition) if single else condition for condition in suite.conditions]
    needs = {c.name: c.needs for c in conditions if c.needs}
    for hypothesis in suite.hypotheses:
        lacking = [next((needs[c] for c in a.estimand.weights if c in needs), "") for a in hypothesis.role("angle")]
        if all(lacking) and "roles" in lacking:
            raise SuiteError(
                f"suite {suite.name!r}, hypothesis {hypothesis.id!r}: none of its angles can run on {single[0]}, which "
                "gives the roles of a task no contexts of their own. Choose a stack that does, e.g. "
                "--stack agents/round_table.py:build"
            )
    return conditions


def _needing(suite: Suite, condition: Condition) -> Condition:
    scenario = next((s for s in (*suite.scenarios, *suite.develop) if matches(s, condition.where)), None)
    if condition.needs or scenario is None:
        return condition
    try:
        roles = suite.present(scenario, condition).roles
    except Exception:  # boundary: the suite's own code; its runs will fail with this as their reason
        return condition
    return condition.model_copy(update={"needs": "roles"}) if roles else condition
