"""Agents that answer over HTTP are stacks: behind chat completions, and over A2A."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Generator
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tracer.recording import traced_run
from tracer.serving import LoopbackServer
from tracer.testing import scripted_model

_Answer = Callable[[dict[str, Any]], Any]


@contextlib.contextmanager
def agent(answer: _Answer, *, path: str = "/") -> Generator[tuple[str, list[Any]]]:
    """Serve an agent that answers every request with what `answer` makes of it, and has a card."""
    asked: list[Any] = []

    async def take(request: Request) -> Response:
        body = await request.json()
        asked.append((body, dict(request.headers)))
        made = answer(body)
        if asyncio.iscoroutine(made):
            made = await made
        return made if isinstance(made, Response) else JSONResponse(made)

    async def card(request: Request) -> Response:
        return JSONResponse({"name": "agent", "protocolVersion": "0.3.0", "url": f"{request.base_url}rpc"})

    routes = [Route(p, take, methods=["POST"]) for p in ("/rpc", "/v1/chat/completions")]
    app = Starlette(routes=[*routes, Route("/.well-known/agent-card.json", card)])
    with LoopbackServer("agent", lambda: app).running() as url:
        yield url, asked


def run(trial: Any, stack: str, **plan: Any) -> Any:
    with scripted_model("In the shed.") as script:
        return asyncio.run(trial(script).run("", stack=stack, **plan))


def test_an_agent_behind_chat_completions_is_told_the_conversation(trial: Any) -> None:
    """It gets the messages under the name after #, and the trace and addresses of the run in its headers."""
    said = {"choices": [{"message": {"role": "assistant", "content": "In the garden."}}]}
    with agent(lambda body: said) as (url, asked):
        row = run(trial, f"{url}/v1#tracker")
    assert (row.status, row.answer) == ("completed", "In the garden.")
    ((body, headers),) = asked
    assert body == {"model": "tracker", "messages": [{"role": "user", "content": "Where is the cat?"}]}
    assert traced_run(headers["traceparent"]) == row.id
    assert headers["x-tracer-mcp-url"].endswith("/mcp")


def test_an_agent_that_calls_the_model_by_the_runs_address_is_recorded(trial: Any) -> None:
    """An agent that takes the base URL from the header has its model calls in the run."""

    async def pass_on(body: dict[str, Any]) -> Any:
        headers = asked[-1][1]
        async with httpx2.AsyncClient() as client:
            url = headers["x-tracer-base-url"] + "/chat/completions"
            return (await client.post(url, json=body, headers={"traceparent": headers["traceparent"]})).json()

    with agent(pass_on) as (url, asked):
        row = run(trial, f"{url}/v1")
    assert (row.answer, row.usage["calls"]) == ("In the shed.", 1)


def task(state: str, **more: Any) -> dict[str, Any]:
    return {"kind": "task", "id": "t", "status": {"state": state}, **more}


def spoken(text: str) -> dict[str, Any]:
    return {"kind": "message", "role": "agent", "messageId": "m", "parts": [{"kind": "text", "text": text}]}


DONE = task("completed", artifacts=[{"artifactId": "a", "parts": [{"kind": "text", "text": "In the garden."}]}])
A2A: dict[str, tuple[list[Any], str, str | None, str]] = {
    "a message": ([spoken("In the garden.")], "completed", "In the garden.", ""),
    "a task that is done": ([DONE], "completed", "In the garden.", ""),
    "a task that takes a while": ([task("submitted"), task("working"), DONE], "completed", "In the garden.", ""),
    "a task that fails": ([task("working"), task("failed", message="no")], "failed", None, "left its task failed"),
    "a task that is rejected": ([task("rejected")], "refused", None, "left its task rejected"),
    "a question": ([task("input-required")], "failed", None, "left its task input-required"),
}


@pytest.mark.parametrize(("turns", "status", "answer", "reason"), A2A.values(), ids=A2A.keys())
def test_an_agent_that_speaks_a2a_is_asked_until_its_task_ends(
    trial: Any, turns: list[Any], status: str, answer: str | None, reason: str
) -> None:
    """The card says where to send the message; the task is followed to its end."""
    waiting = iter(turns)
    with agent(lambda body: {"jsonrpc": "2.0", "id": body["id"], "result": next(waiting)}) as (url, asked):
        row = run(trial, f"a2a:{url}")
    assert (row.status, row.answer) == (status, answer)
    assert reason in row.reason
    assert [body["method"] for body, _ in asked] == ["message/send"] + ["tasks/get"] * (len(turns) - 1)
    assert asked[0][0]["params"]["message"]["parts"] == [{"kind": "text", "text": "Where is the cat?"}]


BAD: dict[str, tuple[_Answer, str]] = {
    "an error status": (lambda body: Response("busy", 503), "answers 503: busy"),
    "no JSON": (lambda body: Response("<html>"), "no JSON object"),
    "no answer": (lambda body: {}, "answer"),
    "an error of JSON-RPC": (lambda body: {"error": {"code": -32601, "message": "no such method"}}, ""),
}


@pytest.mark.parametrize("kind", ["http", "a2a"])
@pytest.mark.parametrize(("answer", "reason"), BAD.values(), ids=BAD.keys())
def test_an_agent_that_answers_nonsense_fails_its_run(trial: Any, kind: str, answer: _Answer, reason: str) -> None:
    """What is no answer is a failed run that says what came."""
    with agent(answer) as (url, _):
        row = run(trial, f"{url}/v1" if kind == "http" else f"a2a:{url}")
    assert row.status == "failed"
    assert reason in row.reason


@pytest.mark.parametrize("stack", ["http://127.0.0.1:9/v1", "a2a:http://127.0.0.1:9"])
def test_a_run_whose_agent_is_not_there_is_made_again(trial: Any, stack: str) -> None:
    """Where nothing answers nothing is shown about the system: the run is interrupted, not failed."""
    row = run(trial, stack)
    assert (row.status, "no agent answers" in row.reason) == ("interrupted", True)


def test_an_agent_that_never_answers_meets_the_time_limit(trial: Any) -> None:
    """The time limit of the run holds for agents elsewhere too."""

    async def wait(body: dict[str, Any]) -> Any:
        await asyncio.sleep(1.5)

    with agent(wait) as (url, _):
        assert run(trial, f"{url}/v1", timeout_s=0.3).status == "limit"
