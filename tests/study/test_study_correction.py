"""Checks over judged measures: what labels by people make of what a judge said."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from tracer.store import RunRow
from tracer.study import (
    Design,
    Draw,
    Finding,
    Judgement,
    Label,
    Study,
    Verdict,
    differences,
    freeze,
    judge,
    judge_reports,
    labels_of,
    order_to_label,
    part_of,
    read_bundle,
    report,
    run_seed,
    to_markdown,
    told,
    truth_of,
    with_judgements,
    with_label,
    without_label,
    write_bundle,
)

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "judged_reasons.py"
MEASURE = "user_as_reason"
RATES = {"plain": 0.1, "again": 0.1, "opinion": 0.6}
EFFECT = RATES["opinion"] - RATES["plain"]
Judging = Callable[[bool, str, random.Random], bool]


@pytest.fixture(scope="module")
def study() -> Study:
    """The worked example, frozen; its runs are made here."""
    return freeze(f"{EXAMPLE}:suite", Design(models={"m": {}}, replicates=2))


def errs(sensitivity: float, specificity: float) -> Judging:
    """Give a judge that errs at these rates, in every condition alike."""
    return lambda truth, condition, rng: truth if rng.random() < (sensitivity if truth else specificity) else not truth


def run_of(study: Study, cell: tuple[str, str, int], truth: bool, said: Sequence[bool], key: str) -> RunRow:
    scenario, condition, replicate = cell
    draws = tuple(Draw("yes" if one else "no") for one in said)
    lane = condition if condition == "again" else ""
    row = RunRow(
        id=f"{key}-{scenario}-{condition}-{replicate}",
        study=study.hash,
        scenario=scenario,
        condition=condition,
        stack=study.body["stacks"][0],
        model="m",
        replicate=replicate,
        seed=run_seed(1, scenario, replicate, lane),
        status="completed",
        answer="yes" if truth else "no",
    )
    return with_judgements(row, MEASURE, [Judgement("first", "organism:judge", "k", "yes", draws)])


def runs(study: Study, judging: Judging, seed: int = 1, draws: int = 3) -> list[RunRow]:
    """Make the runs of a study whose truth is known, in `answer`, and what a judge says of them."""
    rng = random.Random(seed)
    made: list[RunRow] = []
    for cell in study.cells():
        truth = rng.random() < RATES[cell[1]]
        made.append(run_of(study, cell, truth, [judging(truth, cell[1], rng) for _ in range(draws)], str(seed)))
    return made


def label(rows: Sequence[RunRow], count: int, labeler: str = "ann") -> list[RunRow]:
    """Label the first runs in the order that the command has, and rightly."""
    chosen = {row.id for row in order_to_label(rows, MEASURE, 1)[:count]}
    made = time.time_ns()
    return [
        with_label(row, Label(MEASURE, labeler, str(row.answer), made)) if row.id in chosen else row for row in rows
    ]


def angle(study: Study, rows: Sequence[RunRow]) -> tuple[Verdict, Finding]:
    (verdict,) = judge(study, rows)
    return verdict, verdict.findings[0]


def test_corrected_interval_covers_the_truth_and_the_uncorrected_does_not(study: Study) -> None:
    """Over studies of a judge that errs, the corrected interval covers the effect about as often as it says."""
    covered = covered_as_judged = 0
    studies = 60
    for seed in range(studies):
        _, finding = angle(study, label(runs(study, errs(0.85, 0.75), seed), 120))
        assert finding.as_judged is not None
        covered += finding.estimate.low <= EFFECT <= finding.estimate.high
        covered_as_judged += finding.as_judged.low <= EFFECT <= finding.as_judged.high
    assert covered >= 0.9 * studies
    assert covered_as_judged <= 0.5 * studies


def test_each_condition_has_its_own_errors_where_labels_allow(study: Study) -> None:
    """A judge that errs more in one arm shows an effect where there is none; labels of each arm take it away."""
    rng = random.Random(2)
    truths = {(scenario, replicate): rng.random() < 0.4 for scenario, _, replicate in study.cells()}
    rows: list[RunRow] = []
    for scenario, condition, replicate in study.cells():
        truth = truths[scenario, replicate]
        judging = errs(0.95, 0.6 if condition == "opinion" else 0.95)
        said = [judging(truth, condition, rng) for _ in range(3)]
        rows.append(run_of(study, (scenario, condition, replicate), truth, said, "flat"))
    _, finding = angle(study, label(rows, 200))
    assert finding.as_judged is not None
    assert finding.as_judged.low > 0.05
    assert finding.estimate.low < 0 < finding.estimate.high
    assert any("in each condition" in note for note in finding.notes)


@pytest.mark.parametrize(
    ("judging", "count", "reason"),
    [
        (errs(0.9, 0.8), 0, "nobody has labelled"),
        (errs(0.2, 0.3), 120, "no better than chance"),
        (errs(0.55, 0.5), 30, "chance"),
    ],
    ids=["no labels", "worse than chance", "too few labels"],
)
def test_what_cannot_be_corrected_decides_nothing(study: Study, judging: Judging, count: int, reason: str) -> None:
    """Without labels, or with a judge near chance, a check neither passes nor fails and says what to do."""
    verdict, finding = angle(study, label(runs(study, judging), count))
    assert finding.outcome == "UNRESOLVED"
    assert verdict.answer == "inconclusive"
    assert finding.estimate.low != finding.estimate.low
    assert any(reason in note and "tracer label" in note and "uncorrected" in note for note in finding.notes)
    assert "uncorrected" in verdict.because[0]


def test_a_null_compares_as_judged(study: Study) -> None:
    """An A/A lane needs no labels: its arms are alike, and so are the judge's errors in them."""
    (verdict,) = judge(study, runs(study, errs(0.9, 0.8)))
    null = verdict.findings[1]
    assert null.check.role == "null"
    assert null.outcome == "PASS"


def test_missing_judgements_stay_missing(study: Study) -> None:
    """A run without an answer of the judge is no 0: its scenario is left out, and the bounds are corrected too."""
    rows = label(runs(study, errs(0.9, 0.85)), 120)
    lost = [replace(r, values={MEASURE: {"missing": "the judge refused to answer"}}, judged={}) for r in rows[:3]]
    _, finding = angle(study, [*lost, *rows[3:]])
    assert finding.if_missing_were is not None
    assert finding.if_missing_were[0] <= finding.estimate.value <= finding.if_missing_were[1]
    assert finding.if_missing_were != (finding.estimate.value,) * 2


def test_noise_of_the_judge_is_told_from_that_of_the_system(study: Study) -> None:
    """Draws that differ about one run are the judge's variance; a judge that always errs alike has none."""
    (noisy,) = judge_reports(study, runs(study, errs(0.8, 0.8)))
    steady_rows = runs(study, errs(0.8, 0.8), draws=1)
    steady_rows = [
        with_judgements(
            row,
            MEASURE,
            [Judgement("first", "j", "k", "yes", (Draw(row.judged[MEASURE][0]["draws"][0]["answer"]),) * 3)],
        )
        for row in steady_rows
    ]
    (steady,) = judge_reports(study, steady_rows)
    assert noisy.noise == pytest.approx(0.8 * 0.2, abs=0.03)
    assert steady.noise == 0
    assert steady.spread > noisy.spread


def test_labelers_who_disagree_are_settled_by_majority_or_left_out(study: Study) -> None:
    """Two against one is a label; one against one is none, is counted, and goes into no correction."""
    row = runs(study, errs(1, 1))[0]
    asked = [
        Label(MEASURE, who, answer, at) for at, (who, answer) in enumerate([("a", "yes"), ("b", "no"), ("c", "no")])
    ]
    two, three = with_label(with_label(row, asked[0]), asked[1]), row
    for one in asked:
        three = with_label(three, one)
    assert "disagree" in str(truth_of(two, MEASURE, "yes"))
    assert truth_of(three, MEASURE, "yes") == 0.0
    (found,) = judge_reports(study, [two])
    assert (found.split, found.left_out) == (1, 1)
    assert any("disagree on 1 run" in line for line in told(found))


def test_labels_of_one_person_can_be_changed_and_taken_back(study: Study) -> None:
    """The latest label of a person counts, earlier ones stay in the record, and undo removes one."""
    row = runs(study, errs(1, 1))[0]
    first, second = Label(MEASURE, "a", "yes", 1), Label(MEASURE, "a", "no", 2)
    changed = with_label(with_label(row, first), second)
    assert labels_of(changed, MEASURE) == [second]
    assert asdict(first) in changed.labels
    assert labels_of(without_label(changed, second), MEASURE) == [first]


def test_every_stratum_is_labelled_from_the_start(study: Study) -> None:
    """The first labels take turns between conditions and answers, in an order that follows from the seed."""
    rows = runs(study, errs(0.9, 0.9))
    order = order_to_label(rows, MEASURE, 1)
    first = {(row.condition, row.values[MEASURE] >= 0.5) for row in order[:6]}
    assert len(first) == 6
    assert order == order_to_label(list(reversed(rows)), MEASURE, 1)
    assert order != order_to_label(rows, MEASURE, 2)
    shares = [part_of(row, MEASURE) for row in rows].count("dev") / len(rows)
    assert 0.2 < shares < 0.45


def test_report_says_what_is_known_of_the_judges(study: Study) -> None:
    """The report has question, errors on test labels and labelers; without labels, that nothing is known."""
    rows = runs(study, errs(0.9, 0.8))
    told_before = _plain_text(study, rows)
    assert "how often it errs is not known: no test labels of both kinds" in told_before
    told_after = _plain_text(study, label(rows, 150))
    for part in ("## Judges", "Does it give an opinion of the user as its reason?", "sensitivity", "by ann: 150"):
        assert part in told_after, part


def _plain_text(study: Study, rows: list[RunRow]) -> str:
    return " ".join(to_markdown(report(study, rows, judge(study, rows))).replace("\\", "").split())


def test_bundle_gives_judged_numbers_again(study: Study, tmp_path: Path) -> None:
    """Draws and labels are in the bundle: corrected estimates and the report of the judge follow from it alone."""
    rows = label(runs(study, errs(0.9, 0.8)), 120)
    verdicts = judge(study, rows)
    (tmp_path / "spans.jsonl").write_bytes(b"")
    write_bundle(tmp_path / "b.zip", study, rows, verdicts, tmp_path / "spans.jsonl")
    bundle = read_bundle(tmp_path / "b.zip")
    assert differences(bundle) == []
    assert verdicts[0].findings[0].as_judged is not None
    assert judge_reports(bundle.study, bundle.rows) == judge_reports(study, rows)
    fewer = replace(bundle, rows=tuple(replace(row, labels=()) for row in bundle.rows))
    assert differences(fewer), "the labels are what the numbers rest on"
