"""What a plan says is what studies of that size then do."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from tracer import Check, Condition, Hypothesis, Measure, Scenario, Suite, Task, contrast, rate
from tracer.errors import StudyError
from tracer.stats.power import power_of
from tracer.study import Assumed, Outlook, Pilot, plan_sizes, read_pilot

BOTH = Check(name="effect", role="angle", family="action", estimand=contrast("y", "on", "off"), margin=0.2)
ONE = Check(name="floor", role="control", control="floor", estimand=rate("y", "off"), margin=0.5)
NULL = Check(name="again", role="null", estimand=contrast("y", "again", "off"))


def a_suite(*checks: Check, high: float | None = 1.0, clusters: int = 30, each: int = 1) -> Suite:
    scenarios = [Scenario(id=f"s{n}", cluster=f"c{n // each}") for n in range(clusters * each)]
    return Suite(
        name="s",
        question="?",
        scenarios=scenarios,
        conditions=[Condition(name="on"), Condition(name="off"), Condition(name="again", reseed=True)],
        present=lambda scenario, condition: Task(messages=[]),
        measures=[Measure("y", lambda seen: 0.0, high=high)],
        hypotheses=[Hypothesis(id="h", claim="c", kind="behaviour", checks=checks)],
        replicates=4,
    )


def outlook(suite: Suite, count: int = 30, **assumed: Any) -> Outlook:
    (size,) = plan_sizes(suite, [count], Assumed(**assumed))
    return size.outlooks[0]


def test_power_is_that_of_the_formula() -> None:
    """Simulated power agrees with the t test's for the sd that the stated assumptions give."""
    found = outlook(a_suite(BOTH), rate=0.3, sd=0.2, alike=0.0, effect=0.2, studies=1000)
    means = (0.7, 0.3)
    within = [(m * (1 - m) - 0.04) / 4 for m in means]
    sd = math.sqrt(2 * 0.04 + sum(within))
    assert found.true == pytest.approx(0.4)
    assert found.power == pytest.approx(power_of(0.2, sd, 30), abs=0.05)


def test_no_effect_beyond_the_margin_is_rarely_found() -> None:
    """At the margin itself a check passes in 2.5 % of studies."""
    assert outlook(a_suite(BOTH), effect=0.0, studies=1000).power < 0.05


def test_pairing_gains_and_clusters_cost() -> None:
    """Conditions that are alike within a cluster give more power; scenarios that share a source do not replace it."""
    apart, alike = (outlook(a_suite(BOTH), sd=0.35, alike=a, studies=400).power for a in (0.0, 1.0))
    assert alike > apart + 0.1
    few = outlook(a_suite(BOTH, clusters=10, each=3), studies=400)
    assert (few.clusters, outlook(a_suite(BOTH)).clusters) == (10, 30)
    assert few.power < outlook(a_suite(BOTH)).power - 0.1


def test_sizes_count_runs_and_scenarios_to_write() -> None:
    """Runs are cells x replicates x systems; scenarios to write are told; nulls are out."""
    suite = a_suite(BOTH, ONE, NULL)
    sizes = plan_sizes(suite, [10, 60], Assumed(systems=2, studies=50))
    assert [(s.scenarios, s.to_write, s.runs) for s in sizes] == [(10, 0, 240), (60, 30, 1440)]
    assert [o.check.name for o in sizes[1].outlooks] == ["effect", "floor"]
    assert [o.clusters for o in sizes[1].outlooks] == [60, 60]
    assert sizes[1].outlooks[1].true == pytest.approx(0.75), "a rate is held half the way to its end"
    assert sizes[0].outlooks[0].visible > sizes[1].outlooks[0].visible


def test_what_cannot_be_simulated_is_said() -> None:
    """Without bounds, clusters or enough of a pilot there is no power, but a reason."""
    assert outlook(a_suite(BOTH, high=None)).why_not == "the measure has no bounds: give a pilot"
    assert outlook(a_suite(BOTH), count=1).why_not == "fewer than two clusters"
    empty = Pilot({("h", "effect"): np.empty(0)}, {})
    found = outlook(a_suite(BOTH), pilot=empty)
    assert "the pilot has fewer than two clusters" in found.why_not
    assert found.to_dict()["power"] is None


def test_pilot_takes_the_place_of_assumptions(study_of: Any, rows: Any) -> None:
    """A pilot's clusters, less their mean, are drawn again in the place of what would be assumed."""
    angle = BOTH.model_copy(update={"estimand": contrast("shown", "on", "off")})
    hypothesis = Hypothesis(id="h", claim="c", kind="behaviour", checks=(angle,))
    study = study_of([hypothesis], conditions=[{"name": "on"}, {"name": "off"}])

    def value(condition: str, scenario: int, model: str) -> float | None:
        return float(condition == "on" and scenario % 2 == 0)

    pilot = read_pilot(study, rows(study, value))
    suite = a_suite(BOTH)
    varied = outlook(suite, pilot=pilot, studies=400)
    sd = math.sqrt(0.25 * 16 / 15)
    assert pilot.deviations["h", "effect"].std() == pytest.approx(sd)
    assert varied.power == pytest.approx(power_of(0.2, sd, 30), abs=0.06)
    with pytest.raises(StudyError, match="no ended run"):
        read_pilot(study, [])
