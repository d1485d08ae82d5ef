"""Answers bound to a closed set of options by the model's grammar, without listing them in the prompt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

__all__ = ["answer_format", "read_answer"]


def answer_format(options: Sequence[str]) -> dict[str, Any]:
    """Give the `response_format` that binds a reply to one of `options`.

    The schema is a bare enum, not an object: small models answer it two to three times as fast. Read the reply with
    `read_answer`.

    Raises:
        ValueError: There are no options.
    """
    if not options:
        raise ValueError("an answer cannot be bound to no options")
    schema = {"type": "string", "enum": list(options)}
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": schema}}


def read_answer(text: str) -> str:
    """Give the option that stands in a bound reply: undoes the JSON quoting; other text comes back stripped."""
    try:
        value = json.loads(text)
    except ValueError:
        return text.strip()
    return value if isinstance(value, str) else text.strip()
