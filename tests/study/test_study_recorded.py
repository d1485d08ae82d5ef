"""Imported runs are held against the same checks: mapped, paired, clustered, and never confirmatory."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tracer.errors import StudyError
from tracer.store import RunRow
from tracer.study import Recorded, judge_recorded, load_recorded

MAP = """
name = "m"
question = "?"
form = "f"
scenario = "{task}"
cluster = "{kind}"
[where]
task = "t.*"
[conditions.on]
hint = "yes|sure"
[conditions.off]
hint = "no"
[measures.right]
[measures.score]
outcome = "reward"
high = 10.0
repeated = true
[[hypotheses]]
id = "h"
kind = "behaviour"
claim = "{system} does"
[[hypotheses.checks]]
name = "effect"
role = "angle"
margin = 0.2
estimand = { measure = "right", weights = { on = 1.0, off = -1.0 } }
"""


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    file = tmp_path / "map.toml"
    file.write_text(MAP)
    return load_recorded(file)


def row(number: int, hint: Any, **outcome: Any) -> RunRow:
    conditions = {"task": f"t{number}", "kind": f"k{number % 8}", "hint": hint}
    facts = {"conditions": conditions, "outcome": outcome}
    return RunRow(id=f"{number}{hint}{outcome}", suite="f", model="m", status="completed", facts=facts)


def test_runs_are_placed_paired_and_clustered(recorded: Recorded) -> None:
    """The map gives scenario, cluster, condition and value; what it has no place for is counted."""
    rows = [row(n, hint, right=hint != "no") for n in range(24) for hint in ("yes", "no")]
    rows += [row(0, "maybe", right=True), row(1, None, right=True), RunRow(id="x", suite="another")]
    result = judge_recorded(recorded, rows)
    (verdict,) = result.verdicts
    (finding,) = verdict.findings
    assert result.left_out == 2
    assert (finding.estimate.value, finding.estimate.n, finding.estimate.clusters) == (1.0, 24, 8)
    assert [(m.condition, m.value, m.runs) for m in result.means] == [("on", 1.0, 24), ("off", 0.0, 24)]
    assert not verdict.confirmatory
    assert "observational" in verdict.because[-1]


def test_what_the_record_does_not_say_is_missing(recorded: Recorded) -> None:
    """An outcome that is absent or no number is no 0: its scenario is left out with the reason."""
    rows = [row(n, hint, **({"right": hint == "yes"} if n else {})) for n in range(9) for hint in ("yes", "no")]
    (verdict,) = judge_recorded(recorded, rows).verdicts
    assert dict(verdict.findings[0].excluded) == {"the record does not say": 1}
    assert verdict.findings[0].estimate.n == 8


def test_repeated_measures_give_pass_all(recorded: Recorded) -> None:
    """pass^k with the cluster as the unit, for every k that all scenarios have runs for."""
    rows = [row(n, "yes", reward=10.0 * (t < n % 3), trial=t) for n in range(6) for t in range(2)]
    (mean,) = judge_recorded(recorded, rows).means
    assert mean.value == pytest.approx(5.0)
    assert [e.value for e in mean.passes] == pytest.approx([0.5, 1 / 3])
    assert [e.clusters for e in mean.passes] == [6, 6]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (MAP.replace('measure = "right"', 'measure = "left"'), "no measure or condition 'left'"),
        (MAP.replace("off = -1.0", "of = -1.0"), "no measure or condition 'of'"),
        (MAP.replace('form = "f"', ""), "form"),
        (MAP + "wings = 2\n", "wings"),
        ("[", "is no map of recorded runs"),
    ],
)
def test_a_wrong_map_is_refused(text: str, told: str, tmp_path: Path) -> None:
    """The file, and what is wrong in it, are named."""
    (tmp_path / "map.toml").write_text(text)
    with pytest.raises(StudyError, match=told) as refused:
        load_recorded(tmp_path / "map.toml")
    assert "map.toml" in str(refused.value)


def test_no_fitting_run_is_refused(recorded: Recorded) -> None:
    """Where the map fits nothing, that is said, and how to see what there is."""
    with pytest.raises(StudyError, match="none of 1 runs of the form 'f' fits"):
        judge_recorded(recorded, [row(0, "maybe")])
