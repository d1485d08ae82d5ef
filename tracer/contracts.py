"""What a stack, a world, a scenario, a suite, a measure and a hypothesis are.

Values and protocols only: nothing here runs a model or reads a store. Content files (`agents/`, `scenarios/`, yours)
are written against these names, which are also importable from `tracer` itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from tracer.errors import SuiteError
from tracer.trajectory.step import Trajectory

__all__ = [
    "Ask",
    "Check",
    "Condition",
    "Estimand",
    "Hypothesis",
    "Kit",
    "Measure",
    "Missing",
    "Observation",
    "Scenario",
    "Stack",
    "Suite",
    "Task",
    "Value",
    "World",
    "action",
    "check_suite",
    "contrast",
    "matches",
    "rate",
]

_Method = TypeVar("_Method", bound=Callable[..., Any])

Role = Literal["angle", "rival", "control", "null"]
Family = Literal["stated", "choice", "action", "counterfactual", "patching", "persistence", "social", "text"]
Control = Literal["floor", "positive", "negative", "manipulation", "feasible", "access"]
Direction = Literal["above", "below", "within"]
Level = str | int | float | bool


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


# --- what is asked ---------------------------------------------------------------------------------------------------


class Scenario(_Frozen):
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


class Condition(_Frozen):
    """One cell of the factors that a suite manipulates.

    Attributes:
        name: Unique within the suite.
        levels: Factor -> level. A goal or belief claim needs the factors `goal` and `belief`, crossed.
        where: Only scenarios with these tags are run in this condition.
        reseed: True for an A/A lane: same treatment as another condition, other seeds.
    """

    name: str
    levels: Mapping[str, Level] = Field(default_factory=dict)
    where: Mapping[str, Level] = Field(default_factory=dict)
    reseed: bool = False


class Ask(_Frozen):
    """A question put to the system after its run, as a probe; the answer is not part of the run itself.

    Attributes:
        name: Key of the answer in `Observation.asked`.
        text: The question.
        options: The allowed answers; empty for free text.
    """

    name: str
    text: str
    options: tuple[str, ...] = ()


class World(BaseModel):
    """Tools and mutable state of a scenario: fields are the state, methods marked `@action` are the tools.

    A subclass needs no more than fields and actions. State is plain data, so that it can be stored and compared.
    """

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    def snapshot(self) -> dict[str, Any]:
        """Give the whole state as plain JSON data."""
        return self.model_dump(mode="json")

    def restore(self, snapshot: Mapping[str, Any]) -> None:
        """Put the state back to an earlier `snapshot`."""
        fresh = type(self).model_validate(dict(snapshot))
        for name in type(self).model_fields:
            setattr(self, name, getattr(fresh, name))

    def actions(self) -> list[Callable[..., Any]]:
        """List the bound methods that a stack may call as tools, in the order of their definition."""
        names = [
            name
            for base in reversed(type(self).__mro__)
            for name, member in vars(base).items()
            if getattr(member, "__tracer_action__", False)
        ]
        return [getattr(self, name) for name in dict.fromkeys(names)]


def action(method: _Method) -> _Method:
    """Mark a method of a `World` as a tool; its name, docstring and annotations are the tool's definition."""
    method.__tracer_action__ = True  # type: ignore[attr-defined]  # the mark is the whole point
    return method


@dataclass(slots=True)
class Task:
    """What one run is about.

    Attributes:
        messages: OpenAI chat messages: system, example turns, user.
        world: Tools and state; None for a bare question.
        options: The allowed final answers, bound by the model's grammar and never listed in the prompt; empty for
            free text.
        asks: Questions put after the run.
        max_steps: Model calls after which a stack has to stop.
    """

    messages: list[dict[str, Any]]
    world: World | None = None
    options: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    max_steps: int = 12


# --- what is run -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kit:
    """What a stack is built from.

    Attributes:
        task: The task of this run.
        model: A LangChain chat model; calls through it are recorded, seeded and counted, and tool calls are emulated
            where the model has none.
        client: An `openai.AsyncOpenAI` with the same properties, for stacks without LangChain.
        model_name: What to name in calls through `client`.
        tools: The world's actions as LangChain tools; what they do to the world is recorded.
        emit: Emits plan, memory, goal, belief, handoff and message spans (`tracer.Emitter`).
    """

    task: Task
    model: Any
    client: Any
    model_name: str
    tools: list[Any]
    emit: Any


class Stack(Protocol):
    """What `build(kit)` returns: a LangGraph graph over `messages`, or anything that is called the same way.

    A plain async function from messages to the answer (`async def run(messages) -> str`) is a stack too.
    """

    async def ainvoke(self, input: Any, config: Any = None) -> Any:
        """Take `{"messages": [...]}` and give the final state; its last message, or its `answer`, is the answer."""
        ...


# --- what is measured ------------------------------------------------------------------------------------------------


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
class Measure:
    """A named function from one run to a number or `Missing`.

    Attributes:
        name: Unique within the suite.
        of: The function; booleans count as 0 and 1.
        says: What a value of 1 means, for reports.
        low: Smallest possible value, for bounds on what missing runs could do; None where there is none.
        high: Largest possible value.
    """

    name: str
    of: Callable[[Observation], Value | bool]
    says: str = ""
    low: float | None = 0.0
    high: float | None = 1.0


# --- what is claimed -------------------------------------------------------------------------------------------------


class Estimand(_Frozen):
    """A linear combination of condition means of one measure, taken scenario by scenario.

    A rate is the combination with one condition of weight 1, a contrast has +1 and -1, an interaction four of them:
    there is one mechanism for all. Per scenario s: theta_s = sum_c w_c * mean over replicates of y[s, c]; the estimate
    is the mean of theta over clusters of scenarios.

    Attributes:
        measure: Name of the measure.
        weights: Condition -> weight.
        where: Only scenarios with these tags.
    """

    measure: str
    weights: Mapping[str, float]
    where: Mapping[str, Level] = Field(default_factory=dict)


def rate(measure: str, condition: str, **where: Level) -> Estimand:
    """Give the estimand "mean of the measure in one condition"."""
    return Estimand(measure=measure, weights={condition: 1.0}, where=where)


def contrast(measure: str, condition: str, against: str, **where: Level) -> Estimand:
    """Give the estimand "mean in `condition` minus mean in `against`", paired by scenario."""
    return Estimand(measure=measure, weights={condition: 1.0, against: -1.0}, where=where)


class Check(_Frozen):
    """One thing that a study computes: an estimand held against a margin.

    PASS: the interval lies beyond the margin in the stated direction. FAIL: it lies wholly on the other side.
    Else UNRESOLVED. For `within`: PASS inside +-margin, FAIL wholly outside.

    Attributes:
        name: Unique within the hypothesis.
        role: `angle` bears on the claim; `rival` PASSes where another explanation holds; `control` has to PASS for
            the claim to be testable; `null` compares like with like and vetoes when it rejects.
        estimand: What is estimated.
        margin: The smallest effect of interest.
        direction: Where PASS lies.
        family: For angles: the probe family, which fixes what the angle is blind to.
        control: For controls: which kind. A `positive` one shows that a planted effect would have been found, and
            without it no behaviour claim can be refuted.
        says: What PASS would mean, in one sentence.
    """

    name: str
    role: Role
    estimand: Estimand
    margin: float = 0.0
    direction: Direction = "above"
    family: Family | None = None
    control: Control | None = None
    says: str = ""


class Hypothesis(_Frozen):
    """A claim about a system in a scenario distribution.

    Attributes:
        id: Unique within the suite.
        claim: The claim in one sentence; `{system}` stands for the stack and model it is tested on.
        kind: `behaviour` has one primary angle; `goal` and `belief` need three angles of several families.
        holder: Who is said to want, believe or do it.
        checks: Angles, rivals, controls and nulls.
        refuted_by: What result would refute it, in words.
    """

    id: str
    claim: str
    kind: Literal["behaviour", "goal", "belief"]
    checks: tuple[Check, ...]
    holder: str = "system"
    refuted_by: str = ""

    def role(self, role: Role) -> tuple[Check, ...]:
        """Give the checks of one role."""
        return tuple(check for check in self.checks if check.role == role)


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

    def __post_init__(self) -> None:
        check_suite(self)

    def cells(self) -> list[tuple[Scenario, Condition]]:
        """List every scenario with every condition that applies to it."""
        return [(s, c) for s in self.scenarios for c in self.conditions if matches(s, c.where)]


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
        "scenario": [s.id for s in suite.scenarios],
        "condition": [c.name for c in suite.conditions],
        "measure": [m.name for m in suite.measures],
        "hypothesis": [h.id for h in suite.hypotheses],
    }
    for what, names in named.items():
        doubled = sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []
        if doubled:
            raise SuiteError(f"suite {suite.name!r}: the {what} name {doubled[0]!r} stands twice")
    for hypothesis in suite.hypotheses:
        _check_hypothesis(suite, hypothesis)
        for check in hypothesis.checks:
            _check_estimand(suite, hypothesis.id, check)


def _check_hypothesis(suite: Suite, hypothesis: Hypothesis) -> None:
    place = f"suite {suite.name!r}, hypothesis {hypothesis.id!r}"
    names = [check.name for check in hypothesis.checks]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise SuiteError(f"{place}: the check name {doubled[0]!r} stands twice")
    angles, needed = len(hypothesis.role("angle")), 1 if hypothesis.kind == "behaviour" else 3
    if angles < needed:
        raise SuiteError(f"{place}: a {hypothesis.kind} claim needs {needed} angles at least, and has {angles}")


def _check_estimand(suite: Suite, hypothesis: str, check: Check) -> None:
    place = f"suite {suite.name!r}, hypothesis {hypothesis!r}, check {check.name!r}"
    if check.estimand.measure not in {m.name for m in suite.measures}:
        raise SuiteError(f"{place}: there is no measure {check.estimand.measure!r}")
    conditions = {c.name: c for c in suite.conditions}
    for name in check.estimand.weights:
        if name not in conditions:
            raise SuiteError(f"{place}: there is no condition {name!r}")
        if not any(matches(s, check.estimand.where) and matches(s, conditions[name].where) for s in suite.scenarios):
            raise SuiteError(
                f"{place}: no scenario with tags {dict(check.estimand.where)} is run in condition {name!r}"
            )
