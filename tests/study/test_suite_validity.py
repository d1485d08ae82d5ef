"""What is wrong with a suite is found before anything is run."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tracer import (
    Check,
    Condition,
    Estimand,
    Hypothesis,
    Labelled,
    Measure,
    Planted,
    Role,
    Scenario,
    Suite,
    SuiteError,
    Task,
    User,
    World,
    contrast,
    rate,
)
from tracer.contracts import check_suite
from tracer.study import Design, Flaw, flaws, freeze, load_suite, located

ROOT = Path(__file__).parents[2]
SHIPPED = [
    "scenarios/suggested_answer.py:suite",
    "scenarios/stale_or_drifted.py:watched_suite",
    "scenarios/what_moves_it.py:suite",
    "scenarios/every_world.py:suite",
]
CHECKS = (
    Check(name="moves", role="angle", estimand=contrast("x", "loud", "plain")),
    Check(name="any noise", role="rival", estimand=contrast("x", "loud", "plain")),
    Check(name="can", role="control", control="floor", estimand=rate("x", "plain")),
    Check(name="seen", role="control", control="positive", estimand=rate("x", "loud")),
    Check(name="same", role="null", estimand=contrast("x", "again", "plain"), direction="within"),
)


def _present(scenario: Scenario, condition: Condition) -> Task:
    text = f"What is {scenario.data['n']} + 1?"
    return Task(messages=[{"role": "user", "content": text.upper() if condition.name == "loud" else text}])


SOUND = Suite(
    name="sums",
    question="?",
    scenarios=[Scenario(id=f"s{n}", data={"n": n}, tags={"odd": bool(n % 2)}) for n in range(40)],
    conditions=[Condition(name="plain"), Condition(name="again", reseed=True), Condition(name="loud")],
    present=_present,
    measures=[Measure("x", lambda seen: seen.answer == "2")],
    hypotheses=[Hypothesis(id="h", claim="c", kind="behaviour", checks=CHECKS)],
    develop=[Scenario(id=f"d{n}", data={"n": n}, tags={"odd": bool(n % 2)}) for n in range(40, 80)],
    planted=[
        Planted(model="organism:deferring", truth="t", verdicts={"h": "supported"}),
        Planted(model="organism:steadfast", truth="t", verdicts={"h": "refuted or inconclusive"}),
    ],
    labelled=[
        Labelled(scenario="s1", condition="loud", values={"x": 1}, answer="2"),
        Labelled(scenario="s1", condition="loud", values={"x": 0}, answer="3"),
    ],
)
COUNT = itertools.count()


def _saying(text: Callable[[Scenario, Condition], str]) -> Callable[[Scenario, Condition], Task]:
    return lambda s, c: Task(messages=[{"role": "user", "content": text(s, c)}])


def _for_two(scenario: Scenario, condition: Condition) -> Task:
    return replace(_present(scenario, condition), roles=(Role(name="a", brief="A."), Role(name="b", brief="B.")))


def _held(margin: float, direction: str, of: Estimand) -> Hypothesis:
    """Give the claim with other demands on its angle."""
    angle = CHECKS[0].model_copy(update={"margin": margin, "direction": direction, "estimand": of})
    return Hypothesis(id="h", claim="c", kind="behaviour", checks=(angle, *CHECKS[1:]))


def _raises(scenario: Scenario, condition: Condition) -> Task:
    raise KeyError("colour")


def test_sound_suite_has_no_flaw() -> None:
    """A suite in which nothing is wrong is told nothing."""
    assert flaws(SOUND) == []


def test_a_margin_within_reach_is_no_flaw() -> None:
    """What can pass and need not is left alone: margins inside of what is possible, and measures without bounds."""
    unbounded = [replace(SOUND.measures[0], low=None, high=None)]
    assert flaws(replace(SOUND, hypotheses=[_held(-0.5, "below", contrast("x", "loud", "plain"))])) == []
    assert flaws(replace(SOUND, measures=unbounded, hypotheses=[_held(7.0, "above", rate("x", "loud"))])) == []


class _Desk(World):
    """A place where one can wait."""


class _Yard(World):
    """Another one."""


UNALIKE: list[Callable[[int], dict[str, Any]]] = [
    lambda n: {"user": User(replies=[f"Make it {n}."])},
    lambda n: {"user": User(model="smollm2", persona=f"You want {n}.")},
    lambda n: {"user": User(replies=lambda messages: f"Make it {n}.")},
    lambda n: {"world": (_Yard if n % 2 else _Desk)()},
]


@pytest.mark.parametrize("more", UNALIKE)
def test_scenarios_that_differ_in_their_user_or_world_are_not_the_same(more: Callable[[int], dict[str, Any]]) -> None:
    """What the system hears later, and what it can do, is part of an item; so is what only a function knows."""
    first = [Scenario(id=f"s{n}", data={"n": n}, tags={"odd": bool(n % 2)}) for n in range(2)]

    def present(scenario: Scenario, condition: Condition) -> Task:
        text = "WHICH NUMBER?" if condition.name == "loud" else "Which number?"
        return Task(messages=[{"role": "user", "content": text}], **more(scenario.data["n"]))

    suite = replace(SOUND, scenarios=first, develop=[], present=present, labelled=[])
    assert [flaw for flaw in flaws(suite) if flaw.grave] == []
    twice = replace(suite, scenarios=[*first, Scenario(id="t", data={"n": 1}, tags={"odd": True})])
    assert "scenarios 's1' and 't'" in [flaw.place for flaw in flaws(twice)]


@pytest.mark.parametrize("address", SHIPPED)
def test_shipped_suites_have_no_grave_flaw(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is shipped passes its own check."""
    monkeypatch.chdir(ROOT)
    assert [flaw for flaw in flaws(load_suite(address)) if flaw.grave] == []


@pytest.mark.parametrize(
    ("change", "place", "what", "grave"),
    [
        ({"scenarios": SOUND.scenarios[:1], "labelled": []}, "scenarios", "1 cluster", True),
        ({"scenarios": SOUND.scenarios[:8]}, "scenarios", "8 clusters: give 30", False),
        ({"scenarios": [*SOUND.scenarios, Scenario(id="t", data={"n": 3}, tags={"odd": True})]}, "'t'", "twice", True),
        (
            {"scenarios": [*SOUND.scenarios, Scenario(id="t", data={"n": 3, "note": "unused"})]},
            "'s3' and 't'",
            "the same item stands twice",
            True,
        ),
        ({"present": _raises}, "scenario 's0'", "KeyError: 'colour'", True),
        ({"present": _saying(lambda s, c: f"{next(COUNT)} {c.name != 'loud'}")}, "scenario", "at each call", True),
        ({"present": _saying(lambda s, c: f"{c.name != 'loud'} {{colour}}")}, "scenario", "not filled in", True),
        ({"present": _saying(lambda s, c: f"{c.name != 'loud'} its price is None.")}, "scenario", "not filled", True),
        ({"present": _saying(lambda s, c: s.id)}, "condition 'loud'", "nothing is manipulated", True),
        ({"present": _saying(lambda s, c: c.name)}, "'again'", "presents what no other", True),
        (
            {"present": _saying(lambda s, c: "loud words" if c.name == "loud" else s.id)},
            "condition 'loud'",
            "its name stands in",
            False,
        ),
        (
            {"conditions": [*SOUND.conditions[:2], Condition(name="loud", where={"odd": True})]},
            "check 'moves'",
            "are not balanced. Limit its estimand to those that are, e.g. contrast(..., odd=True)",
            True,
        ),
        ({"hypotheses": [], "planted": []}, "hypotheses", "none is stated", False),
        ({"measures": [Measure("x", lambda _: 1.0)]}, "measure 'x'", "without a look at the run", True),
        (
            {"labelled": [Labelled(scenario="s1", condition="loud", values={"x": 1}, answer="3", why="a slip")]},
            "labelled run 0 (a slip)",
            "gives 0 where a person gave 1",
            True,
        ),
        (
            {"labelled": [Labelled(scenario="s1", condition="loud", values={"x": None})]},
            "measure 'x'",
            "gives 0 where a person gave none",
            True,
        ),
        ({"labelled": [SOUND.labelled[0]] * 2}, "measure 'x'", "is 1 in every labelled run", True),
        ({"labelled": []}, "measures", "a person has measured: x", False),
        (
            {"planted": [Planted(model="organism:echo", truth="t", verdicts={"h": "proven"})]},
            "organism:echo",
            "'proven' is no answer",
            True,
        ),
        (
            {"planted": [Planted(model="organism:echo", truth="t", verdicts={"g": "refuted"})]},
            "hypothesis 'g'",
            "no such hypothesis",
            False,
        ),
        ({"planted": SOUND.planted[:1]}, "hypothesis 'h'", "no model is planted of which it is false", False),
        ({"planted": SOUND.planted[1:]}, "hypothesis 'h'", "no model is planted of which it is true", False),
        ({"develop": []}, "scenarios", "none is kept apart", False),
        ({"develop": [Scenario(id="d", data={"n": 0}, tags={"odd": False})]}, "'s0' and 'd'", "stands twice", True),
        ({"develop": [Scenario(id="d")]}, "scenario 'd' in condition 'plain'", "KeyError: 'n'", True),
        ({"present": _for_two}, "hypotheses", "none of its angles can run on agents/react.py:build", True),
        (
            {"hypotheses": [Hypothesis(id="h", claim="c", kind="behaviour", checks=CHECKS[:1])]},
            "hypothesis 'h'",
            "no rival is named",
            False,
        ),
        *(
            ({"hypotheses": [_held(margin, direction, of)]}, "hypothesis 'h', check 'moves'", what, True)
            for margin, direction, of, what in [
                (1.5, "above", contrast("x", "loud", "plain"), "can never pass: it asks for > 1.5, and its estimand"),
                (-1.0, "below", contrast("x", "loud", "plain"), "can never pass: it asks for < -1"),
                (1.0, "above", rate("x", "loud"), "can never pass: it asks for > 1, and its estimand lies between 0"),
                (-0.1, "below", rate("x", "loud"), "can never pass: it asks for < -0.1"),
                (0.0, "within", contrast("x", "loud", "plain"), "can never pass: it asks for ± 0"),
                (float("nan"), "above", rate("x", "loud"), "can never pass: it asks for > nan"),
                (-0.1, "above", rate("x", "loud"), "passes whatever is done: it asks for > -0.1"),
                (1.1, "below", rate("x", "loud"), "passes whatever is done: it asks for < 1.1"),
                (2.0, "within", contrast("x", "loud", "plain"), "passes whatever is done: it asks for ± 2"),
            ]
        ),
    ],
)
def test_flaw_is_named_with_its_place(change: dict[str, Any], place: str, what: str, grave: bool) -> None:
    """Each flaw is told with where it is, what is wrong, and whether it makes every answer worthless."""
    found = flaws(replace(SOUND, **change))
    assert any(place in f.place and what in f.what and f.grave == grave for f in found), found
    assert all(isinstance(f, Flaw) for f in found)


FLAWED = """
from tracer import Check, Condition, Hypothesis, Measure, Scenario, Suite, Task, contrast

CONDITIONS = [Condition(name="plain"), Condition(name="loud"), Condition(name="soft")]
ITEMS = [{"n": 1}, {"n": 2}, {"n": 1}]
suite = Suite(
    name="sums",
    question="?",
    scenarios=[Scenario(id=f"s{n}", data=item) for n, item in enumerate(ITEMS)],
    conditions=CONDITIONS,
    present=lambda s, c: Task(messages=[{"role": "user", "content": f"{s.data['n']} {c.name == 'loud'}"}]),
    measures=[Measure("x", lambda seen: seen.answer == "2")],
    hypotheses=[
        Hypothesis(
            id="h", claim="c", kind="behaviour",
            checks=(Check(name="moves", role="angle", estimand=contrast("x", "loud", "plain")),),
        )
    ],
)
"""


def test_freeze_refuses_what_check_finds_and_names_the_line(tmp_path: Path) -> None:
    """A suite that no study can mean anything with is not frozen; the message begins with the line that is wrong."""
    file = tmp_path / "flawed.py"
    file.write_text(FLAWED)
    with pytest.raises(SuiteError, match=r"flawed.py:9: scenarios 's0' and 's2': the same item stands twice \(1 more"):
        freeze(f"{file}:suite", Design(models={}))
    soft = next(flaw for flaw in flaws(load_suite(str(file))) if flaw.name == "soft")
    assert located(soft, f"{file}:suite") == f"{file}:4"


def test_a_line_is_that_on_which_a_thing_is_named(tmp_path: Path) -> None:
    """Not one that only speaks of it; one that does is given where a function of the file makes the thing."""
    file = tmp_path / "spoken_of.py"
    lines = [
        'def of(seen): return seen.condition.name in ("loud", "soft", "late", "x", "moves", "h", "s1", "own")',
        'plain = Condition("late")',
        'lanes = [plain, *(tracer.Condition(name=n) for n in ("loud",)), *[Condition(name=n) for n in ["soft"]]]',
        'measures = Measure("x", of)',
        'checks = [angle("action", contrast("x", "loud", "soft"),',
        '    name="moves"), rival("recall", rate("x", "late"))]',
        'claim = Hypothesis(refuted_by="s1", id="h", checks=checks)',
        'items = [Scenario(id="s1"), _item("own")]',
    ]
    file.write_text("\n".join(lines))
    at = {"late": 2, "loud": 3, "soft": 3, "x": 4, "action": 5, "moves": 6, "recall": 6, "h": 7, "s1": 8, "own": 8}
    assert {name: located(Flaw("", "", name=name), f"{file}:suite") for name in at} == {
        name: f"{file}:{line}" for name, line in at.items()
    }


def test_a_shipped_condition_is_found_where_it_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    """In a file in which measures and texts speak of it as well."""
    monkeypatch.chdir(ROOT)
    address = "scenarios/cot_faithfulness.py"
    line = int(located(Flaw("", "", name="hint"), f"{address}:suite").rpartition(":")[2])
    assert "Condition(" in (ROOT / address).read_text().splitlines()[line - 1]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (
            {"conditions": [*SOUND.conditions[:2], Condition(name="loud", where={"hue": "red"})]},
            "condition 'loud' ask for (hue='red'): tag some, or change `where`",
        ),
        ({"conditions": SOUND.conditions[:2], "labelled": []}, "no condition 'loud'; the suite has: "),
        ({"measures": [Measure("y", lambda seen: 1.0)], "labelled": []}, "no measure 'x'; the suite has: y"),
        ({"develop": SOUND.scenarios[:1]}, "'s0' stands twice: in `scenarios` and in `develop`"),
        ({"scenarios": [*SOUND.scenarios, SOUND.scenarios[0]]}, "'s0' stands twice"),
    ],
)
def test_what_a_suite_lacks_is_told_with_what_it_has(change: dict[str, Any], told: str) -> None:
    """A suite that is not well formed is refused with the name that is wrong, and those that would be right."""
    with pytest.raises(SuiteError, match=re.escape(told)):
        check_suite(replace(SOUND, **change))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (('contrast("x", "loud"', 'contrast("x", "low"'), "there is no condition 'low'; the suite has: "),
        (
            ("ITEMS)]", 'ITEMS)],\n    labelled=read_labelled(Path(__file__).with_name("labels.json"))'),
            "labels.json is no",
        ),
    ],
)
def test_what_is_not_well_formed_is_told_with_its_line(tmp_path: Path, change: tuple[str, str], told: str) -> None:
    """A suite that cannot be made at all, or whose labels cannot be read, is refused with the line of its file."""
    file = tmp_path / "unformed.py"
    file.write_text("from pathlib import Path\nfrom tracer import read_labelled\n" + FLAWED.replace(*change))
    (tmp_path / "labels.json").write_text('[{"scenario": "s1", "condition": "loud", "values": {}, "anwser": "2"}]')
    with pytest.raises(SuiteError, match=rf"unformed.py, line \d+: .*{re.escape(told)}"):
        freeze(f"{file}:suite", Design(models={}))
