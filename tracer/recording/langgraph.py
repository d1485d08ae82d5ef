"""Record any compiled LangGraph graph, called synchronously or not, through one callback handler.

One synchronous handler with `run_inline`: async handlers, and sync ones without it, run outside of the node's context,
so that whatever else is traced inside a node would lose its parent. A graph becomes an agent span when its first node
starts; a node gets a span of its own only where nothing inside it has one. A handoff (`Command(graph=PARENT)`) and an
interrupt leave a graph by way of an exception; they are control flow here, never an error.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import BaseMessage
from langchain_core.outputs import LLMResult
from langchain_core.tools import ToolException
from langgraph.graph import START
from langgraph.types import Command
from opentelemetry.trace import SpanKind

from tracer.recording.messages import message_mark, message_to_genai, tool_output
from tracer.recording.nesting import Nesting
from tracer.recording.place import PLACE
from tracer.recording.recorder import Recorder, is_failed
from tracer.spans.names import GenAI, Prosaic

__all__ = ["LangGraphRecorder"]


class LangGraphRecorder(BaseCallbackHandler):
    """Callback handler: put it in `config={"callbacks": [...]}` of any graph, inside `Recorder.run`."""

    run_inline = True
    raise_error = False

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._nesting = Nesting(recorder)

    # graphs and nodes

    def on_chain_start(
        self,
        serialized: dict[str, Any] | None,
        inputs: Any,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        tags: list[str] | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Note a graph, a node or a runnable; spans follow only when something happens in it."""
        facts = metadata or {}
        name = str(kwargs.get("name") or "")
        entry = self._nesting.enter(run_id, parent_run_id, name)
        if _is_node(name, facts, tags or ()):
            self._nesting.enter_node(entry, _node_facts(facts))

    def on_chain_end(self, outputs: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """End a graph or a node."""
        self._end_chain(run_id, None)

    def on_chain_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """End a graph or a node that was left by an exception; a handoff or an interrupt is no error."""
        self._end_chain(run_id, error)

    # models

    def on_chat_model_start(
        self,
        serialized: dict[str, Any],
        messages: list[list[BaseMessage]],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        metadata: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Open a chat span with what goes into the model."""
        asked: dict[str, Any] = kwargs.get("invocation_params") or {}
        facts = metadata or {}
        model = str(
            asked.get("model") or asked.get("model_name") or facts.get("ls_model_name") or kwargs.get("name") or ""
        )
        attributes: dict[str, Any] = {GenAI.OPERATION: "chat", GenAI.REQUEST_MODEL: model}
        attributes[GenAI.PROVIDER] = str(facts.get("ls_provider") or "unknown")
        for key, name in (
            ("temperature", GenAI.REQUEST_TEMPERATURE),
            ("seed", GenAI.REQUEST_SEED),
            ("max_tokens", GenAI.REQUEST_MAX_TOKENS),
        ):
            if asked.get(key) is not None:
                attributes[name] = asked[key]
        if asked.get("tools"):
            attributes |= self._recorder.stored(GenAI.TOOL_DEFINITIONS, asked["tools"])
        attributes |= self._messages(GenAI.INPUT_MESSAGES, messages[0] if messages else [])
        self._start(run_id, parent_run_id, f"chat {model}", attributes, SpanKind.CLIENT)

    def on_llm_start(
        self,
        serialized: dict[str, Any],
        prompts: list[str],
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        **kwargs: Any,
    ) -> None:
        """Open a span for a model that takes text rather than messages."""
        asked: dict[str, Any] = kwargs.get("invocation_params") or {}
        model = str(asked.get("model") or asked.get("model_name") or kwargs.get("name") or "")
        attributes: dict[str, Any] = {GenAI.OPERATION: "text_completion", GenAI.REQUEST_MODEL: model}
        message = {"role": "user", "parts": [{"type": "text", "content": "\n".join(prompts)}]}
        attributes |= self._recorder.messages(GenAI.INPUT_MESSAGES, [self._recorder.content.value(message)])
        self._start(run_id, parent_run_id, f"text_completion {model}", attributes, SpanKind.CLIENT)

    def on_llm_end(self, response: LLMResult, *, run_id: UUID, **kwargs: Any) -> None:
        """Close a model span with what came out."""
        entry = self._nesting.get(run_id)
        if entry is None or entry.span is None:
            return
        generation = response.generations[0][0] if response.generations and response.generations[0] else None
        message = getattr(generation, "message", None)
        if isinstance(message, BaseMessage):
            entry.span.set_attributes(self._output(message))
        elif generation is not None:
            said = {"role": "assistant", "parts": [{"type": "text", "content": generation.text}]}
            stored = self._recorder.content.value(said)
            entry.span.set_attributes(self._recorder.messages(GenAI.OUTPUT_MESSAGES, [stored]))
        self._nesting.end(run_id)

    def on_llm_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Close a model span that failed."""
        self._nesting.end(run_id, error)

    # tools and retrievers

    def on_tool_start(
        self,
        serialized: dict[str, Any],
        input_str: str,
        *,
        run_id: UUID,
        parent_run_id: UUID | None = None,
        inputs: dict[str, Any] | None = None,
        **kwargs: Any,
    ) -> None:
        """Open a tool span; the id of the call that it executes is always set where LangChain knows it."""
        name = str(kwargs.get("name") or (serialized or {}).get("name") or "tool")
        attributes: dict[str, Any] = {
            GenAI.OPERATION: "execute_tool",
            GenAI.TOOL_NAME: name,
            GenAI.TOOL_TYPE: "function",
        }
        if kwargs.get("tool_call_id"):
            attributes[GenAI.TOOL_CALL_ID] = kwargs["tool_call_id"]
        attributes |= self._recorder.stored(GenAI.TOOL_ARGUMENTS, inputs if inputs is not None else input_str)
        self._start(run_id, parent_run_id, f"execute_tool {name}", attributes, SpanKind.INTERNAL)

    def on_tool_end(self, output: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Close a tool span; a `Command` that leads to another agent is a handoff."""
        entry = self._nesting.get(run_id)
        if entry is None or entry.span is None:
            return
        command = _command(output)
        if command is not None and command.goto:
            entry.span.set_attribute(Prosaic.CONTROL_FLOW, "handoff")
            entry.span.set_attribute(Prosaic.HANDOFF_FROM, entry.place.agent)
            entry.span.set_attribute(Prosaic.HANDOFF_TO, _target(command))
        said = tool_output(output)
        entry.span.set_attributes(self._recorder.stored(GenAI.TOOL_RESULT, said))
        failed = getattr(output, "status", "") == "error" and not is_failed(entry.span)
        self._nesting.end(run_id, ToolException(said) if failed else None)

    def on_tool_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Close a tool span that was left by an exception."""
        self._nesting.end(run_id, error)

    def on_retriever_start(
        self, serialized: dict[str, Any], query: str, *, run_id: UUID, parent_run_id: UUID | None = None, **kwargs: Any
    ) -> None:
        """Open a retrieval span."""
        name = str(kwargs.get("name") or "retriever")
        attributes = {GenAI.OPERATION: "retrieval"} | self._recorder.stored(GenAI.RETRIEVAL_QUERY, query)
        self._start(run_id, parent_run_id, f"retrieval {name}", attributes, SpanKind.CLIENT)

    def on_retriever_end(self, documents: Any, *, run_id: UUID, **kwargs: Any) -> None:
        """Close a retrieval span with the documents found."""
        entry = self._nesting.get(run_id)
        if entry is None or entry.span is None:
            return
        found = [{"id": d.id, "content": d.page_content, "metadata": d.metadata} for d in documents]
        entry.span.set_attributes(self._recorder.stored(GenAI.RETRIEVAL_DOCUMENTS, found))
        self._nesting.end(run_id)

    def on_retriever_error(self, error: BaseException, *, run_id: UUID, **kwargs: Any) -> None:
        """Close a retrieval span that failed."""
        self._nesting.end(run_id, error)

    def _start(
        self, run_id: UUID, parent_id: UUID | None, name: str, attributes: dict[str, Any], kind: SpanKind
    ) -> None:
        parent = self._nesting.get(parent_id)
        place = parent.place if parent is not None else PLACE.get()
        self._nesting.start(run_id, parent_id, name, {**attributes, **place.attributes()}, kind)

    def _end_chain(self, run_id: UUID, error: BaseException | None) -> None:
        entry = self._nesting.get(run_id)
        if entry is not None and entry.is_node:
            self._nesting.end_node(run_id, error)
        else:
            self._nesting.end(run_id, error)

    def _messages(self, key: str, messages: Sequence[BaseMessage]) -> dict[str, Any]:
        keep, run = self._recorder.content.message, PLACE.get().run
        return self._recorder.messages(key, [keep(m, message_to_genai, message_mark(m), run) for m in messages])

    def _output(self, message: BaseMessage) -> dict[str, Any]:
        attributes = self._messages(GenAI.OUTPUT_MESSAGES, [message])
        facts = message.response_metadata
        for key, name in (("id", GenAI.RESPONSE_ID), ("model_name", GenAI.RESPONSE_MODEL)):
            if facts.get(key):
                attributes[name] = str(facts[key])
        if facts.get("finish_reason"):
            attributes[GenAI.FINISH_REASONS] = [str(facts["finish_reason"])]
        usage = getattr(message, "usage_metadata", None) or {}
        for key, name in (("input_tokens", GenAI.INPUT_TOKENS), ("output_tokens", GenAI.OUTPUT_TOKENS)):
            if usage.get(key) is not None:
                attributes[name] = int(usage[key])
        return attributes


def _is_node(name: str, facts: dict[str, Any], tags: Sequence[str]) -> bool:
    """Tell a node of the graph's maker from a runnable inside of one and from where LangGraph enters the graph."""
    if not name or name == START or name != facts.get("langgraph_node"):
        return False
    return any(tag.startswith("graph:step") for tag in tags)


def _node_facts(facts: dict[str, Any]) -> dict[str, Any]:
    node: dict[str, Any] = {Prosaic.NODE: facts["langgraph_node"]}
    if facts.get("langgraph_step") is not None:
        node[Prosaic.NODE_STEP] = facts["langgraph_step"]
    triggers = [str(t) for t in facts.get("langgraph_triggers") or ()]
    if triggers and triggers != [f"branch:to:{facts['langgraph_node']}"]:  # that one says nothing the name does not
        node[Prosaic.NODE_TRIGGERS] = triggers
    if facts.get("langgraph_checkpoint_ns"):
        node[Prosaic.NODE_TASK] = str(facts["langgraph_checkpoint_ns"])
    return node


def _command(output: Any) -> Command[Any] | None:
    candidates = output if isinstance(output, list) else [output]
    return next((c for c in candidates if isinstance(c, Command)), None)


def _target(command: Command[Any]) -> str:
    goto = command.goto
    targets = goto if isinstance(goto, (list, tuple)) else [goto]
    return ", ".join(str(getattr(target, "node", target)) for target in targets)
