"""What a stack says about itself becomes spans and events at the place where it says it."""

from __future__ import annotations

import asyncio
from typing import Any

from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.types import interrupt

from tracer.recording import Emitter
from tracer.spans import Span
from tracer.spans.names import GenAI, Prosaic
from tracer.testing import scripted_model
from tracer.trajectory import build_trajectory


def told(span: Span) -> dict[str, Any]:
    return {k: v for k, v in span.attributes.items() if k != Prosaic.RUN_ID}


def test_plan_and_its_steps(recording: Any) -> None:
    """A plan holds the call that made it and its steps; what is done for a step lies within that step."""
    emit: Emitter = recording.emit
    with scripted_model("1. look 2. say") as script, recording.run() as handler:
        model = recording.chat(script)
        with emit.plan("search") as plan:
            model.invoke("Plan!", {"callbacks": [handler]})
            plan.steps(["look", {"id": "talk", "text": "say"}])
        with emit.plan_step("1"):
            model.invoke("Look!", {"callbacks": [handler]})
            emit.goal("find the cat")
    assert recording.tree() == {"plan search": {"chat scripted": {}}, "plan step 1": {"chat scripted": {}}}
    plan_span, step = (next(s for s in recording.spans() if s.name == name) for name in ("plan search", "plan step 1"))
    assert plan_span.attributes[Prosaic.PLAN_VERSION] == 1
    trajectory = build_trajectory(recording.store.spans(recording.runs[-1]), id="r")
    (planned,) = [s for s in trajectory.steps if s.kind == "plan"]
    assert planned.data["steps"] == [{"id": "1", "text": "look"}, {"id": "talk", "text": "say"}]
    assert step.attributes[Prosaic.PLAN_STEP_ID] == "1"
    assert step.events[0].attributes[Prosaic.PLAN_STEP_ID] == "1"


def test_a_plan_made_anew_is_a_new_version(recording: Any) -> None:
    """Planning again under the same name counts the versions; another plan begins its own."""
    emit = recording.emit
    with recording.run():
        for name in ("a", "b", "a", "a"):
            with emit.plan(name) as plan:
                plan.steps([])
    versions = [(s.attributes[Prosaic.PLAN_ID], s.attributes[Prosaic.PLAN_VERSION]) for s in recording.spans()]
    assert versions == [("a", 1), ("b", 1), ("a", 2), ("a", 3)]


def test_memory(recording: Any) -> None:
    """Reads and writes of a memory say what was looked for and what was found, however long."""
    with recording.run():
        recording.emit.memory(
            "search_memory", query="cat", records=[{"id": 7, "content": "long " * 100}], store="notes"
        )
        recording.emit.memory("create_memory")
    read, written = recording.spans()
    assert (read.name, read.attributes[GenAI.MEMORY_STORE]) == ("search_memory", "notes")
    assert read.attributes[GenAI.MEMORY_QUERY] == "cat"
    assert read.attributes[GenAI.MEMORY_RECORDS] == [{"id": 7, "content": "long " * 100}]
    assert told(written) == {GenAI.OPERATION: "create_memory", GenAI.MEMORY_STORE: "memory"}


def test_goals_and_beliefs_are_events_where_they_are_said(recording: Any) -> None:
    """Goals and beliefs are events of the span within which they are stated, in their order."""
    emit = recording.emit
    with recording.run(), recording.recorder.span("thinking", {}):
        emit.goal("find the cat", status="adopted", source="user", goal_id="g")
        emit.belief("it is in the shed", confidence=0.4, belief_id="b")
        emit.belief("it is in the shed", operation="retract", source="observed", belief_id="b")
    (span,) = recording.spans()
    assert [event.name for event in span.events] == [Prosaic.GOAL_EVENT, Prosaic.BELIEF_EVENT, Prosaic.BELIEF_EVENT]
    assert span.events[0].attributes == {
        Prosaic.GOAL_TEXT: "find the cat",
        Prosaic.GOAL_STATUS: "adopted",
        Prosaic.GOAL_SOURCE: "user",
        Prosaic.GOAL_ID: "g",
    }
    told = [(e.attributes[Prosaic.BELIEF_OPERATION], e.attributes[Prosaic.BELIEF_CONFIDENCE]) for e in span.events[1:]]
    assert told == [("assert", 0.4), ("retract", 1.0)]


def test_handoffs_and_messages(recording: Any) -> None:
    """A handoff and a message name who and whom; messages have ids of their own."""
    emit = recording.emit
    with recording.run():
        emit.handoff("alice", "bob", "he knows the garden")
        ids = [emit.message("bob", ["alice", "carol"], "it is " * 50), emit.message("alice", ["bob"], "")]
    handoff, first, second = map(told, recording.spans())
    assert (handoff[Prosaic.HANDOFF_FROM], handoff[Prosaic.HANDOFF_TO]) == ("alice", "bob")
    assert handoff["prosaic.handoff.reason"] == "he knows the garden"
    assert first[Prosaic.MESSAGE_TO] == ["alice", "carol"]
    assert first[Prosaic.MESSAGE_CONTENT] == "it is " * 50
    assert ids == [first[Prosaic.MESSAGE_ID], second[Prosaic.MESSAGE_ID]]
    assert len(set(ids)) == 2


def test_a_node_speaks_in_its_own_name(recording: Any) -> None:
    """What a graph's node emits carries the node and the agent, and a pause inside it is no error."""
    emit = recording.emit

    def act(state: Any) -> Any:
        emit.belief("it is late")
        with emit.plan_step("ask"):
            interrupt("May I?")

    graph = StateGraph(MessagesState)
    graph.add_node("act", act)
    graph.add_edge(START, "act")
    compiled = graph.compile(name="planner", checkpointer=InMemorySaver())
    with recording.run() as handler:
        compiled.invoke({"messages": []}, {"callbacks": [handler], "configurable": {"thread_id": "1"}})
    spans = {span.name: span for span in recording.spans()}
    step = spans["plan step ask"]
    assert (step.attributes[Prosaic.NODE], step.attributes[GenAI.AGENT_NAME]) == ("act", "planner")
    assert (step.status.code, step.attributes[Prosaic.CONTROL_FLOW]) == (0, "interrupt")
    assert step.parent_id == spans["invoke_agent planner"].span_id
    assert [event.name for event in spans["invoke_agent planner"].events] == [Prosaic.BELIEF_EVENT]


def test_emitting_outside_a_run_breaks_nothing(recording: Any) -> None:
    """A stack that is tried outside of any run may emit all the same."""
    emit = recording.emit
    emit.goal("find the cat")
    emit.memory("search_memory", query="cat")
    with emit.plan() as plan:
        plan.steps(["a"])


def test_a_call_inside_a_plan_of_a_node_lies_within_the_plan(recording: Any) -> None:
    """Plans and their steps hold the model calls and graphs inside them, though LangChain knows nothing of plans."""
    emit = recording.emit
    with scripted_model("1. look") as script:
        model = recording.chat(script)

        async def call(state: Any) -> Any:
            return {"messages": [await model.ainvoke(state["messages"])]}

        inner = StateGraph(MessagesState)
        inner.add_node("call", call)
        inner.add_edge(START, "call")
        worker = inner.compile(name="worker")

        async def act(state: Any) -> Any:
            with emit.plan() as plan:
                await model.ainvoke(state["messages"])
                plan.steps(["look"])
            with emit.plan_step("1"), emit.plan_step("1.1"):
                await worker.ainvoke(state)
            return {"messages": [await model.ainvoke(state["messages"])]}

        graph = StateGraph(MessagesState)
        graph.add_node("act", act)
        graph.add_edge(START, "act")
        with recording.run() as handler:
            asyncio.run(graph.compile(name="planner").ainvoke({"messages": []}, {"callbacks": [handler]}))
    chat: dict[str, Any] = {"chat scripted": {}}
    step = {"plan step 1": {"plan step 1.1": {"invoke_agent worker": chat}}}
    assert recording.tree() == {"invoke_agent planner": {"plan plan": chat, **step, **chat}}


def test_what_comes_after_a_graph_is_no_act_of_it(recording: Any) -> None:
    """What is told once an awaited graph is over, or paused, stands where the graph was called from."""
    emit = recording.emit

    async def wait(state: Any) -> Any:
        return {"messages": [interrupt("May I?")]}

    def calling(name: str, act: Any) -> Any:
        graph = StateGraph(MessagesState)
        graph.add_node(name, act)
        graph.add_edge(START, name)
        return graph.compile(name=name, checkpointer=InMemorySaver())

    inner = calling("inner", wait)

    async def call_inner(state: Any) -> Any:
        await inner.ainvoke({"messages": []}, {"configurable": {"thread_id": "2"}})
        emit.message("outer", ["inner"], "go on")
        emit.goal("find the cat")
        return {}

    async def run(handler: Any) -> None:
        settings: Any = {"callbacks": [handler], "configurable": {"thread_id": "1"}}
        await calling("outer", call_inner).ainvoke({"messages": []}, settings)
        emit.message("caller", ["outer"], "done")

    with recording.run() as handler:
        asyncio.run(run(handler))
    spans = {span.name: span for span in recording.spans()}
    agent = spans["invoke_agent outer"]
    within, after = spans["message outer"], spans["message caller"]
    assert (within.parent_id, within.attributes[GenAI.AGENT_NAME]) == (agent.span_id, "outer")
    assert (after.parent_id, GenAI.AGENT_NAME in after.attributes) == (agent.parent_id, False)
    assert [event.name for event in agent.events] == [Prosaic.GOAL_EVENT]
