"""Opening a model: its server is started, its endpoint asked whether it answers, and what it can do found out."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, closing, nullcontext
from dataclasses import replace
from pathlib import PurePath
from urllib.parse import urlsplit, urlunsplit

from tracer.errors import ModelError
from tracer.models.capabilities import Capabilities, probe
from tracer.models.endpoint import Endpoint, RetryPolicy
from tracer.models.organisms import find_organism, serve_organisms
from tracer.models.run import Model
from tracer.models.smollm2 import identify_smollm2, serve_smollm2
from tracer.models.spec import KEY_VARIABLES, ModelSpec
from tracer.models.wire import WireFailure

__all__ = ["open_model"]

_GREETING_S = 5.0  # an endpoint that is up lists its models at once
_SHOWN = 8
_SMOLLM2 = Capabilities(tools=False, json_schema=True, logprobs=True, seed=True)
_ORGANISM = Capabilities(tools=True, json_schema=True, logprobs=False, seed=True)


@asynccontextmanager
async def open_model(spec: ModelSpec, retry: RetryPolicy | None = None) -> AsyncGenerator[Model]:
    """Give the model that `spec` means, ready to answer until the block ends.

    An endpoint of the user's is asked for its models (within 5 s) and sent up to nine small calls: one to see that
    the model answers and what it calls itself, the others to probe those capabilities that the user did not state.

    Raises:
        ModelError: Nothing answers, the key is refused, there is no such model, or its weights are not installed.
        MissingExtra: The embedded model is asked for, but not its optional part.
    """
    if spec.kind == "organism":
        find_organism(spec.name)
    with ExitStack() as held:
        base_url = await asyncio.to_thread(held.enter_context, _server(spec))
        endpoint = held.enter_context(closing(Endpoint(base_url, _key() if spec.kind == "endpoint" else None)))
        model = Model(spec, {"model": spec.name}, _ORGANISM, endpoint, retry or RetryPolicy())
        if spec.kind == "smollm2":
            model = replace(model, identity=await asyncio.to_thread(identify_smollm2), capabilities=_SMOLLM2)
        elif spec.kind == "endpoint":
            model = await _acquaint(model)
        yield replace(model, capabilities=replace(model.capabilities, **spec.capabilities))


def _server(spec: ModelSpec) -> AbstractContextManager[str]:
    if spec.base_url is not None:
        return nullcontext(spec.base_url)
    return serve_organisms() if spec.kind == "organism" else serve_smollm2()


def _key() -> str | None:
    return next((value for name in KEY_VARIABLES if (value := os.environ.get(name, "").strip())), None)


async def _acquaint(model: Model) -> Model:
    """Give `model` with what its endpoint tells about it."""
    name, url = model.spec.name, model.endpoint.base_url
    try:
        offered = await model.endpoint.list_models(_GREETING_S)
    except WireFailure as failure:
        way_out = "" if failure.http_status in (401, 403) else "; is it running, and is that its base URL?"
        raise ModelError(f"no model endpoint at {url}: {failure.reason}{way_out}") from failure
    try:
        hello = {"messages": [{"role": "user", "content": "Hello!"}], "max_completion_tokens": 16}
        response = await model.complete(hello)
        found = await probe(model.complete, model.spec.capabilities)
    except WireFailure as failure:
        names = [str(entry.get("id")) for entry in offered]
        others = "" if name in names or not names else f"; it offers: {', '.join(names[:_SHOWN])}"
        raise ModelError(f"model {name!r} does not answer at {url}: {failure.reason}{others}") from failure
    entry = next((e for e in offered if e.get("id") == name), {})
    reported = {"reported_model": response.get("model"), "owned_by": entry.get("owned_by")}
    identity = {"model": name, "endpoint": _without_secrets(url)} | {
        k: _without_folder(v) for k, v in reported.items() if isinstance(v, str) and v
    }
    return replace(model, identity=identity, capabilities=found)


def _without_secrets(url: str) -> str:
    """Give where an endpoint is, without user, password and query, in which keys may stand."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _without_folder(reported: str) -> str:
    """Give the file name where an endpoint reports the path of its weights."""
    return PurePath(reported).name if reported.startswith("/") else reported
