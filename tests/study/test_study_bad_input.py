"""What studies cannot be judged on: told with its reason, never a number that looks fine."""

# pyright: reportUnknownLambdaType=false
# What is handed to a fixture cannot be inferred.
from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from tracer import Hypothesis, Verdict, contrast
from tracer.study import judge

NAN = math.nan
Shown = Callable[[str, int, str], float | None]
CASES: dict[str, tuple[Shown, dict[str, Any], str, str]] = {
    "one cluster": (
        lambda c, s, m: float(s % 2),
        {"scenarios": [{"id": f"s{n}", "tags": {}, "cluster": "one"} for n in range(16)]},
        "inconclusive",
        "(no interval)",
    ),
    "nothing varies at the margin": (lambda c, s, m: 0.5, {}, "inconclusive", "unresolved"),
    "no run has a value": (lambda c, s, m: None, {}, "not testable", "no run gives any angle a value"),
    "one arm has none": (lambda c, s, m: None if c == "off" else 1.0, {}, "not testable", "no run gives any angle"),
    "no finite number": (lambda c, s, m: NAN, {}, "not testable", "no run gives any angle a value"),
    "beyond its bounds": (lambda c, s, m: 7.0, {}, "not testable", "no run gives any angle a value"),
}


@pytest.mark.parametrize(("shown", "more", "answer", "told"), CASES.values(), ids=CASES.keys())
@pytest.mark.parametrize("sequential", [False, True], ids=["fixed", "sequential"])
def test_nothing_is_concluded_from_it(
    shown: Shown,
    more: dict[str, Any],
    answer: str,
    told: str,
    sequential: bool,
    check: Any,
    study_of: Any,
    rows: Any,
) -> None:
    """One cluster, nothing that varies, empty arms and values that are none give no decision and say why."""
    angle = check("angle", "a", family="action", estimand=contrast("shown", "a", "off"))
    off = check("angle", "off", family="action")
    claim = Hypothesis(id="h", claim="{system}", kind="behaviour", checks=(angle, off))
    design = more | ({"sequential": {"looks": 20}} if sequential else {})
    study = study_of([claim], crossed=False, **design)
    verdict: Verdict = judge(study, rows(study, shown))[0]
    assert verdict.complete
    assert verdict.answer == answer
    assert sequential or told in " ".join(verdict.because)
