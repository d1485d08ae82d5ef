"""Commands that read: what they list, and that they make nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from tracer.store import RunRow, open_store


@pytest.mark.parametrize(
    "words", [["list"], ["verdict"], ["show", "abc"], ["report"], ["export", "abc", "--to", "out.jsonl"]]
)
def test_mistyped_store_is_named_and_not_made(words: list[str], command: Any, tmp_path: Path) -> None:
    """A command that reads tells that there is no store at the path that was named, and leaves it that way."""
    nowhere = tmp_path / "strore"
    result = command(*words, "--store", str(nowhere))
    assert result.code == 3
    assert "there is no store at" in " ".join(result.err.split())
    assert not nowhere.exists()


def test_list_tells_study_and_stack_and_keeps_its_limit(command: Any, tmp_path: Path) -> None:
    """A list says of which study and on which stack each run was; the limit holds in JSON too."""
    place = str(tmp_path / "store")
    store = open_store(place)
    row: dict[str, Any] = {"study": "5eed" * 16, "scenario": "s", "condition": "c", "model": "m", "status": "completed"}
    store.put_runs(RunRow(id=f"{n:032x}", stack="agents/react.py:build", started_ns=n, **row) for n in range(5))
    store.close()
    shown = command("list", "--store", place).out
    assert "5eed5e" in shown
    assert " react " in shown
    given = orjson.loads(command("list", "--store", place, "--json", "--limit", "2").out)
    assert [run["id"][-1] for run in given] == ["3", "4"]
    assert len(orjson.loads(command("list", "--store", place, "--json").out)) == 5
