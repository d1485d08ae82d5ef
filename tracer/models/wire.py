"""The one seam that every model call passes: a request as plain data goes down a pipeline of async functions.

A stage takes the next function and gives one of the same type, so that seeds, caps, emulation, retries, and later
a replay of recorded calls, are each one function that knows nothing of the others or of any SDK.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracer.errors import EndpointError

__all__ = [
    "CHAT",
    "EMBEDDINGS",
    "RESPONSES",
    "Refusal",
    "Stage",
    "Wire",
    "WireFailure",
    "WireRequest",
    "WireResponse",
    "compose",
]

CHAT = "/chat/completions"
RESPONSES = "/responses"
EMBEDDINGS = "/embeddings"

WireResponse = dict[str, Any]


@dataclass(frozen=True, slots=True)
class WireRequest:
    """One request to an OpenAI-compatible endpoint.

    Attributes:
        path: Path below the base URL, e.g. `/chat/completions`.
        body: The JSON body; a stage that changes it makes a new one.
        timeout_s: Seconds after which one attempt is given up.
        hear: Takes the events of a streamed answer as they come, in the thread of the endpoint; the whole answer is
            the same with and without. None asks for it in one piece. A stage that changes answers sets it to None, so
            that nobody hears what was not said in the end.
    """

    path: str
    body: dict[str, Any]
    timeout_s: float
    hear: Callable[[dict[str, Any]], None] | None = None


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer that is an error, as it came: for those who pass it on.

    Attributes:
        status: HTTP status.
        body: What stood in it, unchanged.
        headers: Its content type, and what it says of waiting, limits and trying again.
    """

    status: int
    body: bytes
    headers: Mapping[str, str]


Wire = Callable[[WireRequest], Awaitable[WireResponse]]
Stage = Callable[[Wire], Wire]


_OF_THE_REQUEST = (400, 413, 422)  # what is wrong is then what was asked, such as too long a conversation


class WireFailure(EndpointError):
    """One call that the endpoint did not answer as it should.

    Attributes:
        http_status: The status of the answer; None where none came.
        transient: True where trying again may help.
        retry_after_s: How long the endpoint asks to wait; None where it does not say.
        refusal: The answer as it came; None where none came or it was no refusal.
    """

    def __init__(
        self,
        reason: str,
        *,
        http_status: int | None = None,
        transient: bool = False,
        retry_after_s: float | None = None,
        unreachable: bool = False,
        timed_out: bool = False,
        refusal: Refusal | None = None,
    ) -> None:
        broken = http_status is not None and http_status not in _OF_THE_REQUEST
        super().__init__(reason, unreachable=unreachable, timed_out=timed_out, broken=broken)
        self.refusal = refusal
        self.http_status = http_status
        self.transient = transient
        self.retry_after_s = retry_after_s


def compose(stages: Sequence[Stage], endpoint: Wire) -> Wire:
    """Put `stages` before `endpoint`; the first stage sees a request first and its response last."""
    wire = endpoint
    for stage in reversed(stages):
        wire = stage(wire)
    return wire
