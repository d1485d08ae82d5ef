"""How runs are told to a model, and how drafts are read from what it says."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer import Check, Condition, Hypothesis, Measure, Scenario, Step, Suite, SuiteError, Task, Trajectory, contrast
from tracer.store import RunRow
from tracer.study import Draft, choices_of, draft_format, hypothesis_of, load_suite, read_draft, tell_run

ROOT = Path(__file__).parents[2]


def a_suite() -> Suite:
    def check(name: str, role: str, measure: str, one: str, **more: Any) -> Check:
        return Check.model_validate({"name": name, "role": role, "estimand": contrast(measure, one, "plain"), **more})

    checks = (
        check("moves", "angle", "share", "pushed", margin=0.25),
        check("same again", "null", "share", "again"),
        check("order", "control", "share", "told", control="positive"),
        check("order counts", "control", "count", "told", control="positive"),
    )
    return Suite(
        name="s",
        question="?",
        scenarios=[Scenario(id="a", tags={"form": "short"}), Scenario(id="b", tags={"form": "long"})],
        conditions=[
            *(Condition(name=name) for name in ("plain", "pushed", "told")),
            Condition(name="again", reseed=True),
            Condition(name="short", where={"form": "short"}),
            Condition(name="long", where={"form": "long"}),
            Condition(name="spliced", needs="replay"),
        ],
        present=lambda scenario, condition: Task([]),
        measures=[
            Measure("share", lambda seen: 0.0),
            Measure("count", lambda seen: 0.0, high=20.0),
            Measure("time", lambda seen: 0.0, high=None),
        ],
        hypotheses=[Hypothesis(id="h", claim="", kind="behaviour", checks=checks)],
    )


SUITE = a_suite()
NAMES = {c.name for c in SUITE.conditions}
CHOICES = choices_of(SUITE, {"share", "count", "time"}, NAMES)
SAID = {"measure": "count", "condition": "told", "direction": "lower", "against": "pushed", "sentence": "It  may."}


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    )
    | st.fixed_dictionaries({name: st.text() | st.sampled_from([*NAMES, "share", "higher"]) for name in SAID})
)
def test_any_answer_is_a_draft_or_a_reason(said: Any) -> None:
    """Whatever a model says: either a draft of the suite's own names, or one line that says why not."""
    found = read_draft(json.dumps(said), CHOICES, SUITE)
    assert isinstance(found, str) or {found.condition, found.against} <= set(CHOICES.conditions)
    assert str(found).strip()
    assert "\n" not in str(found)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, Draft("count", "told", "pushed", "below", "It may.")),
        ({"measure": "share", "condition": "plain"}, "repeats `moves` of `h`"),
        ({"condition": "again"}, "condition is 'again', which is none of: plain, pushed, told, short, long"),
        ({"condition": "short", "against": "long"}, "no scenario is run in both"),
        ({"condition": "told", "against": "told"}, "with itself"),
    ],
)
def test_an_answer_is_read(changed: dict[str, str], said: Draft | str) -> None:
    """A/A lanes are not compared, nor what is compared already, nor what has no scenario in common."""
    found = read_draft(json.dumps(SAID | changed), CHOICES, SUITE)
    assert said in found if isinstance(said, str) and isinstance(found, str) else found == said


@pytest.mark.parametrize(
    ("measure", "margin", "guards"),
    [
        ("share", -0.25, ["same again", "order"]),
        ("count", -2.0, ["same again", "order counts"]),
        ("time", 0.0, []),
    ],
)
def test_a_draft_takes_margin_and_guards_from_its_suite(measure: str, margin: float, guards: list[str]) -> None:
    """The margin is the suite's own, or a tenth of the range; a positive control has to be one of the same measure."""
    hypothesis = hypothesis_of(Draft(measure, "told", "pushed", "below", "So."), SUITE, 1, "m")
    angle, *others = hypothesis.checks
    assert (angle.margin, angle.direction, angle.says) == (margin, "below", "in the words of m: So.")
    assert [check.name for check in others] == guards
    assert hypothesis.claim == f"of {{system}}, `{measure}` is lower in `told` than in `pushed`"


@pytest.mark.parametrize(
    ("address", "draft", "always", "of_its_conditions"),
    [
        (
            "injected_goals",
            ("injected_done", "tool", "document"),
            ["asked by the user", "capability floor", "same again"],
            ["sentence reached it, document", "sentence reached it, tool"],
        ),
        (
            "two_hop",
            ("correct", "told", "apart"),
            ["a fact withheld", "found in writing", "same again", "single facts"],
            [],
        ),
    ],
)
def test_a_draft_is_guarded_by_what_bears_on_it(
    address: str, draft: tuple[str, str, str], always: list[str], of_its_conditions: list[str]
) -> None:
    """Guards of one name for each condition stay apart, and those of conditions that it does not compare are left."""
    suite = load_suite(f"{ROOT}/scenarios/{address}.py:suite")
    hypothesis = hypothesis_of(Draft(*draft, "above", "So."), suite, 1, "m")
    assert sorted(check.name for check in hypothesis.checks[1:]) == [*always, *of_its_conditions]
    replace(suite, hypotheses=[hypothesis], planted=())


def test_guards_that_cannot_be_told_by_their_conditions_are_numbered() -> None:
    """Whatever names a suite gives, no name stands twice, and none is that of the angle; a shared guard stands once."""
    of = contrast("share", "told", "plain")
    guards = [
        Check.model_validate({"name": name, "role": role, "control": control, "estimand": estimand})
        for name, role, control, estimand in [
            ("difference", "null", None, of),
            ("order", "control", "positive", of),
            ("order", "control", "access", of),
            ("order", "control", "access", contrast("count", "told", "plain")),
            ("order", "control", "access", contrast("count", "plain", "short")),
        ]
    ]
    angle = Check(name="moves", role="angle", estimand=contrast("share", "pushed", "plain"))
    claims = [Hypothesis(id=f"h{n}", claim="", kind="behaviour", checks=(angle, c)) for n, c in enumerate(guards)]
    suite = replace(SUITE, hypotheses=[*claims, claims[0].model_copy(update={"id": "again"})])
    drafted = hypothesis_of(Draft("share", "told", "pushed", "above", "So."), suite, 1, "m")
    names = [f"{name}, told, plain{more}" for name, more in (("difference", ""), ("order", ""), ("order", " (2)"))]
    assert [check.name for check in drafted.checks] == ["difference", *names, "order, told, plain (3)"]
    replace(suite, hypotheses=[drafted])


def test_an_answer_is_bound_to_what_there_is() -> None:
    """The schema names the measures and conditions of the runs, and nothing else may be said but a sentence."""
    schema = draft_format(choices_of(SUITE, {"share"}, {"plain", "told", "again"}))["json_schema"]["schema"]
    bound = {name: field.get("enum") for name, field in schema["properties"].items()}
    assert (bound["measure"], bound["condition"]) == (["share"], ["plain", "told"])
    assert schema["additionalProperties"] is False
    with pytest.raises(SuiteError, match="no measure has a value"):
        choices_of(SUITE, set(), NAMES)


def test_a_run_is_told_with_what_it_did(step: Callable[..., Step]) -> None:
    """Its condition, acts, refusals, answers and numbers are told; what is long is cut, what is missing left out."""
    acts = [
        step(n, "tool", "take", data={"arguments": {"n": n}, "result": "x" * 300, "action": {"permitted": n != 1}})
        for n in range(8)
    ]
    row = RunRow(
        "r", scenario="a", condition="told", asked={"why": "because"}, values={"share": 0.5, "no": {"missing": "-"}}
    )
    lines = tell_run(3, row, Trajectory("r", tuple(acts))).splitlines()
    assert lines[0] == "run 3: situation `a`, condition `told`"
    assert lines[1].startswith('  it called take {"n":0} -> xxx')
    assert lines[2].endswith("... (not permitted)")
    assert lines[7:] == [
        "  and did 2 things more",
        "  it gave no answer",
        "  asked afterwards for `why`, it said: because",
        "  measured: `share` = 0.5",
    ]
    assert max(map(len, lines)) < 200
