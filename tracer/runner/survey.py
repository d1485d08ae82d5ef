"""A survey: many suites on the same systems, in their quick form, one study each, under one budget."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tracer.addresses import list_shipped, load_object
from tracer.contracts import Suite
from tracer.errors import AddressError, StoreError, SuiteError, TracerError
from tracer.models import ModelSpec, find_organism, parse_model
from tracer.progress import NoProgress, Progress
from tracer.runner.api import Chosen, Options, run_suite
from tracer.runner.result import StudyResult
from tracer.stacks import check_stack
from tracer.store import RunRow, Store
from tracer.study import Design, load_suite

__all__ = ["Budget", "Survey", "Surveyed", "shipped_suites", "survey"]


@dataclass(frozen=True, slots=True)
class Budget:
    """What a survey may use in all; None for no limit.

    Attributes:
        calls: Model calls.
        tokens: Tokens in and out.
        usd: Cost; needs prices.
        seconds: Time.
    """

    calls: int | None = None
    tokens: int | None = None
    usd: float | None = None
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Survey:
    """What is surveyed.

    Attributes:
        suites: Addresses of the suites.
        models: Names of the models.
        stacks: Addresses of the stacks; empty for the own one of each suite.
        full: Take every scenario, and not as many as are enough for a first look.
        seed: Seed of every study.
        spec: Says where a model of this name answers, and what it costs.
    """

    suites: Sequence[str]
    models: Sequence[str]
    stacks: Sequence[str] = ()
    full: bool = False
    seed: int = 1
    spec: Callable[[str], ModelSpec] = parse_model

    def find(self, model: str) -> ModelSpec:
        """Give where a model answers.

        Raises:
            ModelError: No endpoint is known for it, or there is no such organism.
        """
        spec = self.spec(model)
        if spec.kind == "organism":
            find_organism(model)
        return spec


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What came of one suite on one system.

    Attributes:
        suite: Address of the suite.
        question: What the suite asks.
        stack: Address of the stack.
        model: Name of the model.
        result: The study; None where it was not run.
        why_not: Why it could not, or was not; "" where it was.
        seconds: How long it took.
    """

    suite: str
    question: str
    stack: str
    model: str
    result: StudyResult | None = None
    why_not: str = ""
    seconds: float = 0.0

    @property
    def usage(self) -> Mapping[str, int]:
        """Model calls and tokens of its runs, those of simulated users and judges included."""
        used = [u for row in self._rows for u in (row.usage, row.usage.get("user"), row.usage.get("judge")) if u]
        return {name: sum(u[name] for u in used) for name in ("calls", "input_tokens", "output_tokens")}

    @property
    def usd(self) -> float | None:
        """What its runs cost; None where no prices are known."""
        costs = [row.usage["usd"] for row in self._rows if row.usage]
        return None if None in costs else float(sum(costs))

    @property
    def _rows(self) -> Sequence[RunRow]:
        return self.result.rows if self.result else ()


def shipped_suites() -> list[str]:
    """List the addresses of the suites that come with the product: those that claim something and can be held to it."""
    return [address for path in list_shipped("scenarios") for address in _suites_in(path)]


def _suites_in(path: str) -> list[str]:
    """Give the addresses of the suites that a file offers and for which truths are planted; its `suite` comes first."""
    try:
        offered = load_object(f"{path}:__all__")
    except AddressError:
        return []
    found = {name: load_object(f"{path}:{name}") for name in offered}
    suites = [name for name, suite in found.items() if isinstance(suite, Suite) and suite.hypotheses and suite.planted]
    first = sorted(suites, key=lambda name: (name != "suite", name))
    own = {id(found[name]): name for name in reversed(first)}  # a suite that has two names counts once
    return [f"{path}:{name}" for name in first if own[id(found[name])] == name]


async def survey(
    plan: Survey,
    store: Store,
    budget: Budget | None = None,
    *,
    concurrency: int = 4,
    progress: Progress | None = None,
    heard: Callable[[Surveyed], None] = lambda _: None,
) -> list[Surveyed]:
    """Run suite after suite on each system, and give what came of each; one that cannot be run does not stop the rest.

    Studies that are complete in the store are not run again, so that a survey goes on where it stopped.

    Args:
        plan: What is surveyed.
        store: Where the runs are kept.
        budget: What it may use in all, what was used before it was stopped included.
        concurrency: Runs at a time.
        progress: What hears how far it is.
        heard: Is called with each outcome as soon as it is there.

    Raises:
        TracerError: A suite, a stack or a model is not there; before anything is run, each that is not is named.
        StoreError: Runs cannot be recorded any more.
    """
    limit = budget or Budget()
    left = _Left(limit, time.monotonic())
    cells = list(_cells(plan))
    found: list[Surveyed] = []
    for number, cell in enumerate(cells, 1):
        shown = _Numbered(progress or NoProgress(), f"{number}/{len(cells)} {cell.suite}")
        why_not = left.spent(found)
        options = replace(left.options(found), concurrency=concurrency, progress=shown)
        found.append(replace(cell, why_not=why_not) if why_not else await _run(plan, cell, store, options))
        heard(found[-1])
    return found


def _cells(plan: Survey) -> Iterator[Surveyed]:
    absent = [*_absent(load_suite, plan.suites), *_absent(check_stack, plan.stacks), *_absent(plan.find, plan.models)]
    if absent:
        raise absent[0] if len(absent) == 1 else SuiteError("\n  ".join(["nothing is run:", *map(str, absent)]))
    for address in plan.suites:
        suite = load_suite(address)
        for stack in plan.stacks or (suite.stack,):
            for model in plan.models or suite.models:
                yield Surveyed(address, suite.question, stack, model)


def _absent(find: Callable[[str], object], names: Iterable[str]) -> Iterator[TracerError]:
    for name in names:
        try:
            find(name)
        except TracerError as error:
            yield error


async def _run(plan: Survey, cell: Surveyed, store: Store, options: Options) -> Surveyed:
    began = time.monotonic()
    n = None if plan.full else load_suite(cell.suite).quick
    design = Design(models={}, stacks=(cell.stack,), scenarios=n, seed=plan.seed)
    try:
        result = await run_suite(Chosen(cell.suite, (cell.model,), design, plan.spec, plan.spec), store, options)
    except StoreError:
        raise
    except TracerError as error:
        return replace(cell, why_not=str(error), seconds=time.monotonic() - began)
    return replace(cell, result=result, seconds=time.monotonic() - began)


@dataclass(frozen=True, slots=True)
class _Left:
    """What is left of a budget."""

    budget: Budget
    began: float = field(default_factory=time.monotonic)

    def spent(self, found: Sequence[Surveyed]) -> str:
        """Say what is used up; "" while there is something left."""
        limits, used = self._limits(), self._used(found)
        over = next((name for name, limit in limits.items() if limit is not None and used[name] >= limit), None)
        return f"the budget is spent: {used[over]:,.6g} of {limits[over] or 0:,.6g} {over}" if over else ""

    def options(self, found: Sequence[Surveyed]) -> Options:
        """Give the limits of the next study."""
        used = self._used(found)
        left = {name: None if limit is None else limit - used[name] for name, limit in self._limits().items()}
        caps: dict[str, Any] = {f"max_{name}": value for name, value in left.items()}
        return Options(**caps, whose="this study, with what is left of the survey's budget,")

    def _limits(self) -> dict[str, float | None]:
        limit = self.budget
        return {"calls": limit.calls, "tokens": limit.tokens, "usd": limit.usd, "seconds": limit.seconds}

    def _used(self, found: Sequence[Surveyed]) -> dict[str, float]:
        return {
            "calls": sum(one.usage["calls"] for one in found),
            "tokens": sum(one.usage["input_tokens"] + one.usage["output_tokens"] for one in found),
            "usd": sum(one.usd or 0.0 for one in found),
            "seconds": time.monotonic() - self.began,
        }


@dataclass(frozen=True, slots=True)
class _Numbered:
    """Says of what the progress is."""

    shown: Progress
    name: str

    def start(self, label: str, total: int | None) -> None:
        self.shown.start(f"{self.name}: {label}", total)

    def advance(self, steps: int = 1, note: str = "") -> None:
        self.shown.advance(steps, note)

    def finish(self) -> None:
        self.shown.finish()
