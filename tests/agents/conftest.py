"""Runs a shipped stack: on a model that says what it is told to, or through the public runner on organisms."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import tracer
from tracer import Step, Trajectory
from tracer.addresses import load_object
from tracer.contracts import Kit, Task
from tracer.execution import Bench, RunPlan, execute
from tracer.models import Capabilities, Meter, Model, ModelSpec, RetryPolicy, RunCalls, Wire, WireRequest, WireResponse
from tracer.models.endpoint import Endpoint
from tracer.recording import Emitter, Recorder, context_in_threads
from tracer.store import RunRow, Store, open_store
from tracer.testing import Turn, scripted_model


class Play:
    """What the model will say, turn by turn (text, or tool name and arguments), and what it was asked."""

    def __init__(self, endpoint: Endpoint, emit: Emitter) -> None:
        self.bodies: list[dict[str, Any]] = []
        self._endpoint = endpoint
        self._emit = emit

    def run(self, address: str, task: Task, turns: list[Any], tools: list[Any] | None = None) -> dict[str, Any]:
        """Give the final state of a stack on `task`."""
        able = Capabilities(tools=True, json_schema=True, logprobs=True, seed=True)
        model = Model(ModelSpec("m", "http://127.0.0.1:9/v1"), {}, able, self._endpoint, RetryPolicy())
        run = model.for_run(RunCalls(seed_of=lambda n: n, meter=Meter(), stages=(self._telling(turns),)))
        kit = Kit(task, run.chat, run.client, run.name, tools or [], self._emit)
        stack = load_object(address)(kit)
        return asyncio.run(stack.ainvoke({"messages": task.messages}))

    def _telling(self, turns: list[Any]) -> Callable[[Wire], Wire]:
        def stage(_: Wire) -> Wire:
            async def call(request: WireRequest) -> WireResponse:
                self.bodies.append(request.body)
                turn = turns[min(len(self.bodies), len(turns)) - 1]
                return {"choices": [{"index": 0, "finish_reason": "stop", "message": self._message(turn)}]}

            return call

        return stage

    def _message(self, turn: Any) -> dict[str, Any]:
        if isinstance(turn, str):
            return {"role": "assistant", "content": turn}
        name, arguments = turn
        function = {"name": name, "arguments": json.dumps(arguments)}
        call = {"id": f"call_{len(self.bodies)}", "type": "function", "function": function}
        return {"role": "assistant", "content": None, "tool_calls": [call]}


@pytest.fixture
def play(tmp_path: Path) -> Iterator[Play]:
    """A model that says what it is told to; nothing listens behind it."""
    with (
        closing(Endpoint("http://127.0.0.1:9/v1", None)) as endpoint,
        closing(open_store(tmp_path / "store")) as store,
        closing(Recorder(store.open_journal())) as recorder,
    ):
        yield Play(endpoint, Emitter(recorder))


@dataclass(frozen=True)
class Journey:
    """One run that was made, with questions in one line each."""

    row: RunRow
    trajectory: Trajectory

    def steps(self, kind: str, agent: str = "") -> list[Step]:
        """Give the steps of one kind, of all agents or of those of one name."""
        named = self.trajectory.agents
        return [s for s in self.trajectory.steps if s.kind == kind and (not agent or named.get(s.agent) == agent)]

    def tools(self, agent: str = "") -> list[str]:
        """Name the tools that were executed, in order; those that failed with `!` at the end."""
        return [s.name + ("!" if s.status == "error" else "") for s in self.steps("tool", agent)]

    def edges(self, kind: str) -> list[tuple[Step, Step]]:
        """Give the two ends of every edge of one kind."""
        at = {step.id: step for step in self.trajectory.steps}
        return [(at[e.source], at[e.target]) for e in self.trajectory.edges if e.kind == kind]

    def inside(self, step: Step) -> list[Step]:
        """Give what happened within a step, however deep."""
        inner = [target for source, target in self.edges("contains") if source.id == step.id]
        return [*inner, *(deeper for one in inner for deeper in self.inside(one))]


Journeys = Callable[..., dict[str, Journey]]
ERRANDS = Path(__file__).with_name("errands.py")


@pytest.fixture(scope="session")
def journeys(tmp_path_factory: pytest.TempPathFactory) -> Journeys:
    """Run a stack through the public runner: "scenario/condition" -> the run; the errands, by the book."""
    made: dict[str, dict[str, Journey]] = {}

    def run(stack: str, **more: Any) -> dict[str, Journey]:
        key = f"{stack} {more}"
        if key not in made:
            folder = tmp_path_factory.mktemp("store")
            rows = tracer.run(f"{ERRANDS}:suite", stack=stack, store=folder, **more).rows
            with closing(tracer.open_store(folder)) as store:
                made[key] = {f"{row.scenario}/{row.condition}": _journey(row, store) for row in rows}
        return made[key]

    return run


@pytest.fixture
def scripted(tmp_path: Path) -> Callable[..., tuple[Journey, list[dict[str, Any]]]]:
    """Run a stack on a model that takes the given turns: the run, and the body of every call."""

    def run(
        stack: str, *turns: Turn, suite: str = "suite", condition: str = "bound"
    ) -> tuple[Journey, list[dict[str, Any]]]:
        plan = RunPlan("", f"{ERRANDS}:{suite}", "plain", condition, stack, "scripted", 0, 1, seed=7, temperature=0.5)
        with (
            closing(open_store(tmp_path / "scripted")) as store,
            closing(Recorder(store.open_journal())) as recorder,
            scripted_model(*turns) as script,
            context_in_threads(),
        ):
            row = asyncio.run(execute(plan, Bench(store, recorder, {"scripted": script.model})))
            store.ingest()
            return _journey(row, store), script.requests

    return run


def _journey(row: RunRow, store: Store) -> Journey:
    return Journey(row, tracer.build_trajectory(store.spans(row.id), id=row.id))
