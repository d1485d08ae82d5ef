"""Agents that answer over HTTP as stacks: behind chat completions, or speaking A2A."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

import httpx2

from tracer.errors import RunStopped
from tracer.gateway import Addresses
from tracer.recording import traceparent
from tracer.stacks import OutsideStack

__all__ = ["ask_a2a", "ask_http"]

_CARDS = ("/.well-known/agent-card.json", "/.well-known/agent.json")
_POLL_S = (0.05, 2.0)
_WORKING = ("submitted", "working")


async def ask_http(stack: OutsideStack, said: list[dict[str, Any]], at: Addresses) -> str | None:
    """Send the conversation to an agent behind chat completions and give what it answers.

    Raises:
        RunStopped: It does not answer as it should.
    """
    body = {"model": stack.name, "messages": said}
    async with _client(at) as client:
        answer = await _post(client, f"{stack.url}/chat/completions", body)
    choices = answer.get("choices")
    message = choices[0].get("message") if isinstance(choices, list) and choices else None
    if not isinstance(message, Mapping):
        raise RunStopped("failed", f"the agent at {stack.url} answered with no chat completion")
    if message.get("refusal"):
        raise RunStopped("refused", str(message["refusal"]))
    return str(message.get("content") or "") or None


async def ask_a2a(stack: OutsideStack, said: list[dict[str, Any]], at: Addresses) -> str | None:
    """Send the last message to an agent that speaks A2A (JSON-RPC, protocol 0.3), wait for its task, give the answer.

    The messages before the last go along as parts of it, one each, so that an agent without a memory of its own sees
    the same as any other stack.

    Raises:
        RunStopped: There is no such agent, its task fails, or it asks for more than it was told.
    """
    async with _client(at) as client:
        url = await _find(client, stack.url)
        parts = [{"kind": "text", "text": _as_text(m, alone=len(said) == 1)} for m in said]
        message = {"kind": "message", "role": "user", "messageId": secrets.token_hex(8), "parts": parts}
        task = await _call(client, url, "message/send", {"message": message})
        wait, longest = _POLL_S
        while task.get("kind") == "task" and _state(task) in _WORKING:
            await asyncio.sleep(wait)
            wait = min(longest, wait * 1.5)
            task = await _call(client, url, "tasks/get", {"id": task.get("id")})
    if task.get("kind") == "message":
        return _text(task) or None
    state = _state(task)
    told = _text((task.get("status") or {}).get("message") or {})
    if state != "completed":
        status = "refused" if state == "rejected" else "failed"
        raise RunStopped(status, f"the agent at {stack.url} left its task {state or 'without a state'}: {told}"[:500])
    artifacts = "\n".join(filter(None, (_text(artifact) for artifact in task.get("artifacts") or ())))
    return artifacts or told or None


def _client(at: Addresses) -> httpx2.AsyncClient:
    """Give a client that tells the agent where the run can be reached, for those that take such things by header."""
    told = {"traceparent": traceparent(), "x-tracer-base-url": at.base_url, "x-tracer-mcp-url": at.mcp_url}
    return httpx2.AsyncClient(headers=told, timeout=httpx2.Timeout(None, connect=10.0), trust_env=False)


async def _find(client: httpx2.AsyncClient, url: str) -> str:
    """Give where the agent takes requests: what its card says, else its address itself."""
    for path in _CARDS:
        try:
            answer = await client.get(url + path, follow_redirects=True)
            card = answer.json() if answer.is_success else None
        except (httpx2.RequestError, ValueError) as error:
            raise RunStopped("interrupted", f"no agent answers at {url}: {error}") from error
        if isinstance(card, dict):
            return str(card.get("url") or url)
    return url


async def _call(client: httpx2.AsyncClient, url: str, method: str, params: Mapping[str, Any]) -> dict[str, Any]:
    request = {"jsonrpc": "2.0", "id": secrets.token_hex(4), "method": method, "params": dict(params)}
    answer = await _post(client, url, request)
    if isinstance(answer.get("error"), Mapping):
        raise RunStopped("failed", f"the agent at {url} refuses {method}: {answer['error'].get('message')}")
    result = answer.get("result")
    if not isinstance(result, dict):
        raise RunStopped("failed", f"the agent at {url} answers {method} with nothing")
    return result


async def _post(client: httpx2.AsyncClient, url: str, body: Mapping[str, Any]) -> dict[str, Any]:
    try:
        answer = await client.post(url, json=dict(body))
    except httpx2.ConnectError as error:
        raise RunStopped("interrupted", f"no agent answers at {url}: {error}") from error
    except httpx2.RequestError as error:
        raise RunStopped("failed", f"the agent at {url} broke off: {error or type(error).__name__}") from error
    if not answer.is_success:
        raise RunStopped("failed", f"the agent at {url} answers {answer.status_code}: {answer.text[:200]}")
    try:
        told = answer.json()
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise RunStopped("failed", f"the agent at {url} answers with no JSON object: {answer.text[:200]}")
    return told


def _state(task: Mapping[str, Any]) -> str:
    return str((task.get("status") or {}).get("state") or "")


def _text(holder: Mapping[str, Any]) -> str:
    return "\n".join(str(part["text"]) for part in holder.get("parts") or () if part.get("kind") == "text")


def _as_text(message: Mapping[str, Any], *, alone: bool) -> str:
    text = str(message.get("content") or "")
    return text if alone else f"{message.get('role')}: {text}"
