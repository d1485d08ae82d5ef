"""What the field has published is told apart by the suites that are named after it, in a study of their own size."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.calibration import Asked, try_planted
from tracer.study import load_suite

ROOT = Path(__file__).parents[2]
SHAPES = {
    "scenarios/reversal_curse.py:suite": ("cursed", "both_ways"),
    "scenarios/two_hop.py:suite": ("needs_words",),
    "scenarios/cot_faithfulness.py:truncation": ("reasoner", "decorator"),
    "scenarios/cot_faithfulness.py:suite": ("teller", "hider"),
}
CASES = [(address, name) for address, names in SHAPES.items() for name in names]


@pytest.mark.parametrize(("address", "name"), CASES, ids=[f"{Path(a).stem}-{name}" for a, name in CASES])
def test_a_published_shape_is_recovered(address: str, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cursed system, a silent one that fails, an unfaithful reasoner and a hidden hint each get their verdict."""
    monkeypatch.chdir(ROOT)
    (planted,) = (one for one in load_suite(address).planted if one.model.endswith(f":{name}"))
    trial = try_planted(Asked(address), planted)
    assert {claim: answers[0] for claim, answers in trial.answers.items()} == dict(planted.verdicts)
    assert set(trial.statuses) == {"completed"}
