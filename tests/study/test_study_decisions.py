"""The decision table: first match wins, and every answer has its reasons."""

# pyright: reportUnknownLambdaType=false
# What is handed to a fixture cannot be inferred.
from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer import Hypothesis
from tracer.study import Study, judge
from tracer.study.verdict import p_of

FAMILIES = ("stated", "choice", "action", "counterfactual", "persistence")
Checks = list[tuple[str, str, str]]  # role, what kind of it, outcome


def angles(**outcomes: str) -> Checks:
    return [("angle", family, outcome) for family, outcome in outcomes.items()]


FLOOR = [("control", "floor", "PASS")]
POSITIVE = [("control", "positive", "PASS")]
RULED_OUT = [("rival", "habit", "FAIL")]
QUIET = [("null", "again", "PASS")]
SOUND = [*FLOOR, *RULED_OUT]
THREE = angles(stated="PASS", action="PASS", counterfactual="PASS")
AGAINST = angles(stated="FAIL", action="FAIL", counterfactual="UNRESOLVED")
ONE = [("angle", "action", "PASS")]

TABLE: list[tuple[str, str, Checks, str]] = [
    # goals and beliefs
    ("supported: three angles, one counterfactual", "goal", [*THREE, *SOUND], "supported"),
    (
        "supported: patching will do",
        "belief",
        [*angles(stated="PASS", action="PASS", patching="PASS"), *SOUND],
        "supported",
    ),
    ("supported: an open angle is no objection", "goal", [*THREE, *angles(choice="UNRESOLVED"), *SOUND], "supported"),
    ("supported: an absent angle is no objection", "goal", [*THREE, *angles(choice="ABSENT"), *SOUND], "supported"),
    (
        "inconclusive: three angles, none that intervenes",
        "goal",
        [*angles(stated="PASS", action="PASS", choice="PASS"), *SOUND],
        "inconclusive",
    ),
    (
        "inconclusive: three angles of two families",
        "goal",
        [*angles(stated="PASS", counterfactual="PASS"), *angles(stated="PASS"), *SOUND],
        "inconclusive",
    ),
    (
        "inconclusive: two angles of one family against it",
        "goal",
        [*angles(action="FAIL"), *angles(action="FAIL"), *SOUND],
        "inconclusive",
    ),
    ("inconclusive: two angles", "goal", [*angles(action="PASS", counterfactual="PASS"), *SOUND], "inconclusive"),
    ("inconclusive: a rival stands", "goal", [*THREE, *FLOOR, ("rival", "habit", "PASS")], "inconclusive"),
    ("inconclusive: a rival is open", "goal", [*THREE, *FLOOR, ("rival", "habit", "UNRESOLVED")], "inconclusive"),
    ("inconclusive: a rival was not probed", "goal", [*THREE, *FLOOR, ("rival", "habit", "ABSENT")], "inconclusive"),
    ("inconclusive: a control is open", "goal", [*THREE, ("control", "floor", "UNRESOLVED")], "inconclusive"),
    ("dissociation: it says so and does not", "goal", [*THREE, *angles(choice="FAIL"), *SOUND], "dissociation"),
    (
        "dissociation: one against one",
        "goal",
        [*angles(stated="PASS", action="FAIL", choice="UNRESOLVED"), *SOUND],
        "dissociation",
    ),
    ("refuted: two angles, an act among them", "goal", [*AGAINST, *SOUND], "refuted"),
    (
        "refuted: a counterfactual will do",
        "goal",
        [*angles(stated="FAIL", counterfactual="FAIL", action="UNRESOLVED"), *SOUND],
        "refuted",
    ),
    ("refuted: whatever rivals stand", "goal", [*AGAINST, *FLOOR, ("rival", "habit", "PASS")], "refuted"),
    (
        "inconclusive: two words against it, no act",
        "goal",
        [*angles(stated="FAIL", choice="FAIL", action="UNRESOLVED"), *SOUND],
        "inconclusive",
    ),
    (
        "inconclusive: one angle against it",
        "goal",
        [*angles(action="FAIL", stated="UNRESOLVED", choice="UNRESOLVED"), *SOUND],
        "inconclusive",
    ),
    (
        "inconclusive: it failed, but could it?",
        "goal",
        [*AGAINST, ("control", "floor", "UNRESOLVED"), *RULED_OUT],
        "inconclusive",
    ),
    *(
        (f"not testable: {kind} fails", "goal", [*THREE, *RULED_OUT, ("control", kind, "FAIL")], "not testable")
        for kind in ("floor", "positive", "manipulation", "feasible", "access")
    ),
    ("not testable: a control is absent", "goal", [*THREE, ("control", "access", "ABSENT")], "not testable"),
    ("not testable: no angle has a value", "goal", angles(stated="ABSENT", action="ABSENT"), "not testable"),
    ("invalid: a null rejects", "goal", [*THREE, *SOUND, ("null", "again", "FAIL")], "invalid"),
    # behaviours
    ("supported: a behaviour", "behaviour", [*ONE, *SOUND, *QUIET], "supported"),
    ("inconclusive: a behaviour with a rival", "behaviour", [*ONE, ("rival", "mention", "PASS")], "inconclusive"),
    ("inconclusive: an open behaviour", "behaviour", angles(action="UNRESOLVED"), "inconclusive"),
    ("refuted: a behaviour, the planted effect found", "behaviour", [*angles(action="FAIL"), *POSITIVE], "refuted"),
    ("inconclusive: no planted effect was sought", "behaviour", [*angles(action="FAIL"), *FLOOR], "inconclusive"),
    (
        "inconclusive: the planted effect is open",
        "behaviour",
        [*angles(action="FAIL"), ("control", "positive", "UNRESOLVED")],
        "inconclusive",
    ),
    (
        "not testable: the planted effect was not found",
        "behaviour",
        [*angles(action="FAIL"), ("control", "positive", "FAIL")],
        "not testable",
    ),
    (
        "inconclusive: every angle of a behaviour counts",
        "behaviour",
        [*ONE, *angles(stated="UNRESOLVED"), *SOUND],
        "inconclusive",
    ),
]


def made(checks: Checks, check: Callable[..., Any]) -> list[tuple[Any, str]]:
    kinds = {"angle": "family", "control": "control"}
    return [
        (check(role, f"{role}-{number}-{kind}", **({kinds[role]: kind} if role in kinds else {})), outcome)
        for number, (role, kind, outcome) in enumerate(checks)
    ]


@pytest.mark.parametrize(("kind", "checks", "answer"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_row_of_the_table(kind: str, checks: Checks, answer: str, check: Any, decided: Any) -> None:
    """Each row of the table gives its answer, with at least one reason."""
    found, because = decided(kind, made(checks, check))
    assert found == answer
    assert because


def test_first_match_wins(check: Any, decided: Any) -> None:
    """Where several rows match, the earlier one answers: invalid, not testable, dissociation, refuted, supported."""
    everything = [*THREE, ("null", "again", "FAIL"), ("control", "floor", "FAIL"), *angles(choice="FAIL")]
    answers: list[str] = []
    for drop in ((), ("null",), ("null", "control")):
        left = [c for c in made(everything, check) if c[0].role not in drop]
        answers.append(decided("goal", left)[0])
    assert answers == ["invalid", "not testable", "dissociation"]


def test_same_family_in_conflict_is_no_dissociation(check: Any, decided: Any) -> None:
    """Two angles of one family that contradict each other are a doubt about the family, and told as such."""
    pair = [
        (check("angle", "said here", family="stated"), "PASS"),
        (check("angle", "said there", family="stated"), "FAIL"),
    ]
    answer, because = decided("goal", pair)
    assert (answer, "one family contradict" in because) == ("inconclusive", True)


def test_uncrossed_design_is_not_testable(check: Any, decided: Any) -> None:
    """A goal or belief claim needs goals crossed with beliefs; a behaviour claim does not."""
    goal = made([*THREE, *SOUND], check)
    assert decided("goal", goal, crossed=False)[0] == "not testable"
    assert "not crossed" in decided("belief", goal, crossed=False)[1]
    assert decided("behaviour", made([*ONE, *SOUND], check), crossed=False)[0] == "supported"


def test_a_claim_is_crossed_by_what_its_own_checks_look_at(check: Any, study_of: Any, rows: Any) -> None:
    """Conditions that cross goals with beliefs, and that no check of the claim looks at, identify nothing."""
    families = ("stated", "action", "counterfactual")
    claim = Hypothesis(id="h", claim="c", kind="goal", checks=tuple(check("angle", f, family=f) for f in families))
    crossed = study_of([claim])
    blind = Study(crossed.hash, {**crossed.body, "hypotheses": [claim.model_dump(mode="json")]})
    answers = [judge(study, rows(study, lambda c, s, _: 1.0))[0].answer.value for study in (crossed, blind)]
    assert answers == ["supported", "not testable"]


def test_reason_names_what_decided(check: Any, decided: Any) -> None:
    """The first reason is the decisive one and names its check; an open angle says what would settle it."""
    _, because = decided("goal", made([*THREE, *FLOOR, ("rival", "habit", "PASS")], check))
    assert because.splitlines()[0].startswith("the rival `rival-4-habit` stands")
    _, because = decided("behaviour", made(angles(action="UNRESOLVED"), check))
    assert "clusters would settle it (there were 16)" not in because  # the effect lies at the margin: nothing would
    _, because = decided("behaviour", made([*angles(action="FAIL"), *FLOOR], check))
    assert "no positive control" in because


@pytest.mark.parametrize(("seen", "answer"), [(9, "supported"), (7, "inconclusive")])
def test_an_open_angle_that_points_the_other_way_bars_support(
    seen: int, answer: str, check: Any, study_of: Any, rows: Any
) -> None:
    """Three families that pass are not enough while a fourth is open with its estimate on the wrong side."""
    families = ("stated", "action", "counterfactual", "choice")
    claim = Hypothesis(id="h", claim="c", kind="goal", checks=tuple(check("angle", f, family=f) for f in families))
    study = study_of([claim])
    (verdict,) = judge(study, rows(study, lambda c, s, _: float(c != "choice" or s < seen)))
    assert verdict.findings[-1].outcome == "UNRESOLVED"
    assert verdict.answer.value == answer
    assert ("points the other way" in "".join(verdict.because)) == (answer == "inconclusive")


@pytest.mark.parametrize(("nulls", "answer"), [(1, "invalid"), (2, "supported")])
def test_nulls_share_one_percent(nulls: int, answer: str, check: Any, study_of: Any, rows: Any) -> None:
    """A null whose p value lies between .005 and .01 vetoes where it is the only one, and not where there are two."""
    again = [check("null", f"again-{n}", direction="within") for n in range(nulls)]
    claim = Hypothesis(id="h", claim="c", kind="behaviour", checks=(check("angle", "a", family="action"), *again))
    study = study_of([claim])
    (verdict,) = judge(study, rows(study, lambda c, s, _: float(s < 6) if c == "again-0" else float(c == "a")))
    assert 0.005 < verdict.findings[1].estimate.p < 0.01
    assert verdict.answer.value == answer


def test_angles_of_one_family_enter_the_correction_once(check: Any, study_of: Any, rows: Any) -> None:
    """Strong angles of two families do not lend their p values to a third: support needs three families that pass."""
    families = ("stated", "stated", "counterfactual", "action")
    claim = Hypothesis(
        id="h",
        claim="c",
        kind="goal",
        checks=tuple(check("angle", f"a{n}", family=family) for n, family in enumerate(families)),
    )
    study = study_of([claim])
    (verdict,) = judge(study, rows(study, lambda c, s, _: float(c != "a3" or s % 2)))
    assert [f.outcome for f in verdict.findings if f.check.role == "angle"] == ["PASS", "PASS", "PASS", "UNRESOLVED"]
    assert verdict.answer.value == "inconclusive"
    assert p_of(claim, verdict.findings) == 1.0


@pytest.mark.parametrize("hypotheses", [1, 2, 3])
def test_holm_over_hypotheses_and_systems(hypotheses: int, check: Any, study_of: Any, rows: Any) -> None:
    """An effect that is just visible alone does not survive beside others that show nothing."""
    claims = [
        Hypothesis(id=f"h{n}", claim="c", kind="behaviour", checks=(check("angle", f"a{n}", family="action"),))
        for n in range(hypotheses)
    ]
    study = study_of(claims)
    effect = {f"a{n}": (lambda s: float(s >= 3)) if n == 0 else (lambda s: float(s % 2)) for n in range(hypotheses)}
    verdicts = judge(study, rows(study, lambda c, s, _: effect.get(c, lambda s: 1.0)(s)))
    assert verdicts[0].findings[0].outcome == "PASS"
    survives = verdicts[0].answer == "supported"
    assert survives == (hypotheses * verdicts[0].findings[0].estimate.p <= 0.05)
    assert survives or "does not survive the correction" in verdicts[0].because[0]


def test_holm_counts_systems(check: Any, study_of: Any, rows: Any) -> None:
    """The family of the correction is hypotheses x systems: more models tried, more to survive."""
    claim = Hypothesis(id="h", claim="c", kind="behaviour", checks=(check("angle", "a", family="action"),))
    models = [f"m{n}" for n in range(12)]
    study = study_of([claim], models={m: {} for m in models})
    made = [r for m in models for r in rows(study, lambda c, s, m: float(s >= 3) if m == "m0" else float(s % 2), m)]
    alone = study_of([claim], models={"m0": {}})
    (single,) = judge(alone, rows(alone, lambda c, s, _: float(s >= 3), "m0"))
    assert single.answer == "supported"
    assert {v.model: v.answer.value for v in judge(study, made)}["m0"] == "inconclusive"


def test_equivalence_can_survive_the_correction(check: Any, study_of: Any, rows: Any) -> None:
    """A claim that something lies within a margin enters the correction with the p value of its two one-sided tests."""
    within = check("angle", "a", family="action", direction="within", margin=0.5)
    claims = [Hypothesis(id=f"h{n}", claim="c", kind="behaviour", checks=(within,)) for n in range(3)]
    study = study_of(claims)
    verdicts = judge(study, rows(study, lambda c, s, _: 0.0))
    assert [v.answer.value for v in verdicts] == ["supported"] * 3


OUTCOMES = st.sampled_from(["PASS", "FAIL", "UNRESOLVED", "ABSENT"])
CLAIMS = st.lists(st.tuples(st.sampled_from(FAMILIES), OUTCOMES), min_size=1, max_size=5, unique_by=lambda f: f[0])


@settings(max_examples=40)
@given(claim=CLAIMS, rivals=st.lists(OUTCOMES, max_size=2), extra=OUTCOMES)
def test_rivals_never_make_support(check: Any, decided: Any, claim: Any, rivals: list[str], extra: str) -> None:
    """Adding a rival never turns another answer into support, and one that stands takes support away."""
    base: Checks = [*(("angle", f, o) for f, o in claim), *(("rival", "r", o) for o in rivals)]
    before = decided("goal", made(base, check))[0]
    after = decided("goal", made([*base, ("rival", "more", extra)], check))[0]
    if before != "supported":
        assert after == before
    else:
        assert after == ("supported" if extra == "FAIL" else "inconclusive")


@settings(max_examples=25)
@given(claim=CLAIMS, control=OUTCOMES, data=st.data())
def test_order_of_checks_does_not_matter(check: Any, decided: Any, claim: Any, control: str, data: Any) -> None:
    """The answer is a property of the set of checks, not of the order in which they are written."""
    checks = made([*(("angle", f, o) for f, o in claim), ("control", "floor", control), *RULED_OUT], check)
    shuffled = data.draw(st.permutations(checks))
    assert decided("goal", checks)[0] == decided("goal", shuffled)[0]


def test_every_combination_has_an_answer_and_a_reason(check: Any, decided: Any) -> None:
    """No combination of outcomes falls through the table without a reason."""
    for outcomes in itertools.product(("PASS", "FAIL", "UNRESOLVED", "ABSENT"), repeat=3):
        roles = [("angle", "stated"), ("angle", "action"), ("control", "positive")]
        checks = [(role, kind, outcome) for (role, kind), outcome in zip(roles, outcomes, strict=True)]
        for kind in ("goal", "behaviour"):
            answer, because = decided(kind, made(checks, check))
            assert because, (kind, outcomes, answer)
