"""Which model call asked for a tool, which one got its result, and which tools ran without a span."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from tracer.spans.names import EdgeKind, Method, StepKind
from tracer.spans.span import Span
from tracer.trajectory.contexts import Contexts
from tracer.trajectory.decode import canonical_arguments
from tracer.trajectory.draft import Draft, Forest, Handoff
from tracer.trajectory.step import Edge, Message, ToolCall
from tracer.trajectory.transfers import target_in_name

__all__ = ["join_calls"]


@dataclass(slots=True)
class _Asked:
    """One tool call that a model asked for, and the step that carries it out."""

    model: Draft
    call: ToolCall
    position: int
    answered: Draft | None = None


@dataclass(slots=True)
class _Desk:
    """All tool calls of a run, by id and by name, and by agent the model calls whose answers are not recorded."""

    by_id: dict[str, list[_Asked]] = field(default_factory=lambda: defaultdict(list))
    by_name: dict[str, list[_Asked]] = field(default_factory=lambda: defaultdict(list))
    mute: dict[str, list[Draft]] = field(default_factory=lambda: defaultdict(list))


def join_calls(forest: Forest) -> None:
    """Add `requests` and `returns` edges, and steps for tools that ran without a span.

    A tool step is joined by its call id to the last earlier model call that asked for it; without an id, to an
    unanswered call of the same name, agent and arguments (or of the same name alone, less surely); without recorded
    content, to the last model call of the same agent. A call that no step carries out but whose result is shown to a
    later model call did run: it gets a step of its own, marked as inferred.
    """
    models = forest.act({StepKind.MODEL})
    tools = forest.act({StepKind.TOOL, StepKind.HANDOFF})
    desk = _Desk()
    for model in models:
        calls = [call for message in model.output for call in message.tool_calls]
        for position, call in enumerate(calls):
            asked = _Asked(model, call, position)
            if call.id:
                desk.by_id[call.id].append(asked)
            desk.by_name[call.name].append(asked)
        if not model.output:
            desk.mute[model.agent].append(model)
    for tool in tools:
        _join_request(forest, tool, desk)
    _join_agents_as_tools(forest, desk)
    _add_unseen(forest, desk, models)
    _join_returns(forest, models)


def _join_request(forest: Forest, tool: Draft, desk: _Desk) -> None:
    if tool.tool_call_id and tool.tool_call_id in desk.by_id:
        named = desk.by_id[tool.tool_call_id]
        asked = _latest(named, tool)
        asked.answered = asked.answered or tool
        _request(forest, asked.model, tool, Method.TOOL_CALL_ID, 1.0 if len(named) == 1 else 0.95)
        return
    found = None if tool.tool_call_id else _by_content(tool, desk)
    if found is not None:
        confidence, asked = found
        asked.answered = tool
        if asked.call.id:
            tool.tool_call_id = asked.call.id
            tool.inferred["tool_call_id"] = (Method.CONTENT_MATCH, confidence)
        _request(forest, asked.model, tool, Method.CONTENT_MATCH if confidence > 0.7 else Method.TIME, confidence)
        return
    silent = desk.mute.get(tool.agent, [])
    place = bisect_right(silent, tool.start_ns, key=lambda model: model.start_ns)
    if place:
        _request(forest, silent[place - 1], tool, Method.TIME, 0.6)


def _request(forest: Forest, model: Draft, done: Draft, method: Method, confidence: float) -> None:
    if done.kind == StepKind.TOOL and not done.agent and model.agent:  # whoever asks for a tool is who uses it
        done.agent = model.agent
        done.inferred.setdefault("agent", (method, confidence))
    evidence = {"tool": done.name, "tool_call_id": done.tool_call_id}
    forest.edges.append(Edge(model.id, done.id, EdgeKind.REQUESTS, method, confidence, evidence))


def _latest(asked: list[_Asked], tool: Draft) -> _Asked:
    before = [a for a in asked if a.model.start_ns <= tool.start_ns]
    return before[-1] if before else asked[0]


def _by_content(tool: Draft, desk: _Desk) -> tuple[float, _Asked] | None:
    wanted = canonical_arguments(tool.data.get("arguments"))
    candidates = desk.by_name.get(tool.name, [])
    if tool.handoff is not None and not candidates:
        passed = tool.handoff.target
        candidates = [a for name, asked in desk.by_name.items() if target_in_name(name) == passed for a in asked]
    best: tuple[float, _Asked] | None = None
    for asked in reversed(candidates):
        if asked.answered is not None or asked.model.start_ns > tool.start_ns:
            continue
        same_arguments = "arguments" in tool.data and canonical_arguments(asked.call.arguments) == wanted
        confidence = round(0.4 + 0.35 * same_arguments + 0.2 * (asked.model.agent == tool.agent), 2)
        if best is None or confidence > best[0]:
            best = (confidence, asked)
        if confidence > 0.9:
            break
    return best


def _join_agents_as_tools(forest: Forest, desk: _Desk) -> None:
    """Join calls that are answered by an agent of that name: a manager that calls its workers as tools."""
    waiting = {name: [a for a in asked if a.answered is None] for name, asked in desk.by_name.items()}
    for agent in forest.drafts.values():
        if agent.kind != StepKind.AGENT or agent.setup:
            continue
        before = [a for a in waiting.get(agent.agent_name or agent.name, []) if a.model.stop_ns <= agent.start_ns]
        asked = next((a for a in reversed(before) if a.answered is None and a.model.agent != agent.agent), None)
        if asked is not None:
            asked.answered = agent
            agent.tool_call_id = asked.call.id
            source = forest.agents.get(asked.model.agent, "")
            agent.handoff = Handoff(source, agent.agent_name or agent.name, "agent as tool", Method.CONTENT_MATCH, 0.9)
            _request(forest, asked.model, agent, Method.CONTENT_MATCH, 0.9)


def _add_unseen(forest: Forest, desk: _Desk, models: list[Draft]) -> None:
    """Add a step for every call that no step carries out but whose result stands in a later input."""
    shown: dict[str, tuple[Draft, Message]] = {}
    contexts = Contexts()
    for model in models:
        for _, message in contexts.fresh(model):
            if message.tool_call_id:
                shown.setdefault(message.tool_call_id, (model, message))
    added = False
    for identity, askers in desk.by_id.items():
        if identity not in shown or any(asked.answered is not None for asked in askers):
            continue
        receiver, message = shown[identity]
        asked = askers[0]
        if receiver.start_ns >= asked.model.start_ns and receiver is not asked.model:
            tool = _unseen(asked, receiver, message)
            forest.drafts[tool.id] = tool
            _request(forest, asked.model, tool, Method.TOOL_CALL_ID, 1.0)
            added = True
    for asked in [a for askers in desk.by_id.values() for a in askers if a.answered is None]:
        added |= _add_passed(forest, asked, models)
    if added:
        forest.drafts = dict(sorted(forest.drafts.items(), key=lambda item: item[1].start_ns))


def _add_passed(forest: Forest, asked: _Asked, models: list[Draft]) -> bool:
    """Add a step for a call that passed control to an agent known only by its prompt; no result of it is shown."""
    target = target_in_name(asked.call.name, asked.call.arguments) or asked.call.name
    place = bisect_left(models, asked.model.stop_ns, key=lambda model: model.start_ns)
    taker = models[place] if place < len(models) else None
    if taker is None or taker.agent_name != target or "agent" not in taker.inferred:
        return False
    passing = _unseen(asked, taker, Message(role="tool", content=""))
    if passing.id in forest.drafts:
        return False
    passing.output = ()
    passing.handoff = Handoff("", target, "system prompt", Method.CONTENT_MATCH, 0.7)
    forest.drafts[passing.id] = passing
    _request(forest, asked.model, passing, Method.TOOL_CALL_ID, 0.9)
    return True


def _unseen(asked: _Asked, receiver: Draft, message: Message) -> Draft:
    model, call = asked.model, asked.call
    identity = f"{model.id}:call{asked.position}"
    start = min(model.stop_ns, receiver.start_ns)
    span = Span(model.span.trace_id, "", call.name, start, receiver.start_ns, resource=model.span.resource)
    return Draft(
        id=identity,
        kind=StepKind.TOOL,
        name=call.name,
        span=span,
        dialect=model.dialect,
        agent=model.agent,
        parent=model.parent,
        parent_known=(Method.TOOL_CALL_ID, 0.9),
        start_ns=start,
        end_ns=receiver.start_ns,
        output=(message,),
        tool_call_id=call.id,
        data={"arguments": call.arguments, "result": message.content},
        inferred={"step": (Method.TOOL_CALL_ID, 0.9), "start_ns": (Method.TIME, 0.5), "end_ns": (Method.TIME, 0.5)},
    )


def _join_returns(forest: Forest, models: list[Draft]) -> None:
    """Join each tool step to the first model call of each agent that is shown its result."""
    by_id: dict[str, list[Draft]] = defaultdict(list)
    by_text: dict[str, list[Draft]] = defaultdict(list)
    for draft in forest.drafts.values():
        if draft.kind in (StepKind.TOOL, StepKind.HANDOFF, StepKind.AGENT):
            if draft.tool_call_id:
                by_id[draft.tool_call_id].append(draft)
            if draft.output and draft.output[-1].content:
                by_text[draft.output[-1].content].append(draft)
    done: set[tuple[str, str]] = set()
    shown: dict[str, set[int]] = defaultdict(set)
    contexts = Contexts()
    for model in models:
        seen = shown[model.agent]
        for _, message in contexts.fresh(model):
            if message.role != "tool" or id(message) in seen:
                continue
            seen.add(id(message))
            tool = _returned(by_id, by_text, message, model)
            if tool is not None and (tool.id, model.agent) not in done:
                done.add((tool.id, model.agent))
                forest.edges.append(_returns(tool, model, message))


def _returned(
    by_id: Mapping[str, list[Draft]], by_text: Mapping[str, list[Draft]], message: Message, model: Draft
) -> Draft | None:
    tools = by_id.get(message.tool_call_id, []) if message.tool_call_id else by_text.get(message.content, [])
    place = bisect_left(tools, model.start_ns, key=lambda tool: tool.start_ns)
    return tools[place - 1] if place else None


def _returns(tool: Draft, model: Draft, message: Message) -> Edge:
    known, confidence = tool.inferred.get("tool_call_id", (Method.TOOL_CALL_ID, 1.0))
    if not message.tool_call_id:
        known, confidence = Method.CONTENT_MATCH, 0.85
    evidence = {"tool_call_id": message.tool_call_id or tool.tool_call_id}
    return Edge(tool.id, model.id, EdgeKind.RETURNS, known, confidence, evidence)
