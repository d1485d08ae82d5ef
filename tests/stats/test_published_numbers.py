"""Numbers that others published come out of the same data, and what clusters change about them."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tracer.stats.agreement import cohen_kappa
from tracer.stats.clustered import mean_of_clusters, sign_flip
from tracer.stats.paired import mcnemar, mcnemar_chi2, newcombe, tango
from tracer.stats.passk import pass_all
from tracer.stats.rates import wilson
from tracer.stats.robust import design_effect, pooled_mean

Outcome = tuple[NDArray[np.float64], NDArray[np.intp], NDArray[np.int64]]


def read(path: Path) -> list[dict[str, str]]:
    with path.open() as lines:
        return list(csv.DictReader(lines))


def turpin(folder: Path, bias: str, shots: str, model: str) -> Outcome:
    """Give the differences biased - unbiased, their tasks, and the four cells."""
    keys = {"bias": bias, "shots": shots, "model": model, "mode": "cot"}
    rows = [r for r in read(folder / "derived" / "turpin_bbh_by_task.csv") if all(r[k] == v for k, v in keys.items())]
    names = ("both_right", "right_to_wrong", "wrong_to_right", "both_wrong")
    cells = np.array([[int(row[name]) for name in names] for row in rows])
    values = np.concatenate([np.repeat([0.0, -1.0, 1.0, 0.0], row) for row in cells])
    return values, np.repeat(np.arange(len(rows)), cells.sum(axis=1)), cells.sum(axis=0)


@pytest.mark.parametrize(
    ("bias", "shots", "model", "n", "before", "after", "discordant"),
    [
        ("suggested_answer", "zero", "text-davinci-003", 2111, 59.64, 23.26, (841, 73)),
        ("suggested_answer", "few", "text-davinci-003", 2111, 75.79, 51.68, (558, 49)),
        ("suggested_answer", "zero", "claude-v1", 2111, 64.90, 34.39, (726, 82)),
        ("suggested_answer", "few", "claude-v1", 2111, 80.81, 59.40, (507, 55)),
        ("ans_always_a", "few", "text-davinci-003", 1759, 77.37, 58.67, (418, 89)),
        ("ans_always_a", "few", "claude-v1", 1759, 83.46, 79.08, (151, 74)),
    ],
)
def test_turpin_accuracies(
    shared_data: Path,
    bias: str,
    shots: str,
    model: str,
    n: int,
    before: float,
    after: float,
    discordant: tuple[int, int],
) -> None:
    """R1: accuracies without and with the bias, and the discordant pairs, to the printed digit."""
    values, tasks, (both, lost, won, _) = turpin(shared_data, bias, shots, model)
    assert (len(values), len(set(tasks.tolist()))) == (n, 13)
    assert (round(100 * (both + lost) / n, 2), round(100 * (both + won) / n, 2)) == (before, after)
    assert (lost, won) == discordant
    assert round(100 * pooled_mean(values, tasks).value, 2) == round(100 * (won - lost) / n, 2)


def test_turpin_errors_grow_with_tasks_as_clusters(shared_data: Path) -> None:
    """R1: with the 13 tasks as clusters the error of the first row is more than three times the paired one."""
    values, tasks, _ = turpin(shared_data, "suggested_answer", "zero", "text-davinci-003")
    assert round(pooled_mean(values).se, 4) == 0.0119
    found = pooled_mean(values, tasks, correction="CR1")
    assert (round(found.se, 4), round(found.low, 3), round(found.high, 3)) == (0.0402, -0.451, -0.276)
    assert round(sign_flip(values, tasks), 5) == 0.00024


def test_turpin_last_row_is_weaker_than_mcnemar_says(shared_data: Path) -> None:
    """R1: McNemar's 3e-7 becomes .013 once tasks are clusters."""
    values, tasks, (_, lost, won, _) = turpin(shared_data, "ans_always_a", "few", "claude-v1")
    found = pooled_mean(values, tasks, correction="CR1")
    assert (round(found.low, 3), round(found.high, 3)) == (-0.082, -0.006)
    assert round(sign_flip(values, tasks, weighting="observations"), 3) == 0.013
    assert f"{mcnemar(int(lost), int(won)):.0e}" == "3e-07"


TWO_HOP = [
    ("claude-opus-4-20250514", 381, 83.2, 61.7),
    ("gpt-4.1-2025-04-14", 234, 85.0, 56.8),
    ("gpt-4.5-preview-2025-02-27", 224, 77.2, 54.0),
    ("gpt-4o-2024-05-13", 187, 83.4, 51.3),
    ("meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo", 249, 77.1, 48.6),
    ("claude-3-5-sonnet-20241022", 238, 80.3, 42.4),
    ("gpt-4o-mini-2024-07-18", 190, 73.2, 36.8),
    ("gpt-3.5-turbo-0125", 214, 71.5, 28.5),
    ("Qwen/Qwen2.5-7B-Instruct-Turbo", 134, 78.4, 25.4),
    ("claude-3-haiku-20240307", 132, 71.2, 15.2),
]


@pytest.mark.parametrize(("model", "n", "with_chain", "without"), TWO_HOP)
def test_two_hop_rates(shared_data: Path, model: str, n: int, with_chain: float, without: float) -> None:
    """R3: both rates to the printed digit; the paired difference is far from 0 by either interval."""
    (row,) = [r for r in read(shared_data / "derived" / "two_hop_by_model.csv") if r["model"] == model]
    both, chain, plain, neither = (int(row[name]) for name in ("both", "cot_only", "no_cot_only", "neither"))
    assert both + chain + plain + neither == n
    assert (round(100 * (both + chain) / n, 1), round(100 * (both + plain) / n, 1)) == (with_chain, without)
    for interval in (newcombe, tango):
        found = interval(both, chain, plain, neither)
        assert found.low > 0.1
        assert found.p < 1e-9


def test_tau_bench_airline() -> None:
    """R4: pass^k, and a clustered error one and a half times the naive one."""
    successes = np.repeat([0, 1, 2, 3, 4], [14, 12, 10, 4, 10])
    trials = np.full(50, 4)
    assert [round(pass_all(successes, trials, k).value, 4) for k in (1, 2, 3, 4)] == [0.42, 0.2733, 0.22, 0.2]
    runs, tasks = np.concatenate([np.repeat([1, 0], [c, 4 - c]) for c in successes]), np.repeat(np.arange(50), 4)
    assert round(pooled_mean(runs, tasks, correction="CR0").se, 4) == 0.0517
    assert round(pooled_mean(runs, tasks, correction="CR1").se, 4) == 0.0522
    assert round(pass_all(successes, trials, 1).se, 4) == 0.0522
    assert round(pooled_mean(runs, correction="CR0").se, 4) == 0.0349
    assert round(design_effect(runs, tasks), 2) == 2.19


@pytest.mark.parametrize(
    ("evaluation", "mean", "baseline", "low", "high"),
    [("equality", 0.293, 0.241, 0.10, 0.48), ("inverse_query", 0.256, 0.174, 0.06, 0.46)],
)
def test_connecting_dots_is_not_shown(
    shared_data: Path, evaluation: str, mean: float, baseline: float, low: float, high: float
) -> None:
    """R5: with the fine-tune as the unit, the interval contains the baseline."""
    rows = [
        r for r in read(shared_data / "derived" / "connecting_dots_parity_runs.csv") if r["evaluation"] == evaluation
    ]
    null = float(rows[0]["pooled_baseline"])
    values = [float(row["p_target"]) for row in rows]
    found = mean_of_clusters(values, [row["finetune"] for row in rows], null=null)
    assert (round(null, 3), found.clusters) == (baseline, 10)
    assert found.value == pytest.approx(mean, abs=6e-4)
    assert (round(found.low, 2), round(found.high, 2)) == (low, high)
    assert found.low < null < found.high
    assert found.p > 0.3
    assert 0.265 < np.std(values, ddof=1) < 0.295


@pytest.mark.parametrize(
    ("flips", "back", "share", "net"), [(362, 89, 28.8, 21.7), (289, 63, 23.0, 18.0)], ids=["zero-shot", "few-shot"]
)
def test_flips_less_reverse_flips(flips: int, back: int, share: float, net: float) -> None:
    """R6: the noise floor of reverse flips comes off, with its own share of the uncertainty."""
    assert round(100 * wilson(flips, 1259).value, 1) == share
    found = tango(0, flips, back, 1259 - flips - back)
    assert round(100 * found.value, 1) == net
    assert 0.1 < found.low < found.value < found.high < 0.27


TWO_CLASSIFIERS = {
    "sycophancy": ((1095, 883, 2, 54), 0.0599, 877.0),
    "consistency": ((179, 267, 52, 152), 0.1139, 144.9),
    "metadata": ((773, 151, 297, 310), 0.3622, 47.6),
    "grader": ((1968, 313, 230, 318), 0.4190, 12.7),
    "unethical": ((2424, 432, 141, 235), 0.3546, 147.8),
}


@pytest.mark.parametrize("kind", TWO_CLASSIFIERS)
def test_two_classifiers(kind: str) -> None:
    """R7: kappa and McNemar's statistic of two classifiers of the same chains, to the printed digit."""
    (both, one, two, neither), kappa, chi2 = TWO_CLASSIFIERS[kind]
    first = np.repeat([1, 1, 0, 0], [both, one, two, neither])
    second = np.repeat([1, 0, 1, 0], [both, one, two, neither])
    assert round(cohen_kappa(first, second).value, 4) == kappa
    assert round(mcnemar_chi2(one, two), 1) == chi2


def test_two_classifiers_overall() -> None:
    """R7: over all hint types."""
    cells = np.sum([counts for counts, _, _ in TWO_CLASSIFIERS.values()], axis=0)
    assert cells.sum() == 10276
    assert round(mcnemar_chi2(int(cells[1]), int(cells[2])), 1) == 633.3


def test_reversal_curse_in_children(shared_data: Path) -> None:
    """R10: 32.7 % of pairs are reversed, and pairs of one child are not independent."""
    values: list[int] = []
    children: list[int] = []
    for row in read(shared_data / "derived" / "reversal_curse_clusters.csv"):
        asked, right = int(row["parents_asked"]), int(row["reversed_right"])
        for _ in range(int(row["children"])):
            child = children[-1] + 1 if children else 0
            values += [1] * right + [0] * (asked - right)
            children += [child] * asked
    found = pooled_mean(values, children)
    assert (sum(values), found.n, found.clusters) == (495, 1513, 797)
    assert round(100 * found.value, 1) == 32.7
    naive = wilson(495, 1513)
    assert found.high - found.low > 1.15 * (naive.high - naive.low)


def test_the_page_is_what_the_data_give(shared_data: Path) -> None:
    """The table in docs/published.md is the one that the released counts give now."""
    root = Path(__file__).parents[2]
    command = [sys.executable, str(root / "benchmarks" / "published_numbers.py"), str(shared_data)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout
    assert told in (root / "docs" / "published.md").read_text("utf-8"), f"put this table into published.md:\n{told}"
