"""What is claimed: hypotheses, and the checks that bear on them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from tracer.contracts.frozen import Frozen, Level

__all__ = ["Check", "Control", "Direction", "Estimand", "Family", "Hypothesis", "angle", "contrast", "control", "rate"]

Role = Literal["angle", "rival", "control", "null"]
Family = Literal["stated", "choice", "action", "counterfactual", "patching", "persistence", "social", "text"]
Control = Literal["floor", "positive", "negative", "manipulation", "feasible", "access"]
Direction = Literal["above", "below", "within"]


class Estimand(Frozen):
    """A linear combination of condition means of one measure, taken scenario by scenario.

    A rate is the combination with one condition of weight 1, a contrast has +1 and -1, an interaction four of them:
    there is one mechanism for all. Per scenario s: theta_s = sum_c w_c * mean over replicates of y[s, c]; the estimate
    is the mean of theta over clusters of scenarios.

    Attributes:
        measure: Name of the measure.
        weights: Condition -> weight.
        where: Only scenarios with these tags.
    """

    measure: str
    weights: Mapping[str, float]
    where: Mapping[str, Level] = Field(default_factory=dict)


def rate(measure: str, condition: str, **where: Level) -> Estimand:
    """Give the estimand "mean of the measure in one condition"."""
    return Estimand(measure=measure, weights={condition: 1.0}, where=where)


def contrast(measure: str, condition: str, against: str, **where: Level) -> Estimand:
    """Give the estimand "mean in `condition` minus mean in `against`", paired by scenario."""
    return Estimand(measure=measure, weights={condition: 1.0, against: -1.0}, where=where)


class Check(Frozen):
    """One thing that a study computes: an estimand held against a margin.

    PASS: the interval lies beyond the margin in the stated direction. FAIL: it lies wholly on the other side.
    Else UNRESOLVED. For `within`: PASS inside +-margin, FAIL wholly outside.

    Attributes:
        name: Unique within the hypothesis.
        role: `angle` bears on the claim; `rival` PASSes where another explanation holds; `control` has to PASS for
            the claim to be testable; `null` compares like with like and vetoes when it rejects.
        estimand: What is estimated.
        margin: The smallest effect of interest.
        direction: Where PASS lies.
        family: For angles: the probe family, which fixes what the angle is blind to.
        control: For controls: which kind. A `positive` one shows that a planted effect would have been found, and
            without it no behaviour claim can be refuted.
        says: What PASS would mean, in one sentence.
    """

    name: str
    role: Role
    estimand: Estimand
    margin: float = 0.0
    direction: Direction = "above"
    family: Family | None = None
    control: Control | None = None
    says: str = ""


def angle(
    family: Family,
    estimand: Estimand,
    *,
    name: str = "",
    margin: float = 0.15,
    direction: Direction = "above",
    says: str = "",
) -> Check:
    """Give an angle: a check that bears on the claim.

    Args:
        family: Its probe family.
        estimand: What is estimated.
        name: Name within the hypothesis; default the family.
        margin: The smallest effect of interest.
        direction: Where PASS lies.
        says: What PASS would mean.
    """
    return Check(
        name=name or family,
        role="angle",
        family=family,
        estimand=estimand,
        margin=margin,
        direction=direction,
        says=says,
    )


def control(
    kind: Control,
    estimand: Estimand,
    *,
    name: str = "",
    margin: float = 0.5,
    direction: Direction = "above",
    says: str = "",
) -> Check:
    """Give a control: a check that has to PASS for the claim to be testable; name: default the kind."""
    return Check(
        name=name or kind,
        role="control",
        control=kind,
        estimand=estimand,
        margin=margin,
        direction=direction,
        says=says,
    )


class Hypothesis(Frozen):
    """A claim about a system in a scenario distribution.

    Attributes:
        id: Unique within the suite.
        claim: The claim in one sentence; `{system}` stands for the stack and model it is tested on.
        kind: `behaviour` has one primary angle; `goal` and `belief` need angles of three families.
        holder: Who is said to want, believe or do it.
        checks: Angles, rivals, controls and nulls.
        refuted_by: What result would refute it, in words.
    """

    id: str
    claim: str
    kind: Literal["behaviour", "goal", "belief"]
    checks: tuple[Check, ...]
    holder: str = "system"
    refuted_by: str = ""

    def role(self, role: Role) -> tuple[Check, ...]:
        """Give the checks of one role."""
        return tuple(check for check in self.checks if check.role == role)
