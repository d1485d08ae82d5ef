"""The server: organisms behind `/v1/chat/completions` on a loopback port, one for each process."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tracer.addresses import blamed_line
from tracer.errors import TracerError
from tracer.models.organisms.minds import ORGANISMS
from tracer.models.organisms.wire import complete, stream_events
from tracer.serving import LoopbackServer

__all__ = ["serve_organisms"]


async def _completions(request: Request) -> Response:
    try:
        body: Any = await request.json()
    except ValueError as error:
        return _refusal(400, "invalid_request_error", f"the body is not JSON: {error}")
    if not isinstance(body, dict) or not isinstance(body.get("messages"), list):
        return _refusal(400, "invalid_request_error", "the body has no list of messages")
    try:
        response = complete(body)
    except TracerError as error:
        return _refusal(404, "model_not_found", str(error))
    except Exception as error:  # boundary: an organism of a file is the user's code, and may raise anything
        at = blamed_line(error)
        told = f"{body.get('model')} fails{f' at {at}' if at else ''}: {type(error).__name__}: {error}; mend it"
        return _refusal(400, "organism_failed", told)
    if body.get("stream"):
        events = stream_events(response, with_usage=bool((body.get("stream_options") or {}).get("include_usage")))
        return Response("".join(events), media_type="text/event-stream")
    return JSONResponse(response)


async def _models(request: Request) -> Response:
    models = [{"id": f"organism:{name}", "object": "model", "created": 0, "owned_by": "tracer"} for name in ORGANISMS]
    return JSONResponse({"object": "list", "data": models})


def _refusal(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"message": message, "type": "invalid_request_error", "code": code}}, status)


def _application() -> Starlette:
    return Starlette(
        routes=[
            Route("/v1/chat/completions", _completions, methods=["POST"]),
            Route("/v1/models", _models),
        ]
    )


_SERVER = LoopbackServer("organisms", _application)


@contextmanager
def serve_organisms() -> Generator[str]:
    """Serve every organism while the block runs, and give the base URL, e.g. `http://127.0.0.1:PORT/v1`.

    `model` in a request picks the organism (`organism:stale`). All users of one process share one server.

    Raises:
        TracerError: The server does not start.
    """
    with _SERVER.running() as url:
        yield f"{url}/v1"
