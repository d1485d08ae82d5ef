"""Calls that reach the model without LangChain are recorded at the wire; calls through it are recorded once."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tracer.errors import EndpointError
from tracer.models import Meter, ModelSpec, RunCalls, open_model
from tracer.recording import PROBING, recording_stage
from tracer.spans.names import GenAI, Prosaic
from tracer.testing import Reply, scripted_model

ASK: Any = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Where is the cat?"}]
TOOLS: Any = [{"type": "function", "function": {"name": "look", "parameters": {"type": "object", "properties": {}}}}]


def parts(span: Any, key: str) -> list[list[dict[str, Any]]]:
    return [message["parts"] for message in span.attributes[key]]


def test_a_bare_client_is_recorded(recording: Any) -> None:
    """A call of the plain OpenAI client is a chat span with what was asked, what came back and what it cost."""
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    said = {"role": "assistant", "content": None, "tool_calls": [call]}
    history: Any = [*ASK, said, {"role": "tool", "tool_call_id": "c", "content": "empty"}]
    with scripted_model({"content": "In the shed.", "refusal": "But I may not say."}) as script, recording.run():
        client = recording.client(script)
        asyncio.run(client.chat.completions.create(model="m", messages=history, tools=TOOLS, temperature=0.5))
    (chat,) = recording.spans()
    assert (chat.name, chat.kind, chat.attributes[GenAI.OPERATION]) == ("chat m", 3, "chat")
    assert parts(chat, GenAI.INPUT_MESSAGES) == [
        [{"type": "text", "content": "Be brief."}],
        [{"type": "text", "content": "Where is the cat?"}],
        [{"type": "tool_call", "id": "c", "name": "look", "arguments": "{}"}],
        [{"type": "tool_call_response", "id": "c", "response": "empty"}],
    ]
    assert parts(chat, GenAI.OUTPUT_MESSAGES) == [
        [{"type": "text", "content": "In the shed."}, {"type": "refusal", "content": "But I may not say."}]
    ]
    facts = {
        GenAI.REQUEST_TEMPERATURE: 0.5,
        GenAI.REQUEST_SEED: 0,
        GenAI.INPUT_TOKENS: 3,
        GenAI.OUTPUT_TOKENS: 2,
        GenAI.RESPONSE_ID: "response-1",
        GenAI.RESPONSE_MODEL: "scripted",
        GenAI.FINISH_REASONS: ["stop"],
    }
    assert {key: chat.attributes[key] for key in facts} == facts
    assert "look" in str(chat.attributes[GenAI.TOOL_DEFINITIONS])


def test_calls_through_langchain_are_recorded_once(recording: Any) -> None:
    """Where LangChain's callbacks have a span already, the wire adds what it knows instead of a second one."""
    with scripted_model("Gone.") as script, recording.run() as handler:
        recording.chat(script).invoke("Where?", {"callbacks": [handler]})
        recording.chat(script).invoke("And without a handler?")
    first, second = recording.of("chat")
    assert [span.attributes[GenAI.REQUEST_SEED] for span in (first, second)] == [0, 0]
    assert parts(first, GenAI.INPUT_MESSAGES) == [[{"type": "text", "content": "Where?"}]]
    assert parts(second, GenAI.INPUT_MESSAGES) == [[{"type": "text", "content": "And without a handler?"}]]


@pytest.mark.parametrize(
    ("reply", "told"),
    [(Reply(400), "400 Bad Request"), (Reply(0), "cannot reach")],
    ids=["refused", "hung up"],
)
def test_a_failed_call_is_recorded(recording: Any, reply: Reply, told: str) -> None:
    """A call that fails is a chat span with what was asked and why it failed."""
    with scripted_model(reply) as script, recording.run(), pytest.raises(EndpointError):
        asyncio.run(recording.client(script).chat.completions.create(model="m", messages=ASK))
    (chat,) = recording.spans()
    assert chat.status.code == 2
    assert told in chat.status.message
    assert len(parts(chat, GenAI.INPUT_MESSAGES)) == 2
    assert GenAI.OUTPUT_MESSAGES not in chat.attributes


def test_probes_are_told_from_acts(recording: Any) -> None:
    """A question put to the model for the study's sake is a probe, also where a chat is going on."""
    with scripted_model("Yes.") as script, recording.run():
        token = PROBING.set(True)
        asyncio.run(recording.client(script).chat.completions.create(model="m", messages=ASK))
        PROBING.reset(token)
    (probe,) = recording.spans()
    assert probe.attributes[Prosaic.STEP_KIND] == "probe"


@pytest.mark.parametrize("able", [True, False], ids=["own tool calls", "emulated"])
def test_an_organism_is_recorded_like_any_model(recording: Any, able: bool) -> None:
    """An organism behind its local server is recorded as any model is; whether tool calls were emulated is told."""
    schema = {"type": "object", "properties": {"text": {"type": "string", "enum": ["a", "b"]}}, "required": ["text"]}
    tools: Any = [{"type": "function", "function": {"name": "note", "description": "Note.", "parameters": schema}}]

    async def ask() -> None:
        spec = ModelSpec("organism:faithful", capabilities={"tools": able})
        async with open_model(spec) as model:
            calls = RunCalls(seed_of=lambda n: n, meter=Meter(), stages=(recording_stage(recording.recorder),))
            client = model.for_run(calls).client
            await client.chat.completions.create(
                model="organism:faithful", messages=ASK, tools=tools, tool_choice="required"
            )

    with recording.run():
        asyncio.run(ask())
    (chat,) = recording.spans()
    assert ("note" in str(parts(chat, GenAI.OUTPUT_MESSAGES))) is able  # it does not know the emulated form
    assert chat.attributes.get(Prosaic.EMULATED_TOOLS, False) is not able


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": [{"type": "text"}, {"type": "image_url", "image_url": {"url": "data:x"}}]},
        {"role": "user", "content": None},
        {"role": "assistant", "tool_calls": [{}]},
        {"role": "critic", "content": "Hm?"},
    ],
    ids=["blocks", "nothing", "empty call", "odd role"],
)
def test_odd_messages_are_left_to_the_endpoint(recording: Any, message: dict[str, Any]) -> None:
    """Whatever a stack sends goes to the model as it is; recording it is never what fails."""
    with scripted_model("Hm.") as script, recording.run():
        asyncio.run(script.for_run(recording_stage(recording.recorder)).complete({"messages": [message]}))
    (chat,) = recording.spans()
    assert len(parts(chat, GenAI.INPUT_MESSAGES)) == 1
    assert chat.status.code == 0


def test_calls_in_a_tree_of_tasks(recording: Any) -> None:
    """Calls of tasks and of threads of executors keep the span around them as their parent."""
    with scripted_model("Hm.") as script, recording.run():
        client = recording.client(script)

        async def ask(name: str) -> None:
            with recording.recorder.span(name, {}):
                await asyncio.gather(
                    client.chat.completions.create(model="m", messages=ASK), asyncio.to_thread(in_thread, name)
                )

        def in_thread(name: str) -> None:
            with recording.recorder.span(f"thread of {name}", {}):
                pass

        async def all_of_them() -> None:
            await asyncio.gather(*map(ask, "ab"))

        asyncio.run(all_of_them())
    for name in "ab":
        assert set(recording.tree()[name]) == {"chat m", f"thread of {name}"}
