"""Model Context Protocol: client and server spans of one request, with or without GenAI names."""

from __future__ import annotations

from tracer.spans.names import StepKind
from tracer.trajectory.dialects.dialect import Dialect, aliases, has
from tracer.trajectory.dialects.genai import OPERATIONS
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["MCP"]


def _name_by_method(draft: Draft, reader: MessageReader) -> None:
    """The tool stands in the span's name: `tools/call get_weather`, `MCP send tools/call get_weather`."""
    method = draft.attributes["mcp.method.name"]
    if draft.kind == StepKind.UNKNOWN:
        draft.kind, draft.setup = StepKind.WORKFLOW, True
    _, found, target = draft.name.partition(f"{method} ")
    if found and target:
        draft.name = target


MCP = Dialect(
    name="mcp",
    recognises=has("mcp.method.name"),
    kinds={
        "gen_ai.operation.name": OPERATIONS,
        "mcp.method.name": {
            "tools/call": StepKind.TOOL,
            "resources/read": StepKind.RETRIEVAL,
            "prompts/get": StepKind.RETRIEVAL,
            "sampling/createmessage": StepKind.MODEL,
            "elicitation/create": StepKind.HUMAN,
        },
    },
    aliases=aliases(conversation=("mcp.session.id",)),
    rekind=(_name_by_method,),
)
