"""One check against the runs: paired, clustered, bounded where runs are missing, and never a 0 for a missing value."""

from __future__ import annotations

import math
from collections.abc import Mapping
from statistics import fmean
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tracer import Check, Condition, Scenario, contrast, rate
from tracer.store import RunRow
from tracer.study import Finding, Table, evaluate

CONDITIONS = [Condition(name="on"), Condition(name="off")]
Shown = Mapping[str, Mapping[str, Any]]  # scenario -> condition -> one value or a list of one for each replicate
NOT_FOR_THIS = {"missing": "not asked here", "applies": False}
UNPARSED = {"missing": "the answer is none of the options", "applies": True}


def rows_of(shown: Shown) -> list[RunRow]:
    """Give rows; a string is a status other than completed, a dict a missing value."""
    rows: list[RunRow] = []
    for scenario, by_condition in shown.items():
        for condition, values in by_condition.items():
            for replicate, value in enumerate(values if isinstance(values, list) else [values]):
                status, found = (value, {}) if isinstance(value, str) else ("completed", {"y": value})
                rows.append(
                    RunRow(
                        id=f"{scenario}{condition}{replicate}",
                        scenario=scenario,
                        condition=condition,
                        replicate=replicate,
                        status=status,
                        values=found,
                    )
                )
    return rows


def found(
    shown: Shown,
    check: Check | None = None,
    *,
    clusters: Mapping[str, str] | None = None,
    bounds: tuple[float | None, float | None] = (0.0, 1.0),
    level: float = 0.95,
) -> Finding:
    scenarios = [Scenario(id=s, cluster=(clusters or {}).get(s, s)) for s in shown]
    table = Table(scenarios, CONDITIONS, rows_of(shown))
    return evaluate(check or angle(), table, level=level, bounds=bounds)


def angle(**more: Any) -> Check:
    return Check.model_validate(
        {"name": "a", "role": "angle", "estimand": contrast("y", "on", "off"), "margin": 0.3} | more
    )


def steady(on: Any, off: Any, count: int = 12) -> dict[str, dict[str, Any]]:
    return {f"s{n}": {"on": on, "off": off} for n in range(count)}


def test_contrast_is_paired_by_scenario() -> None:
    """Scenarios that differ a lot, but all by the same effect, leave no doubt about the effect."""
    shown = {f"s{n}": {"on": n / 20 + 0.5, "off": n / 20} for n in range(10)}
    finding = found(shown)
    assert finding.estimate.value == pytest.approx(0.5)
    assert finding.estimate.se == pytest.approx(0)


def test_replicates_are_averaged_within_their_scenario() -> None:
    """A scenario with more replicates does not count more."""
    shown = steady([1.0], [0.0], 3) | {"s9": {"on": [0.0] * 50, "off": [0.0] * 50}}
    assert found(shown).estimate.value == pytest.approx(0.75)
    assert (found(shown).estimate.n, found(shown).estimate.clusters) == (4, 4)


def test_clusters_are_the_unit() -> None:
    """A hundred scenarios from two sources are two observations, and say so."""
    shown = {f"s{n}": {"on": float(n % 2), "off": 0.0} for n in range(100)}
    clustered = found(shown, clusters={s: f"c{int(s[1:]) % 2}" for s in shown})
    assert (clustered.estimate.n, clustered.estimate.clusters) == (100, 2)
    assert clustered.outcome == "UNRESOLVED"
    assert found(shown).estimate.low > 0.3


def test_one_cluster_has_no_interval() -> None:
    """From one cluster nothing is concluded, however many runs it has."""
    finding = found(steady(1.0, 0.0), clusters={f"s{n}": "same" for n in range(12)})
    assert math.isnan(finding.estimate.low)
    assert finding.outcome == "UNRESOLVED"
    assert "one cluster" in " ".join(finding.estimate.notes)


@pytest.mark.parametrize(
    ("count", "direction", "margin", "outcome"),
    [
        (12, "above", 0.3, "PASS"),
        (2, "above", 0.3, "UNRESOLVED"),
        (12, "below", 0.3, "FAIL"),
        (12, "within", 0.3, "FAIL"),
    ],
)
def test_all_equal_values_keep_their_uncertainty(count: int, direction: str, margin: float, outcome: str) -> None:
    """Where every scenario shows the same, few of them still prove little."""
    finding = found(steady(1.0, 0.0, count), angle(direction=direction, margin=margin))
    assert finding.outcome == outcome
    assert finding.estimate.low < 1.0


MEANS = {"far above": 0.9, "just above": 0.45, "just below": 0.2, "opposite": -0.9}


@pytest.mark.parametrize(
    ("direction", "outcomes"),
    [
        ("above", ["PASS", "UNRESOLVED", "UNRESOLVED", "FAIL"]),
        ("below", ["FAIL", "UNRESOLVED", "UNRESOLVED", "PASS"]),
        ("within", ["FAIL", "UNRESOLVED", "UNRESOLVED", "FAIL"]),
    ],
)
def test_outcome_by_direction(direction: str, outcomes: list[str]) -> None:
    """PASS lies beyond the margin in the stated direction, FAIL wholly on the other side, else it is open."""
    came: list[str] = []
    for mean in MEANS.values():
        values = [mean + (0.1 if n % 2 else -0.1) * (1 if abs(mean) > 0.5 else 4) for n in range(12)]
        shown = {f"s{n}": {"on": value, "off": 0.0} for n, value in enumerate(values)}
        came.append(found(shown, angle(direction=direction), bounds=(-2.0, 2.0)).outcome)
    assert came == outcomes


def test_small_effect_passes_within() -> None:
    """Equivalence is shown by an interval inside both margins, not by the lack of a difference."""
    tiny = {f"s{n}": {"on": 0.5 + (0.02 if n % 2 else -0.02), "off": 0.5} for n in range(12)}
    assert found(tiny, angle(direction="within")).outcome == "PASS"
    loud = {f"s{n}": {"on": float(n % 2), "off": float(n % 3 == 0)} for n in range(12)}
    assert found(loud, angle(direction="within")).outcome == "UNRESOLVED"


def test_missing_is_excluded_with_its_reason_and_bounded() -> None:
    """A run without a value is not a 0: it is left out, counted by reason, and bounds say what it could have done."""
    shown = steady(1.0, 0.0, 8) | {
        "f1": {"on": "failed", "off": 0.0},
        "f2": {"on": 1.0, "off": "limit"},
        "f3": {"on": UNPARSED, "off": 0.0},
        "f4": {"on": 1.0},
        "n1": {"on": 1.0, "off": NOT_FOR_THIS},
        "n2": {"on": "failed", "off": NOT_FOR_THIS},
        "n3": {"on": NOT_FOR_THIS, "off": "failed"},
    }
    finding = found(shown)
    assert finding.estimate.value == 1.0
    assert dict(finding.excluded) == {
        "failed": 1,
        "limit": 1,
        "the answer is none of the options": 1,
        "not run": 1,
        "does not apply": 3,
    }
    assert finding.if_missing_were == pytest.approx((8 / 12, 1.0))
    assert found(steady(1.0, 0.0) | {"n": {"on": 1.0, "off": NOT_FOR_THIS}}).if_missing_were is None


def test_missing_replicates_are_told_and_bounded() -> None:
    """A scenario of which some runs have a value is kept; those that have none are told and bounded all the same."""
    finding = found({f"s{n}": {"on": [1.0, "failed"], "off": [0.0, 0.0]} for n in range(6)})
    assert (finding.estimate.value, dict(finding.excluded)) == (1.0, {})
    assert finding.if_missing_were == pytest.approx((0.5, 1.0))
    assert "6 failed" in " ".join(finding.notes)


def test_bounds_need_bounds_of_the_measure() -> None:
    """Without a smallest and largest value nothing can be said about missing runs, and nothing is."""
    shown = {f"s{n}": {"on": 3.0 + n, "off": 1.0} for n in range(6)} | {"f": {"on": "failed", "off": 1.0}}
    assert found(shown, bounds=(None, None)).if_missing_were is None


CELL = st.one_of(st.sampled_from([0.0, 0.25, 1.0, "failed", "limit"]), st.just(UNPARSED))


@given(st.dictionaries(st.sampled_from("abcdefgh"), st.tuples(CELL, CELL, st.sampled_from("xyz")), min_size=1))
def test_bounds_hold_what_could_have_been(cells: Any) -> None:
    """Bounds stand where a run is missing, lie in what the measure can be, and hold the estimate of whole pairs."""
    shown = {s: {"on": on, "off": off} for s, (on, off, _) in cells.items()}
    finding = found(shown, clusters={s: c for s, (_, _, c) in cells.items()})
    lost = [[not isinstance(v, float) for v in by.values()] for by in shown.values()]
    assume(finding.outcome != "ABSENT")
    assert (finding.if_missing_were is not None) == any(map(any, lost))
    if finding.if_missing_were:
        low, high = finding.if_missing_were
        assert -1 - 1e-9 <= low <= high <= 1 + 1e-9
        if all(any(by) == all(by) for by in lost):  # half a pair may show that the others overstate the effect
            assert low - 1e-9 <= finding.estimate.value <= high + 1e-9


THOUSANDTHS = st.integers(0, 1000).map(lambda n: n / 1000)


@given(
    # thousandths: values that differ by less than 1e-12 of the measure's range count as equal
    values=st.lists(st.tuples(THOUSANDTHS, THOUSANDTHS), min_size=2, max_size=12),
    scale=st.sampled_from([0.01, 3.0, 1000.0]),
)
def test_outcome_does_not_depend_on_the_unit(values: Any, scale: float) -> None:
    """A measure in other units, with a margin in those units, gives the same outcome and the scaled estimate."""
    shown = {f"s{n}": {"on": on, "off": off} for n, (on, off) in enumerate(values)}
    scaled = {s: {c: v * scale for c, v in by.items()} for s, by in shown.items()}
    one = found(shown, bounds=(0.0, 1.0))
    assume(min(abs(one.estimate.low - 0.3), abs(one.estimate.high - 0.3)) > 1e-6)  # else rounding decides
    other = found(scaled, angle(margin=0.3 * scale), bounds=(0.0, scale))
    assert one.outcome == other.outcome
    assert other.estimate.value == pytest.approx(one.estimate.value * scale, abs=1e-9 * scale)
    assert one.estimate.value == pytest.approx(fmean(on - off for on, off in values))


@pytest.mark.parametrize("value", [math.nan, math.inf, None], ids=["NaN", "infinite", "null"])
def test_no_number_is_missing(value: Any) -> None:
    """NaN, an infinite value, or the null that JSON makes of them, is a missing value with its reason."""
    finding = found(steady(1.0, 0.0) | {"s0": {"on": value, "off": 0.0}})
    assert dict(finding.excluded) == {"the measure gave no finite number": 1}
    assert finding.estimate.n == 11


def test_value_outside_the_stated_bounds_is_refused() -> None:
    """A measure that leaves the range that its suite states gives no number at all, and the note names the value."""
    finding = found(steady(1.0, 0.0) | {"s0": {"on": 7.0, "off": 0.0}})
    assert finding.outcome == "ABSENT"
    assert finding.notes == ("the measure y gave 7, but the suite says that it lies in 0 to 1",)
    assert math.isnan(finding.estimate.value)


@pytest.mark.parametrize("shown", [{}, {"s0": {}}, {"s0": {"on": "failed", "off": "failed"}}, {"s0": {"on": 1.0}}])
def test_nothing_to_compute_is_absent(shown: Shown) -> None:
    """A check without any value is absent, and no number stands in for it."""
    finding = found(shown)
    assert finding.outcome == "ABSENT"
    assert finding.to_dict()["estimate"]["value"] is None


def test_running_runs_are_not_looked_at() -> None:
    """A run that has not ended has no value yet, and is not taken for a failed one."""
    finding = found(steady(1.0, 0.0, 6) | {"s7": {"on": "running", "off": 0.0}})
    assert dict(finding.excluded) == {"not run": 1}


def test_scope_follows_tags() -> None:
    """A check that is about some scenarios, or about a condition that is run on some, leaves the others out."""
    scenarios = [Scenario(id=f"s{n}", tags={"form": "open" if n % 2 else "list"}) for n in range(8)]
    conditions = [Condition(name="on", where={"form": "open"}), Condition(name="off")]
    table = Table(scenarios, conditions, rows_of({s.id: {"on": 1.0, "off": 0.0} for s in scenarios}))
    by_condition = evaluate(angle(), table, level=0.95, bounds=(0.0, 1.0))
    by_check = evaluate(angle(estimand=rate("y", "off", form="list")), table, level=0.95, bounds=(0.0, 1.0))
    assert (by_condition.estimate.n, by_check.estimate.n) == (4, 4)


@pytest.mark.parametrize(
    ("on", "outcome", "note"), [(0.0, "PASS", "nothing varied"), (1.0, "FAIL", ""), (0.5, "FAIL", "")]
)
def test_null_rejects_a_difference(on: float, outcome: str, note: str) -> None:
    """A null passes where like is like; where nothing could vary it says that it could have caught nothing."""
    finding = found(steady(on, 0.0, 16), angle(role="null"))
    assert finding.outcome == outcome
    assert note in " ".join(finding.notes)


def test_open_check_says_what_would_settle_it() -> None:
    """An open check gives the clusters that would settle it: with that many of the same kind, it is settled."""
    kinds = [1.0, 0.0, 1.0, 1.0]

    def many(count: int) -> Finding:
        return found({f"s{n}": {"on": kinds[n % 4], "off": 0.0} for n in range(count)}, angle(margin=0.5))

    needed = many(8).clusters_to_settle
    assert many(8).outcome == "UNRESOLVED"
    assert needed is not None
    assert many(-(-needed // 4) * 4).outcome == "PASS"
    assert many(200).clusters_to_settle is None
    assert 0 < many(200).smallest_visible < many(8).smallest_visible


def test_unvarying_open_check_says_what_would_settle_it() -> None:
    """Where all agree but are too few, the number that would do is given as well."""
    few = found(steady(1.0, 0.0, 4))
    assert few.outcome == "UNRESOLVED"
    assert few.clusters_to_settle is not None
    assert found(steady(1.0, 0.0, 4 * few.clusters_to_settle)).outcome == "PASS"


@pytest.mark.parametrize(("direction", "margin"), [("above", 0.3), ("below", 0.3), ("within", 0.3), ("above", -0.4)])
def test_unvarying_values_say_how_many_would_settle_it(direction: str, margin: float) -> None:
    """Where nothing varies, the clusters that are said to settle it do, and one fewer would not."""
    check = angle(direction=direction, margin=margin)
    on = 0.0 if margin < 0 else 1.0
    needed = found(steady(on, 0.0, 3), check).clusters_to_settle
    assert needed is not None
    assert needed > 3
    assert found(steady(on, 0.0, needed), check).outcome != "UNRESOLVED"
    assert found(steady(on, 0.0, needed - 1), check).outcome == "UNRESOLVED"
