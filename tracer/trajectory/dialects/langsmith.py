"""LangSmith's OpenTelemetry form: LangChain's serialised input and output beside a few GenAI names."""

from __future__ import annotations

from tracer.spans.names import StepKind
from tracer.trajectory.dialects.dialect import Dialect, aliases, has
from tracer.trajectory.dialects.genai import OPERATIONS
from tracer.trajectory.dialects.langchain import response_id_in, settle_graph_kinds
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["LANGSMITH"]


def _read_response_id(draft: Draft, reader: MessageReader) -> None:
    if draft.kind == StepKind.MODEL and not draft.response_id:
        draft.response_id = response_id_in(draft.attributes.get("gen_ai.completion"))


LANGSMITH = Dialect(
    name="langsmith",
    recognises=has("langsmith.span.kind", "langsmith.trace.name"),
    kinds={
        "langsmith.span.kind": {
            "llm": StepKind.MODEL,
            "tool": StepKind.TOOL,
            "chain": StepKind.WORKFLOW,
            "retriever": StepKind.RETRIEVAL,
            "embedding": StepKind.RETRIEVAL,
            "prompt": StepKind.WORKFLOW,
            "parser": StepKind.WORKFLOW,
        },
        "gen_ai.operation.name": OPERATIONS,
    },
    aliases=aliases(
        arguments=("gen_ai.prompt",),
        result=("gen_ai.completion",),
        model=("langsmith.metadata.ls_model_name",),
        query=("gen_ai.prompt",),
        records=("gen_ai.completion",),
        conversation=("langsmith.metadata.thread_id", "langsmith.metadata.session_id"),
    ),
    metadata=("langsmith.metadata.",),
    rekind=(settle_graph_kinds,),
    repairs=(_read_response_id,),
)
