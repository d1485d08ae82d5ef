"""LangGraph graphs of every shape become the spans of what happened in them, and nothing else."""

from __future__ import annotations

import asyncio
import operator
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langchain_core.tools import ToolException, tool
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphRecursionError
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from langgraph.types import Command, Send, interrupt

from tracer.spans.names import GenAI, Prosaic
from tracer.testing import Reply, scripted_model

ASK = {"messages": [HumanMessage("Where is the cat?")]}
ASYNC = [False, True]


class Log(MessagesState, total=False):
    """Messages, and a list that parallel nodes add to."""

    seen: Annotated[list[str], operator.add]


def call(graph: Any, handler: Any, given: Any, *, is_async: bool = False, **config: Any) -> Any:
    settings = {"callbacks": [handler], **config}
    return asyncio.run(graph.ainvoke(given, settings)) if is_async else graph.invoke(given, settings)


def node(model: Any, name: str = "agent", is_async: bool = False) -> Callable[..., Any]:
    """Give a node that calls a model with the messages so far."""

    def act(state: Any) -> Any:
        return {"messages": [model.invoke(state["messages"])]}

    async def act_async(state: Any) -> Any:
        return {"messages": [await model.ainvoke(state["messages"])]}

    chosen = act_async if is_async else act
    chosen.__name__ = name
    return chosen


def react(model: Any, tools: list[Any], *, is_async: bool = False, handle: bool = True, saver: Any = None) -> Any:
    """Give a ReAct graph."""
    graph = StateGraph(MessagesState)
    graph.add_node("agent", node(model.bind_tools(tools), is_async=is_async))
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=handle))
    graph.add_edge(START, "agent")
    graph.add_conditional_edges("agent", acts_or_ends)
    graph.add_edge("tools", "agent")
    return graph.compile(name="react", checkpointer=saver)


def acts_or_ends(state: Any) -> str:
    return "tools" if state["messages"][-1].tool_calls else END


@tool
def look(place: str) -> str:
    """Look at a place."""
    if place == "sea":
        raise ValueError("the sea is too far")
    return f"the {place} is empty"


def texts(messages: Any) -> list[str]:
    return [part.get("content") or part.get("response") or part.get("name") for m in messages for part in m["parts"]]


@pytest.mark.parametrize("is_async", ASYNC)
def test_react_with_tools(recording: Any, is_async: bool) -> None:
    """A ReAct loop is one agent with its model calls and tool calls, each in its node, joined by call id."""
    with scripted_model([("look", {"place": "shed"}), ("look", {"place": "garden"})], "Gone.") as script:
        graph = react(recording.chat(script), [look], is_async=is_async)
        with recording.run() as handler:
            call(graph, handler, ASK, is_async=is_async)
    assert recording.tree() == {
        "invoke_agent react": {
            "chat scripted": {},
            "execute_tool look": {},
            "execute_tool look #2": {},
            "chat scripted #2": {},
        }
    }
    first, second = recording.of("chat")
    asked = {span.attributes[GenAI.TOOL_CALL_ID]: span.attributes for span in recording.of("execute_tool")}
    assert set(asked) == {"call-1-1", "call-1-2"}
    assert "shed" in asked["call-1-1"][GenAI.TOOL_ARGUMENTS]
    assert asked["call-1-2"][GenAI.TOOL_RESULT] == "the garden is empty"
    assert first.attributes[GenAI.OUTPUT_MESSAGES][0] == second.attributes[GenAI.INPUT_MESSAGES][1]
    assert texts(second.attributes[GenAI.INPUT_MESSAGES]) == [
        "Where is the cat?",
        "look",
        "look",
        "the shed is empty",
        "the garden is empty",
    ]
    assert texts(second.attributes[GenAI.OUTPUT_MESSAGES]) == ["Gone."]
    assert [a[Prosaic.NODE] for a in asked.values()] == ["tools", "tools"]
    assert {s.attributes[Prosaic.AGENT_INSTANCE] for s in recording.spans()} == {
        recording.of("invoke_agent")[0].span_id
    }
    assert (first.attributes[GenAI.INPUT_TOKENS], first.attributes[GenAI.FINISH_REASONS]) == (3, ["tool_calls"])
    assert first.attributes[GenAI.REQUEST_SEED] == 0
    assert first.kind == 3
    assert all(span.status.code == 0 and not span.is_open for span in recording.spans())


@pytest.mark.parametrize("is_async", ASYNC)
@pytest.mark.parametrize("handled", [True, False])
def test_a_tool_that_raises_is_an_error_of_the_tool(recording: Any, handled: bool, is_async: bool) -> None:
    """A tool that raises is an error of the tool's span; of the agent's only where nobody handles it."""
    with scripted_model(("look", {"place": "sea"}), "Gone.") as script:
        graph = react(recording.chat(script), [look], is_async=is_async, handle=handled)
        with recording.run() as handler:
            if handled:
                call(graph, handler, ASK, is_async=is_async)
            else:
                with pytest.raises(ValueError, match="too far"):
                    call(graph, handler, ASK, is_async=is_async)
    (failed,) = recording.of("execute_tool")
    assert (failed.status.code, failed.status.message) == (2, "the sea is too far")
    assert failed.attributes[GenAI.ERROR_TYPE] == "ValueError"
    (agent,) = recording.of("invoke_agent")
    assert agent.status.code == (0 if handled else 2)
    assert "node tools" not in str(recording.tree())


def test_a_tool_that_tells_its_failure_is_an_error_too(recording: Any) -> None:
    """A tool that answers with an error message instead of raising has failed all the same."""

    @tool
    def count(thing: str) -> str:
        """Count."""
        raise ToolException("cannot count")

    count.handle_tool_error = True
    with scripted_model(("count", {"thing": "x"}), "Gone.") as script:
        graph = react(recording.chat(script), [count])
        with recording.run() as handler:
            call(graph, handler, ASK)
    (failed,) = recording.of("execute_tool")
    assert (failed.status.code, failed.attributes[GenAI.ERROR_TYPE]) == (2, "ToolException")


def handing_over(model: Any, to: str) -> Any:
    """Give a node that calls a model and hands over to another agent of the graph around."""

    def act(state: Any) -> Command[Any]:
        reply = model.invoke(state["messages"])
        return Command(goto=to, graph=Command.PARENT, update={"messages": [reply]})

    return act


def agent(name: str, act: Any) -> Any:
    graph = StateGraph(MessagesState)
    graph.add_node("think", act)
    graph.add_edge(START, "think")
    return graph.compile(name=name)


@pytest.mark.parametrize("is_async", ASYNC)
def test_handoffs_are_control_flow(recording: Any, is_async: bool) -> None:
    """A sub-graph that hands over to its sibling is an agent that passed control, and nothing has failed."""
    with scripted_model("Ask bob.", "It is here.") as script:
        model = recording.chat(script)
        graph = StateGraph(MessagesState)
        graph.add_node("alice", agent("alice", handing_over(model, "bob")))
        graph.add_node("bob", agent("bob", node(model)))
        graph.add_edge(START, "alice")
        with recording.run() as handler:
            call(graph.compile(name="team"), handler, ASK, is_async=is_async)
    assert recording.tree() == {
        "invoke_agent team": {
            "invoke_agent alice": {"chat scripted": {}},
            "invoke_agent bob": {"chat scripted": {}},
        }
    }
    assert all(span.status.code == 0 for span in recording.spans())
    alice, bob = recording.of("invoke_agent")[1:]
    assert alice.attributes[Prosaic.CONTROL_FLOW] == "handoff"
    assert Prosaic.CONTROL_FLOW not in bob.attributes
    chats = recording.of("chat")
    assert [chat.attributes[GenAI.AGENT_NAME] for chat in chats] == ["alice", "bob"]
    assert [chat.attributes[Prosaic.AGENT_INSTANCE] for chat in chats] == [alice.span_id, bob.span_id]


def test_a_tool_hands_over(recording: Any) -> None:
    """A tool that gives a command to go elsewhere is a handoff from the acting agent, with what it said."""

    @tool
    def transfer_to_bob() -> Command[Any]:
        """Hand over to bob."""
        told = ToolMessage("over to bob", tool_call_id="call-1-1")
        return Command(goto="bob", graph=Command.PARENT, update={"messages": [AIMessage("moving"), told]})

    with scripted_model(("transfer_to_bob", {}), "It is here.") as script:
        model = recording.chat(script)
        graph = StateGraph(MessagesState)
        graph.add_node("alice", react(model, [transfer_to_bob]))
        graph.add_node("bob", agent("bob", node(model)))
        graph.add_edge(START, "alice")
        with recording.run() as handler:
            call(graph.compile(name="team"), handler, ASK)
    (handed,) = recording.of("execute_tool")
    told = {key: handed.attributes[key] for key in (Prosaic.HANDOFF_FROM, Prosaic.HANDOFF_TO, GenAI.TOOL_RESULT)}
    assert told == {
        Prosaic.HANDOFF_FROM: "react",
        Prosaic.HANDOFF_TO: "bob",
        GenAI.TOOL_RESULT: "over to bob",
    }
    assert all(span.status.code == 0 for span in recording.spans())


@pytest.mark.parametrize("is_async", ASYNC)
@pytest.mark.parametrize("where", ["node", "node after a call", "tool"])
def test_interrupts_are_pauses(recording: Any, where: str, is_async: bool) -> None:
    """A run that waits for a person is paused where it waits, not failed, and goes on in a second call."""

    @tool
    def ask(question: str) -> str:
        """Ask a person."""
        return f"told {interrupt(question)}"

    def wait(state: Any) -> Any:
        if where == "node after a call":
            model.invoke(state["messages"])
        return {"messages": [HumanMessage(interrupt("May I?"))]}

    config = {"configurable": {"thread_id": "1"}}
    with scripted_model(("ask", {"question": "May I?"}) if where == "tool" else "Hm.", "Done.") as script:
        model = recording.chat(script)
        if where == "tool":
            graph = react(model, [ask], is_async=is_async, saver=InMemorySaver())
        else:
            parts = StateGraph(MessagesState)
            parts.add_node("wait", wait)
            parts.add_edge(START, "wait")
            graph = parts.compile(name="asking", checkpointer=InMemorySaver())
        with recording.run() as handler:
            paused = call(graph, handler, ASK, is_async=is_async, **config)
            assert paused["__interrupt__"]
            call(graph, handler, Command(resume="yes"), is_async=is_async, **config)
    spans = recording.spans()
    assert [span.name for span in spans if span.status.code == 2] == []
    paused_at = [span.name for span in spans if span.attributes.get(Prosaic.CONTROL_FLOW) == "interrupt"]
    assert paused_at == (["execute_tool ask"] if where == "tool" else ["node wait"])
    assert not any(span.is_open for span in spans)


@pytest.mark.parametrize("is_async", ASYNC)
def test_fan_out_and_join(recording: Any, is_async: bool) -> None:
    """Nodes that run side by side are children of one agent, and the node that joins them says what it waited for."""
    workers = [f"worker_{n}" for n in range(6)]
    with scripted_model("Done.") as script:
        model = recording.chat(script)
        graph = StateGraph(MessagesState)
        for worker in workers:
            graph.add_node(worker, node(model, worker, is_async))
            graph.add_edge(START, worker)
        graph.add_node("join", lambda state: {"messages": [AIMessage("all done")]})
        graph.add_edge(workers, "join")
        compiled = graph.compile(name="fan")
        for _ in range(5):
            with recording.run() as handler:
                call(compiled, handler, ASK, is_async=is_async)
    for run in range(5):
        (agent,) = recording.of("invoke_agent", run)
        chats = recording.of("chat", run)
        assert {chat.attributes[Prosaic.NODE] for chat in chats} == set(workers)
        assert {chat.parent_id for chat in chats} == {agent.span_id}
        (join,) = [span for span in recording.spans(run) if span.name == "node join"]
        assert f"join:{'+'.join(workers)}:join" in join.attributes[Prosaic.NODE_TRIGGERS]
        assert join.attributes[Prosaic.NODE_STEP] == 2
        assert len(recording.spans(run)) == 8


def send_thrice(state: Any) -> list[Send]:
    return [Send("work", state) for _ in range(3)]


def test_send_runs_one_node_many_times(recording: Any) -> None:
    """A node that is sent to several times is several acts of one name, each told apart by its task."""
    with scripted_model("Done.") as script:
        model = recording.chat(script)

        def work(state: Any) -> Any:
            model.invoke(state["messages"])
            return {}

        graph = StateGraph(MessagesState)
        graph.add_node("work", work)
        graph.add_conditional_edges(START, send_thrice, ["work"])
        with recording.run() as handler:
            call(graph.compile(name="map"), handler, ASK)
    chats = recording.of("chat")
    assert [chat.attributes[Prosaic.NODE] for chat in chats] == ["work"] * 3
    assert len({chat.attributes[Prosaic.NODE_TASK] for chat in chats}) == 3


def test_nested_graphs_are_agents_within_agents(recording: Any) -> None:
    """A graph as a node, and a graph called inside a node, are agents of their own within the one around them."""
    with scripted_model("Hm.") as script:
        model = recording.chat(script)
        inner = agent("inner", node(model))

        def calls_inner(state: Any) -> Any:
            return {"messages": inner.invoke(state)["messages"][-1:]}

        outer = StateGraph(MessagesState)
        outer.add_node("as_node", agent("middle", calls_inner))
        outer.add_node("plain", lambda state: {"messages": [AIMessage("x")]})
        outer.add_edge(START, "as_node")
        outer.add_edge("as_node", "plain")
        with recording.run() as handler:
            call(outer.compile(name="outer"), handler, ASK)
    assert recording.tree() == {
        "invoke_agent outer": {
            "invoke_agent middle": {"invoke_agent inner": {"chat scripted": {}}},
            "node plain": {},
        }
    }


def pool(work: Callable[[str], Any]) -> None:
    with ThreadPoolExecutor(2) as executor:
        list(executor.map(work, ["a", "b"]))


def threads(work: Callable[[str], Any]) -> None:
    started = [threading.Thread(target=work, args=(name,)) for name in ("a", "b")]
    for thread in started:
        thread.start()
    for thread in started:
        thread.join()


@pytest.mark.parametrize("spread", [pool, threads], ids=["pool", "threads"])
def test_threads_in_a_node_belong_to_it(recording: Any, spread: Any) -> None:
    """Model calls in threads that a node starts by itself are acts of that node, in the same trace."""
    with scripted_model("Done.") as script:
        model, client_model = recording.chat(script), recording.client(script)

        def work(name: str) -> None:
            model.invoke(name)
            asyncio.run(client_model.chat.completions.create(model="m", messages=[{"role": "user", "content": name}]))

        graph = StateGraph(MessagesState)
        graph.add_node("spread", lambda state: spread(work))
        graph.add_edge(START, "spread")
        with recording.run() as handler:
            call(graph.compile(name="threaded"), handler, ASK)
    (owner,) = recording.of("invoke_agent")
    chats = recording.of("chat")
    assert len(chats) == 4
    assert {(chat.parent_id, chat.attributes[Prosaic.NODE]) for chat in chats} == {(owner.span_id, "spread")}


def test_tasks_in_a_node_belong_to_it(recording: Any) -> None:
    """Model calls in asyncio tasks that a node starts are acts of that node."""
    with scripted_model("Done.") as script:
        model = recording.chat(script)

        async def spread(state: Any) -> Any:
            async with asyncio.TaskGroup() as group:
                for name in ("a", "b", "c"):
                    group.create_task(model.ainvoke(name))
            return {}

        graph = StateGraph(MessagesState)
        graph.add_node("spread", spread)
        graph.add_edge(START, "spread")
        with recording.run() as handler:
            call(graph.compile(name="tasks"), handler, ASK, is_async=True)
    assert [chat.attributes[Prosaic.NODE] for chat in recording.of("chat")] == ["spread"] * 3


def wrong(state: Any) -> Any:
    raise KeyError("answer")


@pytest.mark.parametrize("is_async", ASYNC)
def test_a_node_that_raises_says_so(recording: Any, is_async: bool) -> None:
    """A node that raises by itself gets a span with the error, whether or not a model call in it went well before."""
    with scripted_model("Hm.") as script:
        think = node(recording.chat(script))

        def think_and_fail(state: Any) -> Any:
            think(state)
            raise KeyError("answer")

        for act in (wrong, think_and_fail):
            with recording.run() as handler, pytest.raises(KeyError):
                call(agent("clumsy", act), handler, ASK, is_async=is_async)
    for run in range(2):
        failed = {span.name: span for span in recording.spans(run) if span.status.code == 2}
        assert set(failed) == {"invoke_agent clumsy", "node think"}
        assert failed["node think"].attributes[GenAI.ERROR_TYPE] == "KeyError"


def test_a_failed_call_is_an_error_once(recording: Any) -> None:
    """A model call that fails is an error of its span, and not also of a node around that only passed it on."""
    with scripted_model(Reply(400)) as script, recording.run() as handler, pytest.raises(Exception, match="400"):
        call(agent("asking", node(recording.chat(script))), handler, ASK)
    (chat,) = recording.of("chat")
    assert chat.status.code == 2
    assert "node think" not in str(recording.tree())


def test_the_recursion_limit_is_an_error_of_the_agent(recording: Any) -> None:
    """A graph that LangGraph stops for running too long has failed; its acts have not."""
    with scripted_model(("look", {"place": "shed"})) as script:
        graph = react(recording.chat(script), [look])
        with recording.run() as handler, pytest.raises(GraphRecursionError):
            call(graph, handler, ASK, recursion_limit=7)
    assert [s.name for s in recording.spans() if s.status.code == 2] == ["invoke_agent react"]


@pytest.mark.parametrize("is_async", ASYNC)
def test_streaming_is_recorded_alike(recording: Any, is_async: bool) -> None:
    """A graph that is streamed is recorded as one that is invoked."""
    with scripted_model(("look", {"place": "shed"}), "Gone.") as script:
        graph = react(recording.chat(script), [look], is_async=is_async)

        async def stream(config: Any) -> None:
            async for _ in graph.astream(ASK, config, stream_mode=["updates", "messages"]):
                pass

        with recording.run() as handler:
            config = {"callbacks": [handler]}
            if is_async:
                asyncio.run(stream(config))
            else:
                list(graph.stream(ASK, config, stream_mode="values"))
    assert recording.tree() == {
        "invoke_agent react": {"chat scripted": {}, "execute_tool look": {}, "chat scripted #2": {}}
    }
    assert texts(recording.of("chat")[1].attributes[GenAI.OUTPUT_MESSAGES]) == ["Gone."]


def test_a_stream_that_is_left_is_ended(recording: Any) -> None:
    """Whoever stops reading a stream leaves no span open but for what never went on."""
    with scripted_model(("look", {"place": "shed"}), "Gone.") as script:
        graph = react(recording.chat(script), [look])
        with recording.run() as handler:
            stream = graph.stream(ASK, {"callbacks": [handler]})
            next(stream)
            stream.close()
    assert [span.name for span in recording.spans() if span.is_open] == []


@pytest.mark.parametrize("shared", [True, False], ids=["one handler", "a handler each"])
def test_runs_side_by_side_are_kept_apart(recording: Any, shared: bool) -> None:
    """Runs of one graph that go on at the same time, in threads or tasks, are each recorded whole and apart."""

    def answer(body: Any) -> Any:
        return ("look", {"place": "shed"}) if len(body["messages"]) == 1 else body["messages"][0]["content"]

    with scripted_model(answer) as script:
        graph = react(recording.chat(script), [look], is_async=True)

        async def one(name: str) -> None:
            with recording.run() as handler:
                for _ in range(2 if shared else 1):
                    await graph.ainvoke({"messages": [HumanMessage(name)]}, {"callbacks": [handler]})

        async def several() -> None:
            await asyncio.gather(*[one(f"run {n}") for n in range(5)])

        asyncio.run(several())
    for run in range(5):
        chats = recording.of("chat", run)
        assert len(chats) == (4 if shared else 2)
        said = {texts(chat.attributes[GenAI.INPUT_MESSAGES])[0] for chat in chats}
        assert len(said) == 1
        assert texts(chats[-1].attributes[GenAI.OUTPUT_MESSAGES]) == list(said)


@pytest.mark.parametrize("through", ["LangChain", "the wire"])
def test_long_histories_stay_flat(recording: Any, through: str) -> None:
    """Each call adds the same bytes to the journal, though its history is longer every time; all messages come back."""
    steps = 50
    sizes: list[int] = []
    with scripted_model("A short answer.") as script:
        model, client = recording.chat(script), recording.client(script)
        history: list[Any] = []

        async def converse() -> None:
            for step in range(steps):
                before = recording.recorder.journal.path.stat().st_size
                if through == "LangChain":
                    history.append(HumanMessage(f"question {step:04d}"))
                    history.append(await model.ainvoke(history, {"callbacks": [handler]}))
                else:
                    history.append({"role": "user", "content": f"question {step:04d}"})
                    await client.chat.completions.create(model="m", messages=history)
                    history.append({"role": "assistant", "content": "A short answer."})
                sizes.append(recording.recorder.journal.path.stat().st_size - before)

        with recording.run() as handler:
            asyncio.run(converse())
    assert max(sizes[2:]) < 1.05 * min(sizes[2:])
    asked = texts(recording.of("chat")[-1].attributes[GenAI.INPUT_MESSAGES])
    assert asked[::2] == [f"question {step:04d}" for step in range(steps)]


def test_a_message_changed_in_place_is_recorded_as_sent(recording: Any) -> None:
    """A stack that edits a message object between two calls is recorded with what was sent each time."""
    message = HumanMessage("first")
    with scripted_model("Hm.") as script, recording.run() as handler:
        model = recording.chat(script)
        model.invoke([message], {"callbacks": [handler]})
        message.content = "second"
        model.invoke([message], {"callbacks": [handler]})
        message.content = [{"type": "text", "text": "third"}]
        model.invoke([message], {"callbacks": [handler]})
        message.content[0]["text"] = "fourth"  # type: ignore[index]
        model.invoke([message], {"callbacks": [handler]})
    asked = [texts(chat.attributes[GenAI.INPUT_MESSAGES]) for chat in recording.of("chat")]
    assert asked == [["first"], ["second"], ["third"], ["fourth"]]
    assert [body["messages"][0]["content"] for body in script.requests][:2] == ["first", "second"]


def test_a_tool_call_changed_in_place_is_recorded_as_sent(recording: Any) -> None:
    """The same holds for a tool call whose arguments a person mends before the model sees it again."""
    said = AIMessage("", tool_calls=[{"id": "c", "name": "look", "args": {"place": "sea"}}])
    history = [HumanMessage("Look."), said, ToolMessage("empty", tool_call_id="c")]
    with scripted_model("Hm.") as script, recording.run() as handler:
        model = recording.chat(script)
        model.invoke(history, {"callbacks": [handler]})
        said.tool_calls[0]["args"]["place"] = "shed"
        model.invoke(history, {"callbacks": [handler]})
    places = [chat.attributes[GenAI.INPUT_MESSAGES][1]["parts"][0]["arguments"] for chat in recording.of("chat")]
    assert places == [{"place": "sea"}, {"place": "shed"}]


def test_other_handlers_are_left_alone(recording: Any) -> None:
    """Recording takes nothing from a user's own callbacks."""

    class Counting(BaseCallbackHandler):
        calls = 0

        def on_chat_model_start(self, *args: Any, **kwargs: Any) -> None:
            self.calls += 1

    own = Counting()
    with scripted_model("Hm.") as script:
        graph = agent("a", node(recording.chat(script)))
        with recording.run() as handler:
            graph.invoke(ASK, {"callbacks": [own, handler]})
    assert own.calls == 1
    assert len(recording.of("chat")) == 1


@pytest.mark.parametrize("is_async", ASYNC)
def test_an_agent_called_again_is_the_same_agent(recording: Any, is_async: bool) -> None:
    """A graph that is called again by the same caller keeps its instance; side by side it is as many as are at work."""

    def think(state: Any) -> Any:
        return {"messages": [AIMessage("Hm.")]}

    inner = agent("inner", think)

    def spread(state: Any) -> list[Send]:
        return [Send("side", state)] * 3

    def twice(state: Any) -> Any:
        for _ in range(2):
            inner.invoke(ASK)
        return {}

    graph = StateGraph(MessagesState)
    graph.add_node("twice", twice)
    graph.add_node("side", inner)
    graph.add_edge(START, "twice")
    graph.add_conditional_edges("twice", spread, ["side"])
    with recording.run() as handler:
        call(graph.compile(name="outer"), handler, ASK, is_async=is_async)
    spans = [span for span in recording.of("invoke_agent") if span.name == "invoke_agent inner"]
    first, second, *beside = [span.attributes[Prosaic.AGENT_INSTANCE] for span in spans]
    assert first == second == spans[0].span_id
    assert len(set(beside)) == len(beside) == 3


def enters(state: Any) -> str:
    return "think"


def test_where_a_graph_is_entered_is_no_node(recording: Any) -> None:
    """The place from which a graph chooses its first node is LangGraph's own and leaves no trace."""
    graph = StateGraph(MessagesState)
    graph.add_node("think", lambda state: {})
    graph.add_conditional_edges(START, enters, ["think"])
    with recording.run() as handler:
        call(graph.compile(name="choosing"), handler, ASK)
    assert recording.tree() == {"invoke_agent choosing": {"node think": {}}}
