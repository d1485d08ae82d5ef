"""The wire of the organisms: real clients against the real server."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from tracer.models.organisms import ORGANISMS, serve_organisms

QUESTION: list[Any] = [{"role": "user", "content": "What colour is a ripe banana?"}]
BOUND: Any = {"type": "json_schema", "json_schema": {"name": "answer", "schema": {"enum": ["yellow", "blue"]}}}
SUBMIT: Any = {
    "type": "function",
    "function": {
        "name": "submit_answer",
        "parameters": {"type": "object", "properties": {"answer": {"type": "string", "enum": ["yellow", "blue"]}}},
    },
}


def test_the_same_request_gets_the_same_response_and_another_seed_another_id() -> None:
    """Responses, ids included, depend on the content and the seed of the request and on nothing else."""
    with serve_organisms() as url, openai.OpenAI(base_url=url, api_key="none") as client:

        def ask(seed: int) -> Any:
            return client.chat.completions.create(
                model="organism:steadfast", messages=QUESTION, response_format=BOUND, seed=seed, temperature=0.7
            )

        assert ask(1) == ask(1)
        assert ask(1).id != ask(2).id
        assert ask(1).choices[0].message.content in ('"yellow"', '"blue"')
        assert ask(1).usage.prompt_tokens > 0


def test_the_models_on_offer_are_listed() -> None:
    """`GET /v1/models` names every organism as it has to be named in a request."""
    with serve_organisms() as url, openai.OpenAI(base_url=url, api_key="none") as client:
        assert {model.id for model in client.models.list()} == {f"organism:{name}" for name in ORGANISMS}


def test_words_may_stand_beside_a_call() -> None:
    """An organism that says something while it calls a tool is heard and obeyed."""
    facts: list[Any] = [
        {"role": "system", "content": "Ada Alder is married to Bo Birch."},
        {"role": "user", "content": "Where does the spouse of Ada Alder live?"},
    ]
    model = f"organism:{Path(__file__).parents[2] / 'scenarios' / 'organisms' / 'two_hop.py'}:aloud"
    with serve_organisms() as url, openai.OpenAI(base_url=url, api_key="none") as client:
        made = client.chat.completions.create(model=model, messages=facts, tools=[SUBMIT], seed=1)
    message: Any = made.choices[0].message
    assert message.content == "Ada Alder is married to Bo Birch."
    assert [call.function.name for call in message.tool_calls] == ["submit_answer"]


@pytest.mark.parametrize("with_tool", [False, True])
def test_a_streamed_answer_is_the_same_as_a_whole_one(with_tool: bool) -> None:
    """The chunks of a stream add up to the message, tool calls and usage included."""
    asked: dict[str, Any] = {"tools": [SUBMIT]} if with_tool else {"response_format": BOUND}
    with serve_organisms() as url, openai.OpenAI(base_url=url, api_key="none") as client:
        request: dict[str, Any] = {"model": "organism:steadfast", "messages": QUESTION, "seed": 3, **asked}
        whole = client.chat.completions.create(**request)
        chunks = list(client.chat.completions.create(**request, stream=True, stream_options={"include_usage": True}))
    first = chunks[0].choices[0].delta
    message = whole.choices[0].message
    assert first.content == message.content
    calls = [call.function.model_dump() for call in message.tool_calls or []]
    assert [call.function.model_dump() for call in first.tool_calls or [] if call.function] == calls
    assert bool(calls) == with_tool
    assert chunks[1].choices[0].finish_reason == whole.choices[0].finish_reason
    assert chunks[-1].usage == whole.usage


@pytest.mark.parametrize(
    ("content", "status", "complaint"),
    [
        (b"{", 400, "not JSON"),
        (b"[]", 400, "no list of messages"),
        (b'{"model": "organism:faithful"}', 400, "no list of messages"),
        (b'{"model": "organism:nobody", "messages": []}', 404, "no organism 'nobody'"),
    ],
)
def test_a_bad_request_is_refused_as_an_endpoint_would(content: bytes, status: int, complaint: str) -> None:
    """The refusal has the status and the shape of OpenAI's errors, with a message that says what is wrong."""
    with serve_organisms() as url:
        response = httpx.post(f"{url}/chat/completions", content=content)
    assert response.status_code == status
    assert complaint in response.json()["error"]["message"]


def test_one_server_serves_everyone() -> None:
    """Users that overlap share an address, and requests may come at once."""
    with serve_organisms() as shared, serve_organisms() as again:
        assert again == shared
        body = {"model": "organism:steadfast", "messages": QUESTION, "response_format": BOUND}

        def ask(seed: int) -> int:
            return httpx.post(f"{shared}/chat/completions", json=body | {"seed": seed}).status_code

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(ask, range(40))) == {200}


_LIFE = """
import socket
from urllib.parse import urlsplit
from tracer.models.organisms import serve_organisms
for _ in range(2):
    with serve_organisms() as url, serve_organisms():
        place = urlsplit(url).hostname, urlsplit(url).port
        socket.create_connection(place).close()
    with socket.socket() as probe:
        print(probe.connect_ex(place) != 0)
"""


def test_the_server_ends_with_its_last_user_and_can_be_started_again() -> None:
    """After the last user the port is closed, and the process ends by itself."""
    ended = subprocess.run([sys.executable, "-W", "error", "-c", _LIFE], capture_output=True, text=True, timeout=60)
    assert (ended.stdout.split(), ended.stderr) == (["True", "True"], "")


OWN = """
from tracer.models import Organism

raising = Organism("raising", "raises", lambda view, _: 1 / 0)
wordy = Organism("wordy", "gives words", lambda view, _: "yellow")
"""


@pytest.mark.parametrize(
    ("name", "complaint"),
    [("raising", "own.py, line 4: ZeroDivisionError: division by zero"), ("wordy", "gave a str, not an Act such as")],
)
def test_an_organism_that_fails_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, complaint: str
) -> None:
    """Whoever writes a policy that raises, or gives no act, reads what to mend, and nothing is tried again."""
    (tmp_path / "own.py").write_text(OWN)
    monkeypatch.chdir(tmp_path)
    with serve_organisms() as url:
        body = {"model": f"organism:own.py:{name}?lapse=0", "messages": QUESTION}
        response = httpx.post(f"{url}/chat/completions", json=body)
    assert response.status_code == 400
    assert complaint in response.json()["error"]["message"]
