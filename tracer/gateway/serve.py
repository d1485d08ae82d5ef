"""The one gateway of this process, for the runs that study outside stacks."""

from __future__ import annotations

import contextlib
from collections.abc import Generator
from dataclasses import dataclass

from tracer.gateway.application import gateway_application
from tracer.gateway.doors import Door, Doors
from tracer.serving import LoopbackServer

__all__ = ["Addresses", "open_door"]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a run is reached from outside, as long as its door is open.

    Attributes:
        token: What stands for a key in calls from outside; worth nothing anywhere else.
        base_url: OpenAI-compatible: chat completions, responses, embeddings, models.
        mcp_url: The world's tools, over streamable HTTP.
        otlp_url: Takes OpenTelemetry spans over HTTP; exporters add `/v1/traces` themselves.
    """

    token: str
    base_url: str
    mcp_url: str
    otlp_url: str


_DOORS = Doors()
_SERVER = LoopbackServer("gateway", lambda: gateway_application(_DOORS))


@contextlib.contextmanager
def open_door(door: Door) -> Generator[Addresses]:
    """Let a run be reached from outside while the block runs. All runs of a process share one server.

    Raises:
        TracerError: The server does not start.
    """
    with _SERVER.running() as url, _DOORS.open(door) as token:
        root = f"{url}/run/{token}"
        yield Addresses(token, f"{root}/v1", f"{root}/mcp", f"{root}/otlp")
