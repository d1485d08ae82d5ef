"""Caps on calls, tokens and money, shared by all runs of a study."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tracer.errors import RunStopped
from tracer.models.wire import Stage, Wire, WireRequest, WireResponse

__all__ = ["Meter", "Prices", "Usage", "metered"]


@dataclass(frozen=True, slots=True)
class Prices:
    """USD per million tokens; None where unknown."""

    input: float | None = None
    output: float | None = None

    def cost(self, input_tokens: int, output_tokens: int) -> float | None:
        """Give the cost in USD, None where a price is unknown; cached tokens count in full."""
        if self.input is None or self.output is None:
            return None
        return (input_tokens * self.input + output_tokens * self.output) / 1e6


@dataclass(frozen=True, slots=True)
class Usage:
    """What was used so far.

    Attributes:
        calls: Calls sent, failed ones and those in flight included; tries of one call count once.
        input_tokens: As reported by the endpoints.
        output_tokens: As reported by the endpoints.
        usd: None where a call had no price or reported no tokens.
        unreported: Answered calls whose tokens the endpoint did not report.
    """

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    usd: float | None = 0.0
    unreported: int = 0


class Meter:
    """Counts what is used and refuses a call once a cap is reached; safe to share between threads.

    Calls are counted before they are sent, so `max_calls` is exact. Tokens and money are known only afterwards:
    calls in flight when a cap is reached may still exceed it. `used` is what went before, so that a cap holds over
    several sittings; `whose` says in messages what the caps are of.
    """

    def __init__(
        self,
        *,
        max_calls: int | None = None,
        max_tokens: int | None = None,
        max_usd: float | None = None,
        used: Usage | None = None,
        parent: Meter | None = None,
        whose: str = "the whole study",
    ) -> None:
        self.max_calls = max_calls
        self.max_tokens = max_tokens
        self.max_usd = max_usd
        self.whose = whose
        self._parent = parent
        self._lock: threading.Lock = parent._lock if parent else threading.Lock()
        self._usage = used or Usage()

    @property
    def usage(self) -> Usage:
        """What was used so far, as of now."""
        return self._usage

    @property
    def caps_usd(self) -> bool:
        """Tell whether this meter or one above it has a cap on money."""
        return self.max_usd is not None or (self._parent is not None and self._parent.caps_usd)

    @property
    def spent(self) -> str:
        """The reason why no further call may be sent; "" where one may."""
        with self._lock:
            return self._spent()

    def child(self, *, max_calls: int | None = None, max_tokens: int | None = None) -> Meter:
        """Give a meter for one run: it has caps of its own, and what it counts counts here too."""
        return Meter(max_calls=max_calls, max_tokens=max_tokens, parent=self, whose="this run")

    def begin(self) -> None:
        """Count a call that is about to be sent.

        Raises:
            RunStopped: With status "limit": a cap is reached; nothing is counted.
        """
        with self._lock:
            for meter in self._lineage():
                reason = meter._spent()
                if reason:
                    raise RunStopped("limit", reason)
            for meter in self._lineage():
                meter._add(calls=1)

    def record(self, usage: object, prices: Prices) -> None:
        """Count the `usage` object of one response; anything but one with token counts is counted as unreported."""
        tokens = _tokens(usage)
        with self._lock:
            for meter in self._lineage():
                if tokens is None:
                    meter._add(unreported=1, usd=None)
                else:
                    meter._add(input_tokens=tokens[0], output_tokens=tokens[1], usd=prices.cost(*tokens))

    def _lineage(self) -> list[Meter]:
        return [self, *(self._parent._lineage() if self._parent else [])]

    def _add(
        self,
        calls: int = 0,
        input_tokens: int = 0,
        output_tokens: int = 0,
        usd: float | None = 0.0,
        unreported: int = 0,
    ) -> None:
        was = self._usage
        self._usage = Usage(
            was.calls + calls,
            was.input_tokens + input_tokens,
            was.output_tokens + output_tokens,
            None if was.usd is None or usd is None else was.usd + usd,
            was.unreported + unreported,
        )

    def _spent(self) -> str:
        """Give the reason why no further call may be sent; "" where one may."""
        used, whose = self._usage, self.whose
        tokens = used.input_tokens + used.output_tokens
        if self.max_calls is not None and used.calls >= self.max_calls:
            return f"{whose} may make {self.max_calls} model calls and has made {used.calls}"
        if self.max_tokens is None and self.max_usd is None:
            return ""
        if used.unreported:
            return f"a cap on tokens or money cannot be kept: the endpoint reports no usage; give {whose} none"
        if self.max_tokens is not None and tokens >= self.max_tokens:
            return f"{whose} may use {self.max_tokens} tokens and has used {tokens}"
        if self.max_usd is not None and (used.usd is None or used.usd >= self.max_usd):
            spent = "an unknown sum" if used.usd is None else f"{used.usd:.4f} USD"
            return f"{whose} may cost {self.max_usd:g} USD and has cost {spent}"
        return ""


def _tokens(usage: object) -> tuple[int, int] | None:
    if not isinstance(usage, Mapping):
        return None
    counts: Mapping[str, Any] = usage
    # Chat completions and embeddings name them one way, the Responses API the other.
    given = counts.get("prompt_tokens", counts.get("input_tokens"))
    made = counts.get("completion_tokens", counts.get("output_tokens", 0))
    return (given, made) if isinstance(given, int) and isinstance(made, int) else None


def metered(meter: Meter, prices: Prices) -> Stage:
    """Give the stage that counts every call and stops at the caps of `meter`."""

    def stage(following: Wire) -> Wire:
        async def call(request: WireRequest) -> WireResponse:
            meter.begin()
            response = await following(request)
            meter.record(response.get("usage"), prices)
            return response

        return call

    return stage
