"""A world and a stack of one's own: what the guides show is what is in docs/examples, and it runs."""

from __future__ import annotations

import contextlib
import re
from pathlib import Path

import pytest

import tracer
from tracer.store import open_store
from tracer.trajectory import build_trajectory

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "docs" / "examples"
SHOWN = {"worlds.md": ("my_world.py", "my_greenhouse.py"), "stacks.md": ("my_stack.py",)}


@pytest.mark.parametrize(("page", "example"), [(page, name) for page, names in SHOWN.items() for name in names])
def test_guides_show_the_examples_as_they_are(page: str, example: str) -> None:
    """Who copies out of a guide gets the tested file."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / page).read_text(), re.DOTALL)
    assert (EXAMPLES / example).read_text() in blocks


@pytest.mark.parametrize(("example", "most"), [("my_world.py", 80), ("my_stack.py", 40)])
def test_examples_are_short(example: str, most: int) -> None:
    """A world fits into under 80 lines, a stack into under 40."""
    assert len((EXAMPLES / example).read_text().splitlines()) < most


def test_the_stack_serves_the_world(tmp_path: Path) -> None:
    """The suite runs whole: given the steps, beds are watered, and the stack asks once whether it is done."""
    result = tracer.run(f"{EXAMPLES}/my_greenhouse.py:suite", stack=f"{EXAMPLES}/my_stack.py:build", store=tmp_path)
    (verdict,) = result.verdicts
    assert set(result.frame["status"]) == {"completed"}
    assert verdict.answer == "supported"
    with contextlib.closing(open_store(tmp_path)) as opened:
        run = next(r for r in opened.runs() if r.condition == "steps")
        steps = build_trajectory(opened.spans(run.id), id=run.id).steps
    beds = len(run.before["needs"])
    assert [s.name for s in steps if s.kind == "tool"] == ["read_gauge", "water"] * beds
    assert sum(s.kind == "model" for s in steps) == 2 * beds + 2
