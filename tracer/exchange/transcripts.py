"""Transcripts -> spans of our own dialect, as a recipe tells: one way in for every form of record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tracer.exchange.recipe import Recipe, lookup, value_of
from tracer.spans.names import GenAI, Prosaic, StepKind
from tracer.spans.otlp import make_id
from tracer.spans.span import Scope, Span, Status
from tracer.trajectory.decode import as_text, encode
from tracer.trajectory.messages import MessageReader
from tracer.trajectory.step import Message

__all__ = ["ImportedRun", "read_transcript"]

_TICK = 1_000_000  # nanoseconds between messages that carry no time
_SCOPE = Scope("prosaic.transcript")


@dataclass(frozen=True, slots=True)
class ImportedRun:
    """One run from outside.

    Attributes:
        id: Run id, also the trace id of its spans; the same for the same record at every import.
        spans: Its spans; those of a transcript are in our own dialect.
        source: File (and member, line) that it came from.
        form: Name of the recipe, or "otlp".
        scenario: What situation it is a run of, "" where the source does not tell.
        conditions: Condition -> value.
        outcome: Outcome -> value.
        model: Name of the model, "" where there are several or none is told.
        answer: What the system said in the end, None where it said nothing.
    """

    id: str
    spans: tuple[Span, ...]
    source: str
    form: str
    scenario: str = ""
    conditions: Mapping[str, Any] = field(default_factory=dict[str, Any])
    outcome: Mapping[str, Any] = field(default_factory=dict[str, Any])
    model: str = ""
    answer: str | None = None


def read_transcript(record: Mapping[str, Any], items: list[Any], recipe: Recipe, where: str) -> ImportedRun:
    """Give the run that a record is.

    Args:
        record: The record; for conditions and outcomes.
        items: Its messages, or its model calls.
        recipe: How to read them.
        where: File, member and line, for conditions taken from paths.
    """
    own = as_text(value_of(recipe.id, record, where)) if recipe.id else ""
    identity = make_id(recipe.name, own, encode(items), size=16)
    model = as_text(value_of(recipe.model, record, where))
    writer = _Writer(identity, recipe, model)
    (writer.write_calls if recipe.form == "calls" else writer.write_messages)(items)
    conditions = _told(recipe.conditions, record, where)
    outcome = _told(recipe.outcome, record, where)
    answer = value_of(recipe.answer, record, where) if recipe.answer else writer.said
    return ImportedRun(
        id=identity,
        spans=tuple(writer.finish(conditions, outcome, where)),
        source=where,
        form=recipe.name,
        scenario=as_text(value_of(recipe.scenario, record, where)) if recipe.scenario else own,
        conditions=conditions,
        outcome=outcome,
        model=model,
        answer=None if answer is None else as_text(answer),
    )


def _told(fields: Mapping[str, str], record: Any, where: str) -> dict[str, Any]:
    return {name: value_of(told, record, where) for name, told in fields.items()}


class _Writer:
    """Writes the spans of one run, message by message."""

    def __init__(self, run: str, recipe: Recipe, model: str) -> None:
        self.said: str | None = None
        self._run = run
        self._recipe = recipe
        self._model = model
        self._reader = MessageReader()
        self._root = make_id(run, "root")
        self._spans: list[Span] = []
        self._agents: dict[str, list[int]] = {}
        self._history: list[tuple[str, dict[str, Any], dict[str, Any]]] = []
        self._asked: dict[str, tuple[str, Any]] = {}
        self._speaker = ""
        self._now = _TICK

    def write_messages(self, items: Iterable[Any]) -> None:
        """Write a shared conversation: what an agent says is a model call whose input is all that came before."""
        for position, item in enumerate(items):
            told = _unwrapped(item) if isinstance(item, Mapping) else {"role": "user", "content": as_text(item)}
            self._tick(told)
            for message in self._reader.read([self._plain(told)]):
                self._write(position, message, told)

    def write_calls(self, items: Iterable[Any]) -> None:
        """Write model calls that each have an input of their own."""
        fields = self._recipe.message
        for position, item in enumerate(items):
            self._tick(item)
            speaker = as_text(lookup(item, fields.speaker)) or self._recipe.agent
            system = self._reader.read(lookup(item, fields.system), "system")
            given = system + self._reader.read(lookup(item, fields.input))
            made = self._reader.read(lookup(item, fields.output), "assistant")
            self._chat(position, speaker, [_as_parts(m) for m in given], [_as_parts(m) for m in made], item)
            self.said = made[-1].content if made else self.said

    def _plain(self, told: Mapping[str, Any]) -> dict[str, Any]:
        fields = self._recipe.message
        plain = {
            "role": lookup(told, fields.role, "user"),
            "content": lookup(told, fields.content),
            "tool_calls": lookup(told, fields.calls),
            "tool_call_id": lookup(told, fields.call_id),
            "name": lookup(told, fields.speaker),
        }
        return {key: value for key, value in plain.items() if value is not None}

    def _write(self, position: int, message: Message, told: Mapping[str, Any]) -> None:
        speaker = message.name
        if message.role == "tool" or speaker in self._recipe.tools:
            self._tool(position, message, told)
        elif message.role == "assistant" or (speaker and message.role not in ("system", *self._recipe.users)):
            self._speaker = speaker or self._recipe.agent
            given = [mine if who == self._speaker else theirs for who, mine, theirs in self._history]
            made = _as_parts(message)
            self._chat(position, self._speaker, given, [made], told)
            self.said = message.content or self.said
            for call in message.tool_calls:
                self._asked[call.id] = (call.name, call.arguments)
            other = made if not speaker else {**made, "role": "user"}
            self._history.append((self._speaker, made, other))
            return
        elif message.role != "system" and self.said is not None:
            self._human(position, message)
        parts = _as_parts(message)
        self._history.append((speaker, parts, parts))

    def _chat(
        self, position: int, speaker: str, given: list[dict[str, Any]], made: list[dict[str, Any]], told: Any
    ) -> None:
        model = as_text(lookup(told, self._recipe.message.model)) or self._model
        attributes = {
            GenAI.OPERATION: "chat",
            GenAI.REQUEST_MODEL: model,
            GenAI.INPUT_MESSAGES: tuple(given),
            GenAI.OUTPUT_MESSAGES: tuple(made),
        }
        self._act(position, speaker, f"chat {model}".strip(), attributes)

    def _tool(self, position: int, message: Message, told: Mapping[str, Any]) -> None:
        named, arguments = self._asked.get(message.tool_call_id, ("", None))
        name = named or message.name or "tool"
        attributes: dict[str, Any] = {
            GenAI.OPERATION: "execute_tool",
            GenAI.TOOL_NAME: name,
            GenAI.TOOL_RESULT: message.content,
        }
        if message.tool_call_id:
            attributes[GenAI.TOOL_CALL_ID] = message.tool_call_id
        if arguments is not None:
            attributes[GenAI.TOOL_ARGUMENTS] = arguments
        error = as_text(lookup(told, self._recipe.message.error))
        speaker = self._speaker or self._recipe.agent
        self._act(position, speaker, f"execute_tool {name}", attributes, Status(2, error) if error else Status())

    def _human(self, position: int, message: Message) -> None:
        attributes = {Prosaic.STEP_KIND: str(StepKind.HUMAN), Prosaic.HUMAN_ANSWER: message.content}
        self._act(position, "", message.name or "user", attributes)

    def _act(
        self, position: int, speaker: str, name: str, attributes: dict[str, Any], status: Status | None = None
    ) -> None:
        start, end = self._now, self._now + _TICK - _TICK // 10
        parent = self._root
        if speaker:
            held = self._agents.setdefault(speaker, [start, end])
            held[1] = end
            parent = make_id(self._run, "agent", speaker)
            attributes = {**attributes, GenAI.AGENT_NAME: speaker, Prosaic.AGENT_INSTANCE: parent}
        identity = make_id(self._run, position, len(self._spans), name)
        told = {**attributes, "prosaic.import.index": position}
        self._spans.append(self._span(identity, name, (start, end), parent, told, status))
        self._now += _TICK

    def _tick(self, told: Any) -> None:
        time = _nanoseconds(lookup(told, self._recipe.message.time))
        self._now = max(self._now, time) if time else self._now

    def finish(self, conditions: Mapping[str, Any], outcome: Mapping[str, Any], where: str) -> Iterator[Span]:
        """Give all spans: the run, its agents, what they did."""
        whole = (min((s.start_ns for s in self._spans), default=_TICK), self._now)
        facts = {
            GenAI.OPERATION: "invoke_workflow",
            GenAI.WORKFLOW_NAME: self._recipe.name,
            "prosaic.import.recipe": self._recipe.name,
            "prosaic.import.source": where,
            "prosaic.conditions": dict(conditions),
            "prosaic.outcome": dict(outcome),
        }
        yield self._span(self._root, f"invoke_workflow {self._recipe.name}", whole, None, facts)
        for speaker, (start, end) in self._agents.items():
            identity = make_id(self._run, "agent", speaker)
            told = {GenAI.OPERATION: "invoke_agent", GenAI.AGENT_NAME: speaker, Prosaic.AGENT_INSTANCE: identity}
            yield self._span(identity, f"invoke_agent {speaker}", (start, end), self._root, told)
        yield from self._spans

    def _span(
        self,
        identity: str,
        name: str,
        times: tuple[int, int],
        parent: str | None,
        attributes: dict[str, Any],
        status: Status | None = None,
    ) -> Span:
        return Span(
            trace_id=self._run,
            span_id=identity,
            parent_id=parent,
            name=name,
            kind=1,
            start_ns=times[0],
            end_ns=times[1],
            attributes={Prosaic.RUN_ID: self._run, **attributes},
            status=status or Status(),
            scope=_SCOPE,
        )


def _unwrapped(item: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give the fields of a message that LangChain wrote as a constructor and its arguments, else the message."""
    return item["kwargs"] if "lc" in item and isinstance(item.get("kwargs"), Mapping) else item


def _as_parts(message: Message) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    if message.role == "tool":
        parts.append({"type": "tool_call_response", "id": message.tool_call_id, "response": message.content})
    else:
        if message.reasoning:
            parts.append({"type": "reasoning", "content": message.reasoning})
        if message.content:
            parts.append({"type": "text", "content": message.content})
        parts += [
            {"type": "tool_call", "id": c.id, "name": c.name, "arguments": c.arguments} for c in message.tool_calls
        ]
    made: dict[str, Any] = {"role": message.role, "parts": parts}
    return {**made, "name": message.name} if message.name else made


def _nanoseconds(value: Any) -> int:
    """Give Unix nanoseconds from seconds, milliseconds, nanoseconds or ISO 8601; 0 where it is none of these."""
    if isinstance(value, str):
        try:
            return int(datetime.fromisoformat(value).timestamp() * 1e9)
        except (ValueError, OverflowError):
            return 0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value < 1e19:
        return 0
    return int(value * (1e9 if value < 1e11 else 1e6 if value < 1e14 else 1))
