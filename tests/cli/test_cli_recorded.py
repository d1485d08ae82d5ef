"""Published runs, imported and judged by the shipped maps, give the published numbers with clustered intervals."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

MAPS = Path(__file__).parents[2] / "docs" / "examples"


def test_tau_bench_gives_pass_all_with_clustered_intervals(command: Any, shared_data: Path) -> None:
    """pass^k of tau-bench airline as published; the task is the unit, which makes its error half again as large."""
    command("import", str(shared_data / "recorded" / "tau-bench-gpt-4o-airline.json.xz"))
    told = command("verdict", "--recorded", str(MAPS / "tau_bench.toml"), "--json").json
    (mean,) = told["means"]
    assert [e["value"] for e in mean["pass_all"]] == pytest.approx([0.420, 0.2733, 0.220, 0.200], abs=5e-5)
    assert {e["clusters"] for e in mean["pass_all"]} == {50}
    assert mean["pass_all"][0]["se"] == pytest.approx(0.0522, abs=5e-5)
    printed = command("verdict", "--recorded", str(MAPS / "tau_bench.toml"))
    assert (printed.code, printed.err) == (0, "")
    assert "2 of 2 0.2733 [0.162, 0.385] 50 clusters" in " ".join(printed.out.split())
    assert max(map(len, printed.out.splitlines())) <= 80


def test_agentdojo_says_what_an_injected_goal_changes(command: Any, shared_data: Path) -> None:
    """Utility, utility under attack and attack success as published; the effect for each model, paired by user task."""
    command("import", str(shared_data / "recorded" / "agentdojo-2models.tar.xz"))
    told = command("verdict", "--recorded", str(MAPS / "agentdojo.toml"), "--json").json
    means = {(m["model"][:6], m["condition"], m["measure"]): round(100 * m["value"], 2) for m in told["means"]}
    for model, numbers in {"gpt-4o": (68.04, 49.92, 27.19), "claude": (79.38, 72.50, 1.11)}.items():
        keys = (("calm", "utility"), ("attacked", "utility"), ("attacked", "security"))
        assert tuple(means[model, *key] for key in keys) == numbers
    verdicts = {(v["hypothesis"], v["model"][:6]): v for v in told["verdicts"]}
    effect = {m: verdicts["derailed", m]["findings"][0]["estimate"] for m in ("gpt-4o", "claude")}
    assert {e["clusters"] for e in effect.values()} == {97}
    assert effect["gpt-4o"]["high"] < -0.05
    assert -0.05 < effect["claude"]["high"] < 0
    assert verdicts["derailed", "gpt-4o"]["verdict"] == "supported"
    assert verdicts["derailed", "claude"]["verdict"] == "inconclusive"
    assert not any(v["confirmatory"] for v in told["verdicts"])


def test_recorded_stands_alone(command: Any) -> None:
    """A map goes with no study, and an empty store is told as such."""
    path = str(MAPS / "tau_bench.toml")
    assert "goes with no study" in command("verdict", "abcd", "--recorded", path).err
    nothing = command("verdict", "--recorded", path)
    assert (nothing.code, nothing.out) == (2, "")
    assert "none of 0 runs of the form 'tau-bench'" in nothing.err
