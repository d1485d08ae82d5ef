"""Asking the judges of a run: after it has ended, apart from its calls, and recorded as probes of their own."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracer.contracts import Judge, Measure, Missing, Observation
from tracer.errors import EndpointError, RunStopped
from tracer.models import Meter, Model, RunCalls, RunModel, Stage, Wire, WireRequest, WireResponse, answer_format
from tracer.models import read_answer as read_bound
from tracer.recording import PROBING, Recorder, annotate, recording_stage
from tracer.spans.names import GenAI, Prosaic, RunStatus
from tracer.store import RunRow
from tracer.study import Draw, Judgement, judge_key, judge_seed, judgements, with_judgements

__all__ = ["ACTOR", "Panel", "ask_judges"]

ACTOR = "judge"
_ROLES = ("first", "second")


@dataclass(frozen=True)
class Panel:
    """Who judges.

    Attributes:
        models: Name -> opened model of a judge.
        of: Measure -> names of its judges, the first one first.
        late: Its judgements came after the data.
    """

    models: Mapping[str, Model] = field(default_factory=dict[str, Model])
    of: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    late: bool = False


async def ask_judges(
    measure: Measure, observation: Observation, row: RunRow, panel: Panel, recorder: Recorder, meter: Meter
) -> RunRow:
    """Give the row with what the judges of one measure make of the run; what failed is missing, with its reason.

    Only judges whose answer is not there yet are asked. Their calls are recorded beside the run, as probes of an actor
    called `judge`, and counted by `meter` alone.

    Raises:
        StoreError: The calls cannot be recorded.
    """
    judge = measure.of
    assert isinstance(judge, Judge)
    shown = _shown(measure, judge, observation)
    if isinstance(shown, Missing):
        return with_judgements(row, measure.name, [shown])
    done = {(j.by, j.key) for j in judgements(row, measure.name) if not j.unsettled}
    found: list[Judgement] = []
    for place, name in enumerate(panel.of.get(measure.name, ())):
        by = "late" if panel.late else _ROLES[place]
        key = judge_key(judge, name)
        if (by, key) in done:
            continue
        with recorder.beside(row.id, own=not row.source):
            calls = [
                _draw(judge, shown, _model(panel.models[name], measure.name, draw, recorder, meter), seed)
                for draw in range(judge.draws)
                for seed in [judge_seed(row.seed, row.condition, f"{measure.name} {key}", draw)]
            ]
            draws = await asyncio.gather(*calls)
        found.append(Judgement(by, name, key, judge.positive, tuple(draws)))
    return with_judgements(row, measure.name, found)


def _shown(measure: Measure, judge: Judge, observation: Observation) -> str | Missing:
    try:
        shown = judge.of(observation)
    except Exception as error:  # what a judge is shown is the suite's own code; its failure is a missing value
        return Missing(f"measure {measure.name} raised {type(error).__name__}: {error}")
    return shown if isinstance(shown, Missing) else str(shown)


def _model(model: Model, measure: str, draw: int, recorder: Recorder, meter: Meter) -> RunModel:
    marks = {GenAI.AGENT_NAME: ACTOR, Prosaic.AGENT_INSTANCE: ACTOR}
    marks |= {Prosaic.JUDGE_MEASURE: measure, Prosaic.JUDGE_DRAW: draw}
    stages = (recording_stage(recorder), _marking(marks))
    return model.for_run(RunCalls(seed_of=lambda call: call, meter=meter, stages=stages))


def _marking(marks: Mapping[str, Any]) -> Stage:
    """Give the stage that says on the span of a call whose it is."""

    def stage(following: Wire) -> Wire:
        async def call(request: WireRequest) -> WireResponse:
            annotate(marks)
            return await following(request)

        return call

    return stage


async def _draw(judge: Judge, shown: str, model: RunModel, seed: int) -> Draw:
    body = {
        "messages": _messages(judge, shown),
        "response_format": answer_format(judge.options),
        "seed": seed,
        "temperature": judge.temperature,
    }
    probing = PROBING.set(True)
    try:
        response = await model.complete(body)
        return _read(judge.options, response["choices"][0])
    except RunStopped as stop:
        passing = stop.status == RunStatus.LIMIT or (isinstance(stop, EndpointError) and stop.unreachable)
        return Draw("", f"the judge gave no answer: {stop.reason}", again=passing)
    except (KeyError, IndexError, TypeError, AttributeError):  # boundary: the endpoint's answer is no completion
        return Draw("", "the judge's answer cannot be read: it is no completion")
    finally:
        PROBING.reset(probing)


def _messages(judge: Judge, shown: str) -> list[dict[str, str]]:
    turns: list[dict[str, str]] = []
    for text, answer in judge.examples:
        turns += [{"role": "user", "content": judge.asks(text)}, {"role": "assistant", "content": answer}]
    return [*turns, {"role": "user", "content": judge.asks(shown)}]


def _read(options: Sequence[str], choice: Mapping[str, Any]) -> Draw:
    """Read a bound answer; a model whose grammar binds nothing may add quotes, a full stop or capitals."""
    message = choice["message"]
    if message.get("refusal") or choice.get("finish_reason") == "content_filter":
        return Draw("", "the judge refused to answer")
    said = read_bound(str(message.get("content") or ""))
    plain = said.strip(" \"'.\n").casefold()
    answer = said if said in options else next((o for o in options if o.casefold() == plain), "")
    return Draw(answer) if answer else Draw("", "the judge's answer is none of its options")
