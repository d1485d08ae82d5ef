"""Dataflow: which earlier output stands in which later input, whole, in passages, or as a number or name.

An `informs` edge leads from the step that produced a content to the step where the content first enters an actor's
context; its evidence says which message holds it, where, how (`whole`, `passage`, `token`), and which step of that
actor was the last to be shown it. So a history that grows with every call costs one edge a message, not one a call.

A later text is explained in this order: as a whole (by tool call id, or by equal content), by its longest passages, the
latest producer among equals, and at last by single tokens that are telling (long numbers, identifiers, addresses) and
new. What was first seen in an input, not in an output, came from outside, and its later copies are nobody's.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from tracer.spans.names import EdgeKind, Method, StepKind
from tracer.trajectory.collapse import content_key
from tracer.trajectory.contexts import Contexts
from tracer.trajectory.decode import as_text, decode
from tracer.trajectory.draft import Draft, Forest
from tracer.trajectory.passages import PassageIndex, squeeze
from tracer.trajectory.step import Edge, Message

__all__ = ["join_dataflow"]

_OUTSIDE = -1
_WHOLE = 4  # squeezed characters that an equal text needs to count as the same content
_TELLING = 16  # squeezed characters that a passage, or an equal text, needs to be told from chance
_TOKEN = re.compile(
    r"[\w.+-]+@[\w.-]+\w|https?://[^\s\"'<>)]+|\b(?=\w*\d)[A-Za-z0-9][\w-]{3,}\b|\b\d+[.,:]\d[\d.,:]*\b"
)
_PROMISING = re.compile(r"[\d@]|//")


@dataclass(frozen=True, slots=True)
class _Origin:
    """Where a content comes from, and what shows it."""

    producer: int
    method: Method
    confidence: float
    evidence: Mapping[str, Any]


@dataclass(slots=True)
class _Flow:
    """What has been produced and shown so far; steps are named by their place."""

    steps: list[Draft]
    index: PassageIndex = field(default_factory=PassageIndex)
    producers: list[int] = field(default_factory=list[int])
    whole: dict[str, int] = field(default_factory=dict[str, int])
    spoken: dict[Any, int] = field(default_factory=dict[Any, int])
    tokens: dict[str, int] = field(default_factory=dict[str, int])
    by_call: dict[str, int] = field(default_factory=dict[str, int])
    contexts: Contexts = field(default_factory=Contexts)
    entered: dict[str, dict[int, int]] = field(default_factory=lambda: defaultdict(dict))
    last: dict[str, Draft] = field(default_factory=dict[str, Draft])
    origins: dict[int, tuple[_Origin, ...]] = field(default_factory=dict[int, tuple[_Origin, ...]])
    edges: dict[tuple[int, int], Edge] = field(default_factory=dict[tuple[int, int], Edge])


def join_dataflow(forest: Forest) -> None:
    """Add `informs` edges."""
    silent = (StepKind.AGENT, StepKind.WORKFLOW, StepKind.PROBE)
    flow = _Flow([draft for draft in forest.drafts.values() if draft.kind not in silent])
    for kind, place in _moments(flow.steps):
        step = flow.steps[place]
        if kind == "end":
            _produce(flow, step, place)
            continue
        for position, text in enumerate(_argument_texts(step)):
            for origin in _explain(flow, text, squeeze(text), place):
                _note(flow, origin, place, {"argument": position})
        if step.input:
            _enter(flow, step, place)
    for agent, step in flow.last.items():
        for message in step.input:
            _prolong(flow, message, agent, step)
    forest.edges.extend(flow.edges.values())


def _enter(flow: _Flow, step: Draft, place: int) -> None:
    """Take in what a step is shown: only what is new in its actor's context has to be explained."""
    for message in flow.contexts.dropped(step):
        _prolong(flow, message, step.agent, flow.last[step.agent])
    seen = flow.entered[step.agent]
    for position, message in flow.contexts.fresh(step):
        if id(message) in seen:
            continue
        seen[id(message)] = place
        if id(message) not in flow.origins:
            flow.origins[id(message)] = _explain_message(flow, message, place)
        for origin in flow.origins[id(message)]:
            _note(flow, origin, place, {"message": position})
    flow.last[step.agent] = step


def _moments(steps: list[Draft]) -> Iterator[tuple[str, int]]:
    moments = [(d.stop_ns, 0 if d.stop_ns > d.start_ns else 2, "end", i) for i, d in enumerate(steps)]
    moments += [(d.start_ns, 1, "start", i) for i, d in enumerate(steps)]
    return ((kind, place) for _, _, kind, place in sorted(moments))


def _produce(flow: _Flow, step: Draft, place: int) -> None:
    if step.kind == StepKind.TOOL and step.tool_call_id:
        flow.by_call[step.tool_call_id] = place
    for message in step.output:
        if step.kind == StepKind.MODEL:
            flow.spoken[content_key((message,))] = place
        for text in (message.content, message.reasoning):
            if text:
                _remember(flow, text, squeeze(text), place)


def _remember(flow: _Flow, text: str, squeezed: str, place: int) -> None:
    known = flow.whole.get(squeezed)
    if known is None or place != _OUTSIDE:
        flow.whole[squeezed] = place
    flow.index.add(squeezed)
    flow.producers.append(place)
    for token in _tokens(text):
        flow.tokens.setdefault(token.lower(), place)


def _tokens(text: str) -> Iterator[str]:
    """Give the telling tokens of a text, each once; plain words, which most are, are passed over quickly."""
    for word in dict.fromkeys(text.split()):
        if not word.isalpha() and _PROMISING.search(word):
            yield from _TOKEN.findall(word)


def _argument_texts(step: Draft) -> list[str]:
    """Give the texts that go into an act that is no model call: arguments, queries, records, what is sent."""
    if step.kind in (StepKind.MODEL, StepKind.HUMAN):
        return []
    texts: list[str] = []
    for key in ("arguments", "query"):
        texts.extend(_leaves(decode(step.data.get(key))))
    if step.kind == StepKind.MESSAGE or (
        step.kind == StepKind.MEMORY and "search" not in str(step.data.get("operation"))
    ):
        texts.extend(message.content for message in step.output)
    return texts


def _leaves(value: Any, depth: int = 6) -> list[str]:
    if isinstance(value, Mapping) and depth:
        return [text for inner in value.values() for text in _leaves(inner, depth - 1)]
    if isinstance(value, (list, tuple)) and depth:
        return [text for inner in value for text in _leaves(inner, depth - 1)]
    return [] if value is None or isinstance(value, bool) else [as_text(value)]


def _explain_message(flow: _Flow, message: Message, place: int) -> tuple[_Origin, ...]:
    if message.tool_call_id and message.tool_call_id in flow.by_call:
        return (_Origin(flow.by_call[message.tool_call_id], Method.TOOL_CALL_ID, 1.0, {"how": "whole"}),)
    if message.role == "assistant":
        speaker = flow.spoken.get(content_key((message,)))
        if speaker is not None:
            return (_Origin(speaker, Method.CONTENT_MATCH, 0.99, {"how": "whole"}),)
    text = message.content
    if not text:
        return ()
    squeezed = squeeze(text)
    found = tuple(_explain(flow, text, squeezed, place))
    if not found or found[0].evidence["how"] != "whole":
        _remember_outside(flow, text, squeezed, found)
    return found


def _remember_outside(flow: _Flow, text: str, squeezed: str, found: tuple[_Origin, ...]) -> None:
    """Remember what of a text came from outside: all but the passages that were produced within."""
    rest = squeezed
    for origin in found:
        if origin.evidence["how"] == "passage":
            start, end = origin.evidence["offset"]
            rest = rest[:start] + "\0" * (end - start) + rest[end:]
    _remember(flow, "" if found else text, rest, _OUTSIDE)


def _explain(flow: _Flow, text: str, squeezed: str, place: int) -> Iterator[_Origin]:
    known = flow.whole.get(squeezed)
    if known is not None and len(squeezed) >= _WHOLE:
        if known not in (_OUTSIDE, place):
            sure = 0.98 if len(squeezed) >= _TELLING else 0.6
            yield _Origin(known, Method.CONTENT_MATCH, sure, {"how": "whole", "text": text[:80]})
        return
    explained: set[int] = set()
    for passage in flow.index.find(squeezed):
        length = passage.end - passage.start
        producer = flow.producers[passage.text]
        if _OUTSIDE in (producer, *(flow.producers[rival] for rival in passage.rivals)) or producer == place:
            continue
        if length < _TELLING and length < len(squeezed):
            continue
        rivals = {flow.producers[rival] for rival in passage.rivals} - {producer}
        explained.add(producer)
        evidence = {
            "how": "passage",
            "offset": (passage.start, passage.end),
            "source_offset": (passage.source_start, passage.source_start + length),
            "text": squeezed[passage.start : min(passage.end, passage.start + 80)],
        }
        yield _Origin(producer, Method.CONTENT_MATCH, min(0.95, 0.6 + length / 200) / (1 + len(rivals)), evidence)
    for token in _tokens(text):
        producer = flow.tokens.get(token.lower(), _OUTSIDE)
        if producer not in (_OUTSIDE, place) and producer not in explained:
            explained.add(producer)
            yield _Origin(producer, Method.CONTENT_MATCH, 0.5, {"how": "token", "text": token[:80]})


def _note(flow: _Flow, origin: _Origin, place: int, where: Mapping[str, Any]) -> None:
    key = (origin.producer, place)
    known = flow.edges.get(key)
    if origin.producer != place and (known is None or known.confidence < origin.confidence):
        evidence = {**where, **origin.evidence}
        source, target = flow.steps[origin.producer].id, flow.steps[place].id
        flow.edges[key] = Edge(source, target, EdgeKind.INFORMS, origin.method, round(origin.confidence, 3), evidence)


def _prolong(flow: _Flow, message: Message, agent: str, step: Draft) -> None:
    """Keep on the edges by which a message came in which step of the actor was the last to be shown it."""
    for origin in flow.origins[id(message)]:
        edge = flow.edges.get((origin.producer, flow.entered[agent][id(message)]))
        if edge is not None and edge.target != step.id:
            edge.evidence["until"] = step.id  # type: ignore[index]  # a dict of ours until the trajectory is made
