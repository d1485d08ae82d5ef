"""The question of one's own in the README is the file in docs/examples, and it runs."""

from __future__ import annotations

import re
from pathlib import Path

import tracer

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "my_question.py"


def test_readme_shows_the_example_as_it_is() -> None:
    """Who copies the suite out of the README gets the tested one."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert EXAMPLE.read_text() in blocks


def test_example_is_short_enough_for_five_minutes() -> None:
    """A suite of one's own fits into one file of under 80 lines."""
    assert len(EXAMPLE.read_text().splitlines()) < 80


def test_example_runs_and_is_judged(tmp_path: Path) -> None:
    """The suite runs whole on a scripted model, and what that model cannot do makes it not testable."""
    result = tracer.run(f"{EXAMPLE}:suite", model="organism:steadfast", store=tmp_path / "store")
    (verdict,) = result.verdicts
    assert set(result.frame["status"]) == {"completed"}
    assert verdict.complete
    assert verdict.answer in ("not testable", "inconclusive", "refuted")
    assert {f.check.name for f in verdict.findings} == {"loss", "knows", "same again"}
