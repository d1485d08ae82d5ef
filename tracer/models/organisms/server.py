"""The server: organisms behind `/v1/chat/completions` on a loopback port, one for each process."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tracer.errors import ModelError, TracerError
from tracer.models.organisms.minds import ORGANISMS
from tracer.models.organisms.wire import complete, stream_events

__all__ = ["serve_organisms"]

_START_SECONDS = 10.0


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
    if body.get("stream"):
        events = stream_events(response, with_usage=bool((body.get("stream_options") or {}).get("include_usage")))
        return Response("".join(events), media_type="text/event-stream")
    return JSONResponse(response)


async def _models(request: Request) -> Response:
    models = [{"id": f"organism:{name}", "object": "model", "created": 0, "owned_by": "tracer"} for name in ORGANISMS]
    return JSONResponse({"object": "list", "data": models})


def _refusal(status: int, code: str, message: str) -> Response:
    return JSONResponse({"error": {"message": message, "type": "invalid_request_error", "code": code}}, status)


class _Shared:
    """The one server of this process, kept up while anyone uses it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._url = ""

    def enter(self) -> str:
        with self._lock:
            if self._users == 0:
                self._start()
            self._users += 1
            return self._url

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0 and self._server and self._thread:
                self._server.should_exit = True
                self._thread.join()

    def _start(self) -> None:
        app = Starlette(
            routes=[
                Route("/v1/chat/completions", _completions, methods=["POST"]),
                Route("/v1/models", _models),
            ]
        )
        config = uvicorn.Config(
            app, lifespan="off", log_level="critical", access_log=False, ws="none", timeout_graceful_shutdown=1
        )
        # With the protocol named asyncio switches Nagle's algorithm off, which else costs 40 ms at every answer.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), name="organisms", daemon=True)
        thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                server.should_exit = True
                listener.close()
                raise ModelError("the server of the organisms did not start: is 127.0.0.1 usable on this machine?")
            time.sleep(0.002)
        self._server, self._thread = server, thread
        self._url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"


_SHARED = _Shared()


@contextmanager
def serve_organisms() -> Generator[str]:
    """Serve every organism while the block runs, and give the base URL, e.g. `http://127.0.0.1:PORT/v1`.

    `model` in a request picks the organism (`organism:stale`). All users of one process share one server.

    Raises:
        ModelError: The server does not start.
    """
    url = _SHARED.enter()
    try:
        yield url
    finally:
        _SHARED.leave()
