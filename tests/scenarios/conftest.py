"""A small agent loop over the wire, so that suites can be tried on organisms without a stack."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

import httpx
import pytest
from langchain_core.utils.function_calling import convert_to_openai_tool

from tracer import Condition, Judge, Message, Missing, Observation, Scenario, Step, Suite, ToolCall, Trajectory, Verdict
from tracer.models.organisms import serve_organisms
from tracer.spans.names import StepKind
from tracer.store import RunRow
from tracer.study import Design, Study, call_seed, freeze, judge, load_suite, run_seed

Verdicts = dict[str, Verdict]


@pytest.fixture(scope="session")
def organisms() -> Iterator[httpx.Client]:
    """Give a client of the organisms' server."""
    with serve_organisms() as url, httpx.Client(base_url=url + "/") as client:
        yield client


@pytest.fixture(scope="session")
def verdicts_on(organisms: httpx.Client) -> Callable[[str, str], Verdicts]:
    """Give a function that runs a suite on an organism and gives the verdict on each of its hypotheses."""

    @cache
    def run(address: str, model: str) -> Verdicts:
        study, suite = freeze(address, Design(models={model: {}})), load_suite(address)
        rows = [_row(study, suite, organisms, model, s, c) for s, c in suite.cells()]
        return {v.hypothesis.id: v for v in judge(study, rows)}

    return run


def _row(
    study: Study, suite: Suite, client: httpx.Client, model: str, scenario: Scenario, condition: Condition
) -> RunRow:
    seed = run_seed(study.body["seed"], scenario.id, 0, condition.name if condition.reseed else "")
    seen = _run(suite, scenario, condition, client, model, seed)
    values = {m.name: m.of(seen) for m in suite.measures if not isinstance(m.of, Judge)}
    return RunRow(
        id=seen.trajectory.id,
        study=study.hash,
        scenario=scenario.id,
        condition=condition.name,
        stack=suite.stack,
        model=model,
        seed=seed,
        status="completed",
        values={
            name: {"missing": v.reason, "applies": v.applies} if isinstance(v, Missing) else float(v)
            for name, v in values.items()
        },
    )


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
        body["response_format"] = _bound(task.options)
    steps: list[Step] = []
    for call_number in range(task.max_steps):
        message = _complete(client, body | {"seed": call_seed(seed, call_number)})
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
            question["response_format"] = _bound(ask.options)
        content = _complete(client, question | {"seed": call_seed(seed, 100 + number)})["content"]
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


def _bound(options: tuple[str, ...]) -> dict[str, Any]:
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
