"""The worked example of docs/importing.md is read through the command line as the page says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner

from tracer.cli.app import cli
from tracer.exchange.recipe import MessageFields, Recipe

DOCS = Path(__file__).parents[2] / "docs"
RECIPE = DOCS / "examples" / "helpdesk.toml"


def printed(*arguments: str) -> Any:
    done = CliRunner().invoke(cli, [*arguments, "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return orjson.loads(done.stdout)


def test_the_example_becomes_runs_with_their_steps(tmp_path: Path) -> None:
    """Import, list and show give conditions, outcomes, steps and joins of a form that nothing shipped knows."""
    store = str(tmp_path / "store")
    told = printed(
        "import", "--recipe", str(RECIPE), str(DOCS / "examples" / "helpdesk_lane_day.jsonl"), "--store", store
    )
    assert (told["runs"], told["new_spans"], told["problems"]) == (2, 10, {})
    rows = {row["scenario"]: row for row in printed("list", "--store", store)}
    assert set(rows) == {"ticket 1", "ticket 2"}
    first = rows["ticket 1"]
    assert first["facts"]["conditions"] == {"policy": "strict", "lane": "day", "source": "made up"}
    assert (first["values"], first["model"], first["answer"]) == ({"solved": 1.0}, "small-1", "It is 18 degrees.")
    shown = printed("show", first["id"], "--store", store)
    assert shown["steps"] == {"workflow": 1, "agent": 1, "model": 2, "tool": 1}
    assert shown["agents"] == ["desk"]
    assert shown["edges"]["requests"] == shown["edges"]["returns"] == 1


def test_the_page_shows_the_example_as_it_is_and_stays_short() -> None:
    """The recipe on the page is the file, and under thirty lines."""
    text = RECIPE.read_text()
    assert text in (DOCS / "importing.md").read_text()
    assert text.count("\n") < 30


@pytest.mark.parametrize("field", [*Recipe.model_fields, *MessageFields.model_fields])
def test_the_page_explains_every_field(field: str) -> None:
    """No field of a recipe is left to guessing."""
    rows = [row for row in (DOCS / "importing.md").read_text().splitlines() if row.startswith("| `")]
    head = " ".join(row.split("|")[1] for row in rows)
    assert re.search(rf"`\[?{field}\]?`", head)
