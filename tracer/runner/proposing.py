"""Asking a model what to test next: it reads runs on the scenarios kept for that, and drafts hypotheses."""

from __future__ import annotations

import contextlib
import random
import time
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace

from tracer.contracts import Suite
from tracer.errors import RunStopped, StudyError, SuiteError
from tracer.models import Meter, ModelSpec, RunCalls, RunModel, WireResponse, open_model
from tracer.recording import Recorder, new_run_id, recording_stage
from tracer.spans.names import RunStatus
from tracer.store import RunRow, Store
from tracer.study import Choices, Draft, call_seed, choices_of, draft_format, read_draft, settled, tell_run
from tracer.trajectory import build_trajectory

__all__ = ["Proposed", "propose"]

_TOKENS = 256  # of an answer: a draft has a sentence of 200 characters at most
_TEMPERATURE = 0.7
_ASKS = 2  # answers for each draft that is wanted; the same may be proposed again and again


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a model proposed.

    Attributes:
        drafts: What could be used.
        dropped: Why other answers could not, one line each.
        read: Ids of the runs that it was shown.
        available: How many there were.
        asked: Id of the run in the store that records what it was asked and what it said.
    """

    drafts: tuple[Draft, ...]
    dropped: tuple[str, ...]
    read: tuple[str, ...]
    available: int
    asked: str


async def propose(
    suite: Suite, rows: Sequence[RunRow], store: Store, spec: ModelSpec, *, count: int, characters: int, seed: int = 1
) -> Proposed:
    """Show a model the runs, and have it draft hypotheses.

    Args:
        suite: What the runs are of.
        rows: The runs; those that did not complete are passed over.
        store: Where they are, and where the calls are recorded.
        spec: The model that reads.
        count: Drafts that are wanted.
        characters: Length of what it is shown; whole situations are taken until it is used up.
        seed: Of which situations are taken first, and of the model's answers.

    Raises:
        SuiteError: The suite has no scenarios to develop on, or nothing that could be compared.
        StudyError: There is no run to read, or one is of a scenario that claims are tested on.
        TracerError: The model cannot be used.
    """
    runs = _readable(suite, rows)
    named = {name for row in runs for name, value in row.values.items() if isinstance(value, int | float)}
    choices = choices_of(suite, named, {row.condition for row in runs})
    shown, read = _shown(runs, store, characters, seed)
    async with AsyncExitStack() as held:
        model = await held.enter_async_context(open_model(spec))
        recorder = Recorder(store.open_journal())
        held.callback(store.ingest)
        held.callback(recorder.close)
        stages = (recording_stage(recorder),)
        calls = RunCalls(lambda call: call_seed(seed, call), Meter(), _TEMPERATURE, stages=stages)
        row = RunRow(id=new_run_id(), suite=f"drafts for {suite.name}", model=spec.name, started_ns=time.time_ns())
        with _recorded(row, recorder):
            drafts, dropped = await _ask(model.for_run(calls), shown, choices, suite, count)
    return Proposed(tuple(drafts), tuple(dropped), tuple(read), len(runs), row.id)


def _readable(suite: Suite, rows: Sequence[RunRow]) -> list[RunRow]:
    """Give the completed runs, once it is sure that none of them is one that a hypothesis will be tested on."""
    if not suite.develop:
        raise SuiteError(
            f"suite {suite.name!r} has no scenarios to develop on, and a hypothesis may be tested only on data that it "
            "has not seen: give the suite some, in `develop`, and run them with `tracer run SUITE --develop`"
        )
    develop = {scenario.id for scenario in suite.develop}
    seen = [row for row in rows if row.scenario not in develop]
    if seen:
        tested = seen[0].scenario in {scenario.id for scenario in suite.scenarios}
        where = "on which its claims are tested" if tested else "which it does not have"
        raise StudyError(
            f"{len(seen)} of the {len(rows)} runs are not of the develop scenarios of suite {suite.name!r}, e.g. of "
            f"{seen[0].scenario!r}, {where}: a hypothesis may be tested only on data that it has not seen. Make runs "
            "that may be read with `tracer run SUITE --develop`"
        )
    runs = [row for row in settled(rows) if row.status == RunStatus.COMPLETED]
    if not runs:
        raise StudyError("there is no completed run to read: make some with `tracer run SUITE --develop`")
    return runs


def _shown(runs: Sequence[RunRow], store: Store, characters: int, seed: int) -> tuple[str, list[str]]:
    """Tell whole situations, in all their conditions, until the characters are used up; one at least."""
    of_scenario: dict[str, list[RunRow]] = defaultdict(list)
    for row in runs:
        of_scenario[row.scenario].append(row)
    order = random.Random(seed).sample(sorted(of_scenario), len(of_scenario))
    told: list[str] = []
    read: list[str] = []
    for scenario in order:
        group = of_scenario[scenario]
        texts = [_told(len(read) + n, row, store) for n, row in enumerate(group, 1)]
        if read and sum(map(len, told)) + sum(map(len, texts)) > characters:
            break
        told += texts
        read += [row.id for row in group]
    return "\n".join(told), read


def _told(number: int, row: RunRow, store: Store) -> str:
    return tell_run(number, row, build_trajectory(store.spans(row.id), id=row.id))


async def _ask(
    model: RunModel, shown: str, choices: Choices, suite: Suite, count: int
) -> tuple[list[Draft], list[str]]:
    drafts: list[Draft] = []
    dropped: list[str] = []
    for _ in range(_ASKS * count):
        if len(drafts) == count:
            break
        messages = [{"role": "user", "content": f"{shown}\n\n{_question(suite, choices)}"}]
        body = {"messages": messages, "response_format": draft_format(choices), "max_tokens": _TOKENS}
        response = await model.complete(body)
        found = read_draft(_text(response), choices, suite)
        if isinstance(found, str):
            dropped.append(found)
            continue
        drafts.append(found)
        choices = replace(choices, taken={**choices.taken, found.key: "an earlier draft"})
    return drafts, dropped


def _text(response: WireResponse) -> str:
    try:
        return str(response["choices"][0]["message"].get("content") or "")
    except (KeyError, IndexError, TypeError, AttributeError):  # boundary: the endpoint's answer is no completion
        return ""


def _question(suite: Suite, choices: Choices) -> str:
    """Ask for a draft, after the runs, in the controlled language that `organism:proposer` reads."""
    says = {measure.name: measure.says for measure in suite.measures}
    taken = [f"- `{measure}` in {' and '.join(f'`{name}`' for name in sorted(two))}" for measure, two in choices.taken]
    return "\n".join(
        [
            f"These are runs of an agent system. They were made to ask: {suite.question}",
            "Measures: "
            + "; ".join(f"`{name}` ({says[name]})" if says[name] else f"`{name}`" for name in choices.measures),
            "Conditions: " + ", ".join(f"`{name}`" for name in choices.conditions),
            *(["Compared already, so compare something else:", *taken] if taken else []),
            "Which measure is higher or lower in one condition than in another? Name what these runs suggest and new "
            "runs could refute, and say in one sentence why it may be so.",
        ]
    )


@contextlib.contextmanager
def _recorded(row: RunRow, recorder: Recorder) -> Generator[None]:
    """Record the calls inside as a run of its own, outside of any study, so that what was read can be looked at."""
    recorder.journal.write({"r": "run", "run": row.to_dict()})
    status, reason = RunStatus.CANCELLED, "it was stopped"
    try:
        with recorder.run(row):
            yield
        status, reason = RunStatus.COMPLETED, ""
    except RunStopped as stop:
        status, reason = RunStatus(stop.status), stop.reason
        raise
    finally:
        ended = replace(row, status=status.value, reason=reason, ended_ns=time.time_ns())
        recorder.journal.write({"r": "run", "run": ended.to_dict()})
