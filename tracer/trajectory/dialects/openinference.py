"""OpenInference: flattened messages, span kinds of its own, agents guessed from names."""

from __future__ import annotations

from collections.abc import Mapping

from tracer.spans.names import StepKind
from tracer.trajectory.decode import as_text, decode
from tracer.trajectory.dialects.dialect import Dialect, aliases, has
from tracer.trajectory.dialects.flat import unflatten
from tracer.trajectory.dialects.langchain import response_id_in, settle_graph_kinds
from tracer.trajectory.draft import Draft, Handoff
from tracer.trajectory.messages import MessageReader

__all__ = ["KINDS", "OPENINFERENCE"]

KINDS = {
    "llm": StepKind.MODEL,
    "tool": StepKind.TOOL,
    "agent": StepKind.AGENT,
    "chain": StepKind.WORKFLOW,
    "retriever": StepKind.RETRIEVAL,
    "embedding": StepKind.RETRIEVAL,
    "reranker": StepKind.RETRIEVAL,
    "guardrail": StepKind.WORKFLOW,
    "evaluator": StepKind.WORKFLOW,
    "prompt": StepKind.WORKFLOW,
    "decision": StepKind.WORKFLOW,
}


def tools_named_agents(draft: Draft, reader: MessageReader) -> None:
    """A tool whose name holds the word agent is recorded as an agent, but keeps its tool name."""
    if draft.kind == StepKind.AGENT and "tool.name" in draft.attributes:
        draft.kind = StepKind.TOOL
    if draft.name.startswith("handoff to ") and draft.kind == StepKind.TOOL:
        draft.kind = StepKind.HANDOFF


def read_flat_messages(draft: Draft, reader: MessageReader) -> None:
    """Put flattened messages, where there are any, in place of the raw input and output."""
    if draft.kind != StepKind.MODEL:
        return
    attributes = draft.attributes
    given = reader.read(unflatten(attributes, "llm.input_messages"))
    made = reader.read(unflatten(attributes, "llm.output_messages"), "assistant")
    draft.input = given or draft.input
    draft.output = made or draft.output
    draft.response_id = draft.response_id or response_id_in(attributes.get("output.value"))
    tools = [v for k, v in attributes.items() if k.startswith("llm.tools.") and k.endswith("json_schema")]
    if tools:
        draft.data["tools"] = tools


def read_handoff(draft: Draft, reader: MessageReader) -> None:
    """Read `handoff to X`, whose input is who passes control and whose output is who takes it."""
    if draft.kind == StepKind.HANDOFF and "output.value" in draft.attributes:
        source = as_text(draft.attributes.get("input.value"))
        target = as_text(draft.attributes.get("output.value")) or draft.name.removeprefix("handoff to ")
        draft.handoff = Handoff(source, target, "handoff span")


def read_keyword_arguments(draft: Draft, reader: MessageReader) -> None:
    """Take the arguments of a wrapped Python call from its `kwargs`."""
    arguments = draft.data.get("arguments")
    if isinstance(arguments, Mapping) and isinstance(arguments.get("kwargs"), Mapping) and "args" in arguments:
        draft.data["arguments"] = arguments["kwargs"]


def read_documents(draft: Draft, reader: MessageReader) -> None:
    """Take retrieved documents from their numbered attributes."""
    if draft.kind == StepKind.RETRIEVAL and "records" not in draft.data:
        held = [v for k, v in draft.attributes.items() if k.endswith("document.content")]
        draft.data["records"] = held or decode(draft.attributes.get("output.value"))
        draft.output = reader.read(list(map(as_text, held)), "tool")


OPENINFERENCE = Dialect(
    name="openinference",
    recognises=has("openinference.span.kind"),
    kinds={"openinference.span.kind": KINDS},
    aliases=aliases(
        agent_name=("agent.name", "graph.node.id"),
        conversation=("session.id",),
        model=("llm.request.model_name", "llm.model_name", "llm.response.model_name"),
        tool=("tool.name", "tool_call.function.name"),
        tool_call_id=("tool.id", "tool_call.id"),
        arguments=("input.value", "tool.parameters"),
        result=("output.value",),
        input_tokens=("llm.token_count.prompt",),
        output_tokens=("llm.token_count.completion",),
        input=("input.value",),
        output=("output.value",),
        query=("input.value",),
    ),
    metadata=("metadata",),
    rekind=(tools_named_agents, settle_graph_kinds),
    repairs=(read_flat_messages, read_handoff, read_keyword_arguments, read_documents),
)
