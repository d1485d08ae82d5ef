"""OpenTelemetry GenAI conventions, every generation of them."""

from __future__ import annotations

from tracer.spans.names import StepKind
from tracer.trajectory.dialects.dialect import Dialect, aliases, has
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["GENAI", "OPERATIONS", "mark_setup"]

OPERATIONS: dict[str, StepKind] = {
    "chat": StepKind.MODEL,
    "generate_content": StepKind.MODEL,
    "text_completion": StepKind.MODEL,
    "completion": StepKind.MODEL,
    "completions": StepKind.MODEL,
    "response": StepKind.MODEL,
    "responses": StepKind.MODEL,
    "llm_request": StepKind.MODEL,
    "embeddings": StepKind.RETRIEVAL,
    "embedding": StepKind.RETRIEVAL,
    "retrieval": StepKind.RETRIEVAL,
    "vector_db_retrieve": StepKind.RETRIEVAL,
    "execute_tool": StepKind.TOOL,
    "load_skill": StepKind.TOOL,
    "read_skill_resource": StepKind.TOOL,
    "command": StepKind.TOOL,
    "invoke_agent": StepKind.AGENT,
    "create_agent": StepKind.WORKFLOW,
    "invoke_workflow": StepKind.WORKFLOW,
    "invoke_swarm": StepKind.WORKFLOW,
    "invoke_graph": StepKind.WORKFLOW,
    "execute_task": StepKind.WORKFLOW,
    "execute_event_loop_cycle": StepKind.WORKFLOW,
    "fetch_response": StepKind.WORKFLOW,
    "chain": StepKind.WORKFLOW,
    "plan": StepKind.PLAN,
    "transfer": StepKind.HANDOFF,
    "handoff": StepKind.HANDOFF,
    "goto": StepKind.HANDOFF,
    "create_memory_store": StepKind.MEMORY,
    "delete_memory_store": StepKind.MEMORY,
    "create_memory": StepKind.MEMORY,
    "update_memory": StepKind.MEMORY,
    "upsert_memory": StepKind.MEMORY,
    "delete_memory": StepKind.MEMORY,
    "search_memory": StepKind.MEMORY,
}


def mark_setup(draft: Draft, reader: MessageReader) -> None:
    """Set apart what prepares an agent and is no act of a run."""
    if draft.attributes.get("gen_ai.operation.name") == "create_agent":
        draft.setup = True
        draft.data["operation"] = "create_agent"


def note_memory_operation(draft: Draft, reader: MessageReader) -> None:
    """Keep which memory operation it was."""
    if draft.kind == StepKind.MEMORY:
        operation = draft.attributes.get("gen_ai.operation.name") or draft.attributes.get("prosaic.memory.op")
        draft.data["operation"] = operation
        draft.data["store"] = draft.attributes.get("gen_ai.memory.store.id", "")


GENAI = Dialect(
    name="genai",
    recognises=has("gen_ai.operation.name", "gen_ai.request.model", "gen_ai.tool.name", "gen_ai.agent.name"),
    kinds={"gen_ai.operation.name": OPERATIONS},
    aliases=aliases(),
    repairs=(mark_setup, note_memory_operation),
)
