"""A real HTTP server on a loopback port that answers as it is told to."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


@dataclass
class Reply:
    """One answer of the server."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict[str, str])
    delay_s: float = 0.0


@dataclass
class ScriptedEndpoint:
    """What the server will say (the last reply repeats) and what it was asked."""

    url: str = ""
    replies: list[Reply] = field(default_factory=list[Reply])
    models: Reply = field(default_factory=lambda: Reply({"object": "list", "data": [{"id": "m", "owned_by": "us"}]}))
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    times: list[float] = field(default_factory=list[float])

    def says(self, *contents: Any, usage: Any = (3, 2), **message: Any) -> None:
        """Answer with completions of these contents."""
        self.replies = [Reply(completion(content, usage, **message)) for content in contents]

    def says_next(self, content: Any, **message: Any) -> None:
        """Queue a completion."""
        self.then(completion(content, **message))

    def then(self, body: Any = None, status: int = 200, headers: Any = None, delay_s: float = 0.0) -> None:
        """Queue one more answer; the first call of this drops the standing one."""
        self.replies = [reply for reply in self.replies if reply is not _STANDING]
        self.replies.append(Reply(completion() if body is None else body, status, headers or {}, delay_s))

    async def complete(self, request: Request) -> Response:
        self.bodies.append(await request.json())
        self.headers.append(dict(request.headers))
        self.times.append(time.monotonic())
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return await _respond(reply)

    async def list_models(self, request: Request) -> Response:
        self.headers.append(dict(request.headers))
        return await _respond(self.models)


async def _respond(reply: Reply) -> Response:
    await asyncio.sleep(reply.delay_s)
    if isinstance(reply.body, str):
        return Response(reply.body, reply.status, reply.headers, media_type="application/json")
    return JSONResponse(reply.body, reply.status, reply.headers)


def completion(content: Any = "hello", usage: Any = (3, 2), **message: Any) -> dict[str, Any]:
    """Give the body of a chat completion."""
    return {
        "id": "c-1",
        "object": "chat.completion",
        "created": 0,
        "model": "m-2026",
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content} | message}
        ],
        "usage": None
        if usage is None
        else {"prompt_tokens": usage[0], "completion_tokens": usage[1], "total_tokens": sum(usage)},
    }


_STANDING = Reply(completion())


@contextmanager
def serving(endpoint: ScriptedEndpoint) -> Generator[None]:
    app = Starlette(
        routes=[
            Route("/v1/chat/completions", endpoint.complete, methods=["POST"]),
            Route("/v1/models", endpoint.list_models),
        ]
    )
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, lifespan="off", log_level="critical", ws="none", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    while not server.started:
        time.sleep(0.002)
    endpoint.url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def scripted() -> Iterator[ScriptedEndpoint]:
    """An endpoint that answers every call with a plain completion until told otherwise."""
    endpoint = ScriptedEndpoint(replies=[_STANDING])
    with serving(endpoint):
        yield endpoint
