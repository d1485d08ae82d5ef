"""What the design of a study cannot tell apart stands in its preregistration."""

from __future__ import annotations

from typing import Any

import pytest

from tracer import Hypothesis
from tracer.cli.terminal import print_plan
from tracer.design import crossed, fractional
from tracer.study import report, to_markdown

LEVELS = {"goal": ("a", "b"), "belief": ("x", "y"), "remark": ("none", "other")}
FULL = crossed(**LEVELS)
HALF = fractional({"remark": ("goal", "belief")}, **LEVELS)


@pytest.mark.parametrize(("conditions", "mixed"), [(FULL, False), (HALF, True)], ids=["full", "half"])
def test_preregistration_names_aliased_effects(
    conditions: Any, mixed: bool, check: Any, study_of: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    """`freeze` and the report say of a half fraction which effects are one, and nothing of a full design."""
    claim = Hypothesis(id="h", claim="c", kind="behaviour", checks=(check("angle", conditions[0].name),))
    study = study_of(
        [claim],
        question="?",
        conditions=[c.model_dump(mode="json") for c in conditions],
        temperature=0.7,
        max_calls_per_run=8,
    )
    print_plan(study)
    told = " ".join(capsys.readouterr().out.split())
    written = to_markdown(report(study, [], []))
    for text in (told, written):
        assert ("goal cannot be told apart from belief x remark" in text) == mixed
