"""Published numbers beside what clusters, pairs and noise floors make of the same data.

    python benchmarks/published_numbers.py FOLDER

FOLDER holds `derived/` with counts from the released results of the papers. Prints the table of docs/published.md.
"""

from __future__ import annotations

import argparse
import csv
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tracer.stats import Estimate
from tracer.stats.agreement import cohen_kappa
from tracer.stats.clustered import mean_of_clusters, sign_flip
from tracer.stats.paired import mcnemar, tango
from tracer.stats.passk import pass_all
from tracer.stats.rates import wilson
from tracer.stats.robust import pooled_mean

HEAD = ("work", "published", "items as if independent", "as it was drawn")
MODELS = {"text-davinci-003": "GPT-3.5", "claude-v1": "Claude-1"}
BIASES = {"suggested_answer": "suggested answer", "ans_always_a": "always A"}
TURPIN = (
    ("suggested_answer", "zero", "text-davinci-003"),
    ("suggested_answer", "few", "text-davinci-003"),
    ("suggested_answer", "zero", "claude-v1"),
    ("suggested_answer", "few", "claude-v1"),
    ("ans_always_a", "few", "text-davinci-003"),
    ("ans_always_a", "few", "claude-v1"),
)
TWO_HOP = (
    "claude-opus-4-20250514",
    "gpt-4.1-2025-04-14",
    "gpt-4.5-preview-2025-02-27",
    "gpt-4o-2024-05-13",
    "meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo",
    "claude-3-5-sonnet-20241022",
    "gpt-4o-mini-2024-07-18",
    "gpt-3.5-turbo-0125",
    "Qwen/Qwen2.5-7B-Instruct-Turbo",
    "claude-3-haiku-20240307",
)
FLIPS = {"zero-shot": (362, 89), "few-shot": (289, 63)}  # of 1,259 in each arm
CLASSIFIERS = {"sycophancy": (1095, 883, 2, 54), "metadata": (773, 151, 297, 310), "grader": (1968, 313, 230, 318)}
TAU_BENCH = ((0, 14), (1, 12), (2, 10), (3, 4), (4, 10))  # successes of four trials, and tasks that have them


def rows(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    """Give the rows of the table."""
    yield from _turpin(folder)
    yield from _two_hop(folder)
    yield from _parity(folder)
    yield from _counts()
    yield _reversal(folder)


def _read(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "derived" / name).open() as lines:
        return list(csv.DictReader(lines))


def _turpin(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    names = ("both_right", "right_to_wrong", "wrong_to_right", "both_wrong")
    found = _read(folder, "turpin_bbh_by_task.csv")
    for bias, shots, model in TURPIN:
        keys = {"bias": bias, "shots": shots, "model": model, "mode": "cot"}
        cells = np.array([[int(r[n]) for n in names] for r in found if all(r[k] == v for k, v in keys.items())])
        values = np.concatenate([np.repeat([0.0, -1.0, 1.0, 0.0], row) for row in cells])
        tasks = np.repeat(np.arange(len(cells)), cells.sum(axis=1))
        _, lost, won, _ = (int(n) for n in cells.sum(axis=0))
        clustered = pooled_mean(values, tasks, correction="CR1")
        yield (
            f"Turpin 2023, {BIASES[bias]}, {shots}-shot, {MODELS[model]}",
            f"{100 * clustered.value:+.2f} points",
            f"{_interval(pooled_mean(values))}, McNemar p {mcnemar(lost, won):.0e}",
            f"{_interval(clustered)}, 13 tasks, sign-flip p {sign_flip(values, tasks, weighting='observations'):.2g}",
        )


def _two_hop(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    for row in (r for r in _read(folder, "two_hop_by_model.csv") if r["model"] in TWO_HOP):
        cells = [int(row[name]) for name in ("both", "cot_only", "no_cot_only", "neither")]
        found, n = tango(*cells), sum(cells)
        told = f"{100 * (cells[0] + cells[1]) / n:.1f} % with, {100 * (cells[0] + cells[2]) / n:.1f} % without"
        yield (
            f"Balesni 2024, two hops, {row['model'].split('/')[-1]}",
            told,
            f"difference {_interval(found)}, paired",
            f"kept by what this model knows: n = {n}",
        )


def _parity(folder: Path) -> Iterator[tuple[str, str, str, str]]:
    runs = _read(folder, "connecting_dots_parity_runs.csv")
    for name in ("equality", "inverse_query"):
        mine = [row for row in runs if row["evaluation"] == name]
        null, values = float(mine[0]["pooled_baseline"]), [float(row["p_target"]) for row in mine]
        found = mean_of_clusters(values, [row["finetune"] for row in mine], null=null)
        yield (
            f"Treutlein 2024, parity, {name.replace('_', ' ')}",
            f"{found.value:.3f} against {null:.3f}",
            "not released by item",
            f"{_interval(found)}, 10 fine-tunes: contains the baseline",
        )


def _counts() -> Iterator[tuple[str, str, str, str]]:
    for shots, (flips, back) in FLIPS.items():
        net = tango(0, flips, back, 1259 - flips - back)
        yield (
            f"replication of Turpin, {shots}",
            f"{100 * flips / 1259:.1f} % flip",
            _interval(wilson(flips, 1259)),
            f"{100 * net.value:.1f} % net of reverse flips, {_interval(net)}",
        )
    for kind, (both, one, two, neither) in CLASSIFIERS.items():
        cells = [both, one, two, neither]
        kappa = cohen_kappa(np.repeat([1, 1, 0, 0], cells), np.repeat([1, 0, 1, 0], cells))
        n = sum(cells)
        yield (
            f"two classifiers of the same chains, {kind}",
            f"{100 * (both + one) / n:.1f} % or {100 * (both + two) / n:.1f} % positive",
            f"difference {_interval(tango(both, one, two, neither))}",
            f"kappa {kappa.value:.4f}: which classifier reads decides the rate",
        )
    successes = np.concatenate([np.repeat(c, tasks) for c, tasks in TAU_BENCH])
    runs = np.concatenate([np.repeat([1, 0], [c, 4 - c]) for c in successes])
    first = pass_all(successes, np.full(50, 4), 1)
    yield ("tau-bench airline, GPT-4o", f"pass^1 {first.value:.3f}", _interval(pooled_mean(runs)), _interval(first))


def _reversal(folder: Path) -> tuple[str, str, str, str]:
    values: list[int] = []
    children: list[int] = []
    for row in _read(folder, "reversal_curse_clusters.csv"):
        asked, right = int(row["parents_asked"]), int(row["reversed_right"])
        for _ in range(int(row["children"])):
            child = children[-1] + 1 if children else 0
            values += [1] * right + [0] * (asked - right)
            children += [child] * asked
    found = pooled_mean(values, children)
    told = f"{sum(values)} of {found.n:,} = {100 * found.value:.1f} %"
    return ("Berglund 2023, GPT-4", told, _interval(wilson(sum(values), found.n)), f"{_interval(found)}, 797 children")


def _interval(found: Estimate) -> str:
    return f"[{found.low:.3f}, {found.high:.3f}]"


def table(folder: Path) -> str:
    """Give the table as Markdown."""
    lines = [HEAD, ("---",) * len(HEAD), *rows(folder)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, nargs="?", help="folder with derived/*.csv")
    folder: Path | None = parser.parse_args().folder
    print("left out: name the FOLDER with the released counts\n" if folder is None else table(folder), end="")


if __name__ == "__main__":
    main()
