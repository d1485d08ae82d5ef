"""When nothing is there, the statistics say so as often as they claim."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "null_calibration.py"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    """A thousand simulated analyses in each situation, and sixty whole studies that are looked at while they run."""
    command = [sys.executable, str(SCRIPT), "--studies", "1000", "--whole", "60", "--json"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    return [json.loads(line) for line in shown.stdout.splitlines()]


def test_ours_reject_a_true_null_no_more_often_than_they_say(rows: list[dict[str, Any]]) -> None:
    """In none of the four situations is 5 % below what the simulated studies allow for."""
    ours = [row for row in rows if row["ours"] and row["claim"] == "rejects"]
    assert len({row["situation"] for row in ours}) == 4
    assert [row for row in ours if row["low"] > 0.05] == []


def test_the_usual_analyses_fail_where_they_should(rows: list[dict[str, Any]]) -> None:
    """The simulation can tell: what ignores peeking or clusters rejects far more than 5 %."""
    usual = [row for row in rows if not row["ours"] and row["claim"] == "rejects"]
    assert len(usual) == 5
    assert all(row["low"] > 0.08 for row in usual)


def test_intervals_cover(rows: list[dict[str, Any]]) -> None:
    """Intervals for one look cover in 93 to 97 %, those for any number of looks in at least 95 %."""
    for row in rows:
        if row["ours"] and row["claim"] == "covers":
            most = 1.0 if "sequence" in row["analysis"] else 0.97
            assert 0.93 <= row["share"] <= most, row


def test_studies_that_are_looked_at_decide_nothing_false(rows: list[dict[str, Any]]) -> None:
    """Of whole studies with up to twenty looks, none supports an effect at the margin, and most support a large one."""
    supported = {row["situation"].split(" (")[0]: row["share"] for row in rows if row["claim"] == "supported"}
    assert supported["sequential study, effect 0.15"] <= 0.05
    assert supported["sequential study, effect 0"] == 0
    assert supported["sequential study, effect 0.45"] >= 0.8
    assert all(row["share"] <= 0.02 for row in rows if row["claim"] == "invalid")
