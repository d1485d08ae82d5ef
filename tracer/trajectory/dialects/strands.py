"""Strands: GenAI names with the content in span events, and a span for every turn of the event loop."""

from __future__ import annotations

from dataclasses import replace

from tracer.spans.span import Span
from tracer.trajectory.dialects.genai import GENAI

__all__ = ["STRANDS"]


def _is_strands(span: Span) -> bool:
    attributes = span.attributes
    return (
        span.scope.name.startswith("strands")
        or "event_loop.cycle_id" in attributes
        or attributes.get("gen_ai.system") == "strands-agents"
        or attributes.get("gen_ai.provider.name") == "strands-agents"
    )


STRANDS = replace(GENAI, name="strands", recognises=_is_strands)
