"""The bottom of the pipeline: one HTTP call, what can go wrong with it, and when it is tried again."""

from __future__ import annotations

import asyncio
import json
import random
import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import httpx2

from tracer.models.spec import KEY_VARIABLES
from tracer.models.streaming import GarbledStream, assemble, read_events
from tracer.models.wire import CHAT, RESPONSES, Refusal, Stage, Wire, WireFailure, WireRequest, WireResponse

__all__ = ["Endpoint", "RetryPolicy", "retrying"]

_T = TypeVar("_T")
_EXCERPT = 200
_JSON = {"content-type": "application/json"}
_CONNECT_S = 10.0
_OFFER_S = 5.0
_PASSED_ON = ("content-type", "retry-after", "retry-after-ms", "x-should-retry", "x-request-id")


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """When a failed call is tried again.

    Attributes:
        tries: Attempts in all.
        first_s: Wait before the second attempt; doubled each time, shortened at random by up to a half.
        longest_s: Longest wait of our own choice.
        longest_asked_s: Longest wait that an endpoint may ask for with `Retry-After`.
    """

    tries: int = 4
    first_s: float = 0.5
    longest_s: float = 8.0
    longest_asked_s: float = 60.0

    def wait_s(self, attempt: int, failure: WireFailure, chance: random.Random) -> float:
        """Give the seconds to wait after the failed `attempt` (from 1)."""
        own = min(self.longest_s, self.first_s * 2 ** (attempt - 1)) * (0.5 + chance.random() / 2)
        if failure.retry_after_s is None:
            return own
        return min(self.longest_asked_s, failure.retry_after_s + own * 0.1)


def retrying(policy: RetryPolicy) -> Stage:
    """Give the stage that sends a call again after a failure that may pass."""

    def stage(following: Wire) -> Wire:
        async def call(request: WireRequest) -> WireResponse:
            chance = random.Random(f"{request.body.get('seed')}")
            answered = False
            for attempt in range(1, policy.tries + 1):
                try:
                    return await following(request)
                except WireFailure as failure:
                    answered = answered or not failure.unreachable
                    if not failure.transient or attempt >= policy.tries:
                        raise _given_up(failure, attempt, answered) from failure
                    wait_s = policy.wait_s(attempt, failure, chance)
                await asyncio.sleep(wait_s)
            raise ValueError("a retry policy needs at least one try")

        return call

    return stage


def _encoded(body: dict[str, Any] | None) -> bytes | None:
    """Encode a body in ASCII, so that a lone surrogate of some model's text travels as an escape."""
    return None if body is None else json.dumps(body).encode()


def _given_up(failure: WireFailure, tries: int, answered: bool) -> WireFailure:
    return WireFailure(
        failure.reason + (f" (tried {tries} times)" if tries > 1 else ""),
        http_status=failure.http_status,
        unreachable=not answered,
        timed_out=failure.timed_out,
        refusal=failure.refusal,
    )


class Endpoint:
    """An OpenAI-compatible endpoint, usable from any thread and any event loop.

    HTTP connections belong to one event loop; it runs in a thread of its own here, so that a stack may call its model
    from a node, a worker thread or a loop it made itself.
    """

    def __init__(self, base_url: str, key: str | None) -> None:
        self.base_url = base_url
        self._key = key
        self._offers: dict[str, bool] = {}
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="tracer-endpoint", daemon=True)
        self._client = httpx2.AsyncClient(
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=httpx2.Timeout(None, connect=_CONNECT_S),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=64),
            # A proxy of the environment is for the outside world, never for a server of this machine.
            trust_env=urlsplit(base_url).hostname not in ("127.0.0.1", "localhost", "::1"),
        )
        self._thread.start()

    def __repr__(self) -> str:
        return f"Endpoint({self.base_url!r})"

    async def __call__(self, request: WireRequest) -> WireResponse:
        """Send one request and give the body of the answer.

        Raises:
            WireFailure: No answer, an answer that is an error, or one that is not what was asked for.
        """
        if request.hear is not None:
            return await self._away(self._stream(request, request.hear))
        answer = await self._away(self._send("POST", request.path, request.body, request.timeout_s))
        body = self._json(request.path, answer)
        if request.path == CHAT:
            problem = find_malformation(body)
            if problem:
                raise self._malformed(request.path, problem, answer)
        return body

    async def list_models(self, timeout_s: float) -> list[dict[str, Any]]:
        """Give the entries of `GET /models`; empty where the endpoint has no such list.

        Raises:
            WireFailure: Nothing answers, the key is refused, or what answers does not speak JSON.
        """
        try:
            answer = await self._away(self._send("GET", "/models", None, timeout_s))
        except WireFailure as failure:
            if failure.http_status in (404, 405, 501):
                return []
            raise
        entries = self._json("/models", answer).get("data")
        return [e for e in entries if isinstance(e, dict)] if isinstance(entries, list) else []

    async def offers(self, path: str) -> bool:
        """Tell whether the endpoint has such a path, by what it says to an empty request; asked once."""
        if path not in self._offers:
            try:
                await self._away(self._send("POST", path, {}, _OFFER_S))
                self._offers[path] = True
            except WireFailure as failure:
                self._offers[path] = failure.http_status is not None and failure.http_status not in (404, 405, 501)
        return self._offers[path]

    def close(self) -> None:
        """Close the connections and end the thread."""
        asyncio.run_coroutine_threadsafe(self._client.aclose(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _away(self, work: Coroutine[Any, Any, _T]) -> _T:
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(work, self._loop))

    async def _send(self, method: str, path: str, body: dict[str, Any] | None, timeout_s: float) -> httpx2.Response:
        url = self.base_url + path
        try:
            async with asyncio.timeout(timeout_s):
                answer = await self._client.request(method, url, content=_encoded(body), headers=_JSON)
        except TimeoutError:
            raise _too_late(url, timeout_s) from None
        except httpx2.RequestError as error:
            raise _unreachable(url, error) from error
        if answer.is_success:
            return answer
        raise self._refused(url, answer)

    async def _stream(self, request: WireRequest, hear: Callable[[dict[str, Any]], None]) -> WireResponse:
        """Ask for a streamed answer, pass its events on as they come, and give the whole.

        An endpoint that answers in one piece all the same is taken at its word: nothing is heard.
        """
        url, events = self.base_url + request.path, list[dict[str, Any]]()
        body = request.body | {"stream": True}
        if request.path == CHAT:
            body |= {"stream_options": {"include_usage": True}}
        try:
            async with (
                asyncio.timeout(request.timeout_s),
                self._client.stream("POST", url, content=_encoded(body), headers=_JSON) as answer,
            ):
                if not answer.is_success or "event-stream" not in answer.headers.get("content-type", ""):
                    await answer.aread()
                    if not answer.is_success:
                        raise self._refused(url, answer)
                    return self._whole(request.path, self._json(request.path, answer), answer.text)
                async for event in read_events(answer.aiter_bytes()):
                    events.append(event)
                    hear(event)
                return self._whole(request.path, assemble(events), "the stream ended")
        except TimeoutError:
            raise _too_late(url, request.timeout_s) from None
        except GarbledStream as error:
            raise WireFailure(f"malformed answer from {url}: {error}") from error
        except httpx2.RequestError as error:
            if events:
                raise WireFailure(f"{url} broke off in the middle of its answer: {error}") from error
            raise _unreachable(url, error) from error

    def _whole(self, path: str, body: dict[str, Any], said: str) -> WireResponse:
        problem = ""
        if body.get("error") and "output" not in body:
            problem = f"it is an error ({json.dumps(body['error'])[:_EXCERPT]})"
        elif path == CHAT:
            problem = find_malformation(body)
            if not problem and any(choice.get("finish_reason") is None for choice in body["choices"]):
                problem = "it ends before the answer does"
        elif path == RESPONSES and body.get("status") in (None, "in_progress", "queued"):
            problem = "it ends before the answer does"
        if problem:
            excerpt = self._shortened(said)
            raise WireFailure(f"malformed answer from {self.base_url}{path}: {problem}: {excerpt}", http_status=200)
        return body

    def _refused(self, url: str, answer: httpx2.Response) -> WireFailure:
        status, text = answer.status_code, self._excerpt(answer)
        if status == 401:
            # The body is left out: endpoints repeat parts of the key in it.
            reason = f"{url} refuses the key (401): set {' or '.join(KEY_VARIABLES)} to one that it accepts"
        elif status == 403:
            reason = f"{url} forbids this (403): does the key in {' or '.join(KEY_VARIABLES)} allow it? {text}"
        else:
            reason = f"{url} answers {status} {answer.reason_phrase}: {text}"
        exhausted = "insufficient_quota" in answer.text  # a 429 that no waiting mends
        return WireFailure(
            reason,
            http_status=status,
            transient=status in (429, 500, 502, 503, 504) and not exhausted,
            retry_after_s=read_retry_after(answer.headers.get("Retry-After"), time.time()),
            refusal=Refusal(status, self._without_key(answer.content), _told_of_waiting(answer.headers)),
        )

    def _without_key(self, body: bytes) -> bytes:
        return body.replace(self._key.encode(), b"[key]") if self._key else body

    def _json(self, path: str, answer: httpx2.Response) -> dict[str, Any]:
        try:
            body = json.loads(answer.content)
        except (ValueError, RecursionError):
            raise self._malformed(path, "it is not JSON", answer) from None
        if not isinstance(body, dict):
            raise self._malformed(path, "it is not a JSON object", answer)
        return body

    def _malformed(self, path: str, problem: str, answer: httpx2.Response) -> WireFailure:
        return WireFailure(
            f"malformed answer from {self.base_url}{path}: {problem}: {self._excerpt(answer)}",
            http_status=answer.status_code,
        )

    def _excerpt(self, answer: httpx2.Response) -> str:
        return self._shortened(answer.text)

    def _shortened(self, text: str) -> str:
        text = " ".join(text.split())
        if self._key:
            text = text.replace(self._key, "[key]")
        return text if len(text) <= _EXCERPT else text[:_EXCERPT] + "..."


def _too_late(url: str, timeout_s: float) -> WireFailure:
    """A call that is not sent again: it would most likely take as long, and be paid for, once more."""
    return WireFailure(f"{url} gave no answer within {timeout_s:g} s", timed_out=True)


def _unreachable(url: str, error: httpx2.RequestError) -> WireFailure:
    passing = isinstance(error, httpx2.TransportError) and not isinstance(error, httpx2.UnsupportedProtocol)
    cause = str(error) or type(error).__name__
    return WireFailure(f"cannot reach {url}: {cause}", transient=passing, unreachable=True)


def _told_of_waiting(headers: httpx2.Headers) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name in _PASSED_ON or name.startswith("x-ratelimit-")}


def read_retry_after(value: str | None, now: float) -> float | None:
    """Give the seconds that a `Retry-After` header asks for (a number or an HTTP date); None where it is unusable."""
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(value).timestamp() - now
        except (ValueError, OverflowError):
            return None
    return max(0.0, seconds) if seconds == seconds else None


def find_malformation(body: Mapping[str, Any]) -> str:
    """Say what keeps `body` from being a chat completion; "" where it is one."""
    choices = body.get("choices")
    if not isinstance(choices, list) or not choices:
        return "it has no choices"
    for choice in choices:
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(message, dict):
            return "a choice has no message"
        if not isinstance(message.get("content"), str | list | None):
            return "the content of a message is not text"
        calls = message.get("tool_calls") or []
        if not isinstance(calls, list) or not all(_is_call(call) for call in calls):
            return "a tool call has no name or no arguments"
    return ""


def _is_call(call: object) -> bool:
    function = call.get("function") if isinstance(call, dict) else None
    return (
        isinstance(function, dict)
        and isinstance(function.get("name"), str)
        and isinstance(function.get("arguments"), str)
    )
