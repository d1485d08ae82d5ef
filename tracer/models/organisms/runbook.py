"""A runbook: its lines as they stand in the messages, and which of them tool calls have settled.

A line is `N. tool_name {"argument": value}` in a message of any role; a number that does not rise begins another
runbook, and the last one counts. A line `Answer: X` says what to answer at the end.
"""

from __future__ import annotations

import ast
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tracer.models.organisms.reading import text_of

__all__ = ["DELEGATES", "TASK", "Line", "Runbook", "calls_in", "read_runbook"]

DELEGATES = "delegate_to_"
TASK = "task"  # the argument by which a tool that is an agent is told its work
_TOLD = "Calling tools:\n"  # how smolagents tells a model the calls that it made before
_LINE = re.compile(r"^(\d+)\. (\w+) (\{.*\})[ \t]*$", re.MULTILINE)
_NAMED = re.compile(r"(?<!\w)(\w+) (?=\{)")
_ANSWER = re.compile(r"^Answer: (.+?)[ \t]*$", re.MULTILINE)
_TRIES = 2


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a runbook: the tool to call, and with what."""

    number: int
    tool: str
    arguments: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.tool} {json.dumps(dict(self.arguments), ensure_ascii=False)}"

    def is_call(self, tool: str, arguments: Any) -> bool:
        """Tell whether a call does what the line says."""
        return self.tool == tool and self.arguments == arguments


@dataclass(frozen=True, slots=True)
class Runbook:
    """What is to be done, and how far it is.

    Attributes:
        lines: Its lines, in order.
        open: Those that no call has settled: none was made, or one that failed and has not been made again.
        answer: What to answer at the end; "" where nothing says it.
    """

    lines: tuple[Line, ...] = ()
    open: tuple[Line, ...] = ()
    answer: str = ""

    def kept(self, calls: Sequence[tuple[str, Any]]) -> int:
        """Give how many open lines some further calls would settle, taken in the order of the lines."""
        place = 0
        for tool, arguments in calls:
            place += place < len(self.open) and self.open[place].is_call(tool, arguments)
        return place


def read_runbook(messages: Sequence[Mapping[str, Any]]) -> Runbook:
    """Read the last runbook in some messages; without one it has no lines."""
    texts = [text_of(m.get("content")) for m in messages]
    lines = next((found for text in reversed(texts) if (found := _lines(text))), ())
    told = [a for m, t in zip(messages, texts, strict=True) if m.get("role") != "assistant" for a in _ANSWER.findall(t)]
    return Runbook(lines, _open(lines, messages), told[-1] if told else "")


def calls_in(text: str) -> list[tuple[str, Any]]:
    """List the calls that a text spells out as `tool_name {...}`, apart from the numbered lines of a runbook."""
    unnumbered = _LINE.sub("", text)
    found = ((match.group(1), _object_at(unnumbered, match.end())) for match in _NAMED.finditer(unnumbered))
    return [(tool, arguments) for tool, arguments in found if arguments is not None]


def _lines(text: str) -> tuple[Line, ...]:
    lines: list[Line] = []
    for number, tool, written in _LINE.findall(text):
        arguments = _object_at(written, 0)
        if arguments is None:
            continue
        if lines and int(number) <= lines[-1].number:
            lines.clear()
        lines.append(Line(int(number), tool, arguments))
    return tuple(lines)


def _object_at(text: str, start: int) -> dict[str, Any] | None:
    try:
        value, _ = json.JSONDecoder().raw_decode(text, start)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None


@dataclass(slots=True)
class _Count:
    failures: Counter[int] = field(default_factory=Counter[int])
    settled: set[int] = field(default_factory=set[int])


def _open(lines: tuple[Line, ...], messages: Sequence[Mapping[str, Any]]) -> tuple[Line, ...]:
    """Give the lines that the calls in the messages leave open; each call settles one line at most."""
    count = _Count()
    for tool, arguments, failed in _made(messages):
        unsettled = (place for place in range(len(lines)) if place not in count.settled)
        place = next((place for place in unsettled if lines[place].is_call(tool, arguments)), None)
        if place is None:
            continue
        count.failures[place] += failed
        if not failed or count.failures[place] >= _TRIES:
            count.settled.add(place)
    return tuple(line for place, line in enumerate(lines) if place not in count.settled)


def _made(messages: Sequence[Mapping[str, Any]]) -> Iterator[tuple[str, Any, bool]]:
    """Give tool, arguments and failure of every call made; work delegated counts as done by the one who delegated."""
    results = {m.get("tool_call_id"): text_of(m.get("content")) for m in messages if m.get("role") == "tool"}
    for place, message in enumerate(messages):
        heard = text_of(messages[place + 1].get("content")) if place + 1 < len(messages) else ""
        for call in message.get("tool_calls") or _told(message):
            function: Mapping[str, Any] = call.get("function") or {}
            tool, arguments = str(function.get("name", "")), _arguments(function.get("arguments"))
            failed = _is_error(results.get(call.get("id"), heard if not message.get("tool_calls") else ""))
            handed_over = tool.startswith(DELEGATES) or TASK in (arguments or {})
            delegated = (arguments or {}).values() if handed_over else ()
            for line in (line for text in delegated for line in _lines(str(text))):
                yield line.tool, line.arguments, failed
            yield tool, arguments, failed


def _told(message: Mapping[str, Any]) -> list[Any]:
    """List the calls that a message of the assistant tells in words, as a list in Python's own notation."""
    _, found, words = text_of(message.get("content")).partition(_TOLD)
    if not found or message.get("role") != "assistant":
        return []
    try:
        calls = ast.literal_eval(words.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return []
    return [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []


def _arguments(written: Any) -> dict[str, Any] | None:
    return written if isinstance(written, dict) else _object_at(str(written or "{}"), 0)


def _is_error(result: str) -> bool:
    return result.lower().startswith("error") or bool((_object_at(result, 0) or {}).get("error"))
