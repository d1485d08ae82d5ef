"""Nothing odd that LangChain hands to the handler breaks a run, or its record."""

from __future__ import annotations

import asyncio
import logging
import uuid
from dataclasses import dataclass
from typing import Annotated, Any

import pytest
from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.language_models.fake import FakeListLLM
from langchain_core.messages import AIMessage, ChatMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.outputs import LLMResult
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableConfig, RunnableLambda
from langchain_core.tools import InjectedToolArg, StructuredTool, tool
from langgraph.types import Command
from pydantic import BaseModel

from tracer.spans.names import GenAI
from tracer.testing import scripted_model


@pytest.fixture(autouse=True)
def no_complaints(caplog: pytest.LogCaptureFixture) -> Any:
    """LangChain only logs what a handler raises: nothing may be logged."""
    yield
    assert [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING] == []


@dataclass
class Place:
    name: str


class Report(BaseModel):
    found: bool = True
    raw: bytes = b"\xff"


class Unspeakable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def circle() -> Any:
    value: list[Any] = []
    value.append(value)
    return value


OUTPUTS: dict[str, Any] = {
    "nothing": None,
    "number": 3,
    "dict": {"a": [1, {2: 3}]},
    "dataclass": Place("shed"),
    "model": Report(),
    "bytes": b"\xff\x00",
    "set": {1},
    "surrogate": "a\ud800" * 100,
    "unspeakable": Unspeakable(),
    "circle": circle(),
    "commands": [Command(goto="a"), Command(goto=["b", "c"])],
    "command without messages": Command(update={"messages": None}, goto="a"),
    "command with a message": Command(update={"messages": ToolMessage("x", tool_call_id="c")}),
    "command with pairs": Command(update=[("messages", [])]),
    "messages": [ToolMessage("x", tool_call_id="c"), AIMessage("y")],
    "blocks": ToolMessage([{"type": "text", "text": "x"}, {"type": "image", "data": "A" * 500}], tool_call_id="c"),
}


@pytest.mark.parametrize("output", OUTPUTS.values(), ids=OUTPUTS)
def test_any_tool_output_is_recorded(recording: Any, output: Any) -> None:
    """A tool may give anything."""

    def give(thing: str) -> Any:
        """Give."""
        return output

    with recording.run() as handler:
        StructuredTool.from_function(give).invoke({"thing": "x"}, {"callbacks": [handler]})
    (span,) = recording.spans()
    assert (span.name, span.is_open, span.status.code) == ("execute_tool give", False, 0)
    assert GenAI.TOOL_RESULT in span.attributes


def test_injected_arguments_and_odd_inputs(recording: Any) -> None:
    """A tool with injected arguments, and one without any, are recorded with what was asked."""

    @tool
    def take(config: RunnableConfig, secret: Annotated[Any, InjectedToolArg], n: int = 1) -> str:
        """Take."""
        return f"took {n}"

    with recording.run() as handler:
        take.invoke({"n": 2, "secret": Unspeakable()}, {"callbacks": [handler]})
        StructuredTool.from_function(lambda: "x", name="bare", description="b").invoke({}, {"callbacks": [handler]})
    assert [span.name for span in recording.spans()] == ["execute_tool take", "execute_tool bare"]
    assert not any(span.is_open for span in recording.spans())


IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
BAD_CALL: Any = {"id": None, "name": None, "args": "{", "error": "no JSON", "type": "invalid_tool_call"}
MESSAGES: dict[str, list[Any]] = {
    "image": [HumanMessage([{"type": "text", "text": "what?"}, IMAGE])],
    "plain blocks": [HumanMessage(content=["a", "b"])],
    "reasoning": [AIMessage(content=[{"type": "thinking", "thinking": "hm"}, {"type": "text", "text": "x"}])],
    "bad call": [AIMessage(content="", invalid_tool_calls=[BAD_CALL])],
    "call without id": [AIMessage(content="", tool_calls=[{"id": None, "name": "look", "args": {}}])],
    "own role": [ChatMessage(content="x", role="critic")],
    "named": [HumanMessage("x", name="ann"), SystemMessage("y")],
    "empty": [HumanMessage("")],
}


@pytest.mark.parametrize("messages", MESSAGES.values(), ids=MESSAGES)
def test_any_messages_are_recorded(recording: Any, messages: list[Any]) -> None:
    """Messages of any form are recorded, one for one; what a block holds is kept."""
    with recording.run() as handler:
        run_id = uuid.uuid4()
        handler.on_chat_model_start({}, [messages], run_id=run_id, invocation_params=None, metadata=None)
        handler.on_llm_end(LLMResult(generations=[[]]), run_id=run_id)
    (chat,) = recording.spans()
    assert len(chat.attributes[GenAI.INPUT_MESSAGES]) == len(messages)
    assert not chat.is_open


def test_names_none_and_unknown_runs(recording: Any) -> None:
    """Callbacks without names, inputs or a known run are taken as they come."""
    nobody = uuid.uuid4()
    with recording.run() as handler:
        handler.on_chain_start(None, None, run_id=(chain := uuid.uuid4()), tags=None, metadata=None, name=None)
        handler.on_tool_start(None, "text", run_id=(used := uuid.uuid4()), parent_run_id=chain, inputs=None)
        handler.on_tool_end(None, run_id=used)
        handler.on_chain_end(None, run_id=chain)
        handler.on_tool_end("x", run_id=nobody)
        handler.on_llm_end(LLMResult(generations=[]), run_id=nobody)
        handler.on_chain_error(ValueError(), run_id=nobody)
        handler.on_llm_error(ValueError(), run_id=nobody)
        handler.on_retriever_end([], run_id=nobody)
    assert recording.tree() == {"execute_tool tool": {}}


class Shelf(BaseRetriever):
    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        if not query:
            raise LookupError("nothing asked")
        return [Document("a long page " * 50, metadata={"page": 1, "odd": {1}}, id="d")]


def test_retrievers(recording: Any) -> None:
    """A retrieval holds its question and what was found; one that fails says why."""
    with recording.run() as handler:
        Shelf().invoke("cat", {"callbacks": [handler]})
        with pytest.raises(LookupError):
            Shelf().invoke("", {"callbacks": [handler]})
    found, failed = recording.of("retrieval")
    assert found.attributes[GenAI.RETRIEVAL_QUERY] == "cat"
    assert found.attributes[GenAI.RETRIEVAL_DOCUMENTS] == [
        {"id": "d", "content": "a long page " * 50, "metadata": {"page": 1, "odd": [1]}}
    ]
    assert failed.status.message == "nothing asked"


def test_models_of_text(recording: Any) -> None:
    """A model that takes text rather than messages is recorded too."""
    with recording.run() as handler:
        FakeListLLM(responses=["yes"]).invoke("Is it?", {"callbacks": [handler]})
    (span,) = recording.of("text_completion")
    assert span.attributes[GenAI.INPUT_MESSAGES][0]["parts"] == [{"type": "text", "content": "Is it?"}]
    assert span.attributes[GenAI.OUTPUT_MESSAGES][0]["parts"] == [{"type": "text", "content": "yes"}]


def _text(message: Any) -> str:
    return message.text


def test_runnables_are_not_steps(recording: Any) -> None:
    """Chains of plain runnables add no spans of their own, only what is called inside them."""
    with scripted_model("Hm.") as script:
        chain = RunnableLambda(lambda text: f"{text}!") | recording.chat(script) | RunnableLambda(_text)
        with recording.run() as handler:
            assert asyncio.run(chain.ainvoke("Well", {"callbacks": [handler]})) == "Hm."
            assert chain.batch(["a", "b"], {"callbacks": [handler]}) == ["Hm.", "Hm."]
    assert list(recording.tree()) == ["chat scripted", "chat scripted #2", "chat scripted #3"]
