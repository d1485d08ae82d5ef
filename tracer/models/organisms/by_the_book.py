"""By the book: does the steps that it is given, in order, with whatever tools it has; an organism for any world.

It reads a runbook in its messages (`tracer/models/organisms/runbook.py`) and calls the tool of the first open line.
Where that tool is not on offer, it calls the handoff (`transfer_to_...`, `delegate_to_...`, or a tool that takes a
`task`) whose description names it.
When no line is open it submits, or says, the answer.

Other tools it calls only where a call is demanded (`tool_choice`), and it fills them by their schema: a list of steps
is the open lines, a flag says whether all lines are done, a number is the share of the lines done, a text is the answer
or the line that is open, and an enum is the answer, else the candidate that does most of the runbook, else its first
value. Calls that the last message spells out, as `tool_name {...}`, count as done there; a candidate is what follows
its name and a colon at the start of a line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tracer.models.organisms.reading import Act, Settings, Tool, View, text_of
from tracer.models.organisms.runbook import DELEGATES, TASK, Line, Runbook, calls_in, read_runbook

__all__ = ["any_tool", "by_the_book"]

_HANDOFFS = (DELEGATES, "transfer_to_")
_SUBMIT = ("submit_answer", "final_answer")


def by_the_book(view: View, settings: Settings) -> Act:
    """Call the tool of the first open line, or hand it over, or give the answer."""
    book = read_runbook(view.messages)
    act = _next_act(book, view.tools)
    if act is not None:
        return act
    asked = view.messages[-1] if view.messages else {}
    meaning = _Meaning(book, text_of(asked.get("content")) if asked.get("role") == "user" else "")
    control = _control(view.tools)
    if control is not None and (view.must_call or (control.name in _SUBMIT and not book.open)):
        return Act(tool=control.name, arguments=meaning.arguments(control.schema))
    return Act(text=str(meaning.one_of(view.options)) if view.options and not view.tools else meaning.text)


def any_tool(view: View) -> list[Act]:
    """List a call of each tool on offer: what a lapse may be."""
    meaning = _Meaning(read_runbook(view.messages))
    return [Act(tool=tool.name, arguments=meaning.arguments(tool.schema)) for tool in view.tools] or [Act()]


def _next_act(book: Runbook, tools: Sequence[Tool]) -> Act | None:
    if not book.open:
        return None
    line = book.open[0]
    if any(tool.name == line.tool for tool in tools):
        return Act(tool=line.tool, arguments=line.arguments)
    taker = next((t for t in tools if _hands_over(t) and _names(t, line)), None)
    if taker is None:
        return None
    theirs: list[Line] = []
    for following in book.open:
        if not _names(taker, following):
            break
        theirs.append(following)
    work = "\n".join(f"{line.number}. {line}" for line in theirs)
    return Act(tool=taker.name, arguments=_Meaning(book, said=work).arguments(taker.schema))


def _hands_over(tool: Tool) -> bool:
    return tool.name.startswith(_HANDOFFS) or TASK in (tool.schema.get("properties") or {})


def _names(tool: Tool, line: Line) -> bool:
    return re.search(rf"\b{re.escape(line.tool)}\b", tool.description) is not None


def _control(tools: Sequence[Tool]) -> Tool | None:
    """Give the tool by which something other than a step is answered: to submit, else the last that is no handoff."""
    own = [tool for tool in tools if not _hands_over(tool)]
    return next((tool for tool in own if tool.name in _SUBMIT), own[-1] if own else None)


@dataclass(frozen=True)
class _Meaning:
    """What the values of a schema are, seen from a runbook and from the message that asks for them."""

    book: Runbook
    asked: str = ""
    said: str = ""

    @property
    def left(self) -> tuple[Line, ...]:
        return self.book.open[self.book.kept(calls_in(self.asked)) :]

    @property
    def text(self) -> str:
        if self.said:
            return self.said
        return f"open: {self.left[0]}" if self.left else self.book.answer or "done"

    def arguments(self, schema: Mapping[str, Any]) -> dict[str, Any]:
        definitions: Mapping[str, Any] = schema.get("$defs") or {}
        properties: Mapping[str, Any] = schema.get("properties") or {}
        return {name: self.value({"$defs": definitions} | dict(value)) for name, value in properties.items()}

    def value(self, schema: Mapping[str, Any]) -> Any:
        definitions: Mapping[str, Any] = schema.get("$defs") or {}
        if "$ref" in schema:
            named = str(schema["$ref"]).rpartition("/")[2]
            return self.value({"$defs": definitions} | dict(definitions.get(named) or {}))
        for joined in ("anyOf", "oneOf", "allOf"):
            if schema.get(joined):
                return self.value({"$defs": definitions} | dict(schema[joined][0]))
        if "enum" in schema or "const" in schema:
            return self.one_of(schema.get("enum") or [schema.get("const")])
        match schema.get("type"):
            case "array":
                return self.steps({"$defs": definitions} | dict(schema.get("items") or {}), schema)
            case "object":
                return self.arguments(schema)
            case "boolean":
                return not self.left
            case "integer" | "number" as kind:
                low, high = float(schema.get("minimum", 0)), float(schema.get("maximum", 1))
                value = low + self.share * (high - low)
                return round(value) if kind == "integer" else value
            case _:
                return self.text

    @property
    def share(self) -> float:
        return 1 - len(self.left) / len(self.book.lines) if self.book.lines else 1.0

    def steps(self, item: Mapping[str, Any], schema: Mapping[str, Any]) -> list[Any]:
        steps = [_Meaning(self.book, self.asked, str(line)).value(item) for line in self.left]
        least = int(schema.get("minItems", 0))
        padded = [*steps, *[self.value(item)] * (least - len(steps))]
        return padded[: int(schema.get("maxItems", len(padded)))]

    def one_of(self, values: Sequence[Any]) -> Any:
        if self.book.answer in values:
            return self.book.answer
        sections = _sections(self.asked, [str(value) for value in values])
        return max(values, key=lambda value: self._worth(sections.get(str(value), "")))

    def _worth(self, section: str) -> tuple[int, bool]:
        says = re.search(rf"(?<!\w){re.escape(self.book.answer)}(?!\w)", section) if self.book.answer else None
        return self.book.kept(calls_in(section)), says is not None


def _sections(text: str, names: Sequence[str]) -> dict[str, str]:
    """Give name -> what follows it, up to the next name."""
    one = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    found = list(re.finditer(rf"^(?:\w+ )?({one}):", text, re.MULTILINE))
    ends = [*(match.start() for match in found), len(text)][1:]
    return {match.group(1): text[match.end() : end] for match, end in zip(found, ends, strict=True)}
