"""Caps hold for all runs together, and what was used is known exactly or not at all."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracer.errors import ModelError, RunStopped
from tracer.models import Capabilities, Meter, Model, ModelSpec, Prices, RetryPolicy, RunCalls, parse_model
from tracer.models.endpoint import Endpoint

FREE = Prices(0.0, 0.0)


def tokens(given_: int, made: int) -> dict[str, int]:
    return {"prompt_tokens": given_, "completion_tokens": made}


def test_cap_on_calls_is_exact_between_threads() -> None:
    """However many threads ask at once, no more than the cap are let through."""
    meter, let_through = Meter(max_calls=500), list[int]()

    def ask() -> None:
        for number in range(200):
            try:
                meter.child().begin()
            except RunStopped:
                return
            let_through.append(number)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(let_through) == meter.usage.calls == 500


def test_cap_on_calls_holds_under_concurrency(scripted: Any) -> None:
    """Of twenty calls sent at once under a cap of seven, seven reach the endpoint and the others end their runs."""

    async def act() -> list[Any]:
        run = model_at(endpoint).for_run(RunCalls(seed_of=lambda n: n, meter=meter))
        body = {"messages": [{"role": "user", "content": "Hi"}]}
        return await asyncio.gather(*(run.complete(body) for _ in range(20)), return_exceptions=True)

    endpoint, meter = Endpoint(scripted.url, None), Meter(max_calls=7)
    results = asyncio.run(act())
    endpoint.close()
    stopped = [r for r in results if isinstance(r, RunStopped)]
    assert (len(scripted.bodies), len(stopped)) == (7, 13)
    assert {stop.status for stop in stopped} == {"limit"}
    assert (meter.usage.calls, meter.usage.input_tokens, meter.usage.output_tokens) == (7, 21, 14)


def test_tries_of_one_call_count_once(scripted: Any) -> None:
    """Trying again is not a new call."""
    scripted.then("busy", 503)
    scripted.then()
    endpoint, meter = Endpoint(scripted.url, None), Meter(max_calls=1)
    run = model_at(endpoint).for_run(RunCalls(seed_of=lambda n: n, meter=meter))
    asyncio.run(run.complete({"messages": []}))
    endpoint.close()
    assert meter.usage.calls == 1


@pytest.mark.parametrize(
    ("caps", "fits", "reason"),
    [
        ({"max_calls": 2}, 2, "2 model calls"),
        ({"max_tokens": 25}, 3, "25 tokens"),
        ({"max_usd": 0.00003}, 2, "0.0000 USD"),
    ],
)
def test_each_cap_says_which_it_is(caps: dict[str, Any], fits: int, reason: str) -> None:
    """A run ended by a cap says which cap, and how much was used."""
    meter = Meter(**caps)
    for _ in range(fits):
        meter.begin()
        meter.record(tokens(5, 5), Prices(1.0, 2.0))
    with pytest.raises(RunStopped, match=reason) as caught:
        meter.begin()
    assert caught.value.status == "limit"
    assert meter.usage.calls == fits


def test_run_has_caps_of_its_own() -> None:
    """One run that is over its cap stops, while the study and its other runs go on."""
    study = Meter(max_calls=10)
    first, second = study.child(max_calls=1), study.child(max_calls=1)
    first.begin()
    with pytest.raises(RunStopped, match="this run"):
        first.begin()
    second.begin()
    assert study.usage.calls == 2


@pytest.mark.parametrize("usage", [None, {}, "12", {"prompt_tokens": "many"}])
def test_unreported_usage_is_never_guessed(usage: Any) -> None:
    """Where tokens are not reported, the cost is unknown, and a cap that cannot be kept stops the run."""
    meter, capped = Meter(), Meter(max_tokens=1000)
    for each in (meter, capped):
        each.begin()
        each.record(usage, FREE)
    assert meter.usage.usd is None
    meter.begin()
    with pytest.raises(RunStopped, match="reports no usage"):
        capped.begin()


def test_cap_on_money_needs_a_price(scripted: Any) -> None:
    """A cap that could not be kept is refused before the first call."""
    endpoint = Endpoint(scripted.url, None)
    with pytest.raises(ModelError, match="has no price"):
        model_at(endpoint).for_run(RunCalls(seed_of=lambda n: n, meter=Meter(max_usd=1.0).child()))
    endpoint.close()


def test_built_in_models_are_free() -> None:
    """What runs on this machine costs nothing; what an endpoint costs is unknown until someone says it."""
    assert parse_model("smollm2").prices.cost(1000, 1000) == 0.0
    assert parse_model("gpt", "http://127.0.0.1:1/v1").prices.cost(1, 1) is None
    priced = parse_model("gpt", "http://127.0.0.1:1/v1", prices=Prices(2.0, 10.0))
    assert priced.prices.cost(1_000_000, 100_000) == pytest.approx(3.0)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 100), st.integers(0, 100)), max_size=30))
def test_study_is_the_sum_of_its_runs(calls: list[tuple[int, int, int]]) -> None:
    """Whatever the runs use, in whatever order, the study has used as much in all."""
    study = Meter()
    runs = [study.child() for _ in range(4)]
    for run, given_, made in calls:
        runs[run].begin()
        runs[run].record(tokens(given_, made), Prices(3.0, 5.0))
    used = [run.usage for run in runs]
    assert study.usage.calls == sum(u.calls for u in used) == len(calls)
    assert study.usage.input_tokens == sum(u.input_tokens for u in used)
    assert study.usage.output_tokens == sum(u.output_tokens for u in used)
    assert study.usage.usd == pytest.approx(sum(u.usd or 0.0 for u in used))


def model_at(endpoint: Endpoint) -> Model:
    spec = ModelSpec("m", endpoint.base_url, timeout_s=5.0)
    able = Capabilities(tools=True, json_schema=True, logprobs=True, seed=True)
    return Model(spec, {}, able, endpoint, RetryPolicy(first_s=0.01))
