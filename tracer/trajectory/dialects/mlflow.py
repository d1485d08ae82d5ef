"""MLflow tracing: every attribute value is JSON, strings in quotes included."""

from __future__ import annotations

from tracer.spans.names import StepKind
from tracer.trajectory.decode import as_int, decode_mapping, unquote
from tracer.trajectory.dialects.dialect import Dialect, aliases, has
from tracer.trajectory.dialects.langchain import response_id_in, settle_graph_kinds
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["MLFLOW"]


def _read_usage(draft: Draft, reader: MessageReader) -> None:
    if draft.kind == StepKind.MODEL:
        usage = decode_mapping(draft.attributes.get("mlflow.chat.tokenUsage"))
        draft.input_tokens = as_int(usage.get("input_tokens", draft.input_tokens))
        draft.output_tokens = as_int(usage.get("output_tokens", draft.output_tokens))
        draft.response_id = draft.response_id or response_id_in(draft.attributes.get("mlflow.spanOutputs"))


def _read_session(draft: Draft, reader: MessageReader) -> None:
    draft.conversation = unquote(draft.conversation) or draft.conversation


MLFLOW = Dialect(
    name="mlflow",
    recognises=has("mlflow.spanType", "mlflow.traceRequestId"),
    kinds={
        "mlflow.spanType": {
            "llm": StepKind.MODEL,
            "chat_model": StepKind.MODEL,
            "agent": StepKind.AGENT,
            "tool": StepKind.TOOL,
            "chain": StepKind.WORKFLOW,
            "workflow": StepKind.WORKFLOW,
            "task": StepKind.WORKFLOW,
            "parser": StepKind.WORKFLOW,
            "guardrail": StepKind.WORKFLOW,
            "evaluator": StepKind.WORKFLOW,
            "retriever": StepKind.RETRIEVAL,
            "embedding": StepKind.RETRIEVAL,
            "reranker": StepKind.RETRIEVAL,
            "memory": StepKind.MEMORY,
        }
    },
    aliases=aliases(
        conversation=("mlflow.trace.session",),
        model=("mlflow.llm.model", "mlflow.chat.model"),
        tool_call_id=("tool_call_id",),
        arguments=("mlflow.spanInputs",),
        result=("mlflow.spanOutputs",),
        input=("mlflow.spanInputs",),
        output=("mlflow.spanOutputs",),
        tools=("mlflow.chat.tools",),
        query=("mlflow.spanInputs",),
        records=("mlflow.spanOutputs",),
    ),
    metadata=("metadata",),
    rekind=(settle_graph_kinds,),
    repairs=(_read_usage, _read_session),
)
