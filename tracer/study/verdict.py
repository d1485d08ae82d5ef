"""Findings -> verdict: one ordered table, first match wins."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tracer.angles import blind_spots
from tracer.contracts import Condition, Family, Hypothesis
from tracer.study.anytime import Looked
from tracer.study.finding import Finding

__all__ = ["Answer", "Verdict", "decide", "identified", "p_of"]


class Answer(StrEnum):
    """What can be said of a claim."""

    SUPPORTED = "supported"
    REFUTED = "refuted"
    DISSOCIATION = "dissociation"
    INCONCLUSIVE = "inconclusive"
    NOT_TESTABLE = "not testable"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer to one hypothesis on one stack and model.

    Attributes:
        study: Hash of the study.
        hypothesis: The hypothesis.
        stack: Address of the stack.
        model: Name of the model.
        answer: The answer.
        because: Why, one sentence each, the decisive one first.
        findings: Every check of the hypothesis.
        standing: Rival explanations that are not ruled out.
        complete: False while runs of the study are still to come: then it is a look, and no verdict.
        confirmatory: False where the hypothesis or the analysis came after the data.
        runs: Status -> number of runs.
        absent: Lanes that the claim is without, each with its reason.
        looked: How far a sequential study came on this system; None where the number of runs was fixed.
    """

    study: str
    hypothesis: Hypothesis
    stack: str
    model: str
    answer: Answer
    because: tuple[str, ...]
    findings: tuple[Finding, ...]
    standing: tuple[str, ...]
    complete: bool
    confirmatory: bool
    runs: Mapping[str, int]
    absent: tuple[str, ...] = ()
    looked: Looked | None = None

    @property
    def blind_spots(self) -> dict[Family, str]:
        """Family -> what it is blind to, of the angles that pass; of all that bear on the claim, where none does."""
        angles = [f for f in self.findings if f.check.role == "angle"]
        return blind_spots(f.check for f in [f for f in angles if f.outcome == "PASS"] or angles)

    @property
    def claim(self) -> str:
        """The claim, with the system named."""
        return self.hypothesis.claim.replace("{system}", f"{self.stack} with {self.model}")

    def to_dict(self) -> dict[str, Any]:
        """Give the verdict as plain JSON data."""
        return {
            "study": self.study,
            "hypothesis": self.hypothesis.id,
            "kind": self.hypothesis.kind,
            "claim": self.claim,
            "stack": self.stack,
            "model": self.model,
            "verdict": self.answer.value,
            "because": list(self.because),
            "standing_rivals": list(self.standing),
            "complete": self.complete,
            "confirmatory": self.confirmatory,
            "runs": dict(self.runs),
            "absent": list(self.absent),
            "blind_spots": dict(self.blind_spots),
            **({"sequential": self.looked.to_dict()} if self.looked else {}),
            "findings": [f.to_dict() for f in self.findings],
        }


@dataclass(frozen=True, slots=True)
class Case:
    """What the decision rests on.

    Attributes:
        hypothesis: The claim.
        findings: Every check of it.
        books: What is wrong with the books; empty where they are in order.
        untestable: Why the design cannot answer at all; "" where it can.
        survives: Whether support survives the correction for the other hypotheses of the study.
    """

    hypothesis: Hypothesis
    findings: Sequence[Finding]
    books: Sequence[str] = ()
    untestable: str = ""
    survives: bool = True

    def of(self, role: str, *outcomes: str) -> list[Finding]:
        """Give the findings of a role with one of the outcomes; any, where none is named."""
        return [f for f in self.findings if f.check.role == role and (not outcomes or f.outcome in outcomes)]

    @property
    def standing(self) -> list[Finding]:
        """Rivals that are not ruled out."""
        return self.of("rival", "PASS", "UNRESOLVED", "ABSENT")


def decide(case: Case) -> tuple[Answer, tuple[str, ...]]:
    """Give the answer and its reasons; the rows of the table are tried in order and the first match wins."""
    on_missing = [f"`{f.check.name}`: {told}" for f in case.findings for told in f.on_missing]
    for answer, row in _TABLE:
        reasons = row(case)
        if reasons:
            return answer, (*reasons, *on_missing)
    return Answer.INCONCLUSIVE, (*_what_is_open(case), *on_missing)


def p_of(hypothesis: Hypothesis, findings: Sequence[Finding]) -> float:
    """Give the p value with which a hypothesis enters the Holm correction of its study.

    A behaviour, whose angles all have to pass: the largest p value against the margin. A goal or belief, which needs
    angles of three families: the third smallest of the families' smallest p values, times k - 2 for k angles (the
    partial-conjunction bound of Benjamini and Heller 2008; where two families at most speak for the claim, k - 2
    angles at most could pass by chance). 1 where an angle lies on the wrong side of its margin.
    """
    angles = [f for f in findings if f.check.role == "angle"]
    if not angles:
        return 1.0
    if hypothesis.kind == "behaviour":
        return max(_one_sided(f) for f in angles)
    best: dict[str, float] = {}
    for finding in angles:
        family = finding.check.family or ""
        best[family] = min(_one_sided(finding), best.get(family, 1.0))
    ranked = sorted(best.values())
    return min(1.0, ranked[2] * (len(angles) - 2)) if len(ranked) > 2 else 1.0


def identified(hypothesis: Hypothesis, conditions: Sequence[Condition]) -> str:
    """Say why a goal or belief claim cannot be told apart from its twin by this design; "" where it can.

    Any act is explained by some pair of goal and belief, so at least two goals have to be crossed with at least two
    belief states, in conditions that the claim's own checks look at.
    """
    if hypothesis.kind == "behaviour":
        return ""
    looked_at = {name for check in hypothesis.checks for name, weight in check.estimand.weights.items() if weight}
    levels = [c.levels for c in conditions if c.name in looked_at]
    pairs = {(c["goal"], c["belief"]) for c in levels if "goal" in c and "belief" in c}
    goals, beliefs = {g for g, _ in pairs}, {b for _, b in pairs}
    if len(goals) < 2 or len(beliefs) < 2 or len(pairs) < 4:
        return (
            "goals and beliefs are not crossed: the conditions that its checks look at need the factors `goal` and "
            "`belief`, two levels each"
        )
    return ""


def _one_sided(finding: Finding) -> float:
    """Twice the one-sided p value in the direction of PASS, so that it can be held against alpha."""
    value, margin, p = finding.estimate.value, finding.check.margin, finding.estimate.p
    towards = {"above": value > margin, "below": value < margin, "within": abs(value) < margin}
    return p if towards[finding.check.direction] and p == p else 1.0


def _leaning_against(case: Case) -> list[Finding]:
    """Give open angles whose estimate lies on the wrong side: with more runs they would fail, not pass."""

    def against(finding: Finding) -> bool:
        value, margin = finding.estimate.value, finding.check.margin
        return {"above": value < margin, "below": value > margin, "within": abs(value) > margin}[
            finding.check.direction
        ]

    return [f for f in case.of("angle", "UNRESOLVED") if against(f)]


def _invalid(case: Case) -> list[str]:
    rejected = [f"the null `{f.check.name}` rejects (p = {f.estimate.p:.2g})" for f in case.of("null", "FAIL")]
    return [*case.books, *rejected]


def _not_testable(case: Case) -> list[str]:
    reasons = [case.untestable] if case.untestable else []
    for finding in case.of("control", "FAIL", "ABSENT"):
        kind = {"floor": "capability floor", "access": "access path", "feasible": "feasible set"}
        name = kind.get(finding.check.control or "", f"{finding.check.control or 'a'} control")
        reasons.append(f"{name}: {_told(finding)}")
    angles = case.of("angle")
    if angles and len(case.of("angle", "ABSENT")) == len(angles):
        reasons.append("no run gives any angle a value")
    return reasons


def _dissociation(case: Case) -> list[str]:
    passed, failed = case.of("angle", "PASS"), case.of("angle", "FAIL")
    if case.of("control", "UNRESOLVED"):  # it may turn out that the design cannot tell at all
        return []
    if not any(p.check.family != f.check.family for p in passed for f in failed):
        return []
    return [*(f"for it: {_told(f)}" for f in passed), *(f"against it: {_told(f)}" for f in failed)]


def _refuted(case: Case) -> list[str]:
    passed, failed = case.of("angle", "PASS"), case.of("angle", "FAIL")
    if passed or not failed or case.of("control", "UNRESOLVED"):  # else incapacity would be read as a refutation
        return []
    if case.hypothesis.kind == "behaviour":
        positive = [f for f in case.of("control", "PASS") if f.check.control == "positive"]
        return [_told(f) for f in (*failed, *positive)] if positive else []
    decisive = any(f.check.family in ("action", "counterfactual") for f in failed)
    return [_told(f) for f in failed] if _families(failed) >= 2 and decisive else []


def _supported(case: Case) -> list[str]:
    passed = case.of("angle", "PASS")
    if case.of("angle", "FAIL") or case.standing or case.of("control", "UNRESOLVED") or not case.survives:
        return []
    if case.hypothesis.kind == "behaviour":
        return [_told(f) for f in passed] if len(passed) == len(case.of("angle")) else []
    return [_told(f) for f in passed] if _enough(passed) and not _leaning_against(case) else []


def _families(findings: Sequence[Finding]) -> int:
    """Count families: what all angles of one are blind to, none of them can rule out."""
    return len({f.check.family for f in findings})


def _enough(passed: Sequence[Finding]) -> bool:
    return _families(passed) >= 3 and any(f.check.family in ("counterfactual", "patching") for f in passed)


_TABLE = (
    (Answer.INVALID, _invalid),
    (Answer.NOT_TESTABLE, _not_testable),
    (Answer.DISSOCIATION, _dissociation),
    (Answer.REFUTED, _refuted),
    (Answer.SUPPORTED, _supported),
)


def _what_is_open(case: Case) -> list[str]:
    reasons = [f"the rival `{f.check.name}` stands: {_told(f)}" for f in case.standing]
    if not case.survives and case.of("angle", "PASS"):
        reasons.append("the effect does not survive the correction for the other hypotheses of the study")
    for finding in case.of("control", "UNRESOLVED"):
        reasons.append(f"a control is open: {_told(finding)}{_what_would_settle(finding)}")
    passed, failed = case.of("angle", "PASS"), case.of("angle", "FAIL")
    if passed and failed:
        reasons.append("angles of one family contradict each other")
    reasons += [_told(f) + _what_would_settle(f) for f in (*failed, *case.of("angle", "UNRESOLVED", "ABSENT"))]
    if case.hypothesis.kind == "behaviour":
        if failed and not any(f.check.control == "positive" for f in case.of("control", "PASS")):
            reasons.append("no effect was seen, but no positive control shows that one would have been")
        return reasons
    reasons += [f"`{f.check.name}` is open and points the other way" for f in _leaning_against(case)]
    if not failed and not _enough(passed):
        reasons.append(
            f"angles of {_families(passed)} families pass; support needs three, counterfactual or patching among them"
        )
    return reasons


def _told(finding: Finding) -> str:
    check, estimate = finding.check, finding.estimate
    if finding.outcome == "ABSENT":
        return f"`{check.name}` could not be computed: {'; '.join(finding.notes)}"
    sign = {"above": ">", "below": "<", "within": "within ±"}[check.direction]
    known = estimate.low == estimate.low  # NaN: no interval
    without = "(as judged, uncorrected)" if finding.as_judged else "(no interval)"
    interval = f"{estimate.value:.2f} " + (f"[{estimate.low:.2f}, {estimate.high:.2f}]" if known else without)
    return f"`{check.name}` = {interval}, asked {sign} {check.margin:g}: {finding.outcome.lower()}"


def _what_would_settle(finding: Finding) -> str:
    if finding.clusters_to_settle is None:
        return ""
    return f"; {finding.clusters_to_settle} clusters would settle it (there were {finding.estimate.clusters})"
