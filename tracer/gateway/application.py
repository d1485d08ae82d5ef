"""The gateway as a web application: model calls, tools over MCP and spans, each through the door of its run."""

from __future__ import annotations

import contextlib
import gzip
import zlib
from collections.abc import AsyncGenerator, Callable
from typing import Any

import orjson
from google.protobuf.message import DecodeError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from tracer.gateway.calls import answer_call, refusal
from tracer.gateway.doors import Door, Doors
from tracer.gateway.mcp_tools import tool_sessions
from tracer.models.wire import CHAT, EMBEDDINGS, RESPONSES
from tracer.spans.otlp import decode_json
from tracer.spans.protobuf import decode_logs_protobuf, decode_protobuf

__all__ = ["Admit", "gateway_application"]

Admit = Callable[[Request, dict[str, Any]], Door]

_NO_RUN = (
    "this call belongs to no run that is going on: call the base URL that the run was given, or send its traceparent"
)


def gateway_application(doors: Doors, admit: Admit | None = None) -> Starlette:
    """Give the application.

    Args:
        doors: The runs that are going on.
        admit: Gives the door of a model call that belongs to none of them; without it, such a call is refused.
    """

    def find(request: Request) -> Door | None:
        return doors.find(str(request.path_params.get("token", "")), request.headers)

    async def take_call(request: Request) -> Response:
        door = find(request)
        if door is None and admit is not None:
            door = await _admitted(request, admit)
        if door is None:
            return refusal(404, "run_not_found", _NO_RUN)
        return await answer_call(request, door, _PATHS[request.url.path.rpartition("/v1")[2]])

    async def list_models(request: Request) -> Response:
        door = find(request)
        if door is None:
            return refusal(404, "run_not_found", _NO_RUN)
        entry = {"id": door.model.name, "object": "model", "created": 0, "owned_by": "tracer"}
        return JSONResponse({"object": "list", "data": [entry]})

    async def take_spans(request: Request) -> Response:
        door = find(request)
        if door is None:
            return refusal(404, "run_not_found", _NO_RUN)
        return await _take_spans(request, door)

    sessions = tool_sessions(find)

    @contextlib.asynccontextmanager
    async def living(app: Starlette) -> AsyncGenerator[None]:
        async with sessions.run():
            yield

    class Tools:
        """The MCP endpoint; a class, so that its route takes it for an application."""

        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await sessions.handle_request(scope, receive, send)

    routes: list[BaseRoute] = []
    for root in ("", "/run/{token}"):
        routes += [Route(f"{root}/v1{path}", take_call, methods=["POST"]) for path in _PATHS]
        routes.append(Route(f"{root}/v1/models", list_models))
        routes += [Route(f"{root}/otlp/v1/{kind}", take_spans, methods=["POST"]) for kind in ("traces", "logs")]
        routes.append(Route(f"{root}/otlp/v1/metrics", _take_nothing, methods=["POST"]))
    routes.append(Route("/run/{token}/mcp", Tools()))
    return Starlette(routes=routes, lifespan=living)


_PATHS = {path: path for path in (CHAT, RESPONSES, EMBEDDINGS)}


async def _admitted(request: Request, admit: Admit) -> Door | None:
    try:
        body = orjson.loads(await request.body())
    except orjson.JSONDecodeError:
        body = None
    return admit(request, body if isinstance(body, dict) else {})


async def _take_spans(request: Request, door: Door) -> Response:
    """Take what an OTLP exporter sends, as protobuf or JSON."""
    body = await request.body()
    is_json = "json" in request.headers.get("content-type", "")
    try:
        if request.headers.get("content-encoding") == "gzip":
            body = gzip.decompress(body)
        if is_json:
            spans = list(decode_json(orjson.loads(body)))
        else:
            spans = list((decode_logs_protobuf if request.url.path.endswith("/logs") else decode_protobuf)(body))
    except (OSError, EOFError, zlib.error, orjson.JSONDecodeError, DecodeError, ValueError) as error:
        return refusal(400, "invalid_request_error", f"this is no OTLP request: {error}")
    door.take_spans(spans)
    return Response(b"{}" if is_json else b"", media_type="application/json" if is_json else "application/x-protobuf")


async def _take_nothing(request: Request) -> Response:
    """Accept metrics, which say nothing about what was done, so that an exporter does not complain."""
    await request.body()
    return Response(media_type="application/x-protobuf")
