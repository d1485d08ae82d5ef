"""What a dialect is: a table of attribute names and a few repairs, read by one function."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tracer.spans.names import StepKind
from tracer.spans.span import Span
from tracer.trajectory.control import settle_status
from tracer.trajectory.decode import as_int, as_text, decode, decode_mapping, first, unquote
from tracer.trajectory.dialects.events import read_events
from tracer.trajectory.dialects.langchain import tool_message, updated_messages
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader
from tracer.trajectory.step import Message

__all__ = ["Dialect", "Repair", "aliases", "has", "read_draft", "scoped", "set_result"]

Repair = Callable[[Draft, MessageReader], None]


@dataclass(frozen=True, slots=True)
class Dialect:
    """One way of writing agent spans.

    Attributes:
        name: Its name, as it stands in `Step.dialect`.
        recognises: Tells whether a span is written in it.
        kinds: Attribute -> {lower-case value -> kind of step}, the surest attribute first.
        aliases: Field -> attribute names that may hold it, the best first; made by `aliases(...)`.
        metadata: Attributes that hold framework metadata as JSON, or prefixes (ending in a dot) of flattened metadata.
        rekind: Repairs of the kind of step, made before content is read by kind.
        repairs: Repairs of anything else that the tables cannot say, made last.
    """

    name: str
    recognises: Callable[[Span], bool]
    kinds: Mapping[str, Mapping[str, StepKind]]
    aliases: Mapping[str, tuple[str, ...]]
    metadata: tuple[str, ...] = ()
    rekind: tuple[Repair, ...] = ()
    repairs: tuple[Repair, ...] = ()


# Every generation of the GenAI conventions; the table that other dialects add their own names to.
_STANDARD: dict[str, tuple[str, ...]] = {
    "agent_name": ("gen_ai.agent.name",),
    "agent": ("prosaic.agent.instance.id", "gen_ai.agent.call.id"),
    "conversation": ("gen_ai.conversation.id", "session.id", "gen_ai.session.id", "gen_ai.thread.id"),
    "workflow": ("gen_ai.workflow.name",),
    "model": ("gen_ai.request.model", "gen_ai.response.model"),
    "tool": ("gen_ai.tool.name",),
    "tool_call_id": ("gen_ai.tool.call.id", "gen_ai.tool.call_id"),
    "arguments": ("gen_ai.tool.call.arguments", "gen_ai.tool.arguments"),
    "result": ("gen_ai.tool.call.result", "gen_ai.tool.result", "gen_ai.tool.message"),
    "response_id": ("gen_ai.response.id",),
    "input_tokens": ("gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"),
    "output_tokens": ("gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"),
    "system": ("gen_ai.system_instructions",),
    "input": ("gen_ai.input.messages", "gen_ai.prompt", "gen_ai.content.prompt"),
    "output": ("gen_ai.output.messages", "gen_ai.completion", "gen_ai.content.completion"),
    "tools": ("gen_ai.tool.definitions", "gen_ai.request.tools"),
    "query": ("gen_ai.retrieval.query.text", "gen_ai.memory.query.text"),
    "records": ("gen_ai.memory.records", "gen_ai.retrieval.documents"),
}
# Plain facts about a model call that are kept under short names.
_FACTS = {
    "response_model": ("gen_ai.response.model",),
    "provider": ("gen_ai.provider.name", "gen_ai.system"),
    "finish_reasons": ("gen_ai.response.finish_reasons",),
    "seed": ("gen_ai.request.seed", "gen_ai.openai.request.seed"),
    "temperature": ("gen_ai.request.temperature",),
}


def aliases(**own: tuple[str, ...]) -> Mapping[str, tuple[str, ...]]:
    """Give the standard table with a dialect's own names put before the standard ones."""
    return {key: own.get(key, ()) + _STANDARD.get(key, ()) for key in {**_STANDARD, **own}}


def has(*keys: str) -> Callable[[Span], bool]:
    """Give the test "the span has one of these attributes"."""
    return lambda span: any(key in span.attributes for key in keys)


def scoped(*names: str) -> Callable[[Span], bool]:
    """Give the test "the span was made by an instrumentation whose name starts with one of these"."""
    return lambda span: span.scope.name.startswith(names)


def read_draft(dialect: Dialect, span: Span, reader: MessageReader) -> Draft:
    """Read one span with one dialect."""
    attributes = span.attributes
    table = dialect.aliases
    draft = Draft(
        id=span.span_id,
        kind=_kind(dialect, attributes),
        name=span.name,
        span=span,
        dialect=dialect.name,
        agent_name=as_text(first(attributes, table["agent_name"])),
        agent=as_text(first(attributes, table["agent"])),
        parent=span.parent_id,
        start_ns=span.start_ns,
        end_ns=span.end_ns,
        conversation=as_text(first(attributes, table["conversation"])),
        spans=[span.span_id],
    )
    settle_status(draft)
    if dialect.metadata:
        _read_metadata(draft, dialect.metadata)
    for repair in dialect.rekind:
        repair(draft, reader)
    _CONTENT.get(draft.kind, _read_container)(draft, table, reader)
    for repair in dialect.repairs:
        repair(draft, reader)
    if span.events:
        read_events(draft, reader)
    return draft


def _kind(dialect: Dialect, attributes: Mapping[str, Any]) -> StepKind:
    for key, table in dialect.kinds.items():
        value = attributes.get(key)
        if isinstance(value, str):
            kind = table.get(unquote(value).lower())
            if kind is not None:
                return kind
    return StepKind.UNKNOWN


def _read_model(draft: Draft, table: Mapping[str, tuple[str, ...]], reader: MessageReader) -> None:
    attributes = draft.attributes
    model = unquote(first(attributes, table["model"]))
    draft.name = model or draft.name
    draft.response_id = as_text(first(attributes, table["response_id"]))
    draft.input_tokens = as_int(first(attributes, table["input_tokens"]))
    draft.output_tokens = as_int(first(attributes, table["output_tokens"]))
    draft.input = reader.read(first(attributes, table["input"]))
    draft.output = reader.read(first(attributes, table["output"]), "assistant")
    system = reader.read(first(attributes, table["system"]), "system")
    if system and not any(message.role == "system" for message in draft.input[:1]):
        draft.input = system + draft.input
    tools = first(attributes, table["tools"])
    if tools is not None:
        draft.data["tools"] = tools
    for name, keys in _FACTS.items():
        value = first(attributes, keys)
        if value is not None:
            draft.data[name] = value


def _read_tool(draft: Draft, table: Mapping[str, tuple[str, ...]], reader: MessageReader) -> None:
    attributes = draft.attributes
    draft.name = unquote(first(attributes, table["tool"])) or draft.name
    draft.tool_call_id = unquote(first(attributes, table["tool_call_id"]))
    arguments = first(attributes, table["arguments"])
    if arguments is not None:
        draft.data["arguments"] = decode(arguments)
    result = first(attributes, table["result"])
    if result is not None:
        set_result(draft, result, reader)


def set_result(draft: Draft, result: Any, reader: MessageReader) -> None:
    """Set what a tool gave back, as data and as the message that a model gets to see."""
    draft.data["result"] = result
    told = tool_message(result)
    if told is not None:
        draft.tool_call_id = draft.tool_call_id or as_text(told["tool_call_id"])
        draft.data["result"] = told["content"]
        if told.get("status") == "error" and draft.status == "ok":
            draft.status, draft.error = "error", as_text(told["content"])
    updated = updated_messages(result)
    if updated is not None:
        # A command carries the whole state along; what the tool itself said is the last tool message in it.
        if not draft.tool_call_id:
            named = [m.tool_call_id for m in reader.read(updated) if m.tool_call_id and m.name == draft.name]
            draft.tool_call_id = named[-1] if named else ""
        said = [m for m in reader.read(updated) if m.tool_call_id and m.tool_call_id == draft.tool_call_id]
        draft.output = tuple(said[-1:])
        return
    text = as_text(draft.data["result"])
    draft.output = (reader.intern(Message("tool", text, tool_call_id=draft.tool_call_id, name=draft.name)),)


def _read_lookup(draft: Draft, table: Mapping[str, tuple[str, ...]], reader: MessageReader) -> None:
    """Read a memory or retrieval step."""
    query = first(draft.attributes, table["query"])
    records = first(draft.attributes, table["records"])
    if query is not None:
        draft.data["query"] = query
    if records is not None:
        draft.data["records"] = decode(records)
        draft.output = (reader.intern(Message(role="tool", content=as_text(records))),)
    draft.input_tokens = None


def _read_container(draft: Draft, table: Mapping[str, tuple[str, ...]], reader: MessageReader) -> None:
    attributes = draft.attributes
    named = draft.agent_name if draft.kind == StepKind.AGENT else unquote(first(attributes, table["workflow"]))
    operation = as_text(attributes.get("gen_ai.operation.name"))
    draft.name = named or draft.name.removeprefix(f"{operation} ")
    # What a container is given and gives stands in full on the steps within it.
    draft.input = reader.read(first(attributes, table["input"]))[-1:]
    draft.output = reader.read(first(attributes, table["output"]), "assistant")[-1:]


_CONTENT: dict[StepKind, Callable[[Draft, Mapping[str, tuple[str, ...]], MessageReader], None]] = {
    StepKind.MODEL: _read_model,
    StepKind.PROBE: _read_model,
    StepKind.TOOL: _read_tool,
    StepKind.MEMORY: _read_lookup,
    StepKind.RETRIEVAL: _read_lookup,
}


def _read_metadata(draft: Draft, sources: tuple[str, ...]) -> None:
    """Take over what LangGraph and LangChain put beside every span: node, super-step, triggers, agent, thread."""
    metadata: dict[str, Any] = {}
    for source in sources:
        if source.endswith("."):
            cut = len(source)
            metadata.update({k[cut:]: v for k, v in draft.attributes.items() if k.startswith(source)})
        else:
            metadata.update(decode_mapping(draft.attributes.get(source)))
    if not metadata:
        return
    draft.framework = metadata
    draft.node = as_text(metadata.get("langgraph_node"))
    draft.node_step = as_int(metadata.get("langgraph_step"))
    triggers = decode(metadata.get("langgraph_triggers"))
    if isinstance(triggers, (list, tuple)):
        draft.triggers = tuple(map(str, triggers))
    draft.task = as_text(metadata.get("langgraph_checkpoint_ns"))
    draft.agent_name = draft.agent_name or as_text(metadata.get("lc_agent_name"))
    draft.conversation = draft.conversation or as_text(metadata.get("thread_id") or metadata.get("session_id"))
