"""Which runs are still to be made, and making them: bounded concurrency, caps, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from tracer.errors import ModelError
from tracer.execution import Bench, RunPlan, execute, unblocked, withdraw
from tracer.progress import NoProgress, Progress
from tracer.spans.names import RunStatus
from tracer.store import RunRow
from tracer.study import Study, look, order_of, run_seed, settled

__all__ = ["Lookout", "Tally", "plan_runs", "run_plans"]

_SILENT_IN_A_ROW = 5
_TRIES = 3  # of a run that is interrupted while others wait for its cluster
System = tuple[str, str]


@dataclass(slots=True)
class Tally:
    """What a stretch of runs came to.

    Attributes:
        statuses: Status -> runs.
        stopped: Why not all runs were made; "" where they were.
    """

    statuses: Counter[str] = field(default_factory=Counter[str])
    stopped: str = ""


def plan_runs(study: Study, rows: Iterable[RunRow], *, retry_failed: bool = False) -> list[RunPlan]:
    """List the runs that a study still lacks, in a random order that follows from its seed.

    Args:
        study: The frozen study.
        rows: Its runs so far.
        retry_failed: Make failed runs again, as a further attempt. Choosing this after looking at results is a
            selection; both attempts stay in the store.
    """
    body = study.body
    rows = list(rows)
    done = {_key(r) for r in settled(rows) if not (retry_failed and r.status == RunStatus.FAILED)}
    attempts = Counter(_key(r) for r in rows)
    reseeded = {c.name for c in study.conditions if c.reseed}
    plans = [
        RunPlan(
            study=study.hash,
            suite=study.suite,
            scenario=scenario,
            condition=condition,
            stack=stack,
            model=model,
            replicate=replicate,
            attempt=attempts[key] + 1,
            seed=run_seed(body["seed"], scenario, replicate, condition if condition in reseeded else ""),
            temperature=body["temperature"],
            max_calls=body["max_calls_per_run"],
            timeout_s=body.get("max_seconds_per_run", 600.0),
        )
        for stack in body["stacks"]
        for model in body["models"]
        for scenario, condition, replicate in study.cells()
        if (key := (stack, model, scenario, condition, replicate)) not in done
    ]
    random.Random(study.hash).shuffle(plans)  # what drifts in time must not fall on one condition
    if "sequential" not in body:
        return plans
    order, cluster_of = order_of(study), {s.id: s.cluster for s in study.scenarios}
    return sorted(plans, key=lambda plan: order[cluster_of[plan.scenario]])


class Lookout:
    """Looks at a sequential study while it runs, and tells which systems are decided.

    A system is looked at when all runs of a cluster are settled; what counts then is in `tracer.study.look`.
    """

    def __init__(self, study: Study, rows: Iterable[RunRow]) -> None:
        self._study = study
        self._cluster_of = {s.id: s.cluster for s in study.scenarios}
        systems = [(stack, model) for stack in study.body["stacks"] for model in study.body["models"]]
        self._final: dict[System, list[RunRow]] = {system: [] for system in systems}
        for row in settled(rows):
            self._final[row.stack, row.model].append(row)
        planned = Counter(self._cluster_of[scenario] for scenario, _, _ in study.cells())
        self._open = {system: planned - self._made(system) for system in systems}
        self.looked = {system: look(study, final) for system, final in self._final.items()}

    def add(self, row: RunRow) -> None:
        """Take in a run that has ended."""
        if not settled([row]):
            return
        system, cluster = (row.stack, row.model), self._cluster_of[row.scenario]
        self._final[system].append(row)
        self._open[system][cluster] -= 1
        if not self._open[system][cluster] and not self.looked[system].decided:
            self.looked[system] = look(self._study, self._final[system])

    def decided(self, plan: RunPlan) -> bool:
        """Tell whether this run is no longer needed."""
        return self.looked[plan.stack, plan.model].decided

    def _made(self, system: System) -> Counter[str]:
        return Counter(self._cluster_of[row.scenario] for row in self._final[system])


async def run_plans(
    plans: list[RunPlan],
    bench: Bench,
    *,
    concurrency: int = 4,
    progress: Progress | None = None,
    lookout: Lookout | None = None,
    stall_s: float = 60.0,
    max_seconds: float | None = None,
) -> Tally:
    """Make the runs; a failed one is a row with its reason, and the rest go on.

    Ends early, with the reason in the tally, when a cap of the whole study is reached, or after `max_seconds`. All that
    was made is kept. With a lookout, the runs of a system that is decided are left out, and an interrupted run is
    made again at once, since no look can pass its cluster. A run that keeps all others from going on for `stall_s`
    seconds is stopped.

    Raises:
        StoreError: Runs cannot be recorded any more.
        ModelError: A model endpoint has not answered as it should for several runs in a row; these are interrupted.
    """
    shown = progress or NoProgress()
    tally = Tally()
    waiting = deque(plans)
    deadline = None if max_seconds is None else time.monotonic() + max_seconds

    async def work() -> None:
        while waiting:
            plan = waiting.popleft()
            over = deadline is not None and time.monotonic() >= deadline
            late = f"{bench.meter.whose} may take {max_seconds:,.0f} s, and they are over" if over else ""
            if tally.stopped or bench.meter.spent or late:
                tally.stopped = bench.meter.spent or tally.stopped or late
                return
            if lookout is not None and lookout.decided(plan):
                continue
            row = await execute(plan, bench)
            tally.statuses[row.status] += 1
            if lookout is not None:
                lookout.add(row)
                if row.status == RunStatus.INTERRUPTED and plan.attempt < _TRIES:
                    waiting.appendleft(replace(plan, attempt=plan.attempt + 1))
            shown.advance(1, note="  ".join(f"{count} {status}" for status, count in tally.statuses.items()))
            missed = bench.pulse.missed.get(plan.model, [])
            if len(missed) >= _SILENT_IN_A_ROW:
                withdraw(missed, bench.recorder)
                raise ModelError(
                    f"model {plan.model!r} did not answer as it should {len(missed)} runs in a row: {row.reason}. "
                    "What was recorded is kept; once it answers again, the same command makes these runs again and "
                    "goes on from here"
                )

    shown.start("runs", len(plans))
    try:
        async with unblocked(stall_s), asyncio.TaskGroup() as group:
            for _ in range(max(1, min(concurrency, len(plans)))):
                group.create_task(work())
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
    finally:
        bench.store.ingest()
        shown.finish()
    return tally


def _key(row: RunRow) -> tuple[str, str, str, str, int]:
    return (row.stack, row.model, row.scenario, row.condition, row.replicate)
