"""AutoGen: agents and tools by GenAI names, and the runtime's message passing as messaging spans with links."""

from __future__ import annotations

import re

from tracer.spans.names import StepKind
from tracer.trajectory.decode import as_text, decode_mapping
from tracer.trajectory.dialects.dialect import Dialect, aliases, scoped
from tracer.trajectory.dialects.genai import OPERATIONS, mark_setup
from tracer.trajectory.draft import Draft
from tracer.trajectory.messages import MessageReader

__all__ = ["AUTOGEN"]

_UUID = re.compile(r"_[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}.*$")


def _read_message(draft: Draft, reader: MessageReader) -> None:
    """A message is the span that handles it: only that one has content, sender and recipient."""
    attributes = draft.attributes
    if draft.kind != StepKind.MESSAGE:
        return
    draft.name = as_text(attributes.get("message_type")) or "message"
    draft.data["from"] = _plain(as_text(attributes.get("sender_agent_type")))
    draft.data["to"] = [_plain(as_text(attributes.get("recipient_agent_type")))]
    context = decode_mapping(attributes.get("message_context"))
    draft.data["message"] = as_text(context.get("message_id"))
    draft.output = reader.read(attributes.get("message"), "assistant")[-1:]


def _plain(name: str) -> str:
    return _UUID.sub("", name)


AUTOGEN = Dialect(
    name="autogen",
    recognises=scoped("autogen"),
    kinds={
        "gen_ai.operation.name": OPERATIONS,
        "messaging.operation": {
            "process": StepKind.MESSAGE,
            "create": StepKind.WORKFLOW,
            "publish": StepKind.WORKFLOW,
            "send": StepKind.WORKFLOW,
            "ack": StepKind.WORKFLOW,
            "receive": StepKind.WORKFLOW,
        },
    },
    aliases=aliases(),
    repairs=(mark_setup, _read_message),
)
