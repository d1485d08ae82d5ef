"""Recorded runs of real agents import whole, with conditions and outcomes, and give the published numbers."""

from __future__ import annotations

from collections import Counter
from math import comb
from pathlib import Path
from statistics import fmean

import pytest

from tracer.exchange.reading import read_runs
from tracer.exchange.report import ImportReport
from tracer.exchange.transcripts import ImportedRun
from tracer.spans.names import StepKind
from tracer.trajectory import build_trajectory, summary


def load(folder: Path, name: str) -> list[ImportedRun]:
    report = ImportReport()
    runs = list(read_runs([str(folder / "recorded" / name)], report=report))
    assert not report.problems
    assert not report.skipped
    assert len({run.id for run in runs}) == len(runs)
    return runs


def test_tau_bench_gives_its_pass_rates(shared_data: Path) -> None:
    """200 runs; pass^k as the mean over tasks of C(c, k) / C(4, k)."""
    runs = load(shared_data, "tau-bench-gpt-4o-airline.json.xz")
    assert len(runs) == 200
    wins: Counter[str] = Counter()
    for run in runs:
        wins[run.scenario] += run.outcome["reward"] == 1
    rates = [fmean(comb(won, k) / comb(4, k) for won in wins.values()) for k in (1, 2, 3, 4)]
    assert rates == pytest.approx([0.420, 0.2733, 0.220, 0.200], abs=5e-5)


def test_agentdojo_gives_its_table(shared_data: Path) -> None:
    """1,506 runs; utility, utility under attack and attack success, without the sanity runs."""
    runs = load(shared_data, "agentdojo-2models.tar.xz")
    assert len(runs) == 1506
    kept = [run for run in runs if str(run.conditions["user_task"]).startswith("user_task")]
    assert len(kept) == 1452
    expected = {
        "gpt-4o-mini-2024-07-18": (68.04, 49.92, 27.19),
        "claude-3-5-sonnet-20241022": (79.38, 72.50, 1.11),
    }
    for model, numbers in expected.items():
        mine = [run for run in kept if run.conditions["model"] == model]
        calm = [run for run in mine if run.conditions["attack"] in (None, "none")]
        attacked = [run for run in mine if run.conditions["attack"] == "important_instructions"]
        assert (len(calm), len(attacked)) == (97, 629)
        found = (
            100 * fmean(run.outcome["utility"] for run in calm),
            100 * fmean(run.outcome["utility"] for run in attacked),
            100 * fmean(run.outcome["security"] for run in attacked),
        )
        assert found == pytest.approx(numbers, abs=0.005)


def test_who_and_when_keeps_its_labels(shared_data: Path) -> None:
    """126 runs; the labelled step is a step of the trajectory, spoken by the labelled agent but for three."""
    runs = load(shared_data, "who-and-when-alg126.tar.xz")
    assert len(runs) == 126
    wrong = 0
    for run in runs:
        made = build_trajectory(run.spans, id=run.id)
        labelled = [s for s in made.steps if s.data.get("index") == int(run.outcome["mistake_step"])]
        assert labelled
        spoke = labelled[0].kind == StepKind.MODEL and made.agents[labelled[0].agent] == run.outcome["mistake_agent"]
        wrong += not spoke
    assert wrong == 3


def test_werewolf_games_have_six_players(shared_data: Path) -> None:
    """300 games; wolves win 144, the village 154, neither 2; every player is an agent."""
    runs = load(shared_data, "sotopia-werewolf-300.tar.xz")
    assert len(runs) == 300
    won = Counter(sum(reward > 0 for reward in run.outcome["rewards"]) for run in runs)
    assert (won[2], won[4], won[0]) == (144, 154, 2)
    made = build_trajectory(runs[0].spans, id=runs[0].id)
    assert set(summary(made)["agents"]) <= set(runs[0].conditions["seats"])


def test_among_us_keeps_what_is_sound(shared_data: Path) -> None:
    """Games of several record forms: those of the known form import, the rest is counted."""
    report = ImportReport()
    runs = list(read_runs([str(shared_data / "recorded" / "among-us-cc0.tar.xz")], report=report))
    assert len(runs) >= 20
    assert report.problems
    assert {run.form for run in runs} == {"among-us"}
