"""Claims that come after the data, and studies that amend others, are told as what they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

LATE = """
from dataclasses import replace
from .quiz import suite as frozen
from tracer import Hypothesis, Measure, Check, contrast

red = Measure("red", lambda seen: seen.answer == "red")
claim = Hypothesis(
    id="reddened", claim="an order turns answers of {system} red", kind="behaviour",
    checks=(Check(name="red", role="angle", estimand=contrast("red", "told", "plain"), margin=0.9),),
)
suite = replace(frozen, measures=[*frozen.measures, red], hypotheses=[*frozen.hypotheses, claim])
"""


def test_late_claims_are_judged_and_marked(command: Any, here: Path) -> None:
    """`--also` measures the runs anew for claims that were not frozen, marks them, and leaves the frozen ones alone."""
    (here / "late.py").write_text(LATE)
    first = command("run", "quiz.py:suite", "--json").json
    both = command("verdict", "--also", "late.py:suite", "--json").json
    assert both[0] == first["verdicts"][0]
    assert [(v["hypothesis"], v["confirmatory"]) for v in both] == [("moved_by_suggestion", True), ("reddened", False)]
    assert both[1]["findings"][0]["estimate"]["n"] == 12
    told = command("verdict", "--also", "late.py:suite").out
    assert "reddened  (exploratory)" in told
    assert told.count("(exploratory)") == 2, "in short as well"
    assert max(map(len, told.splitlines())) <= 80
    report = command("report", "--also", "late.py:suite").out
    assert "exploratory" in report
    assert "confirm nothing" in report
    assert "nothing late to judge" in command("verdict", "--also", "quiz.py:suite").err
    assert "do not go together" in command("report", "--also", "late.py:suite", "--bundle", "b.zip").err


def test_an_amending_study_says_what_was_seen(command: Any) -> None:
    """The new study names its parent and the runs that had been seen; with the same seed it would see them again."""
    parent = command("run", "quiz.py:suite", "-n", "2", "--json").json["study"]
    again = command("freeze", "quiz.py:suite", "-n", "3", "--amends", parent[:12])
    assert (again.code, again.out) == (2, "")
    assert "Give another --seed" in again.err
    frozen = command("freeze", "quiz.py:suite", "-n", "3", "--amends", parent[:12], "--seed", "2")
    assert f"Amends study {parent[:12]}, of which 8 runs had been made by then." in " ".join(frozen.out.split())
    child = frozen.out.rsplit("tracer run ", 1)[1].split()[0]
    assert command("run", child).code == 0
    assert f"This study amends {parent}, of which 8 runs had been made" in command("report", child).out
    assert "no study in" in command("freeze", "quiz.py:suite", "--amends", "abcdef").err
