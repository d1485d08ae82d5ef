"""`execute(plan, bench) -> row`: the one place where a run happens."""

from __future__ import annotations

import asyncio
import inspect
import math
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.messages import BaseMessage, convert_to_messages, convert_to_openai_messages
from langgraph.checkpoint.memory import InMemorySaver

from tracer.contracts import Ask, Condition, Judge, Kit, Measure, Missing, Observation, Scenario, Suite, Task, Value
from tracer.errors import StoreError, SuiteError
from tracer.execution.containment import contained
from tracer.execution.judges import Panel, ask_judges
from tracer.execution.outcome import Outcome, ended_by, refusal
from tracer.execution.plan import RunPlan
from tracer.execution.stacks import RunDoor, build_stack
from tracer.execution.tools import world_tools
from tracer.execution.users import SimulatedUser, converse
from tracer.models import Meter, Model, RunCalls, RunModel, answer_format, read_answer
from tracer.recording import PROBING, Emitter, LangGraphRecorder, Recorder, new_run_id, recording_stage
from tracer.spans.names import Prosaic, RunStatus
from tracer.stacks import read_stack
from tracer.store import RunRow, Store
from tracer.study import call_seed, load_suite
from tracer.trajectory import build_trajectory

__all__ = ["Bench", "execute", "measure", "observe", "take_judgements", "withdraw"]

_EXPLANATION_TOKENS = 64
_ANSWER_CHARACTERS = 1_000_000
_STEPS_PER_CALL = 4  # graph steps that one model call may take before LangGraph's recursion limit ends the run


@dataclass(slots=True)
class Pulse:
    """Whether the model endpoints still answer.

    Attributes:
        missed: Model -> its latest runs in a row that ended because its endpoint did not answer as it should.
    """

    missed: dict[str, list[RunRow]] = field(default_factory=dict[str, list[RunRow]])

    def beat(self, row: RunRow, *, silent: bool) -> None:
        """Take in how a run ended."""
        self.missed[row.model] = [*self.missed.get(row.model, []), row] if silent else []


@dataclass(frozen=True)
class Bench:
    """What runs share in one process.

    Attributes:
        store: Where they are kept.
        recorder: What records them.
        models: Name -> opened model.
        meter: Counts and caps the calls of all of them.
        pulse: Whether the endpoints still answer.
        panel: Who judges measures that are judged; nobody by default.
    """

    store: Store
    recorder: Recorder
    models: Mapping[str, Model]
    meter: Meter = field(default_factory=Meter)
    pulse: Pulse = field(default_factory=Pulse)
    panel: Panel = field(default_factory=Panel)


async def execute(plan: RunPlan, bench: Bench) -> RunRow:
    """Run one cell and give its row; whatever goes wrong in the run is in the row.

    Raises:
        StoreError: The run cannot be recorded: the disk is full, or the store is gone.
        TracerError: The suite, the stack or the model of the plan cannot be loaded.
    """
    suite = load_suite(plan.suite)
    scenario, condition = _cell(suite, plan)
    row = RunRow(
        id=new_run_id(),
        study=plan.study,
        suite=suite.name,
        scenario=plan.scenario,
        cluster=scenario.cluster or scenario.id,
        condition=plan.condition,
        stack=plan.stack,
        model=plan.model,
        replicate=plan.replicate,
        attempt=plan.attempt,
        seed=plan.seed,
        started_ns=time.time_ns(),
    )
    meter = bench.meter.child(max_calls=plan.max_calls)
    aside = bench.meter.child()  # what a simulated user calls is no usage of the system
    model = _model_of_run(plan, bench, meter)
    write_row(bench.recorder, row)
    try:
        task = suite.present(scenario, condition)
        before = task.world.snapshot() if task.world is not None else {}
        user = _user_of_run(plan, bench, task, aside)
    except Exception as error:  # boundary: the suite's own code; this run fails, the rest go on
        return _end(row, ended_by(error, ()), bench)
    try:
        outcome = await _run(plan, bench, row, task, model, user)
    except asyncio.CancelledError:
        _end(row, Outcome(RunStatus.CANCELLED, "stopped by the user"), bench)
        raise
    if outcome.status == RunStatus.LIMIT and bench.meter.spent:  # the study's cap, not the run's: it is made again
        outcome = replace(outcome, status=RunStatus.INTERRUPTED, reason=bench.meter.spent)
    if outcome.status == RunStatus.COMPLETED and not outcome.answer:
        outcome = replace(outcome, reason=_no_answer(meter.usage.calls, task.max_steps))
    after, outcome = _state_after(task, outcome)
    if outcome.answer and len(outcome.answer) > _ANSWER_CHARACTERS:
        why = f"the answer was cut: it had {len(outcome.answer):,} characters"
        outcome = replace(outcome, answer=outcome.answer[:_ANSWER_CHARACTERS], reason=outcome.reason or why)
    usage = _used(meter) | ({"user": _used(aside)} if aside.usage.calls else {})
    row = replace(row, before=before, after=after, answer=outcome.answer, asked=outcome.asked, usage=usage)
    bench.store.ingest()
    if outcome.status == RunStatus.COMPLETED:
        observation = observe(scenario, condition, row, bench.store)
        row = replace(row, values=_values(suite, observation))
        try:
            row = await take_judgements(suite, observation, row, bench)
        except asyncio.CancelledError:
            _end(row, Outcome(RunStatus.CANCELLED, "stopped by the user"), bench)
            raise
    ended = _end(row, outcome, bench)
    bench.pulse.beat(ended, silent=outcome.silent)
    return ended


def withdraw(rows: Iterable[RunRow], recorder: Recorder) -> None:
    """Make interrupted runs of those that failed while their endpoint did: they show nothing, and are made again."""
    for row in rows:
        if row.status == RunStatus.FAILED:
            write_row(recorder, replace(row, status=RunStatus.INTERRUPTED.value, values={}))


def _end(row: RunRow, outcome: Outcome, bench: Bench) -> RunRow:
    ended = replace(row, status=outcome.status.value, reason=outcome.reason, ended_ns=time.time_ns())
    write_row(bench.recorder, ended)
    return ended


def _state_after(task: Task, outcome: Outcome) -> tuple[dict[str, Any], Outcome]:
    if task.world is None:
        return {}, outcome
    try:
        return task.world.snapshot(), outcome
    except Exception as error:  # boundary: a stack can put into its world what is no state
        why = f"the state of the world cannot be read: {type(error).__name__}: {error}"
        return {}, replace(outcome, status=RunStatus.FAILED, reason=why)


def _no_answer(calls: int, most: int) -> str:
    if calls >= most:
        return f"no answer within the {most} model calls of the task"
    return "the stack returned no answer"


def _used(meter: Meter) -> dict[str, Any]:
    used = meter.usage
    tokens = {"input_tokens": used.input_tokens, "output_tokens": used.output_tokens}
    return {"calls": used.calls, **tokens, "usd": used.usd}


def observe(scenario: Scenario, condition: Condition, row: RunRow, store: Store) -> Observation:
    """Give what measures see of a completed run: its own steps, without those of its judges."""
    spans = [span for span in store.spans(row.id) if Prosaic.JUDGE_MEASURE not in span.attributes]
    return Observation(
        scenario=scenario,
        condition=condition,
        answer=row.answer,
        asked=row.asked,
        before=row.before,
        after=row.after,
        trajectory=build_trajectory(spans, id=row.id),
    )


def measure(
    suite: Suite, scenario: Scenario, condition: Condition, row: RunRow, store: Store
) -> dict[str, float | dict[str, Any]]:
    """Give the values of every measure of a completed run that is a function; the others are up to their judges."""
    return _values(suite, observe(scenario, condition, row, store))


def _values(suite: Suite, observation: Observation) -> dict[str, float | dict[str, Any]]:
    return {m.name: _value(m, m.of, observation) for m in suite.measures if not isinstance(m.of, Judge)}


async def take_judgements(suite: Suite, observation: Observation, row: RunRow, bench: Bench) -> RunRow:
    """Give the row of a completed run with what its judges make of it; their use stands apart in `usage["judge"]`."""
    judged = [m for m in suite.measures if isinstance(m.of, Judge)]
    if not judged:
        return row
    meter = bench.meter.child()
    for one in judged:
        row = await ask_judges(one, observation, row, bench.panel, bench.recorder, meter)
    earlier = row.usage.get("judge", {})
    used = {name: _sum(value, earlier.get(name, 0)) for name, value in _used(meter).items()}
    return replace(row, usage={**row.usage, "judge": used})


def _sum(one: float | None, two: float | None) -> float | None:
    return None if one is None or two is None else one + two


def write_row(recorder: Recorder, row: RunRow) -> None:
    """Put a run's row into the journal.

    Raises:
        StoreError: The journal cannot be written.
    """
    recorder.journal.write({"r": "run", "run": row.to_dict()})


async def _run(
    plan: RunPlan, bench: Bench, row: RunRow, task: Task, model: RunModel, user: SimulatedUser | None
) -> Outcome:
    """Run the stack and put the questions after it, within the root span of the run: the boundary of a run."""
    with bench.recorder.run(row):
        try:
            async with asyncio.timeout(plan.timeout_s), contained():
                handler = LangGraphRecorder(bench.recorder)
                tools = [tool for tool in world_tools(task.world) if task.offers(tool.name)]
                for tool in tools:
                    tool.callbacks = [handler]  # a stack may call them outside of any graph
                emit = Emitter(bench.recorder)
                kit = Kit(task, model.chat, model.client, model.name, tools, emit, InMemorySaver(), user, row.seed)
                built = build_stack(plan.stack, kit, RunDoor(row.id, model, bench.recorder))
                outcome = await converse(
                    task.messages, lambda said, turn: _invoke(built, task, said, handler, _thread(row, turn)), user
                )
        except TimeoutError as error:
            own = isinstance(error.__cause__, asyncio.CancelledError)
            late = Outcome(RunStatus.LIMIT, f"the run took longer than {plan.timeout_s:g} s")
            return late if own else ended_by(error, model.stops)
        except asyncio.CancelledError:
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                raise
            return Outcome(RunStatus.FAILED, "CancelledError: it was cancelled by itself")
        except Exception as error:  # a stack may raise anything; it becomes the run's reason
            _check_recording(bench.recorder)
            return ended_by(error, model.stops)
        _check_recording(bench.recorder)
        swallowed = next((s for s in reversed(model.stops) if s.status == RunStatus.LIMIT), None)
        if swallowed is not None:
            return ended_by(swallowed, ())
        refused = refusal(outcome.messages)
        if refused:
            return replace(outcome, status=RunStatus.REFUSED, reason=refused)
        return await _ask(task.asks, outcome, model)


def _thread(row: RunRow, turn: int) -> str:
    """Give the LangGraph thread of a turn: one of its own, since each turn gets the whole conversation."""
    return f"{row.id}-{turn}" if turn else row.id


async def _invoke(
    built: Any, task: Task, said: list[dict[str, Any]], handler: LangGraphRecorder, thread: str
) -> Outcome:
    """Call whatever a stack's `build` gave: a graph, or a function from messages to the answer."""
    if hasattr(built, "ainvoke"):
        config = {
            "callbacks": [handler],
            "recursion_limit": _STEPS_PER_CALL * task.max_steps + 10,
            "configurable": {"thread_id": thread},
        }
        state = await built.ainvoke({"messages": said}, config=config)
    elif not callable(built):
        raise TypeError(f"build(kit) gave {type(built).__name__}: it has to return a graph or a function")
    elif inspect.iscoroutinefunction(built):
        state = await built(said)
    else:
        state = await asyncio.to_thread(built, said)
        if inspect.isawaitable(state):  # an object with an async `__call__`, which looks like a plain one
            state = await state
    if isinstance(state, BaseMessage):
        state = {"messages": [*said, state]}
    if not isinstance(state, Mapping):
        if not isinstance(state, str | int | float | None):
            raise TypeError(f"the stack returned {type(state).__name__}: return text, a message or a state")
        text = None if state is None else str(state)
        answered = [{"role": "assistant", "content": text}] if text else []
        return Outcome(RunStatus.COMPLETED, answer=text, messages=(*said, *answered))
    messages = tuple(convert_to_messages(state.get("messages") or ()))
    answer = state.get("answer", _last_text(messages))
    return Outcome(RunStatus.COMPLETED, answer=None if answer is None else str(answer), messages=messages)


async def _ask(asks: tuple[Ask, ...], outcome: Outcome, model: RunModel) -> Outcome:
    """Put each question to the model at the end of the conversation, as a probe that no other question sees."""
    if not asks:
        return outcome
    asked: dict[str, str] = {}
    probing = PROBING.set(True)
    try:
        said: list[dict[str, Any]] = [*convert_to_openai_messages(list(outcome.messages))]  # type: ignore[list-item]
        for ask in asks:
            body: dict[str, Any] = {"messages": [*said, {"role": "user", "content": ask.text}]}
            body |= (
                {"response_format": answer_format(ask.options)} if ask.options else {"max_tokens": _EXPLANATION_TOKENS}
            )
            response = await model.complete(body)
            text = str(response["choices"][0]["message"].get("content") or "")
            asked[ask.name] = read_answer(text) if ask.options else text.strip()
    except Exception as error:  # boundary: the conversation is the stack's, and may be one that nobody can be sent
        return replace(ended_by(error, ()), answer=outcome.answer, asked=asked)
    finally:
        PROBING.reset(probing)
    return replace(outcome, asked=asked)


def _user_of_run(plan: RunPlan, bench: Bench, task: Task, meter: Meter) -> SimulatedUser | None:
    user = task.user
    if user is None:
        return None
    if user.model and user.model not in bench.models:
        raise SuiteError(
            f"the simulated user {user.name!r} is played by {user.model}, which is not open: "
            f"list it in the suite, user_models=({user.model!r},)"
        )
    played = replace(plan, model=user.model)
    return SimulatedUser(user, bench.recorder, _model_of_run(played, bench, meter, "user") if user.model else None)


def _model_of_run(plan: RunPlan, bench: Bench, meter: Meter, actor: str = "") -> RunModel:
    calls = RunCalls(
        seed_of=lambda call: call_seed(plan.seed, call, actor),
        meter=meter,
        temperature=plan.temperature,
        stages=(recording_stage(bench.recorder, whole=read_stack(plan.stack) is not None),),
    )
    return bench.models[plan.model].for_run(calls)


def _cell(suite: Suite, plan: RunPlan) -> tuple[Scenario, Condition]:
    scenario = next(s for s in (*suite.scenarios, *suite.develop) if s.id == plan.scenario)
    return scenario, next(c for c in suite.conditions if c.name == plan.condition)


def _value(
    measured: Measure, of: Callable[[Observation], Value | bool], observation: Observation
) -> float | dict[str, Any]:
    try:
        value = of(observation)
        value = value if isinstance(value, Missing) else float(value)
    except Exception as error:  # a measure is the suite's own code; its failure is a missing value with its reason
        return {"missing": f"measure {measured.name} raised {type(error).__name__}: {error}", "applies": True}
    if isinstance(value, Missing):
        return {"missing": value.reason, "applies": value.applies}
    if not math.isfinite(value):
        return {"missing": f"measure {measured.name} gave {value}, which is no number", "applies": True}
    return value


def _last_text(messages: tuple[BaseMessage, ...]) -> str | None:
    return (messages[-1].text or None) if messages else None


def _check_recording(recorder: Recorder) -> None:
    """Raise what the callbacks could not: LangChain only logs what a handler raises."""
    failure: StoreError | None = recorder.journal.failure
    if failure is not None:
        raise failure
