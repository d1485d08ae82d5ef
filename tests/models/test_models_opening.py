"""A model is opened with what it is and what it can do known, or with one clear sentence on what to do."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import pytest

from tracer.errors import ModelError
from tracer.models import Capabilities, Meter, Model, RunCalls, open_model, parse_model, parse_overrides

ALL_KNOWN = {"tools": True, "json_schema": True, "logprobs": False, "seed": True, "bare_schema": True}


def opened(name: str, url: str | None = None, **more: Any) -> Model:
    async def act() -> Model:
        async with open_model(parse_model(name, url, **more)) as model:
            return model

    return asyncio.run(act())


def test_endpoint_tells_what_it_serves(scripted: Any) -> None:
    """What a freeze hashes is the name, where it answers, and what the endpoint reports, never a path or a key."""
    scripted.says("hi")
    scripted.replies[0].body["model"] = "/srv/models/big.gguf"
    model = opened("m", scripted.url, capabilities=ALL_KNOWN)
    told = {"model": "m", "endpoint": scripted.url, "reported_model": "big.gguf", "owned_by": "us"}
    assert model.identity == told
    assert model.capabilities.to_dict() == ALL_KNOWN
    assert len(scripted.bodies) == 1


def test_capabilities_are_probed(scripted: Any) -> None:
    """A model that only talks is found out; what the user states is believed and not asked."""
    model = opened("m", scripted.url, capabilities={"logprobs": True})
    assert model.capabilities == Capabilities(False, False, True, False, False)


def test_able_model_is_recognised(scripted: Any) -> None:
    """What a model can do is found out piece by piece, here all but schemas without an object at the root."""
    call = {"id": "x", "type": "function", "function": {"name": "look", "arguments": '{"place": "garden"}'}}
    scripted.then()  # the greeting
    scripted.says_next(None, tool_calls=[call])
    scripted.says_next('{"answer": "obsidian"}')
    scripted.then({"error": {"message": "schema must have type object"}}, 400)
    scripted.says_next("Hi")
    scripted.replies[-1].body["choices"][0]["logprobs"] = {"content": [{"token": "Hi", "logprob": -0.1}]}
    for text in ("moss lantern", "moss lantern", "kite gravel"):
        scripted.says_next(text)
    assert opened("m", scripted.url).capabilities == Capabilities(True, True, True, True, False)


def test_request_that_is_refused_is_a_missing_capability(scripted: Any) -> None:
    """An endpoint that refuses tools with a 400 has none; that is no reason not to use it."""
    scripted.then()
    scripted.then({"error": {"message": "tools are not supported"}}, 400)
    assert opened("m", scripted.url).capabilities == Capabilities(False, False, False, False, False)


def test_endpoint_that_is_down_says_so() -> None:
    """Where nothing listens, the error names the URL and what to look at."""
    with socket.create_server(("127.0.0.1", 0)) as held:
        url = f"http://127.0.0.1:{held.getsockname()[1]}/v1"
    with pytest.raises(ModelError, match="is it running") as caught:
        opened("m", url)
    assert url in str(caught.value)


def test_unknown_model_names_those_on_offer(scripted: Any) -> None:
    """A mistyped model name is answered with the names that the endpoint has."""
    scripted.then({"error": {"message": "model not found"}}, 404)
    with pytest.raises(ModelError, match="it offers: m"):
        opened("n", scripted.url)


def test_endpoint_without_a_list_of_models_is_usable(scripted: Any) -> None:
    """Listing its models is more than an endpoint has to do."""
    scripted.models.status = 404
    assert opened("m", scripted.url, capabilities=ALL_KNOWN).identity["model"] == "m"


def test_page_that_is_no_endpoint_says_so(scripted: Any) -> None:
    """A web page where the model should be is told as such."""
    scripted.models.body = "<html>It works!</html>"
    with pytest.raises(ModelError, match="is that its base URL"):
        opened("m", scripted.url)


def test_refused_key_names_the_variable(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key that is refused is not shown, the variable that holds it is."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-wrong-1")
    scripted.models.status, scripted.models.body = 401, {"error": {"message": "bad key sk-wrong-1"}}
    with pytest.raises(ModelError, match="OPENAI_API_KEY") as caught:
        opened("m", scripted.url)
    assert "sk-wrong-1" not in str(caught.value)
    assert scripted.headers[0]["authorization"] == "Bearer sk-wrong-1"


def test_own_key_goes_first_and_is_never_kept(scripted: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """`TRACER_API_KEY` wins over `OPENAI_API_KEY`; neither is in what a model shows of itself."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-general")
    monkeypatch.setenv("TRACER_API_KEY", "sk-special")
    model = opened("m", scripted.url, capabilities=ALL_KNOWN)
    assert scripted.headers[-1]["authorization"] == "Bearer sk-special"
    assert "sk-" not in f"{model!r} {model.spec} {model.identity} {model.endpoint}"


def test_default_endpoint_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """`OPENAI_BASE_URL` is where a model is that no URL was given for; the built-in ones stay built in."""
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1/")
    assert parse_model("m").base_url == "http://127.0.0.1:9/v1"
    assert [parse_model(n).kind for n in ("smollm2", "organism:stale", "m")] == ["smollm2", "organism", "endpoint"]


@pytest.mark.parametrize(
    ("name", "url", "says"),
    [
        ("gpt", None, "--base-url"),
        ("gpt", "localhost:8000", "write http"),
        ("gpt", "ftp://host/v1", "write http"),
        ("gpt", "http://[::1/v1", "cannot be read"),
        ("gpt", "http://host:port/v1", "cannot be read"),
        ("gpt", "https://user:sk-1@host/v1", "OPENAI_API_KEY"),
        ("gpt", "https://host/v1?key=sk-1", "OPENAI_API_KEY"),
    ],
)
def test_unusable_url_is_refused(name: str, url: str | None, says: str) -> None:
    """A URL that cannot be used, or that carries a secret, is refused without repeating the secret."""
    with pytest.raises(ModelError, match=says) as caught:
        parse_model(name, url)
    assert "sk-1" not in str(caught.value)


def test_overrides_are_read() -> None:
    """`--capability tools=false` is read; anything else is explained."""
    assert parse_overrides(["tools=false", "seed=True"]) == {"tools": False, "seed": True}
    for wrong in ("tools", "tools=no", "wings=true", ""):
        with pytest.raises(ModelError, match="NAME=true"):
            parse_overrides([wrong])


def test_organism_answers_like_any_model() -> None:
    """A scripted model is opened by its name and answers over the same wire."""

    async def act() -> tuple[Model, Any]:
        async with open_model(parse_model("organism:stale")) as model:
            run = model.for_run(RunCalls(seed_of=lambda n: n, meter=Meter(max_usd=1.0)))
            return model, await run.complete({"messages": [{"role": "user", "content": "Hello"}]})

    model, response = asyncio.run(act())
    assert model.identity == {"model": "organism:stale"}
    assert model.capabilities.tools
    assert json.dumps(response)


def test_unknown_organism_is_refused() -> None:
    """A mistyped organism is found before any run."""
    with pytest.raises(ModelError, match="no organism 'ghost'"):
        opened("organism:ghost")
