"""One model call from outside: through its run's door to the model, and the answer back as it came."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from tracer.errors import RunStopped, TracerError
from tracer.gateway.doors import Door
from tracer.gateway.responses import as_chat, as_response, response_events
from tracer.models import CHAT, WireResponse
from tracer.models.transport import as_events
from tracer.models.wire import RESPONSES, WireFailure
from tracer.recording import under

__all__ = ["answer_call", "refusal"]

_GONE = "the client went away before the answer was whole"


@dataclass(frozen=True)
class _Call:
    """A model call from outside."""

    door: Door
    path: str
    body: dict[str, Any]
    parent: str

    @property
    def streamed(self) -> bool:
        return bool(self.body.get("stream"))

    async def send(self, hear: Callable[[dict[str, Any]], None] | None) -> WireResponse:
        """Send it on and give the whole answer; where it is streamed, its events are heard as they come."""
        body = {k: v for k, v in self.body.items() if k not in ("stream", "stream_options")}
        model = self.door.model
        with under(self.parent):
            if self.path != RESPONSES or await model.offers(RESPONSES):
                return await model.send(self.path, body | {"model": model.name}, hear)
            earlier = self.door.answers.get(body.get("previous_response_id") or "", [])
            chat = await model.send(CHAT, as_chat(body, earlier) | {"model": model.name})
            response = as_response(chat, body)
            given = body.get("input") or []
            items = [{"role": "user", "content": given}] if isinstance(given, str) else list(given)
            self.door.answers[response["id"]] = [*earlier, *items, *response["output"]]
            return response

    def events(self, response: WireResponse) -> Iterator[dict[str, Any]]:
        """Give the events of an answer that came in one piece."""
        if self.path == RESPONSES:
            return response_events(response)
        wanted = bool((self.body.get("stream_options") or {}).get("include_usage"))
        return as_events(response, with_usage=wanted)


async def answer_call(request: Request, door: Door, path: str) -> Response:
    """Answer one model call; whatever goes wrong with it is an answer too."""
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError) as error:
        return refusal(400, "invalid_request_error", f"the body is not JSON: {error}")
    if not isinstance(body, dict):
        return refusal(400, "invalid_request_error", "the body is not a JSON object")
    call = _Call(door, path, body, request.headers.get("traceparent", ""))
    heard = asyncio.Queue[dict[str, Any] | None]() if call.streamed else None
    work = asyncio.get_running_loop().create_task(_sent(call, heard), context=door.here())
    gone = asyncio.create_task(_until_gone(request))
    try:
        first = await _first(work, heard, gone)
        if first is None or heard is None:
            return _whole_answer(call, await work)
        return _Stream(call, work, heard, first)
    except asyncio.CancelledError:
        work.cancel(_GONE)
        with contextlib.suppress(asyncio.CancelledError, TracerError):
            await work
        return Response(status_code=499)
    except TracerError as error:
        return _failure(error)
    finally:
        gone.cancel()


async def _sent(call: _Call, heard: asyncio.Queue[dict[str, Any] | None] | None) -> WireResponse:
    if heard is None:
        return await call.send(None)
    loop = asyncio.get_running_loop()

    def hear(event: dict[str, Any]) -> None:
        loop.call_soon_threadsafe(heard.put_nowait, event)

    try:
        return await call.send(hear)
    finally:
        heard.put_nowait(None)


async def _first(
    work: asyncio.Task[WireResponse], heard: asyncio.Queue[dict[str, Any] | None] | None, gone: asyncio.Task[None]
) -> dict[str, Any] | None:
    """Wait for the first event, or for the end; None where the answer came in one piece, or not at all.

    Raises:
        CancelledError: The client went away.
    """
    first = asyncio.create_task(heard.get()) if heard is not None else None
    await asyncio.wait([first or work, gone], return_when=asyncio.FIRST_COMPLETED)
    if not (first or work).done():
        if first is not None:
            first.cancel()
        raise asyncio.CancelledError(_GONE)
    return first.result() if first is not None else None


async def _until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _whole_answer(call: _Call, response: WireResponse) -> Response:
    told = {k: v for k, v in response.items() if not k.startswith("prosaic_")}
    if not call.streamed:
        return JSONResponse(told)
    lines = b"".join(_line(event) for event in call.events(told)) + _end(call.path)
    return Response(lines, media_type="text/event-stream")


def _line(event: Mapping[str, Any]) -> bytes:
    kind = event.get("type")  # events of the Responses API are named, chunks of chat completions are not
    name = f"event: {kind}\n".encode() if isinstance(kind, str) else b""
    return name + f"data: {json.dumps(event)}\n\n".encode()


def _end(path: str) -> bytes:
    return b"" if path == RESPONSES else b"data: [DONE]\n\n"


class _Stream(Response):
    """Passes events on as they come; a client that goes away ends the call, a call that fails ends the stream."""

    def __init__(
        self,
        call: _Call,
        work: asyncio.Task[WireResponse],
        heard: asyncio.Queue[dict[str, Any] | None],
        first: dict[str, Any],
    ) -> None:
        super().__init__(media_type="text/event-stream")
        del self.headers["content-length"]
        self._call, self._work, self._heard, self._first = call, work, heard, first

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        gone = asyncio.create_task(_until_gone(Request(scope, receive)))
        try:
            async for event in self._events(gone):
                await send({"type": "http.response.body", "body": _line(event), "more_body": True})
            await self._work
        except (asyncio.CancelledError, OSError):
            await self._stop()
        except TracerError as error:
            # What was begun cannot be taken back: say so, and break off without an end, as the upstream did.
            told = {"error": {"message": str(error), "type": "upstream_error", "code": None}}
            await send({"type": "http.response.body", "body": _line(told), "more_body": True})
            raise
        else:
            with contextlib.suppress(OSError):
                await send({"type": "http.response.body", "body": _end(self._call.path), "more_body": False})
        finally:
            gone.cancel()

    async def _events(self, gone: asyncio.Task[None]) -> AsyncGenerator[dict[str, Any]]:
        event: dict[str, Any] | None = self._first
        wanted = bool((self._call.body.get("stream_options") or {}).get("include_usage"))
        while event is not None:
            # Usage was asked for in any case, for the books; who did not ask for it would not expect a chunk of it.
            if self._call.path == RESPONSES or wanted or event.get("choices") or "choices" not in event:
                yield event
            event = await _or_gone(self._heard.get(), gone)

    async def _stop(self) -> None:
        self._work.cancel(_GONE)
        with contextlib.suppress(asyncio.CancelledError, TracerError):
            await self._work


async def _or_gone(
    getting: Coroutine[Any, Any, dict[str, Any] | None], gone: asyncio.Task[None]
) -> dict[str, Any] | None:
    next_one = asyncio.create_task(getting)
    await asyncio.wait([next_one, gone], return_when=asyncio.FIRST_COMPLETED)
    if not next_one.done():
        next_one.cancel()
        raise asyncio.CancelledError(_GONE)
    return next_one.result()


def _failure(error: TracerError) -> Response:
    """Give an upstream's refusal as it came, and everything else as an error of the same form."""
    if isinstance(error, WireFailure) and error.refusal is not None:
        return Response(error.refusal.body, error.refusal.status, dict(error.refusal.headers))
    if isinstance(error, WireFailure):
        return refusal(504 if error.timed_out else 502, "upstream_error", str(error))
    if isinstance(error, RunStopped):  # a cap of ours: no waiting mends it
        answer = refusal(429, "insufficient_quota", str(error))
        answer.headers["x-should-retry"] = "false"
        return answer
    return refusal(400, "invalid_request_error", str(error))


def refusal(status: int, kind: str, message: str) -> Response:
    """Give an error in the form that OpenAI's clients read."""
    return JSONResponse({"error": {"message": message, "type": kind, "code": kind, "param": None}}, status)
