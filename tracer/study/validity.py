"""What can be wrong with a suite before anything is run: flaws that would make its answer worthless."""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any

import orjson

from tracer.contracts import Condition, Hypothesis, Scenario, Suite, Task, User, matches
from tracer.errors import SuiteError
from tracer.study.finding import span_of
from tracer.study.flaw import Flaw, located
from tracer.study.lanes import lanes_on
from tracer.study.proving import proofs

__all__ = ["flaws", "refuse_flawed", "unguarded"]

ENOUGH = 30  # scenarios; below, intervals from clusters are wide and their coverage doubtful (Cameron and Miller 2015)
_HOLE = re.compile(r"\{[A-Za-z_]\w*\}|<[A-Z][A-Z_]+>|\bTODO\b|\bundefined\b")
_EMPTY = re.compile(r"(?<![\w'\"])(?:None|nan|NaN)(?![\w'\"])")


@dataclass(frozen=True, slots=True)
class _Shown:
    """What one cell puts before a system: the task as plain data."""

    scenario: Scenario
    condition: Condition
    task: Any

    @property
    def texts(self) -> list[str]:
        said = [str(m.get("content") or "") for m in self.task["messages"]]
        return [*said, *(a["text"] for a in self.task["asks"]), *(r["brief"] for r in self.task["roles"])]


def flaws(suite: Suite, stacks: Sequence[str] = ()) -> list[Flaw]:
    """Look a suite over without running it, on the given stacks or else on its own.

    Found are: too few scenarios, scenarios that repeat, tasks that cannot be made or differ from one call of `present`
    to the next, unfilled templates, conditions that change nothing or name themselves to the system, A/A lanes that are
    none, comparisons of unequal scenarios, margins that cannot be reached or cannot be missed, claims without a rival,
    a control or a null, or without an angle that can run on the stacks, measures that never vary or disagree with
    labelled runs, and proofs that are not there.
    """
    shown, raised = _present(suite, suite.scenarios)
    apart, raised_apart = _present(suite, suite.develop)
    raised = [*raised, *raised_apart][:3]
    return [
        *raised,
        *_sizes(suite),
        *([] if raised else _repeats([*shown, *apart])),
        *_unstable(suite, shown),
        *_holes(shown),
        *_treatments(suite, shown),
        *_named(suite, shown),
        *_unequal(suite),
        *_decided(suite),
        *_bare(suite),
        *_unrunnable(suite, stacks or (suite.stack,)),
        *proofs(suite),
    ]


def refuse_flawed(suite: Suite, address: str, stacks: Sequence[str] = ()) -> None:
    """Refuse a suite that no study can mean anything with.

    Raises:
        SuiteError: It has a grave flaw; the message names the first one with its line, and how many there are.
    """
    grave = [flaw for flaw in flaws(suite, stacks) if flaw.grave]
    if grave:
        more = f" ({len(grave) - 1} more: tracer check {address})" if len(grave) > 1 else ""
        raise SuiteError(f"{located(grave[0], address)}: {grave[0].place}: {grave[0].what}{more}")


def _unrunnable(suite: Suite, stacks: Sequence[str]) -> Iterator[Flaw]:
    try:
        lanes_on(suite, stacks)
    except SuiteError as error:
        yield Flaw("hypotheses", str(error), part="hypotheses")


def _present(suite: Suite, scenarios: Sequence[Scenario]) -> tuple[list[_Shown], list[Flaw]]:
    shown: list[_Shown] = []
    raised: list[Flaw] = []
    wanted = [(s, c) for s in scenarios for c in suite.conditions if not c.needs and matches(s, c.where)]
    for scenario, condition in wanted:
        try:
            shown.append(_Shown(scenario, condition, _plain(suite.present(scenario, condition))))
        except Exception as error:  # the suite's own code: whatever it raises is what is wrong with it
            said = f"`present` raises {type(error).__name__}: {error}"
            raised.append(Flaw(f"scenario {scenario.id!r} in condition {condition.name!r}", said, part="present"))
    return shown, raised


def _plain(task: Task) -> Any:
    told = {
        "messages": task.messages,
        "world": (type(task.world).__qualname__, task.world.snapshot()) if task.world is not None else None,
        "user": _plain_user(task.user) if task.user is not None else None,
        "options": task.options,
        "asks": [{"name": a.name, "text": a.text, "options": a.options} for a in task.asks],
        "max_steps": task.max_steps,
        "tools": task.tools,
        "roles": [role.model_dump(mode="json") for role in task.roles],
        "rounds": task.rounds,
    }
    return orjson.loads(orjson.dumps(told, default=str))


def _plain_user(user: User) -> dict[str, Any]:
    told = {field.name: getattr(user, field.name) for field in fields(user)}
    if callable(user.replies):
        told["replies"] = None
        told["function"] = getattr(user.replies, "__qualname__", type(user.replies).__name__)
    return told


def _sizes(suite: Suite) -> Iterator[Flaw]:
    clusters = len({s.cluster or s.id for s in suite.scenarios})
    if clusters < 2:
        told = f"there is {clusters} cluster of them, and no interval can be had from fewer than 2"
        yield Flaw("scenarios", told, grave=bool(suite.hypotheses))  # without a claim, runs are only recorded
    elif clusters < ENOUGH:
        yield Flaw("scenarios", f"{clusters} clusters: give {ENOUGH} for intervals that can be relied on", grave=False)


def _repeats(shown: Sequence[_Shown]) -> Iterator[Flaw]:
    """Find scenarios that put the same before a system in the same conditions, whatever else is written in them.

    What a simulated user says that is a function cannot be seen: there the data of the scenarios have to be the same.
    """
    put: dict[str, dict[str, Any]] = defaultdict(dict)
    for cell in shown:
        unseen = dict(cell.scenario.data) if "function" in (cell.task["user"] or ()) else None
        put[cell.scenario.id][cell.condition.name] = (cell.task, unseen)
    alike: dict[bytes, list[str]] = defaultdict(list)
    for scenario, tasks in put.items():
        alike[sha256(orjson.dumps(tasks, option=orjson.OPT_SORT_KEYS, default=str)).digest()].append(scenario)
    for first, *others in alike.values():
        if others:
            yield Flaw(f"scenarios {first!r} and {others[0]!r}", "the same item stands twice", name=others[0])


def _unstable(suite: Suite, shown: Sequence[_Shown]) -> Iterator[Flaw]:
    for cell in shown:
        if _plain(suite.present(cell.scenario, cell.condition)) != cell.task:
            place = f"scenario {cell.scenario.id!r} in condition {cell.condition.name!r}"
            yield Flaw(
                place,
                "`present` gives another task at each call: it may depend on its two arguments only",
                part="present",
            )
            return


def _holes(shown: Sequence[_Shown]) -> Iterator[Flaw]:
    for cell in shown:
        for text in cell.texts:
            hole = _HOLE.search(text) or _EMPTY.search(text)
            if hole:
                place = f"scenario {cell.scenario.id!r} in condition {cell.condition.name!r}"
                near = text[max(0, hole.start() - 20) : hole.end() + 20]
                yield Flaw(place, f"a template is not filled in: ...{near}...", part="present")
                return


def _treatments(suite: Suite, shown: Sequence[_Shown]) -> Iterator[Flaw]:
    tasks: dict[str, dict[str, Any]] = defaultdict(dict)
    for cell in shown:
        run = {name: value for name, value in cell.task.items() if name != "asks"}  # those are put after the run
        tasks[cell.condition.name][cell.scenario.id] = run
    for number, one in enumerate(suite.conditions):
        twins = [c for c in suite.conditions[:number] if _same(tasks[one.name], tasks[c.name])]
        if twins and not one.reseed and not twins[0].reseed:
            told = f"presents just what {twins[0].name!r} does: nothing is manipulated"
            yield Flaw(f"condition {one.name!r}", told, part="conditions", name=one.name)
        others = (c for c in suite.conditions if c is not one)
        if one.reseed and not any(_same(tasks[one.name], tasks[c.name]) for c in others):
            told = "is an A/A lane, and presents what no other condition does"
            yield Flaw(f"condition {one.name!r}", told, part="conditions", name=one.name)


def _same(one: dict[str, Any], two: dict[str, Any]) -> bool:
    common = one.keys() & two.keys()
    return bool(common) and all(one[k] == two[k] for k in common)


def _named(suite: Suite, shown: Sequence[_Shown]) -> Iterator[Flaw]:
    """Find conditions whose own name stands in what the system reads, in no other condition and in every scenario."""
    having: Counter[tuple[str, str]] = Counter()
    cells = Counter(cell.condition.name for cell in shown)
    words = {c.name: re.compile(rf"(?<![\w-]){re.escape(c.name)}(?![\w-])", re.IGNORECASE) for c in suite.conditions}
    for cell in shown:
        text = "\n".join(cell.texts)
        having.update((cell.condition.name, name) for name, word in words.items() if word.search(text))
    for name in words:
        own = having[name, name] == cells[name] > 0
        if own and not any(having[other, name] for other in words if other != name):
            told = "its name stands in what the system reads, and in no other condition: it may know that it is tested"
            yield Flaw(f"condition {name!r}", told, grave=False, part="conditions", name=name)


def _unequal(suite: Suite) -> Iterator[Flaw]:
    conditions = {c.name: c for c in suite.conditions}
    for hypothesis in suite.hypotheses:
        for check in hypothesis.checks:
            taken = [s for s in suite.scenarios if matches(s, check.estimand.where)]
            sets = [{s.id for s in taken if matches(s, conditions[c].where)} for c in check.estimand.weights]
            alone = len(set[str]().union(*sets) - set.intersection(*sets)) if sets else 0
            if alone:
                place = f"hypothesis {hypothesis.id!r}, check {check.name!r}"
                tags = {tag: level for c in check.estimand.weights for tag, level in conditions[c].where.items()}
                kept = ", ".join(f"{tag}={level!r}" for tag, level in tags.items())
                told = (
                    f"{alone} of its scenarios are not run in all of its conditions: cells are not balanced. Limit its "
                    f"estimand to those that are, e.g. contrast(..., {kept})"
                )
                yield Flaw(place, told, part="hypotheses", name=check.name)


def _decided(suite: Suite) -> Iterator[Flaw]:
    """Find checks whose outcome is known beforehand, since their margin lies beyond what their estimand can be."""
    bounds = {m.name: (m.low, m.high) for m in suite.measures}
    for hypothesis in suite.hypotheses:
        for check in (c for c in hypothesis.checks if c.role != "null"):
            low, high = span_of(check, bounds[check.estimand.measure]) or (-math.inf, math.inf)
            margin = check.margin
            asked, passes, misses = {
                "above": (f"> {margin:g}", margin < high, margin >= low),
                "below": (f"< {margin:g}", margin > low, margin <= high),
                "within": (f"± {margin:g}", margin > max(low, -high, 0.0), margin <= max(-low, high)),
            }[check.direction]
            if not (passes and misses):
                what = "passes whatever is done" if passes else "can never pass"
                reach = "" if high == math.inf else f", and its estimand lies between {low:g} and {high:g}"
                told = f"{what}: it asks for {asked}{reach}. Change its margin or its direction"
                place = f"hypothesis {hypothesis.id!r}, check {check.name!r}"
                yield Flaw(place, told, part="hypotheses", name=check.name)


def _bare(suite: Suite) -> Iterator[Flaw]:
    if not suite.hypotheses:
        told = "none is stated: runs would be recorded, and nothing answered"
        yield Flaw("hypotheses", told, grave=False, part="hypotheses")
    for hypothesis in suite.hypotheses:
        for told in unguarded(hypothesis):
            yield Flaw(f"hypothesis {hypothesis.id!r}", told, grave=False, part="hypotheses", name=hypothesis.id)


def unguarded(hypothesis: Hypothesis) -> list[str]:
    """Say what a claim lacks that would keep a wrong answer from standing: a rival, controls, a null."""
    roles = {check.role for check in hypothesis.checks}
    positive = any(check.control == "positive" for check in hypothesis.checks)
    lacks = [
        ("rival" not in roles, "no rival is named: another explanation of the same acts cannot be ruled out"),
        ("control" not in roles, "there is no control: whether the system can do the task at all stays unknown"),
        (
            "control" in roles and hypothesis.kind == "behaviour" and not positive,
            "there is no positive control: the claim can be supported, and never refuted",
        ),
        ("null" not in roles, "there is no null, such as an A/A lane: broken machinery would not be noticed"),
    ]
    return [told for lacking, told in lacks if lacking]
