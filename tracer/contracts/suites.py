"""A suite: scenarios x conditions, with what is measured and claimed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import Field

from tracer.contracts.claims import Check, Hypothesis
from tracer.contracts.frozen import Frozen, Level
from tracer.contracts.planted import Labelled, Planted
from tracer.contracts.tasks import Task
from tracer.errors import SuiteError
from tracer.trajectory.step import Trajectory

__all__ = [
    "Condition",
    "Judge",
    "Measure",
    "Missing",
    "Observation",
    "Scenario",
    "Suite",
    "Value",
    "check_suite",
    "matches",
]


class Scenario(Frozen):
    """One situation, as plain data; `Suite.present` turns it and a condition into a `Task`.

    Attributes:
        id: Unique within the suite.
        tags: Plain facts by which conditions and estimands select scenarios, e.g. `{"form": "open"}`.
        data: Whatever `present` and the measures need: question, right answer, world parameters.
        cluster: Scenarios that share a source share a cluster; inference is over clusters. Default: the id.
    """

    id: str
    tags: Mapping[str, Level] = Field(default_factory=dict)
    data: Mapping[str, Any] = Field(default_factory=dict)
    cluster: str = ""


class Condition(Frozen):
    """One cell of the factors that a suite manipulates.

    Attributes:
        name: Unique within the suite.
        levels: Factor -> level. A goal or belief claim needs the factors `goal` and `belief`, crossed.
        where: Only scenarios with these tags are run in this condition.
        reseed: True for an A/A lane: same treatment as another condition, other seeds.
        needs: `replay` for a lane whose runs continue recorded ones: no plain run is made in it, and what rests on it
            is *absent* until there are such runs. A freeze sets it to `roles` where the tasks of a condition have roles
            and a stack of the study does not take them.
    """

    name: str
    levels: Mapping[str, Level] = Field(default_factory=dict)
    where: Mapping[str, Level] = Field(default_factory=dict)
    reseed: bool = False
    needs: Literal["", "replay", "roles"] = ""


@dataclass(frozen=True, slots=True)
class Missing:
    """The absence of a value, with its reason; never 0.

    Attributes:
        reason: Why there is no value.
        applies: False where the measure does not apply to the run (then nothing is lost); True where it should have.
    """

    reason: str
    applies: bool = True


Value = float | Missing


@dataclass(frozen=True, slots=True)
class Observation:
    """What a measure sees of one run.

    Attributes:
        scenario: The scenario.
        condition: The condition.
        answer: The system's final answer; None where it gave none.
        asked: Name of an `Ask` -> the answer to it.
        before: The world's state before the run; empty without a world.
        after: The world's state after the run.
        trajectory: The graph of the run.
    """

    scenario: Scenario
    condition: Condition
    answer: str | None
    asked: Mapping[str, str]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    trajectory: Trajectory


@dataclass(frozen=True, slots=True)
class Judge:
    """A model that answers a question about one run; the value is the share of its draws that are `positive`.

    Attributes:
        question: What it is asked, below the text that `of` gives; the options are not listed beside it.
        of: What it is shown of a run; `Missing` where it has nothing to judge.
        options: The answers that it is bound to.
        positive: The answer that counts as 1; every other one counts as 0.
        model: Name of the model; "" for the first of the suite's own. `--judge` takes another one.
        draws: How often it is asked about each run, each time with a seed of its own.
        temperature: Sampling temperature of its calls.
        examples: Pairs of a text shown and the right answer, put before as turns of the conversation.
    """

    question: str
    of: Callable[[Observation], str | Missing]
    options: tuple[str, ...] = ("yes", "no")
    positive: str = "yes"
    model: str = ""
    draws: int = 3
    temperature: float = 0.7
    examples: tuple[tuple[str, str], ...] = ()

    def asks(self, shown: str) -> str:
        """Give the message in which it is shown a text, and asked."""
        return f"{shown}\n\n{self.question}"


@dataclass(frozen=True, slots=True)
class Measure:
    """A named function from one run to a number or `Missing`, or a model that judges.

    Attributes:
        name: Unique within the suite.
        of: The function, where booleans count as 0 and 1; or a `Judge`, whose errors are then part of every interval.
        says: What a value of 1 means, for reports.
        low: Smallest possible value, for bounds on what missing runs could do; None where there is none.
        high: Largest possible value.
    """

    name: str
    of: Callable[[Observation], Value | bool] | Judge
    says: str = ""
    low: float | None = 0.0
    high: float | None = 1.0


@dataclass(frozen=True)
class Suite:
    """Scenarios x conditions, with what is measured and claimed.

    Attributes:
        name: Short name.
        question: What the suite asks, in one sentence.
        scenarios: The situations.
        conditions: The cells of the manipulated factors.
        present: Turns a scenario and a condition into the task of one run; must not depend on anything else.
        measures: What is measured in each run.
        hypotheses: What is claimed.
        stack: Default stack address.
        models: Default models.
        replicates: Default runs per cell.
        temperature: Sampling temperature of every call.
        user_models: Models that play simulated users; opened and frozen beside those under study.
        develop: Scenarios to try things out on, kept apart from `scenarios`: what a study of them shows is exploratory.
        quick: Scenarios of each kind that are enough for a first look.
        planted: Models of a known truth, and what the suite has to answer about each.
        labelled: Runs that a person has measured by hand, on which the measures have to agree with them.
    """

    name: str
    question: str
    scenarios: Sequence[Scenario]
    conditions: Sequence[Condition]
    present: Callable[[Scenario, Condition], Task]
    measures: Sequence[Measure]
    hypotheses: Sequence[Hypothesis]
    stack: str = "agents/react.py:build"
    models: Sequence[str] = ("smollm2",)
    replicates: int = 1
    temperature: float = 0.7
    user_models: Sequence[str] = ()
    develop: Sequence[Scenario] = ()
    quick: int = 6
    planted: Sequence[Planted] = ()
    labelled: Sequence[Labelled] = ()

    def __post_init__(self) -> None:
        check_suite(self)

    def cells(self) -> list[tuple[Scenario, Condition]]:
        """List every scenario with every condition that applies to it and that plain runs can be made in."""
        return [(s, c) for s in self.scenarios for c in self.conditions if not c.needs and matches(s, c.where)]


def matches(scenario: Scenario, where: Mapping[str, Level]) -> bool:
    """Tell whether a scenario has all of the given tags."""
    return all(scenario.tags.get(tag) == level for tag, level in where.items())


def check_suite(suite: Suite) -> None:
    """Refuse a suite that is not well formed, naming the line that is wrong.

    Raises:
        SuiteError: No scenarios, doubled names, or an estimand over a measure or condition that does not exist.
    """
    if not suite.scenarios:
        raise SuiteError(f"suite {suite.name!r} has no scenarios: there is nothing to run")
    if not suite.conditions:
        raise SuiteError(f"suite {suite.name!r} has no conditions: give at least one, e.g. Condition(name='plain')")
    named = {
        "scenario": [s.id for s in (*suite.scenarios, *suite.develop)],
        "condition": [c.name for c in suite.conditions],
        "measure": [m.name for m in suite.measures],
        "hypothesis": [h.id for h in suite.hypotheses],
    }
    for what, names in named.items():
        doubled = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
        if doubled:
            mixed = what == "scenario" and doubled[0] in {s.id for s in suite.scenarios} & {s.id for s in suite.develop}
            where = ": in `scenarios` and in `develop`, which have to be kept apart" if mixed else ""
            raise SuiteError(f"suite {suite.name!r}: the {what} name {doubled[0]!r} stands twice{where}")
    for measure in suite.measures:
        if isinstance(measure.of, Judge):
            _check_judge(f"suite {suite.name!r}, measure {measure.name!r}", measure, measure.of)
    _check_labelled(suite, named)
    for hypothesis in suite.hypotheses:
        _check_hypothesis(suite, hypothesis)
        for check in hypothesis.checks:
            _check_estimand(suite, hypothesis.id, check)


def _check_labelled(suite: Suite, named: Mapping[str, Sequence[str]]) -> None:
    for number, labelled in enumerate(suite.labelled):
        wants = {"scenario": [labelled.scenario], "condition": [labelled.condition], "measure": [*labelled.values]}
        for what, names in wants.items():
            strange = [name for name in names if name not in named[what]]
            if strange:
                raise SuiteError(f"suite {suite.name!r}, labelled run {number}: there is no {what} {strange[0]!r}")


def _check_judge(place: str, measure: Measure, judge: Judge) -> None:
    if len(set(judge.options)) < 2 or judge.positive not in judge.options:
        raise SuiteError(f"{place}: a judge needs two options or more, with {judge.positive!r} among them")
    if any(answer not in judge.options for _, answer in judge.examples):
        raise SuiteError(f"{place}: an example of the judge has an answer that is none of its options")
    if judge.draws < 1 or not judge.question.strip():
        raise SuiteError(f"{place}: a judge needs a question, and one draw at least")
    if (measure.low, measure.high) != (0.0, 1.0):
        raise SuiteError(f"{place}: what a judge gives lies between 0 and 1; leave low and high as they are")


def _check_hypothesis(suite: Suite, hypothesis: Hypothesis) -> None:
    place = f"suite {suite.name!r}, hypothesis {hypothesis.id!r}"
    names = [check.name for check in hypothesis.checks]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise SuiteError(f"{place}: the check name {doubled[0]!r} stands twice")
    angles = hypothesis.role("angle")
    if not angles:
        raise SuiteError(f"{place}: a claim needs an angle at least, and has none")
    families = {check.family for check in angles} - {None}
    if hypothesis.kind != "behaviour" and len(families) < 3:
        raise SuiteError(
            f"{place}: a {hypothesis.kind} claim needs angles of three families at least, since those of one family "
            f"are blind to the same error, and has {len(families)}: {', '.join(sorted(map(str, families))) or 'none'}"
        )


def _check_estimand(suite: Suite, hypothesis: str, check: Check) -> None:
    place = f"suite {suite.name!r}, hypothesis {hypothesis!r}, check {check.name!r}"
    if check.estimand.measure not in {m.name for m in suite.measures}:
        has = ", ".join(m.name for m in suite.measures) or "none"
        raise SuiteError(f"{place}: there is no measure {check.estimand.measure!r}; the suite has: {has}")
    conditions = {c.name: c for c in suite.conditions}
    for name in check.estimand.weights:
        if name not in conditions:
            raise SuiteError(f"{place}: there is no condition {name!r}; the suite has: {', '.join(conditions)}")
        if not any(matches(s, check.estimand.where) and matches(s, conditions[name].where) for s in suite.scenarios):
            asked = {**check.estimand.where, **conditions[name].where}
            raise SuiteError(
                f"{place}: no scenario has the tags that it and condition {name!r} ask for "
                f"({', '.join(f'{tag}={level!r}' for tag, level in asked.items())}): tag some, or change `where`"
            )
