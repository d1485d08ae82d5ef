"""What stands in for the network in an SDK's HTTP client: it turns the SDK's request into one of ours and back."""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import AsyncIterator, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx2

from tracer.errors import EndpointError
from tracer.models.wire import CHAT, Wire, WireRequest, WireResponse

__all__ = ["AsyncSeam", "Seam", "as_events"]

_T = TypeVar("_T")


class AsyncSeam(httpx2.AsyncBaseTransport):
    """Sends what an async HTTP client sends down a pipeline instead."""

    def __init__(self, wire: Wire, base_path: str, timeout_s: float) -> None:
        self._wire = wire
        self._base_path = base_path
        self._timeout_s = timeout_s

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request of the SDK."""
        asked = _read(request, await request.aread(), self._base_path, self._timeout_s)
        return _answer(request, asked, await self._wire(_whole(asked)))


class Seam(httpx2.BaseTransport):
    """Sends what a sync HTTP client sends down a pipeline instead, from whatever thread it is called in."""

    def __init__(self, wire: Wire, base_path: str, timeout_s: float) -> None:
        self._wire = wire
        self._base_path = base_path
        self._timeout_s = timeout_s

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Answer one request of the SDK."""
        asked = _read(request, request.read(), self._base_path, self._timeout_s)
        return _answer(request, asked, _finish(self._call(_whole(asked))))

    async def _call(self, request: WireRequest) -> WireResponse:
        return await self._wire(request)


def _finish(work: Coroutine[Any, Any, _T]) -> _T:
    """Run `work` to its end, here or, where this thread already runs an event loop, in another thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as other:
        return other.submit(contextvars.copy_context().run, asyncio.run, work).result()


def _read(request: httpx2.Request, content: bytes, base_path: str, timeout_s: float) -> WireRequest:
    path = request.url.path.removeprefix(base_path)
    try:
        body = json.loads(content)
    except ValueError:
        body = None
    if request.method != "POST" or not isinstance(body, dict):
        raise EndpointError(f"{request.method} {path} is not available within a run: only model calls with JSON are")
    if body.get("stream") and path != CHAT:
        raise EndpointError(f"{path} cannot be streamed within a run: ask for the whole answer")
    return WireRequest(path, body, timeout_s)


def _whole(request: WireRequest) -> WireRequest:
    body = {k: v for k, v in request.body.items() if k not in ("stream", "stream_options")}
    return WireRequest(request.path, body, request.timeout_s)


def _answer(request: httpx2.Request, asked: WireRequest, response: WireResponse) -> httpx2.Response:
    if not asked.body.get("stream"):
        return httpx2.Response(200, json=response, request=request)
    with_usage = bool((asked.body.get("stream_options") or {}).get("include_usage"))
    chunks = [f"data: {json.dumps(event)}\n\n".encode() for event in as_events(response, with_usage=with_usage)]
    return httpx2.Response(
        200,
        headers={"content-type": "text/event-stream"},
        stream=_Chunks([*chunks, b"data: [DONE]\n\n"]),
        request=request,
    )


def as_events(response: WireResponse, *, with_usage: bool) -> Iterator[dict[str, Any]]:
    """Give a whole chat completion as the chunks of a streamed one: content, end, and usage where asked for."""
    common = {k: v for k, v in response.items() if k not in ("choices", "usage")} | {"object": "chat.completion.chunk"}
    for choice in response["choices"]:
        delta = dict(choice["message"])
        if delta.get("tool_calls"):
            delta["tool_calls"] = [{"index": i, **call} for i, call in enumerate(delta["tool_calls"])]
        first = {"index": choice.get("index", 0), "delta": delta, "finish_reason": None}
        yield common | {"choices": [first | {"logprobs": choice.get("logprobs")}]}
        last = {"index": choice.get("index", 0), "delta": {}, "finish_reason": choice.get("finish_reason") or "stop"}
        yield common | {"choices": [last]}
    if with_usage:
        yield common | {"choices": [], "usage": response.get("usage")}


class _Chunks(httpx2.AsyncByteStream, httpx2.SyncByteStream):
    def __init__(self, chunks: list[bytes]) -> None:
        self._chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._chunks)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for chunk in self._chunks:
            yield chunk
