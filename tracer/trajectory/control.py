"""Status of a step: failure, control flow that the source shows as a failure, or a span that never ended."""

from __future__ import annotations

import re

from tracer.spans.names import GenAI, Prosaic
from tracer.trajectory.decode import as_text
from tracer.trajectory.draft import Draft

__all__ = ["settle_status"]

# LangGraph passes control by raising; whatever wraps a node then records an exception or an error.
_CONTROL = re.compile(
    r"\b(ParentCommand|GraphInterrupt|NodeInterrupt|GraphBubbleUp|GraphDrained)\b|^Command\(|^\(?Interrupt\("
)


def settle_status(draft: Draft) -> None:
    """Set `status` and `error` from the span's status, error type, exception events and our own marks."""
    span = draft.span
    kind, message = _exception(draft)
    told = (kind, message, span.status.message)
    if span.attributes.get(Prosaic.CONTROL_FLOW) or any(_CONTROL.search(text) for text in told if text):
        draft.status = "control"
    elif span.status.code == 2 or GenAI.ERROR_TYPE in span.attributes:
        draft.status = "error"
        draft.error = span.status.message or message or kind or "error"
    if span.is_open and draft.status == "ok":
        draft.status = "open"


def _exception(draft: Draft) -> tuple[str, str]:
    kind = as_text(draft.span.attributes.get(GenAI.ERROR_TYPE))
    message = ""
    for event in draft.span.events:
        if event.name in ("exception", "gen_ai.client.operation.exception"):
            kind = as_text(event.attributes.get("exception.type")) or kind
            message = as_text(event.attributes.get("exception.message")).lstrip('"')
    return kind, message
