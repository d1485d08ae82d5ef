"""`run(...)`: freeze, run, judge; the same from Python, from a notebook and from the command line."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import re
import threading
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from tracer.addresses import refresh
from tracer.errors import StudyError, TracerError
from tracer.execution import Bench
from tracer.models import Meter, Model, ModelSpec, Usage, open_model, parse_model
from tracer.progress import Progress
from tracer.recording import Recorder, context_in_threads
from tracer.runner.judges import judge_names, open_judges, panel_for, spec_functions
from tracer.runner.result import StudyResult
from tracer.runner.schedule import Lookout, plan_runs, run_plans
from tracer.stacks import check_stack
from tracer.store import RunRow, Store, open_store
from tracer.study import Design, Study, changed_since, freeze, load_suite, panel_of, read_study

__all__ = ["Chosen", "Options", "freeze_study", "run", "run_suite"]

_HASH = re.compile(r"[0-9a-f]{4,64}")


@dataclass(frozen=True, slots=True)
class Options:
    """How a study is run, beside what is frozen.

    Attributes:
        concurrency: Runs at a time.
        max_calls: Model calls after which the whole study stops.
        max_tokens: Tokens after which it stops.
        max_usd: Cost after which it stops; needs prices.
        max_seconds: Time after which no further run is begun.
        retry_failed: Make failed runs again.
        progress: What hears how far it is.
        whose: What the caps are of, for messages.
    """

    concurrency: int = 4
    max_calls: int | None = None
    max_tokens: int | None = None
    max_usd: float | None = None
    max_seconds: float | None = None
    retry_failed: bool = False
    progress: Progress | None = None
    whose: str = "the whole study"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which suite, on what.

    Attributes:
        suite: Address of a suite, or the beginning of the hash of a frozen study, whose design then stands.
        models: Names of the models; empty for those of the suite or study.
        design: Everything else that is frozen; its `models` are filled in once they are open.
        spec: Says where a model of this name answers, and what it costs.
        judge_spec: The same for the models that judge.
    """

    suite: str
    models: tuple[str, ...] = ()
    design: Design = field(default_factory=lambda: Design(models={}))
    spec: Callable[[str], ModelSpec] = parse_model
    judge_spec: Callable[[str], ModelSpec] = parse_model

    @property
    def frozen(self) -> bool:
        """Tell whether a frozen study is meant, and not a suite that is to be frozen."""
        return _HASH.fullmatch(self.suite) is not None


def run(
    suite: str,
    *,
    model: str | Sequence[str] = (),
    stack: str | Sequence[str] = (),
    n: int | None = None,
    store: str | Path | None = None,
    **options: Any,
) -> StudyResult:
    """Freeze a suite into a study, make its runs and give the result.

        result = tracer.run("scenarios/stale_or_drifted.py:suite", model="organism:stale")
        result.verdicts, result.frame

    A study that is complete already is not run again; one that was interrupted goes on where it stopped.

    Args:
        suite: Address of a suite, or the beginning of the hash of a frozen study.
        model: One or several model names; default the suite's own.
        stack: One or several stack addresses; default the suite's own.
        n: Scenarios of each kind to take; default all.
        store: Folder of the store; default `TRACER_STORE`, else `.tracer`.
        **options: `base_url`, `replicates`, `seed`, `sequential` (stop once no answer can change any more), `develop`
            (take the scenarios kept for trying things out: exploratory), `judge`,
            `second_judge`, `judge_base_url`, and the fields of `tracer.runner.Options`.

    Raises:
        TracerError: Whatever keeps the study from being run, as one message.
    """
    names = (model,) if isinstance(model, str) else tuple(model)
    stacks = (stack,) if isinstance(stack, str) else tuple(stack)
    base_url: str | None = options.pop("base_url", None)
    design = Design(
        models={},
        stacks=stacks,
        scenarios=n,
        replicates=options.pop("replicates", None),
        seed=options.pop("seed", 1),
        sequential=options.pop("sequential", False),
        develop=options.pop("develop", False),
        panel=judge_names(options.pop("judge", ""), options.pop("second_judge", "")),
    )
    spec, judge_spec = spec_functions(parse_model, base_url, options.pop("judge_base_url", None))
    unknown = sorted(options.keys() - {f.name for f in fields(Options)})
    if unknown:
        raise TracerError(
            f"tracer.run has no option {unknown[0]!r}; it has model, stack, n, store, base_url, replicates, seed, "
            "sequential, develop, judge, second_judge, judge_base_url, "
            f"{', '.join(f.name for f in fields(Options))}"
        )
    chosen = Chosen(suite, names, design, spec, judge_spec)
    opened = open_store(store)
    with contextlib.closing(opened):
        return _in_own_loop(chosen, opened, Options(**options))


async def run_suite(chosen: Chosen, store: Store, options: Options) -> StudyResult:
    """Open the models, freeze, make the runs that are missing and judge."""
    refresh()
    async with AsyncExitStack() as held:
        models = await _open_models(chosen, store, held)
        judges = await open_judges(_judges_of(chosen, store), held)
        study = _freeze(chosen, store, models, judges)
        if options.retry_failed and "sequential" in study.body:
            raise StudyError(
                f"study {study.hash[:12]} is looked at while it runs: which runs are made again may not depend on what "
                "was seen, so that failed ones stay failed. Leave out --retry-failed, or freeze another study"
            )
        store.add_study(study.to_dict())
        study = read_study(store.study(study.hash))  # as it was first kept
        held.enter_context(_only_one(store, study))
        rows = store.runs(study.hash)
        plans = plan_runs(study, rows, retry_failed=options.retry_failed)
        lookout = Lookout(study, rows) if "sequential" in study.body else None
        if lookout is not None:
            plans = [plan for plan in plans if not lookout.decided(plan)]
        stopped = ""
        if plans:
            recorder = Recorder(store.open_journal())
            held.callback(store.ingest)
            held.callback(recorder.close)
            held.enter_context(context_in_threads())
            meter = Meter(
                max_calls=options.max_calls,
                max_tokens=options.max_tokens,
                max_usd=options.max_usd,
                used=_used_before(rows),
                whose=options.whose,
            )
            bench = Bench(store, recorder, models, meter, panel=panel_for(study, judges))
            tally = await run_plans(
                plans,
                bench,
                concurrency=options.concurrency,
                progress=options.progress,
                lookout=lookout,
                max_seconds=options.max_seconds,
            )
            stopped = tally.stopped
        return StudyResult(study, store.runs(study.hash), stopped)


def _used_before(rows: Iterable[RunRow]) -> Usage:
    """Sum what earlier sittings of a study used, so that its caps hold over all of them."""
    told = [used for row in rows for used in (row.usage, row.usage.get("user"), row.usage.get("judge")) if used]
    costs = [usage["usd"] for usage in told]
    return Usage(
        calls=sum(usage["calls"] for usage in told),
        input_tokens=sum(usage["input_tokens"] for usage in told),
        output_tokens=sum(usage["output_tokens"] for usage in told),
        usd=None if None in costs else sum(costs),
    )


async def freeze_study(chosen: Chosen, store: Store) -> Study:
    """Open the models for their identity, freeze, and keep the study without running it."""
    refresh()
    async with AsyncExitStack() as held:
        models = await _open_models(chosen, store, held)
        study = _freeze(chosen, store, models, await open_judges(_judges_of(chosen, store), held))
        store.add_study(study.to_dict())
        return study


async def _open_models(chosen: Chosen, store: Store, held: AsyncExitStack) -> dict[str, Model]:
    names = dict.fromkeys(_models_of(chosen, store))
    return {name: await held.enter_async_context(open_model(chosen.spec(name))) for name in names}


def _models_of(chosen: Chosen, store: Store) -> Sequence[str]:
    """Give the names of the models, once it is sure that there is something to run on them."""
    if not chosen.frozen:
        suite = load_suite(chosen.suite)
        for stack in chosen.design.stacks or (suite.stack,):
            check_stack(stack)
        return [*(chosen.models or suite.models), *suite.user_models]
    study = read_study(store.study(chosen.suite))
    if chosen.design != Design(models={}):
        raise StudyError(
            f"study {study.hash[:12]} is frozen: its stacks, scenarios, replicates, seed and calls per run are fixed, "
            f"as its judges are. Leave them out, or freeze {study.suite} anew as another study"
        )
    return [*(chosen.models or study.body["models"]), *study.body.get("user_models", ())]


def _judges_of(chosen: Chosen, store: Store) -> list[ModelSpec]:
    if chosen.frozen:
        names = read_study(store.study(chosen.suite)).body.get("judges", {}).get("models", ())
    else:
        names = [n for of_one in panel_of(load_suite(chosen.suite), chosen.design.panel).values() for n in of_one]
    return [chosen.judge_spec(name) for name in dict.fromkeys(names)]


def _freeze(chosen: Chosen, store: Store, models: dict[str, Model], judges: dict[str, Model]) -> Study:
    identities = {name: model.identity for name, model in models.items()}
    of_judges = {name: model.identity for name, model in judges.items()}
    if not chosen.frozen:
        suite = load_suite(chosen.suite)
        played = {name: identities[name] for name in suite.user_models}
        under_study = {name: identities[name] for name in chosen.models or suite.models}
        return freeze(chosen.suite, replace(chosen.design, models=under_study, user_models=played, judges=of_judges))
    study = read_study(store.study(chosen.suite))
    changed = changed_since(study, identities, of_judges)
    if changed:
        raise StudyError(
            f"study {study.hash[:12]} cannot go on: its {' and '.join(changed)} changed since it was frozen. "
            f"Put them back, or freeze {study.suite} anew as another study"
        )
    return study


@contextlib.contextmanager
def _only_one(store: Store, study: Study) -> Generator[None]:
    """Hold the study's lock, so that two processes do not make the same runs twice."""
    folder = Path(store.place) / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / study.hash[:16]).open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.seek(0)
            other = file.read().strip() or "unknown"
            raise StudyError(
                f"study {study.hash[:12]} is being run by another process (pid {other}) on {store.place}: wait for it, "
                "or use another --store"
            ) from None
        file.truncate(0)
        file.write(str(os.getpid()))
        file.flush()
        yield


def _in_own_loop(chosen: Chosen, store: Store, options: Options) -> StudyResult:
    """Run to the end; in a thread where this one has a running loop already, as a notebook has."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(run_suite(chosen, store, options))
    found: list[StudyResult | BaseException] = []

    def work() -> None:
        try:
            found.append(asyncio.run(run_suite(chosen, store, options)))
        except BaseException as error:  # handed to the thread that waits for it
            found.append(error)

    thread = threading.Thread(target=work, name="tracer-run")
    thread.start()
    thread.join()
    if isinstance(found[0], BaseException):
        raise found[0]
    return found[0]
