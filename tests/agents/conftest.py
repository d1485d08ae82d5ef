"""Runs a shipped stack on a model that says what it is told to, through the real pipeline."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tracer.addresses import load_object
from tracer.contracts import Kit, Task
from tracer.models import Capabilities, Meter, Model, ModelSpec, RetryPolicy, RunCalls, Wire, WireRequest, WireResponse
from tracer.models.endpoint import Endpoint


class Play:
    """What the model will say, turn by turn (text, or tool name and arguments), and what it was asked."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.bodies: list[dict[str, Any]] = []
        self._endpoint = endpoint

    def run(self, address: str, task: Task, turns: list[Any], tools: list[Any] | None = None) -> dict[str, Any]:
        """Give the final state of a stack on `task`."""
        able = Capabilities(tools=True, json_schema=True, logprobs=True, seed=True)
        model = Model(ModelSpec("m", "http://127.0.0.1:9/v1"), {}, able, self._endpoint, RetryPolicy())
        run = model.for_run(RunCalls(seed_of=lambda n: n, meter=Meter(), stages=(self._telling(turns),)))
        kit = Kit(task, run.chat, run.client, run.name, tools or [], None)
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
def play() -> Iterator[Play]:
    """A model that says what it is told to; nothing listens behind it."""
    endpoint = Endpoint("http://127.0.0.1:9/v1", None)
    yield Play(endpoint)
    endpoint.close()
