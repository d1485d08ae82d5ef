"""`tracer plan`: what a suite costs and sees, before it is run."""

from __future__ import annotations

from pathlib import Path
from typing import Any


def test_plan_prints_costs_and_power(command: Any, here: Path) -> None:
    """Runs, tokens, cost and power for each size, at 80 columns, and nothing is run or written."""
    printed = command(
        *("plan", "quiz.py:suite", "-n", "6", "-n", "24", "--studies", "50"),
        *("--tokens-in", "100", "--tokens-out", "10", "--price-in", "1", "--price-out", "10"),
    )
    assert (printed.code, printed.err) == (0, "")
    told = " ".join(printed.out.split())
    assert "24 24 (12 new) 96 96 9,600 960 0.02" in told
    assert "suggestion > 0.3 +0.60" in told
    assert "With --sequential: at most these" in told
    assert max(map(len, printed.out.splitlines())) <= 80
    assert not (here / ".tracer").exists()


def test_plan_learns_from_a_pilot(command: Any, filled: Path) -> None:
    """Calls and tokens come from the pilot's runs."""
    store = ("--store", str(filled))
    study = command("list", "--studies", "--json", *store).json[-1]["hash"]
    found = command("plan", "quiz.py:suite", "-n", "12", "--pilot", study[:12], "--studies", "50", "--json", *store)
    assert found.code == 0, found.err
    (size,) = found.json["sizes"]
    assert (size["runs"], size["calls"]) == (48, 48)
    assert size["input_tokens"] > 0
    assert {c["check"] for c in size["checks"]} == {"suggestion", "an order moves it"}
    assert command("plan", "quiz.py:suite", "--pilot", "abcdef", *store).code == 2
    assert command("plan", "nothing.py:suite").code == 2
