"""What a run sees when the endpoint misbehaves: a clear end, or none at all where trying again helped."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Coroutine
from email.utils import formatdate
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.errors import EndpointError
from tracer.models import Capabilities, Meter, Model, ModelSpec, RetryPolicy, RunCalls, RunModel
from tracer.models.endpoint import Endpoint, find_malformation, read_retry_after

ABLE = Capabilities(tools=True, json_schema=True, logprobs=True, seed=True)
HELLO = {"messages": [{"role": "user", "content": "Hello"}]}
QUICK = RetryPolicy(tries=3, first_s=0.01, longest_s=0.02, longest_asked_s=1.2)


def run_of(endpoint: Endpoint, timeout_s: float = 5.0) -> RunModel:
    """Give a run on an endpoint, with quick retries."""
    spec = ModelSpec("m", endpoint.base_url, timeout_s=timeout_s)
    return Model(spec, {}, ABLE, endpoint, QUICK).for_run(RunCalls(seed_of=lambda n: n, meter=Meter()))


def on(url: str, act: Callable[[RunModel], Coroutine[Any, Any, Any]], key: str | None = None, **run: Any) -> Any:
    """Act on a run of the endpoint at `url` and close it afterwards."""
    endpoint = Endpoint(url, key)
    try:
        return asyncio.run(act(run_of(endpoint, **run)))
    finally:
        endpoint.close()


async def say_hello(run: RunModel) -> str:
    return (await run.complete(HELLO))["choices"][0]["message"]["content"]


def failure_of(url: str, key: str | None = None, **run: Any) -> EndpointError:
    with pytest.raises(EndpointError) as caught:
        on(url, say_hello, key, **run)
    return caught.value


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_failure_is_tried_again(scripted: Any, status: int) -> None:
    """A call that fails for a moment succeeds in the end, and the stack never hears of it."""
    scripted.then("overloaded", status)
    scripted.then()
    assert on(scripted.url, say_hello) == "hello"
    assert len(scripted.bodies) == 2


@pytest.mark.parametrize(("as_date", "least"), [(False, 0.9), (True, 0.4)])
def test_retry_after_is_kept(scripted: Any, as_date: bool, least: float) -> None:
    """An endpoint that asks to wait, in seconds or until a date, is left alone for that long."""
    # A date has whole seconds: one two seconds from now lies one to two seconds ahead, which the policy cuts to 1.2.
    asked = formatdate(time.time() + 2, usegmt=True) if as_date else "1"
    scripted.then("slow down", 429, {"Retry-After": asked})
    scripted.then()
    assert on(scripted.url, say_hello) == "hello"
    assert least <= scripted.times[1] - scripted.times[0] < 2


def test_long_retry_after_is_cut(scripted: Any) -> None:
    """An endpoint that asks for an hour does not hold a study for an hour."""
    scripted.then("come back tomorrow", 429, {"Retry-After": "3600"})
    scripted.then()
    began = time.monotonic()
    on(scripted.url, say_hello)
    assert time.monotonic() - began < 5


def test_failure_that_stays_ends_the_run(scripted: Any) -> None:
    """After the last try the run fails with a reason that names the URL, the status and what was said."""
    scripted.then("the disk is on fire", 500)
    error = failure_of(scripted.url)
    assert len(scripted.bodies) == QUICK.tries
    assert error.status == "failed"
    assert not error.unreachable
    for part in (scripted.url, "500", "the disk is on fire", "3 times"):
        assert part in error.reason


def test_spent_quota_is_not_tried_again(scripted: Any) -> None:
    """A 429 that says that the account is empty is no matter of waiting."""
    scripted.then({"error": {"code": "insufficient_quota", "message": "You exceeded your quota"}}, 429)
    assert "quota" in failure_of(scripted.url).reason
    assert len(scripted.bodies) == 1


@pytest.mark.parametrize("status", [301, 400, 404, 422])
def test_refused_request_is_not_tried_again(scripted: Any, status: int) -> None:
    """What is wrong with the request itself is told at once."""
    scripted.then({"error": {"message": "no such thing"}}, status)
    error = failure_of(scripted.url)
    assert len(scripted.bodies) == 1
    assert str(status) in error.reason
    assert not error.unreachable


@pytest.mark.parametrize("status", [401, 403, 500])
def test_key_is_never_told(scripted: Any, status: int) -> None:
    """No error repeats the key, even where the endpoint does; a refused key names the variable to set."""
    scripted.then({"error": {"message": "Incorrect API key provided: sk-secret-1"}}, status)
    error = failure_of(scripted.url, key="sk-secret-1")
    assert scripted.headers[0]["authorization"] == "Bearer sk-secret-1"
    assert "sk-secret-1" not in f"{error!r} {error} {error.reason}"
    assert status == 500 or "OPENAI_API_KEY" in error.reason


def test_hanging_endpoint_ends_the_run(scripted: Any) -> None:
    """A call that gets no answer in time ends its run, and is not paid for a second time."""
    scripted.then(delay_s=1.0)
    began = time.monotonic()
    error = failure_of(scripted.url, timeout_s=0.2)
    assert time.monotonic() - began < 1.5
    assert error.timed_out
    assert not error.unreachable
    assert "0.2 s" in error.reason
    assert len(scripted.bodies) <= 1


def test_endpoint_that_is_down_is_unreachable() -> None:
    """Where nothing listens, the reason names the URL and says that no answer of any kind came."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    error = failure_of(f"http://127.0.0.1:{port}/v1")
    assert error.unreachable
    assert f"127.0.0.1:{port}" in error.reason


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{",
        "<html>It works!</html>",
        "[]",
        "null",
        "[" * 100_000,
        {},
        {"choices": None},
        {"choices": []},
        {"choices": [None]},
        {"choices": [{"message": "hi"}]},
        {"choices": [{"message": {"content": 7}}]},
        {"choices": [{"message": {"content": None, "tool_calls": [{"function": {"name": "look", "arguments": {}}}]}}]},
        {"error": {"message": "upstream failed"}},
    ],
)
def test_malformed_answer_ends_the_run(scripted: Any, body: Any) -> None:
    """An answer that is not a chat completion is called malformed, with what came instead."""
    scripted.then(body)
    error = failure_of(scripted.url)
    assert "malformed" in error.reason
    assert scripted.url in error.reason
    assert len(error.reason) < 500
    assert not error.unreachable


def test_refusal_is_an_answer(scripted: Any) -> None:
    """A model that refuses, or is cut off by a filter, has answered: what that means is decided elsewhere."""
    scripted.says(None, refusal="I will not say that.")
    message = on(scripted.url, lambda run: run.complete(HELLO))["choices"][0]["message"]
    assert message["refusal"] == "I will not say that."


def test_stops_are_kept_for_the_run(scripted: Any) -> None:
    """A failure that a stack swallows is still known to the run."""
    scripted.then("no", 400)

    async def swallow(run: RunModel) -> list[Any]:
        with pytest.raises(EndpointError):
            await run.complete(HELLO)
        return run.stops

    assert ["400" in stop.reason for stop in on(scripted.url, swallow)] == [True]


@given(st.text() | st.integers().map(str) | st.floats().map(str))
def test_any_retry_after_is_survived(value: str) -> None:
    """Whatever stands in the header, the wait is a number of seconds, not negative, or none."""
    wait = read_retry_after(value, now=0.0)
    assert wait is None or wait >= 0


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda x: (
            st.lists(x)
            | st.dictionaries(
                st.sampled_from(["choices", "message", "content", "tool_calls", "function", "name", "arguments"]), x
            )
        ),
    )
)
def test_any_body_is_judged(body: Any) -> None:
    """No JSON object breaks the check of a completion's form."""
    assert isinstance(find_malformation(body if isinstance(body, dict) else {"choices": body}), str)
