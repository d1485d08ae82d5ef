"""Judges of a study: opened beside its models, and asked about runs that exist already."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from tracer.contracts import Condition, Scenario, Suite
from tracer.errors import StudyError
from tracer.execution import Bench, Panel, observe, take_judgements
from tracer.models import Meter, Model, ModelSpec, open_model
from tracer.progress import NoProgress, Progress
from tracer.recording import Recorder
from tracer.spans.names import RunStatus
from tracer.store import RunRow, Store
from tracer.study import Study, changed_since, judges_of, load_suite

__all__ = ["judge_again", "judge_late_runs", "judge_names", "judge_runs", "open_judges", "panel_for", "spec_functions"]


def judge_names(first: str, second: str) -> tuple[str, ...]:
    """Give the judges chosen in place of the suite's own, as a design has them; none chosen is nothing."""
    return (first, second) if first or second else ()


def spec_functions(
    parse: Callable[..., ModelSpec], base_url: str | None, judge_base_url: str | None
) -> tuple[Callable[[str], ModelSpec], Callable[[str], ModelSpec]]:
    """Say where models answer, and where judges do: without a URL of their own the built-in ones in this process.

    Args:
        parse: `parse_model`, perhaps with prices and limits bound.
        base_url: Endpoint of the models.
        judge_base_url: Endpoint of the judges.
    """

    def spec(name: str) -> ModelSpec:
        return parse(name, base_url=base_url)

    def judge_spec(name: str) -> ModelSpec:
        built_in = name == "smollm2" or name.startswith("organism:")
        return parse(name, base_url=judge_base_url or (None if built_in else base_url))

    return spec, judge_spec


async def open_judges(specs: Sequence[ModelSpec], held: AsyncExitStack) -> dict[str, Model]:
    """Open the models of judges until `held` ends, each once; none opens nothing."""
    return {spec.name: await held.enter_async_context(open_model(spec)) for spec in specs}


def panel_for(study: Study, judges: dict[str, Model]) -> Panel:
    """Give the judges of a frozen study."""
    return Panel(judges, {name: tuple(judge["models"]) for name, judge in judges_of(study.body).items()})


async def judge_again(study: Study, rows: Sequence[RunRow], store: Store, spec: Callable[[str], ModelSpec]) -> int:
    """Ask the frozen judges of a study about completed runs that have no answer of theirs yet; give how many."""
    suite = load_suite(study.suite)
    async with AsyncExitStack() as held:
        judges = await open_judges([spec(name) for name in study.body["judges"]["models"]], held)
        identities = {name: model.identity for name, model in judges.items()}
        models = study.body["models"] | study.body.get("user_models", {})  # they are not asked again
        changed = changed_since(study, models, identities)
        if changed:
            raise StudyError(
                f"the judges of study {study.hash[:12]} cannot go on: its {' and '.join(changed)} changed since it was "
                "frozen. Put them back, or judge anew with --judge MODEL, as exploratory"
            )
        return await judge_runs(suite, rows, store, panel_for(study, judges))


async def judge_late_runs(
    suite: Suite, rows: Sequence[RunRow], store: Store, panel: Mapping[str, str], spec: Callable[[str], ModelSpec]
) -> int:
    """Ask judges that were not frozen before the runs, which makes whatever rests on them exploratory.

    Args:
        suite: Whose judged measures are taken.
        rows: The runs, imported ones included.
        store: Where they are kept.
        panel: Measure -> name of the model that judges it.
        spec: Says where a model of this name answers.
    """
    async with AsyncExitStack() as held:
        judges = await open_judges([spec(name) for name in dict.fromkeys(panel.values())], held)
        of = {measure: (name,) for measure, name in panel.items()}
        return await judge_runs(suite, rows, store, Panel(judges, of, late=True))


async def judge_runs(
    suite: Suite,
    rows: Sequence[RunRow],
    store: Store,
    panel: Panel,
    *,
    concurrency: int = 4,
    progress: Progress | None = None,
) -> int:
    """Ask judges about completed runs that exist already, and keep what they say with the runs.

    A judge that has answered about a run is not asked again. Runs of our own are shown with the scenario and condition
    that the suite has for them; imported ones with those that they were imported with.

    Args:
        suite: Whose judged measures are taken.
        rows: The runs; those that did not complete are passed over.
        store: Where they are kept.
        panel: Who judges; `late` where the judges were not frozen before the runs.
        concurrency: Runs judged at a time.
        progress: What hears how far it is.

    Returns:
        How many runs were judged.

    Raises:
        StudyError: No run is one that the suite has a scenario and a condition for.
        StoreError: The calls cannot be recorded.
    """
    suite = replace(suite, measures=[m for m in suite.measures if m.name in panel.of], hypotheses=())
    placed = [(row, place) for row in rows if row.status == RunStatus.COMPLETED and (place := _place(suite, row))]
    if not placed:
        raise StudyError(
            f"no completed run has a scenario and a condition of the suite {suite.name!r}: nothing to judge"
        )
    shown = progress or NoProgress()
    waiting = iter(placed)
    recorder = Recorder(store.open_journal())
    bench = Bench(store, recorder, {}, Meter(), panel=panel)

    async def work() -> None:
        for row, place in waiting:
            await _judge_one(suite, row, place, bench)
            shown.advance(1)

    shown.start("judged", len(placed))
    try:
        await asyncio.gather(*(work() for _ in range(max(1, min(concurrency, len(placed))))))
    finally:
        recorder.close()
        store.ingest()
        shown.finish()
    return len(placed)


def _place(suite: Suite, row: RunRow) -> tuple[Scenario, Condition] | None:
    if row.source:
        return Scenario(id=row.scenario, data=row.facts), Condition(name=row.condition or "recorded")
    scenario = next((s for s in (*suite.scenarios, *suite.develop) if s.id == row.scenario), None)
    condition = next((c for c in suite.conditions if c.name == row.condition), None)
    return (scenario, condition) if scenario and condition else None


async def _judge_one(suite: Suite, row: RunRow, place: tuple[Scenario, Condition], bench: Bench) -> None:
    judged = await take_judgements(suite, observe(*place, row, bench.store), row, bench)

    def merged(now: RunRow) -> RunRow:  # labels may have come meanwhile
        return replace(now, values=judged.values, judged=judged.judged, usage=judged.usage)

    bench.store.amend_run(row.id, merged)
