"""The tool by which an agent with tools gives one of the allowed answers, and how its call is read back."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AnyMessage, ToolMessage
from langchain_core.tools import StructuredTool

__all__ = ["answer_tool", "submitted"]

_SUBMIT = "submit_answer"


def answer_tool(options: Sequence[str]) -> StructuredTool:
    """Give the tool `submit_answer`, whose only argument is one of `options`; `submitted` reads its call back.

    The options stand in the schema alone, so that a model whose tool calls are emulated never reads them listed.

    Raises:
        ValueError: There are no options.
    """
    if not options:
        raise ValueError("an answer cannot be bound to no options")

    def submit(answer: str) -> str:
        if answer not in options:
            raise ValueError(f"{answer!r} is not a possible answer")
        return answer

    arguments = {
        "type": "object",
        "properties": {"answer": {"type": "string", "enum": list(options)}},
        "required": ["answer"],
    }
    return StructuredTool.from_function(
        submit, name=_SUBMIT, description="Give the final answer.", args_schema=arguments
    )


def submitted(messages: Sequence[AnyMessage]) -> str | None:
    """Give the answer that was submitted in the last turn, None where none was; example turns do not count."""
    for message in reversed(messages):
        if not isinstance(message, ToolMessage):
            return None
        if message.name == _SUBMIT and message.status == "success":
            return message.text
    return None
