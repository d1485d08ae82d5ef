"""A small agent loop over the wire, so that suites can be tried on organisms without a stack."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
from langchain_core.utils.function_calling import convert_to_openai_tool

from tracer import Message, Observation, Scenario, Step, Suite, ToolCall, Trajectory
from tracer.contracts import Condition
from tracer.spans.names import StepKind

__all__ = ["observe_suite"]


def observe_suite(suite: Suite, client: httpx.Client, model: str) -> Iterator[Observation]:
    """Run every cell of a suite once and give what was observed."""
    for scenario, condition in suite.cells():
        seed = zlib.crc32(f"{scenario.id} {condition.reseed}".encode())
        yield _run(suite, scenario, condition, client, model, seed)


def _run(
    suite: Suite, scenario: Scenario, condition: Condition, client: httpx.Client, model: str, seed: int
) -> Observation:
    task = suite.present(scenario, condition)
    actions = {} if task.world is None else {a.__name__: a for a in task.world.actions()}
    before = {} if task.world is None else task.world.snapshot()
    body: dict[str, Any] = {"model": model, "messages": list(task.messages)}
    if actions:
        body["tools"] = [convert_to_openai_tool(a) for a in actions.values()]
    if task.options:
        body["response_format"] = bound(task.options)
    steps: list[Step] = []
    for call_number in range(task.max_steps):
        message = _complete(client, body | {"seed": seed + call_number})
        steps.append(_step(len(steps), body["messages"], message))
        body["messages"] = [*body["messages"], message]
        for call in message.get("tool_calls") or []:
            result = actions[call["function"]["name"]](**json.loads(call["function"]["arguments"]))
            body["messages"] = [*body["messages"], {"role": "tool", "tool_call_id": call["id"], "content": result}]
        if not message.get("tool_calls"):
            break
    answer = body["messages"][-1]["content"]
    asked: dict[str, str] = {}
    for number, ask in enumerate(task.asks):
        question: dict[str, Any] = {
            "model": model,
            "messages": [*body["messages"], {"role": "user", "content": ask.text}],
        }
        if ask.options:
            question["response_format"] = bound(ask.options)
        content = _complete(client, question | {"seed": seed + 100 + number})["content"]
        asked[ask.name] = json.loads(content) if ask.options else content
    after = {} if task.world is None else task.world.snapshot()
    return Observation(
        scenario=scenario,
        condition=condition,
        answer=json.loads(answer) if task.options else answer,
        asked=asked,
        before=before,
        after=after,
        trajectory=Trajectory(id=f"{scenario.id} {condition.name}", steps=tuple(steps)),
    )


def bound(options: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"enum": list(options)}}}


def _complete(client: httpx.Client, body: Mapping[str, Any]) -> dict[str, Any]:
    response = client.post("chat/completions", json=body)
    response.raise_for_status()
    return response.json()["choices"][0]["message"]


def _step(number: int, sent: list[dict[str, Any]], got: dict[str, Any]) -> Step:
    return Step(
        id=str(number),
        kind=StepKind.MODEL,
        name="organism",
        start_ns=number,
        end_ns=number,
        input=tuple(_message(m) for m in sent),
        output=(_message(got),),
    )


def _message(message: Mapping[str, Any]) -> Message:
    calls = [c["function"] for c in message.get("tool_calls") or []]
    return Message(
        role=message["role"],
        content=message.get("content") or "",
        tool_calls=tuple(ToolCall(c["name"], c["arguments"]) for c in calls),
    )
