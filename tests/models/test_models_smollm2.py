"""The embedded model really answers, quietly, bound, and through tools; and says what is missing where it cannot."""

from __future__ import annotations

import asyncio
import hashlib
import importlib.util
import json
import sys
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any

import pytest

from tracer.errors import MissingExtra, ModelError
from tracer.models import (
    EMULATED,
    Meter,
    Model,
    RunCalls,
    answer_format,
    find_weights,
    open_model,
    parse_model,
    probe,
    read_answer,
    smollm2,
)

EXAMPLES = [("What barks?", "dog"), ("What do bees make?", "honey"), ("What is frozen water called?", "ice")]


def ready() -> str:
    """Say why the model cannot be run here; "" where it can."""
    if importlib.util.find_spec("xllamacpp") is None:
        return "xllamacpp is not installed (extra [local])"
    try:
        find_weights()
    except ModelError as error:
        return str(error)
    return ""


needs_weights = pytest.mark.skipif(bool(ready()), reason=ready() or "the weights are here")


@pytest.fixture(scope="module")
def warm() -> Iterator[str]:
    """Keep the server up from test to test."""
    with smollm2.serve_smollm2() as url:
        yield url


def on_smollm2(act: Callable[[Model], Coroutine[Any, Any, Any]]) -> Any:
    async def opened() -> Any:
        async with open_model(parse_model("smollm2")) as model:
            return await act(model)

    return asyncio.run(opened())


def seeded() -> RunCalls:
    return RunCalls(seed_of=lambda n: 40 + n, temperature=0.7, meter=Meter(max_calls=20))


@needs_weights
def test_bound_answers_are_options(warm: str) -> None:
    """Four questions at once are each answered by one of the options, never by anything else."""

    async def act(model: Model) -> list[str]:
        chat = model.for_run(seeded()).chat.bind(response_format=answer_format(["Paris", "Rome", "Oslo"]))
        lands = ("France", "Italy", "Norway", "Latvia")
        replies = await asyncio.gather(
            *(chat.ainvoke([*shown, ("user", f"What is the capital of {x}?")]) for x in lands)
        )
        return [read_answer(reply.text) for reply in replies]

    shown = [turn for q, a in EXAMPLES for turn in (("user", q), ("assistant", json.dumps(a)))]
    answers = on_smollm2(act)
    assert len(answers) == 4
    assert set(answers) <= {"Paris", "Rome", "Oslo"}


@needs_weights
def test_tool_calls_are_emulated(warm: str) -> None:
    """Told to act, the model acts: a real tool call with bound arguments comes out, marked as emulated."""

    def look(place: str) -> str:
        """Look at a place."""
        return place

    async def act(model: Model) -> Any:
        chat = model.for_run(seeded()).chat.bind_tools([look], tool_choice="required")
        return await chat.ainvoke([("user", "Look at the garden.")], max_tokens=60)

    message = on_smollm2(act)
    assert message.response_metadata[EMULATED]
    assert [call["name"] for call in message.tool_calls] == ["look"]
    assert isinstance(message.tool_calls[0]["args"]["place"], str)


@needs_weights
def test_identity_is_the_weights(warm: str) -> None:
    """What is frozen is the digest of the weights; no path of this machine is in it or in a response."""

    async def act(model: Model) -> tuple[Model, Any]:
        return model, await model.complete({"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2})

    model, response = on_smollm2(act)
    assert model.identity["weights_sha256"] == hashlib.sha256(find_weights().read_bytes()).hexdigest()
    assert str(find_weights().parent) not in json.dumps([response, model.identity])


@needs_weights
def test_known_capabilities_are_true(warm: str) -> None:
    """What is taken for granted of the model is what a probe finds."""

    async def act(model: Model) -> tuple[Any, Any]:
        # Tools take long to be found missing; seeds do not hold in rare batches, so one comparison proves nothing.
        return model.capabilities, await probe(model.complete, {"tools": False, "seed": True})

    known, found = on_smollm2(act)
    assert found == known


@needs_weights
def test_server_is_shared_and_quiet(capfd: pytest.CaptureFixture[str]) -> None:
    """Two users in one process share one server, and neither its start nor its end writes anything."""
    with smollm2.serve_smollm2() as first, smollm2.serve_smollm2() as second:
        assert first == second
    assert capfd.readouterr() == ("", "")


def test_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the optional part, the error has the command that installs it."""
    smollm2._load_runtime.cache_clear()  # pyright: ignore[reportPrivateUsage]  # another test may have loaded it
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingExtra, match=r"prosaic-tracer\[local\]"):
        smollm2.identify_smollm2()


def test_missing_weights_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without the weights, the error has the command that installs them."""
    monkeypatch.setenv("TRACER_MODELS", str(tmp_path))
    monkeypatch.setattr(smollm2, "_DISTRIBUTION", "no-such-distribution")
    with pytest.raises(ModelError, match="tracer models fetch smollm2"):
        find_weights()


def test_weights_may_lie_in_a_folder_of_ones_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """`TRACER_MODELS` names a folder that is looked into first."""
    mine = tmp_path / "SmolLM2-135M-Instruct.Q4_1.gguf"
    mine.write_bytes(b"GGUF")
    monkeypatch.setenv("TRACER_MODELS", str(tmp_path))
    assert find_weights() == mine


@pytest.mark.skipif(importlib.util.find_spec("xllamacpp") is None, reason="xllamacpp is not installed (extra [local])")
def test_damaged_weights_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A weights file that cannot be loaded is named, not traced back."""
    (tmp_path / "SmolLM2-135M-Instruct.Q4_1.gguf").write_bytes(b"GGUF, but not really")
    monkeypatch.setenv("TRACER_MODELS", str(tmp_path))
    with pytest.raises(ModelError, match="smollm2 does not start"):
        smollm2._Shared().enter()  # pyright: ignore[reportPrivateUsage]  # another test may hold the shared server
