"""The suite on the page on angles is one that can be frozen and run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tracer.cli import main

PAGE = Path(__file__).parents[2] / "docs" / "angles.md"


def test_the_page_s_suite_runs_and_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Copied from the page into a file, it runs on an organism and gets a verdict on its claim."""
    found = re.search(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    assert found is not None
    (tmp_path / "shop.py").write_text(found[1])
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main(["run", "shop.py:suite", "--stack", "agents/react.py:build", "--model", "organism:random", "-n", "3"])
    said = " ".join(capsys.readouterr().out.split())
    assert ended.value.code == 0, said
    assert "wants" in said
    assert "patching angle: absent: needs replay" in said
