"""Traceloop / OpenLLMetry: GenAI names around LangChain's callback data, every graph run wrapped twice."""

from __future__ import annotations

from collections.abc import Mapping

from tracer.spans.names import StepKind
from tracer.spans.span import Span
from tracer.trajectory.decode import as_text, decode
from tracer.trajectory.dialects.dialect import Dialect, aliases
from tracer.trajectory.dialects.flat import unflatten
from tracer.trajectory.dialects.genai import OPERATIONS, mark_setup
from tracer.trajectory.dialects.langchain import settle_graph_kinds
from tracer.trajectory.draft import Draft, Handoff
from tracer.trajectory.messages import MessageReader

__all__ = ["TRACELOOP"]

_SCOPES = ("opentelemetry.instrumentation.langchain", "opentelemetry.instrumentation.openai.", "traceloop.")


def _is_traceloop(span: Span) -> bool:
    attributes = span.attributes
    return (
        "traceloop.span.kind" in attributes
        or "traceloop.entity.name" in attributes
        or "llm.request.type" in attributes
        or span.scope.name.startswith(_SCOPES)
    )


def _name_by_entity(draft: Draft, reader: MessageReader) -> None:
    attributes = draft.attributes
    named = attributes.get("gen_ai.task.name") or attributes.get("traceloop.entity.name")
    if draft.kind in (StepKind.WORKFLOW, StepKind.AGENT) and isinstance(named, str):
        draft.name = named
    # Without LangChain's word that it is an agent, a run that is called a workflow is one.
    if draft.kind == StepKind.AGENT and attributes.get("traceloop.span.kind") == "workflow" and not draft.agent_name:
        draft.kind = StepKind.WORKFLOW


def _settle_agent_name(draft: Draft, reader: MessageReader) -> None:
    """Every graph is called an agent; only LangChain's own agents carry `lc_agent_name`."""
    told = draft.framework
    if draft.kind == StepKind.WORKFLOW and told and not told.get("lc_agent_name"):
        draft.agent_name = ""


def _read_callback_data(draft: Draft, reader: MessageReader) -> None:
    arguments = draft.data.get("arguments")
    if draft.kind == StepKind.TOOL and isinstance(arguments, Mapping) and "input_str" in arguments:
        inputs = arguments.get("inputs")
        draft.data["arguments"] = inputs if inputs else decode(arguments["input_str"])


def _read_flat_messages(draft: Draft, reader: MessageReader) -> None:
    if draft.kind == StepKind.MODEL:
        draft.input = draft.input or reader.read(unflatten(draft.attributes, "gen_ai.prompt"))
        draft.output = draft.output or reader.read(unflatten(draft.attributes, "gen_ai.completion"), "assistant")


def _read_goto(draft: Draft, reader: MessageReader) -> None:
    target = as_text(draft.attributes.get("langgraph.command.goto_node"))
    if target:
        draft.kind = StepKind.HANDOFF
        draft.handoff = Handoff("", target, "langgraph.command")


def _read_goal(draft: Draft, reader: MessageReader) -> None:
    goal = draft.attributes.get("crewai.agent.goal")
    if isinstance(goal, str) and goal:
        draft.data.setdefault("goals", []).append({"text": goal, "source": "user", "status": "active"})


TRACELOOP = Dialect(
    name="traceloop",
    recognises=_is_traceloop,
    kinds={
        "gen_ai.operation.name": OPERATIONS,
        "traceloop.span.kind": {
            "workflow": StepKind.WORKFLOW,
            "task": StepKind.WORKFLOW,
            "agent": StepKind.AGENT,
            "tool": StepKind.TOOL,
        },
        "llm.request.type": {
            "chat": StepKind.MODEL,
            "completion": StepKind.MODEL,
            "embedding": StepKind.RETRIEVAL,
            "rerank": StepKind.RETRIEVAL,
        },
    },
    aliases=aliases(
        agent_name=("crewai.agent.role",),
        conversation=("traceloop.association.properties.thread_id", "traceloop.association.properties.session_id"),
        tool=("traceloop.entity.name",),
        arguments=("gen_ai.tool.call.arguments", "traceloop.entity.input"),
        result=("gen_ai.tool.call.result", "traceloop.entity.output"),
        input=("gen_ai.input.messages", "traceloop.entity.input"),
        output=("gen_ai.output.messages", "traceloop.entity.output"),
        model=("gen_ai.request.model", "llm.request.model"),
    ),
    metadata=("traceloop.association.properties.",),
    rekind=(_read_goto, _name_by_entity, settle_graph_kinds, _settle_agent_name),
    repairs=(mark_setup, _read_callback_data, _read_flat_messages, _read_goal),
)
