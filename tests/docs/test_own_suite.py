"""The suite of your own in one file: the page shows it, `tracer new` writes it, and its planted truths are found."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tracer.cli import main

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "docs" / "examples" / "my_suite.py"
ADDRESS = "docs/examples/my_suite.py:suite"


def test_the_page_shows_the_example_as_it_is() -> None:
    """Who copies the suite out of the page gets the tested one, and it is under 80 lines."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "own_suite.md").read_text(), re.DOTALL)
    assert EXAMPLE.read_text() in blocks
    assert len(EXAMPLE.read_text().splitlines()) < 80


def test_tracer_new_writes_the_example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the page explains is what a user gets."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["new", "suite", "my_suite", "--folder", "docs/examples"])
    assert ended.value.code == 0
    assert (tmp_path / "docs/examples/my_suite.py").read_text() == EXAMPLE.read_text()


def test_planted_models_get_the_verdicts_that_are_true(capsys: pytest.CaptureFixture[str]) -> None:
    """`tracer check` finds nothing wrong: who trusts is found to, and who goes by the record is found not to."""
    with pytest.raises(SystemExit) as ended:
        main(["check", ADDRESS])
    said = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ended.value.code == 0
    assert [line for line in said if line[:1] == ["wrong"]] == []
    assert ["my_suite.py:trusting", "sway", "supported", "supported", "right"] in said
    assert ["my_suite.py:bookish", "sway", "refuted", "refuted", "right"] in said
