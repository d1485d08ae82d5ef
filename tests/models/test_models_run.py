"""However a stack calls its model, the call is seeded, heated, counted and told of in the same way."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

import pytest

from tracer.errors import EndpointError, RunStopped
from tracer.models import (
    CALL_NUMBER,
    EMULATED,
    SEED,
    TEMPERATURE,
    Capabilities,
    Meter,
    Model,
    ModelSpec,
    RetryPolicy,
    RunCalls,
    RunModel,
    Wire,
    WireRequest,
    WireResponse,
    answer_format,
    read_answer,
)
from tracer.models.endpoint import Endpoint

ABLE = Capabilities(tools=True, json_schema=True, logprobs=True, seed=True)
USER = [{"role": "user", "content": "Hello"}]


def look(place: str) -> str:
    """Look at a place."""
    return place


def seeded(meter: Meter | None = None, **more: Any) -> RunCalls:
    return RunCalls(seed_of=lambda n: 1000 + n, temperature=0.7, meter=meter or Meter(), **more)


def on(url: str, act: Callable[[RunModel], Any], calls: RunCalls | None = None, able: Capabilities = ABLE) -> Any:
    """Act, async or not, on a run of the endpoint at `url`."""
    endpoint = Endpoint(url, None)
    model = Model(ModelSpec("m", url, timeout_s=5.0), {}, able, endpoint, RetryPolicy(tries=2, first_s=0.01))
    try:
        done = act(model.for_run(calls or seeded()))
        return asyncio.run(done) if isinstance(done, Coroutine) else done
    finally:
        endpoint.close()


async def by_chat(run: RunModel) -> str:
    return (await run.chat.ainvoke(USER)).text


def by_sync_chat(run: RunModel) -> str:
    return run.chat.invoke(USER).text


async def by_sync_chat_in_a_thread(run: RunModel) -> str:
    return (await asyncio.to_thread(run.chat.invoke, USER)).text


async def by_sync_chat_on_the_loop(run: RunModel) -> str:
    return run.chat.invoke(USER).text


async def by_chat_stream(run: RunModel) -> str:
    return "".join([chunk.text async for chunk in run.chat.astream(USER)])


async def by_client(run: RunModel) -> str | None:
    response = await run.client.chat.completions.create(model=run.name, messages=[{"role": "user", "content": "Hello"}])
    return response.choices[0].message.content


async def by_client_stream(run: RunModel) -> str:
    stream = await run.client.chat.completions.create(
        model=run.name, messages=[{"role": "user", "content": "Hello"}], stream=True
    )
    return "".join([chunk.choices[0].delta.content or "" async for chunk in stream])


async def by_body(run: RunModel) -> str:
    return (await run.complete({"messages": USER}))["choices"][0]["message"]["content"]


WAYS = [
    by_chat,
    by_sync_chat,
    by_sync_chat_in_a_thread,
    by_sync_chat_on_the_loop,
    by_chat_stream,
    by_client,
    by_client_stream,
    by_body,
]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_way_passes_the_seam(scripted: Any, way: Callable[[RunModel], Any]) -> None:
    """A LangChain model, sync or async or streamed, and a bare client make the same call."""
    meter = Meter()
    assert on(scripted.url, way, seeded(meter)) == "hello"
    (body,) = scripted.bodies
    assert (body["model"], body["seed"], body["temperature"]) == ("m", 1000, 0.7)
    assert body["messages"] == USER
    assert not body.get("stream")
    assert (meter.usage.calls, meter.usage.input_tokens) == (1, 3)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_end_of_a_run_can_be_recognised(scripted: Any, way: Callable[[RunModel], Any]) -> None:
    """Whatever an SDK makes of it, the reason for the end stands in the chain of causes and in the run."""
    runs = list[RunModel]()

    def act(run: RunModel) -> Any:
        runs.append(run)
        return way(run)

    with pytest.raises(Exception) as caught:  # noqa: PT011  # the SDK chooses the type
        on(scripted.url, act, seeded(Meter(max_calls=0)))
    chain, error = list[BaseException](), caught.value
    while error is not None:
        chain.append(error)
        error = error.__cause__
    assert [type(e) for e in chain if isinstance(e, RunStopped)] == [RunStopped]
    assert [stop.status for stop in runs[0].stops] == ["limit"]


def test_seeds_follow_the_number_of_the_call(scripted: Any) -> None:
    """Each call of a run has its own seed and temperature, unless the stack names them."""

    async def act(run: RunModel) -> None:
        await run.complete({"messages": USER})
        await run.complete({"messages": USER, "seed": 5, "temperature": 0})
        await run.complete({"messages": USER, "seed": None})

    on(scripted.url, act)
    assert [(b["seed"], b["temperature"]) for b in scripted.bodies] == [(1000, 0.7), (5, 0), (1002, 0.7)]


def test_large_seeds_fit_the_wire(scripted: Any) -> None:
    """A seed of any size arrives as one that every endpoint takes."""
    on(scripted.url, by_body, RunCalls(seed_of=lambda n: 2**63 + 7 + n, meter=Meter()))
    assert scripted.bodies[0]["seed"] == 7


def test_no_temperature_is_sent_where_none_is_set(scripted: Any) -> None:
    """A run without a temperature leaves it to the endpoint."""
    on(scripted.url, by_chat, replace(seeded(), temperature=None))
    assert "temperature" not in scripted.bodies[0]


def test_message_says_how_it_was_made(scripted: Any) -> None:
    """A recorder finds number, seed and temperature of the call, and whether tools were emulated, at the message."""

    async def act(run: RunModel) -> list[Any]:
        plain = await run.chat.ainvoke(USER)
        acting = await run.chat.bind_tools([look]).ainvoke(USER)
        return [plain.response_metadata, acting.response_metadata]

    scripted.says("hello", '{"look": {"place": "shed"}}')
    plain, acting = on(scripted.url, act, able=replace(ABLE, tools=False))
    assert (plain[CALL_NUMBER], plain[SEED], plain[TEMPERATURE]) == (0, 1000, 0.7)
    assert EMULATED not in plain
    assert (acting[CALL_NUMBER], acting[EMULATED]) == (1, True)


@pytest.mark.parametrize("tools", [True, False], ids=["native", "emulated"])
@pytest.mark.parametrize("stream", [True, False], ids=["stream", "whole"])
def test_tool_calls_look_the_same(scripted: Any, tools: bool, stream: bool) -> None:
    """A stack sees the same tool call, whether the model made it itself or it was emulated, streamed or not."""
    call = {"id": "x", "type": "function", "function": {"name": "look", "arguments": '{"place": "shed"}'}}
    if tools:
        scripted.says(None, tool_calls=[call])
    else:
        scripted.says('{"look": {"place": "shed"}}')

    async def act(run: RunModel) -> Any:
        bound = run.chat.bind_tools([look])
        if not stream:
            return await bound.ainvoke(USER)
        chunks = [chunk async for chunk in bound.astream(USER)]
        return sum(chunks[1:], start=chunks[0])

    message = on(scripted.url, act, able=replace(ABLE, tools=tools))
    assert [(c["name"], c["args"]) for c in message.tool_calls] == [("look", {"place": "shed"})]
    assert message.tool_calls[0]["id"]
    assert ("tools" in scripted.bodies[0]) is tools


async def streamed_tool_call(run: RunModel) -> Any:
    tool: Any = {"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}
    chunks = list[Any]()
    async with run.client.chat.completions.stream(
        model=run.name, messages=[{"role": "user", "content": "Hello"}], tools=[tool]
    ) as stream:
        async for event in stream:
            chunks.append(event)
        return await stream.get_final_completion()


def test_client_streams_a_tool_call(scripted: Any) -> None:
    """The SDK's own stream helper puts a tool call together from what the seam sends."""
    call = {"id": "x", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    scripted.says(None, tool_calls=[call])
    final = on(scripted.url, streamed_tool_call)
    assert final.choices[0].message.tool_calls[0].function.name == "look"


def test_bound_answer_is_read(scripted: Any) -> None:
    """`answer_format` reaches the endpoint as it is, and the reply is read back without its quotes."""
    scripted.says('"blue"')
    bound = answer_format(["blue", "red"])
    message = on(scripted.url, lambda run: run.chat.bind(response_format=bound).ainvoke(USER))
    assert read_answer(message.text) == "blue"
    assert scripted.bodies[0]["response_format"]["json_schema"]["schema"]["enum"] == ["blue", "red"]


def test_bound_answer_needs_no_bare_schema(scripted: Any) -> None:
    """An endpoint that takes only objects binds the same answer, and the stack sees the same reply."""
    scripted.says('{"answer": "blue"}')
    bound = answer_format(["blue", "red"])
    able = replace(ABLE, bare_schema=False)
    message = on(scripted.url, lambda run: run.chat.bind(response_format=bound).ainvoke(USER), able=able)
    assert message.text == '"blue"'
    schema = scripted.bodies[0]["response_format"]["json_schema"]["schema"]
    assert (schema["type"], schema["properties"]["answer"]["enum"]) == ("object", ["blue", "red"])


@pytest.mark.parametrize("text", ["", "blue", "[1]", '{"answer": 1, "more": 2}'])
def test_reply_that_is_not_wrapped_stays(scripted: Any, text: str) -> None:
    """What an endpoint says in place of the object that was asked for is passed on as it is."""
    scripted.says(text)
    body = {"messages": USER, "response_format": answer_format(["blue"])}
    response = on(scripted.url, lambda run: run.complete(body), able=replace(ABLE, bare_schema=False))
    assert response["choices"][0]["message"]["content"] == text


@pytest.mark.parametrize(
    ("text", "answer"), [('"blue"', "blue"), (" blue\n", "blue"), ("7", "7"), ('"a \\"b\\""', 'a "b"'), ("", "")]
)
def test_answer_is_read(text: str, answer: str) -> None:
    """JSON quoting is undone; text that was not bound stays, stripped."""
    assert read_answer(text) == answer


def test_no_options_bind_nothing() -> None:
    """An empty choice is a mistake of the caller."""
    with pytest.raises(ValueError, match="no options"):
        answer_format([])


def test_stage_can_answer_in_place_of_the_endpoint(scripted: Any) -> None:
    """A stage that serves recorded calls uses up call numbers, but neither caps nor the endpoint."""

    def recorded(following: Wire) -> Wire:
        async def call(request: WireRequest) -> WireResponse:
            if request.body["seed"] == 1000:
                return {"choices": [{"message": {"content": "as recorded"}}]}
            return await following(request)

        return call

    async def act(run: RunModel) -> list[str]:
        return [await by_body(run), await by_body(run)]

    meter = Meter()
    assert on(scripted.url, act, seeded(meter, stages=(recorded,))) == ["as recorded", "hello"]
    assert [body["seed"] for body in scripted.bodies] == [1001]
    assert meter.usage.calls == 1


async def list_models(run: RunModel) -> Any:
    return await run.client.models.list()


async def stream_a_response(run: RunModel) -> Any:
    return await run.client.responses.create(model="m", input="hi", stream=True)


@pytest.mark.parametrize("ask", [list_models, stream_a_response])
def test_what_the_seam_cannot_do_is_said(scripted: Any, ask: Callable[[RunModel], Any]) -> None:
    """A request that the seam does not carry ends in a clear error instead of passing unrecorded."""
    with pytest.raises(Exception) as caught:  # noqa: PT011  # the SDK chooses the type
        on(scripted.url, ask)
    assert any(isinstance(error, EndpointError) for error in (caught.value, caught.value.__cause__))
    assert scripted.bodies == []


def test_run_can_be_used_from_many_threads_and_loops(scripted: Any) -> None:
    """Connections are shared between loops and threads without one getting in the other's way."""

    async def act(run: RunModel) -> list[str]:
        return await asyncio.gather(*(asyncio.to_thread(asyncio.run, by_chat(run)) for _ in range(12)))

    assert on(scripted.url, act) == ["hello"] * 12
    assert sorted(json.dumps(b["seed"]) for b in scripted.bodies) == [str(1000 + n) for n in range(12)]
