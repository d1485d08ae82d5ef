"""Which runs are still to be made, and making them: bounded concurrency, caps, and an end that loses nothing."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from tracer.errors import ModelError
from tracer.execution import Bench, RunPlan, execute
from tracer.progress import NoProgress, Progress
from tracer.spans.names import RunStatus
from tracer.store import RunRow
from tracer.study import Study, run_seed, settled

__all__ = ["Tally", "plan_runs", "run_plans"]

_SILENT_IN_A_ROW = 5


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
        )
        for stack in body["stacks"]
        for model in body["models"]
        for scenario, condition, replicate in study.cells()
        if (key := (stack, model, scenario, condition, replicate)) not in done
    ]
    random.Random(study.hash).shuffle(plans)  # what drifts in time must not fall on one condition
    return plans


async def run_plans(
    plans: list[RunPlan], bench: Bench, *, concurrency: int = 4, progress: Progress | None = None
) -> Tally:
    """Make the runs; a failed one is a row with its reason, and the rest go on.

    Ends early, with the reason in the tally, when a cap of the whole study is reached. Everything made so far is kept.

    Raises:
        StoreError: Runs cannot be recorded any more.
        ModelError: The model endpoint has been unreachable for several runs in a row.
    """
    shown = progress or NoProgress()
    tally = Tally()
    waiting = iter(plans)

    async def work() -> None:
        for plan in waiting:
            if tally.stopped or bench.meter.spent:
                tally.stopped = bench.meter.spent or tally.stopped
                return
            row = await execute(plan, bench)
            tally.statuses[row.status] += 1
            shown.advance(1, note="  ".join(f"{count} {status}" for status, count in tally.statuses.items()))
            if bench.pulse.missed >= _SILENT_IN_A_ROW:
                raise ModelError(
                    f"model {plan.model!r} did not answer {bench.pulse.missed} runs in a row: {row.reason}. What was "
                    "recorded is kept; once it answers again, the same command goes on from here, and --retry-failed "
                    "makes the runs again that failed meanwhile"
                )

    shown.start("runs", len(plans))
    try:
        async with asyncio.TaskGroup() as group:
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
