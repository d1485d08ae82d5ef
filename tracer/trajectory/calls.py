"""Which model call asked for a tool, and which one got its result."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping

from tracer.spans.names import EdgeKind, Method, StepKind
from tracer.trajectory.decode import canonical_arguments
from tracer.trajectory.draft import Draft, Forest
from tracer.trajectory.step import Edge, Message, ToolCall

__all__ = ["join_calls"]


def join_calls(forest: Forest) -> None:
    """Add `requests` and `returns` edges.

    A tool step is joined by its call id to the last earlier model call that asked for it; without an id, to an
    unanswered call of the same name, agent and arguments (or of the same name alone, less surely).
    """
    models = forest.act({StepKind.MODEL})
    tools = forest.act({StepKind.TOOL, StepKind.HANDOFF})
    _join_requests(forest, models, tools)
    _join_returns(forest, models, tools)


def _join_requests(forest: Forest, models: list[Draft], tools: list[Draft]) -> None:
    by_id: dict[str, list[Draft]] = defaultdict(list)
    by_name: dict[str, list[tuple[Draft, ToolCall]]] = defaultdict(list)
    for model in models:
        for call in _calls(model):
            if call.id:
                by_id[call.id].append(model)
            by_name[call.name].append((model, call))
    answered: set[tuple[str, str, bytes]] = set()
    for tool in tools:
        asker = _latest(by_id.get(tool.tool_call_id, []), tool) if tool.tool_call_id else None
        if asker is not None:
            confidence = 1.0 if len(by_id[tool.tool_call_id]) == 1 else 0.95
            evidence = {"tool_call_id": tool.tool_call_id}
            forest.edges.append(Edge(asker.id, tool.id, EdgeKind.REQUESTS, Method.TOOL_CALL_ID, confidence, evidence))
        elif not tool.tool_call_id:
            _join_by_content(forest, tool, by_name, answered)


def _calls(model: Draft) -> list[ToolCall]:
    return [call for message in model.output for call in message.tool_calls]


def _latest(askers: list[Draft], tool: Draft) -> Draft | None:
    before = [asker for asker in askers if asker.start_ns <= tool.start_ns]
    return (before or askers or [None])[-1 if before else 0]


def _join_by_content(
    forest: Forest,
    tool: Draft,
    by_name: Mapping[str, list[tuple[Draft, ToolCall]]],
    answered: set[tuple[str, str, bytes]],
) -> None:
    wanted = canonical_arguments(tool.data.get("arguments"))
    best: tuple[float, Draft, ToolCall] | None = None
    for model, call in reversed(by_name.get(tool.name, [])):
        key = (model.id, call.id, canonical_arguments(call.arguments))
        if model.start_ns > tool.start_ns or key in answered:
            continue
        same_arguments = "arguments" in tool.data and canonical_arguments(call.arguments) == wanted
        same_agent = model.agent == tool.agent
        confidence = 0.4 + 0.35 * same_arguments + 0.2 * same_agent
        if best is None or confidence > best[0]:
            best = (confidence, model, call)
        if same_arguments and same_agent:
            break
    if best is None:
        return
    confidence, model, call = best
    answered.add((model.id, call.id, canonical_arguments(call.arguments)))
    if call.id:
        tool.tool_call_id = call.id
        tool.inferred["tool_call_id"] = (Method.CONTENT_MATCH, round(confidence, 2))
    method = Method.CONTENT_MATCH if confidence > 0.7 else Method.TIME
    evidence = {"tool": tool.name, "call": call.id}
    forest.edges.append(Edge(model.id, tool.id, EdgeKind.REQUESTS, method, round(confidence, 2), evidence))


def _join_returns(forest: Forest, models: list[Draft], tools: list[Draft]) -> None:
    """Join each tool step to the first model call of each agent that is shown its result."""
    by_id: dict[str, list[Draft]] = defaultdict(list)
    for tool in tools:
        if tool.tool_call_id:
            by_id[tool.tool_call_id].append(tool)
    done: set[tuple[str, str]] = set()
    shown: dict[str, set[int]] = defaultdict(set)
    for model in models:
        seen = shown[model.agent]
        for message in model.input:
            if not message.tool_call_id or id(message) in seen:
                continue
            seen.add(id(message))
            tool = _returned(by_id.get(message.tool_call_id, []), model)
            if tool is not None and (tool.id, model.agent) not in done:
                done.add((tool.id, model.agent))
                forest.edges.append(_returns(tool, model, message))


def _returned(tools: list[Draft], model: Draft) -> Draft | None:
    ended = [tool.stop_ns for tool in tools]
    if ended != sorted(ended):
        return next((t for t in reversed(tools) if t.start_ns <= model.start_ns), None)
    place = bisect_right(ended, model.start_ns)
    if place:
        return tools[place - 1]
    return tools[0] if tools and tools[0].start_ns <= model.start_ns else None


def _returns(tool: Draft, model: Draft, message: Message) -> Edge:
    known, confidence = tool.inferred.get("tool_call_id", (Method.TOOL_CALL_ID, 1.0))
    return Edge(tool.id, model.id, EdgeKind.RETURNS, known, confidence, {"tool_call_id": message.tool_call_id})
