"""A model as one run sees it: a LangChain chat model, an OpenAI client and a plain call, all through one pipeline."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2
import openai
from langchain_core.outputs import ChatResult
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from tracer.errors import ModelError, RunStopped
from tracer.models.capabilities import Capabilities
from tracer.models.emulation import emulating
from tracer.models.endpoint import Endpoint, RetryPolicy, retrying
from tracer.models.meter import Meter, metered
from tracer.models.spec import ModelSpec
from tracer.models.transport import AsyncSeam, Seam
from tracer.models.wire import CHAT, Stage, Wire, WireRequest, WireResponse, compose
from tracer.models.wrapping import wrapping

__all__ = ["CALL_NUMBER", "SEED", "TEMPERATURE", "Model", "RunCalls", "RunModel", "WiredChat"]

# These stand in the body of every response, and so in the `response_metadata` of a LangChain message.
CALL_NUMBER = "prosaic_call"
SEED = "prosaic_seed"
TEMPERATURE = "prosaic_temperature"

_OURS = "prosaic_"
_SEED_BITS = 31  # llama.cpp takes 32, some endpoints a signed 32
_NO_KEY = SecretStr("held-by-the-endpoint")
_SeamT = TypeVar("_SeamT", Seam, AsyncSeam)


@dataclass(frozen=True, slots=True)
class RunCalls:
    """How the model calls of one run are made.

    Attributes:
        seed_of: Number of the call within the run, from 0 -> its seed, None for none; a caller's own seed wins.
        meter: What counts and caps the calls.
        temperature: Of every call that names none; None leaves it to the endpoint.
        timeout_s: Seconds after which one attempt is given up; None takes the model's own.
        stages: Further stages, between the seed and the meter: a call answered there is neither counted nor sent.
    """

    seed_of: Callable[[int], int | None]
    meter: Meter
    temperature: float | None = None
    timeout_s: float | None = None
    stages: tuple[Stage, ...] = ()


@dataclass(frozen=True)
class Model:
    """A model that answers; made by `open_model`, usable until its block ends.

    Attributes:
        spec: Which model is meant.
        identity: What a freeze hashes: which weights, or what the endpoint says that it serves.
        capabilities: What it can do, the user's overrides applied.
        endpoint: Where it answers.
        retry: When a failed call is tried again.
    """

    spec: ModelSpec
    identity: dict[str, str]
    capabilities: Capabilities
    endpoint: Endpoint
    retry: RetryPolicy

    def for_run(self, calls: RunCalls) -> RunModel:
        """Give the model as one run may use it.

        Raises:
            ModelError: Money is capped, but the model has no price.
        """
        prices = self.spec.prices
        if calls.meter.caps_usd and prices.cost(0, 0) is None:
            raise ModelError(
                f"a cap on money cannot be kept: {self.spec.name} has no price; "
                "give its USD per million input and output tokens"
            )
        stages = [_seeding(calls), *calls.stages, metered(calls.meter, prices)]
        if not self.capabilities.tools:
            stages.append(emulating())
        if self.capabilities.json_schema and not self.capabilities.bare_schema:
            stages.append(wrapping())
        wire = compose([*stages, retrying(self.retry)], self.endpoint)
        model = RunModel(self.spec.name, self.endpoint.base_url, wire, calls.timeout_s or self.spec.timeout_s)
        if self.spec.kind == "endpoint" and self.capabilities.tools:
            model.offers = self.endpoint.offers
        return model

    async def complete(self, body: dict[str, Any]) -> WireResponse:
        """Send one chat completion outside of any run: not counted, not seeded, tools not emulated.

        Raises:
            EndpointError: The endpoint did not answer as it should.
        """
        request = WireRequest(CHAT, {"model": self.spec.name} | body, self.spec.timeout_s)
        return await compose([retrying(self.retry)], self.endpoint)(request)


class RunModel:
    """One run's door to its model.

    Attributes:
        name: What to name in calls through `client`.
        stops: Every failure or cap that was raised to the stack, in order. SDKs wrap them (`__cause__` leads back) and
            a stack may swallow them; here they are as they were.
        offers: Path -> whether requests to it may be sent on as they are; chat completions always may.
    """

    def __init__(self, name: str, base_url: str, wire: Wire, timeout_s: float) -> None:
        self.name = name
        self.stops: list[RunStopped] = []
        self.offers: Callable[[str], Awaitable[bool]] = _chat_only
        self._base_url = base_url
        self._wire = _watching(self.stops)(wire)
        self._timeout_s = timeout_s

    async def complete(self, body: dict[str, Any]) -> WireResponse:
        """Send one chat completion; `model` is filled in where `body` names none.

        Raises:
            RunStopped: A cap is reached, or (as `EndpointError`) the endpoint did not answer as it should.
        """
        return await self.send(CHAT, {"model": self.name} | body)

    async def send(
        self, path: str, body: dict[str, Any], hear: Callable[[dict[str, Any]], None] | None = None
    ) -> WireResponse:
        """Send one request of any kind; where `hear` is given, it is told the events of the answer as they come.

        Raises:
            RunStopped: A cap is reached, or (as `EndpointError`) the endpoint did not answer as it should.
        """
        return await self._wire(WireRequest(path, body, self._timeout_s, hear))

    @cached_property
    def client(self) -> openai.AsyncOpenAI:
        """An OpenAI client; it does not retry, the pipeline does."""
        return openai.AsyncOpenAI(
            api_key=_NO_KEY.get_secret_value(),
            base_url=self._base_url,
            max_retries=0,
            timeout=None,
            http_client=self._async_http,
        )

    @cached_property
    def chat(self) -> ChatOpenAI:
        """A LangChain chat model, for sync and async use."""
        return WiredChat(
            model=self.name,
            base_url=self._base_url,
            api_key=_NO_KEY,
            max_retries=0,
            http_client=httpx2.Client(transport=self._seam(Seam), trust_env=False),
            http_async_client=self._async_http,
            use_responses_api=False,
            disable_streaming=True,  # streams are made from whole answers anyway, and lose `response_metadata`
        )

    @cached_property
    def _async_http(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=self._seam(AsyncSeam), trust_env=False)

    def _seam(self, kind: type[_SeamT]) -> _SeamT:
        return kind(self._wire, urlsplit(self._base_url).path.rstrip("/"), self._timeout_s)


class WiredChat(ChatOpenAI):
    """`ChatOpenAI` that keeps what the pipeline says of a call in the message's `response_metadata`."""

    def _create_chat_result(
        self, response: dict[str, Any] | openai.BaseModel, generation_info: dict[str, Any] | None = None
    ) -> ChatResult:
        result = super()._create_chat_result(response, generation_info)
        fields = response if isinstance(response, dict) else response.model_extra or {}
        ours = {k: v for k, v in fields.items() if k.startswith(_OURS)}
        return result.model_copy(update={"llm_output": (result.llm_output or {}) | ours})


async def _chat_only(path: str) -> bool:
    return path == CHAT


def _seeding(calls: RunCalls) -> Stage:
    """Give the stage that numbers, seeds and heats every call, and says so in its response."""
    numbers = itertools.count()

    def stage(following: Wire) -> Wire:
        async def call(request: WireRequest) -> WireResponse:
            number = next(numbers)
            if request.path != CHAT:
                return await following(request)
            body = dict(request.body)
            seed = calls.seed_of(number) if body.get("seed") is None else None
            if seed is not None:
                body["seed"] = seed % 2**_SEED_BITS
            if body.get("temperature") is None and calls.temperature is not None:
                body["temperature"] = calls.temperature
            response = await following(replace(request, body=body))
            return response | {CALL_NUMBER: number, SEED: body.get("seed"), TEMPERATURE: body.get("temperature")}

        return call

    return stage


def _watching(stops: list[RunStopped]) -> Stage:
    def stage(following: Wire) -> Wire:
        async def call(request: WireRequest) -> WireResponse:
            try:
                return await following(request)
            except RunStopped as stop:
                stops.append(stop)
                raise

        return call

    return stage
