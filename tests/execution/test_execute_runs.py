"""A run ends in one of six statuses with its reason, and everything it did is in the store."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest

from tracer.errors import StoreError
from tracer.models import Meter
from tracer.spans.names import GenAI, Prosaic
from tracer.testing import Reply, Turn, scripted_model

GRAPH = """
    from langgraph.graph import START, MessagesState, StateGraph

    def build(kit):
        def think(state):
            return {"messages": [kit.model.invoke(state["messages"])]}
        graph = StateGraph(MessagesState)
        graph.add_node("think", think)
        graph.add_edge(START, "think")
        return graph.compile(name="thinker")
"""
PLAIN_ASYNC = """
    def build(kit):
        async def run(messages):
            reply = await kit.client.chat.completions.create(model=kit.model_name, messages=messages)
            return reply.choices[0].message.content
        return run
"""
PLAIN_SYNC = """
    def build(kit):
        return lambda messages: kit.model.invoke(messages).text
"""
CALLABLE = """
    class Stack:
        def __init__(self, kit):
            self.kit = kit
        async def __call__(self, messages):
            return (await self.kit.model.ainvoke(messages)).text

    build = Stack
"""
DICTS = """
    class Stack:
        def __init__(self, kit):
            self.kit = kit
        async def ainvoke(self, state, config=None):
            reply = await self.kit.model.ainvoke(state["messages"])
            return {"messages": [*state["messages"], {"role": "assistant", "content": reply.text}]}

    build = Stack
"""
TALKS_ON = """
    def build(kit):
        async def run(messages):
            while True:
                await kit.model.ainvoke(messages)
        return run
"""
SWALLOWS = """
    def build(kit):
        async def run(messages):
            for _ in range(20):
                try:
                    await kit.model.ainvoke(messages)
                except Exception:
                    return "I give up"
        return run
"""
SLEEPS = """
    import asyncio, time

    def build(kit):
        async def run(messages):
            await asyncio.sleep(30)
        return run
"""
LOOPS = """
    from langgraph.graph import START, MessagesState, StateGraph

    def build(kit):
        graph = StateGraph(MessagesState)
        graph.add_node("again", lambda state: {})
        graph.add_edge(START, "again")
        graph.add_edge("again", "again")
        return graph.compile()
"""


@pytest.mark.parametrize(
    "stack", [GRAPH, PLAIN_ASYNC, PLAIN_SYNC, CALLABLE, DICTS], ids=["graph", "async", "sync", "callable", "dicts"]
)
def test_stacks_of_every_form_complete(trial: Any, stack: str) -> None:
    """A graph, a function, and an object with a state of dicts are stacks; each answers, is recorded and measured."""
    with scripted_model("In the shed.") as script:
        tried = trial(script)
        row = asyncio.run(tried.run(stack))
    assert (row.status, row.reason, row.answer) == ("completed", "", "In the shed.")
    assert (row.suite, row.scenario, row.cluster, row.condition, row.seed) == ("cats", "s", "house", "plain", 7)
    assert row.usage == {"calls": 1, "input_tokens": 3, "output_tokens": 2, "usd": 0.0}
    assert row.values == {
        "is_long": 1.0,
        "doors": {"missing": "no world", "applies": False},
        "chats": 1.0,
        "raises": {"missing": "measure raises raised ZeroDivisionError: division by zero", "applies": True},
        "nothing": {
            "missing": "measure nothing raised TypeError: float() argument must be a string or a real number, "
            "not 'NoneType'",
            "applies": True,
        },
        "nan": {"missing": "measure nan gave nan, which is no number", "applies": True},
    }
    (chat,) = [span for span in tried.spans(row) if span.attributes.get(GenAI.OPERATION) == "chat"]
    assert chat.attributes[GenAI.REQUEST_TEMPERATURE] == 0.5
    assert tried.store.run(row.id) == row


FAILS: dict[str, tuple[str, str]] = {
    "a stack that raises": (
        """
    import json

    def build(kit):
        async def run(messages):
            return json.loads("{")
        return run
    """,
        r"JSONDecodeError: .*\(stack\.py, line 6\)",
    ),
    "a build that raises": (
        "def build(kit):\n    raise RuntimeError('no')\n",
        r"RuntimeError: no \(stack\.py, line 2\)",
    ),
    "no build": ("x = 1\n", "AddressError: .*defines no 'build'"),
    "bad syntax": ("def build(kit:\n", "AddressError: .*SyntaxError"),
    "nothing built": ("def build(kit):\n    return None\n", "TypeError"),
    "a timeout of its own": (
        """
    def build(kit):
        async def run(messages):
            raise TimeoutError("the tool took too long")
        return run
    """,
        r"TimeoutError: the tool took too long \(stack\.py, line 4\)",
    ),
    "a group of errors": (
        """
    import asyncio

    def build(kit):
        async def fail():
            raise ValueError("one of them")
        async def run(messages):
            async with asyncio.TaskGroup() as group:
                group.create_task(fail())
        return run
    """,
        r"ExceptionGroup: ",
    ),
    "a state that is no conversation": (
        """
    def build(kit):
        async def run(messages):
            return {"messages": [object()]}
        return run
    """,
        "NotImplementedError: ",
    ),
}


@pytest.mark.parametrize(("stack", "reason"), FAILS.values(), ids=FAILS)
def test_a_stack_that_fails_is_a_row_with_its_reason(trial: Any, stack: str, reason: str) -> None:
    """Whatever a stack raises becomes the reason of a failed run, with the line of the user's own file."""
    with scripted_model("Hm.") as script:
        row = asyncio.run(trial(script).run(stack))
    assert (row.status, row.values) == ("failed", {})
    with pytest.raises(AssertionError, match=reason):
        raise AssertionError(row.reason)


def test_a_suite_that_fails_is_a_row_with_its_reason(trial: Any) -> None:
    """A suite that cannot present its scenario fails the run, not the study."""
    with scripted_model("Hm.") as script:
        row = asyncio.run(trial(script).run(GRAPH, "broken"))
    assert (row.status, row.reason) == ("failed", "KeyError: 'no such picture' (suite.py, line 23)")


LIMITS: dict[str, tuple[str, dict[str, Any], str]] = {
    "calls": (TALKS_ON, {"max_calls": 3}, "this run may make 3 model calls and has made 3"),
    "calls, swallowed": (SWALLOWS, {"max_calls": 3}, "this run may make 3 model calls and has made 3"),
    "time": (SLEEPS, {"timeout_s": 0.2}, "the run took longer than 0.2 s"),
    "steps": (LOOPS, {}, "the graph took more steps than its recursion limit allows"),
}


@pytest.mark.parametrize(("stack", "plan", "reason"), LIMITS.values(), ids=LIMITS)
def test_limits(trial: Any, stack: str, plan: dict[str, Any], reason: str) -> None:
    """A run that meets a limit says which, also where its stack would hide it, and has no values."""
    with scripted_model("Hm.") as script:
        tried = trial(script)
        row = asyncio.run(tried.run(stack, **plan))
    assert (row.status, row.reason, row.values) == ("limit", reason, {})
    assert not any(span.is_open for span in tried.store.spans(row.id))


def test_the_cap_of_the_study_is_no_limit_of_the_run(trial: Any) -> None:
    """A run cut short because the whole study has used up its calls is interrupted: it will be made again."""
    with scripted_model("Hm.") as script:
        tried = trial(script, meter=Meter(max_calls=2))
        row = asyncio.run(tried.run(TALKS_ON))
    assert (row.status, row.reason) == ("interrupted", "the whole study may make 2 model calls and has made 2")


ENDPOINTS: dict[str, tuple[Turn, str, str]] = {
    "answers 500": (Reply(500), "failed", "answers 500"),
    "answers no JSON": (Reply(200, "<html>"), "failed", "it is not JSON"),
    "answers something else": (Reply(200, '{"choices": []}'), "failed", "malformed answer"),
    "hangs up": (Reply(0), "interrupted", "cannot reach"),
    "refuses": ({"content": None, "refusal": "I may not say."}, "refused", "I may not say."),
}


@pytest.mark.parametrize(("turn", "status", "reason"), ENDPOINTS.values(), ids=ENDPOINTS)
def test_endpoints_that_do_not_answer(trial: Any, turn: Turn, status: str, reason: str) -> None:
    """What the endpoint does wrong is the reason of the run; one that was never reached interrupts it."""
    with scripted_model(turn) as script:
        row = asyncio.run(trial(script).run(GRAPH))
    assert row.status == status
    assert reason in row.reason


@pytest.mark.parametrize("stack", [SLEEPS, TALKS_ON], ids=["waiting", "calling"])
def test_cancelled(trial: Any, stack: str) -> None:
    """A run that is cancelled from outside says so in its row, and the cancellation goes on."""
    with scripted_model("Hm.") as script:
        tried = trial(script)

        async def cancel() -> None:
            task = asyncio.create_task(tried.run(stack, max_calls=10**6))
            await asyncio.sleep(0.3)
            task.cancel()
            await task

        with pytest.raises(asyncio.CancelledError):
            asyncio.run(cancel())
    tried.store.ingest()
    (row,) = tried.store.runs()
    assert (row.status, row.reason) == ("cancelled", "stopped by the user")
    assert row.ended_ns is not None


def test_a_slow_thread_does_not_hold_up_the_end(trial: Any) -> None:
    """A plain function that hangs is ended by the run's time limit."""
    stack = """
    import time

    def build(kit):
        return lambda messages: time.sleep(1)
    """
    with scripted_model("Hm.") as script:
        tried = trial(script)

        async def run() -> float:
            begin = time.monotonic()
            row = await tried.run(stack, timeout_s=0.1)
            assert row.status == "limit"
            return time.monotonic() - begin

        assert asyncio.run(run()) < 0.9


def test_the_world_is_recorded(trial: Any) -> None:
    """What each tool did to the world stands on its span, and the state before and after in the row."""
    with scripted_model(
        [("open_door", {"which": "front"}), ("open_door", {"which": "stuck"})], ("look", {}), "It is in."
    ) as script:
        tried = trial(script)
        row = asyncio.run(
            tried.run(
                """
    from tracer.addresses import load_object

    def build(kit):
        return load_object("agents/react.py:build")(kit)
    """,
                "world",
            )
        )
    assert (row.status, row.answer) == ("completed", "It is in.")
    assert (row.before, row.after) == ({"doors": 0, "cat": "in"}, {"doors": 1, "cat": "in"})
    assert row.values["doors"] == 1.0
    tools = [span for span in tried.spans(row) if span.attributes.get(GenAI.OPERATION) == "execute_tool"]
    changed = {
        span.attributes[GenAI.TOOL_CALL_ID]: json.loads(span.attributes[Prosaic.WORLD_CHANGED])
        for span in tools
        if Prosaic.WORLD_CHANGED in span.attributes
    }
    assert changed == {"call-1-1": {"/doors": {"before": 0, "after": 1}}}
    assert [span.status.code for span in sorted(tools, key=lambda s: s.attributes[GenAI.TOOL_CALL_ID])] == [0, 2, 0]
    assert [tool["function"]["name"] for tool in script.requests[0]["tools"]] == ["open_door", "look"]


@pytest.mark.parametrize("stack", [GRAPH, PLAIN_SYNC], ids=["graph", "function"])
def test_questions_after_a_run_are_probes(trial: Any, stack: str) -> None:
    """Each question is put to the conversation alone and recorded as a probe; the answer of the run stays."""
    with scripted_model("In the shed.", "Quite sure. ", '"garden"') as script:
        tried = trial(script)
        row = asyncio.run(tried.run(stack, "asks"))
    assert row.answer == "In the shed."
    assert row.asked == {"sure": "Quite sure.", "where": "garden"}
    contents = [[message["content"] for message in body["messages"]] for body in script.requests]
    assert contents == [
        ["Where is the cat?"],
        ["Where is the cat?", "In the shed.", "Are you sure?"],
        ["Where is the cat?", "In the shed.", "Where?"],
    ]
    assert "response_format" in script.requests[2]
    kinds = [span.attributes.get(Prosaic.STEP_KIND) for span in tried.spans(row) if span.name.startswith("chat")]
    assert kinds == [None, "probe", "probe"]
    assert row.usage["calls"] == 3
    assert row.values["chats"] == 1.0


UNASKABLE = """
    def build(kit):
        async def run(messages):
            await kit.model.ainvoke(messages)
            return {said}
        return run
"""


@pytest.mark.parametrize(
    ("said", "turns", "asked", "reason"),
    [
        ("'shed'", ["Hm.", "Sure.", Reply(500)], {"sure": "Sure."}, "answers 500"),
        ("{'messages': messages[:0], 'answer': 'x'}", ["Hm.", Reply(0)], {}, "cannot reach"),
    ],
    ids=["the endpoint fails", "nobody is there"],
)
def test_questions_that_cannot_be_put(
    trial: Any, said: str, turns: list[Turn], asked: dict[str, str], reason: str
) -> None:
    """A question that fails fails its run, with the answer and what was asked before kept; the study goes on."""
    with scripted_model(*turns) as script:
        row = asyncio.run(trial(script).run(UNASKABLE.format(said=said), "asks"))
    assert row.status == ("interrupted" if "reach" in reason else "failed")
    assert reason in row.reason
    assert row.answer
    assert row.asked == asked


def test_words_that_are_no_unicode_are_sent(trial: Any) -> None:
    """A lone surrogate in what a stack said does not keep a question from being put after it."""
    with scripted_model("Hm.", "Sure.", "garden") as script:
        row = asyncio.run(trial(script).run(UNASKABLE.format(said="chr(0xD800)"), "asks"))
    assert row.status == "completed", row.reason
    assert row.asked["sure"] == "Sure."


def test_a_full_disk_stops_everything(trial: Any) -> None:
    """Where recording fails the run does not go on unrecorded: the error with its way out is raised."""
    with scripted_model("Hm.") as script:
        tried = trial(script)
        tried.bench.recorder.journal.failure = StoreError("the disk is full")
        with pytest.raises(StoreError, match="the disk is full"):
            asyncio.run(tried.run(GRAPH))
        tried.bench.recorder.journal.failure = None


def test_recording_that_fails_in_a_callback_stops_everything(trial: Any) -> None:
    """LangChain only logs what a callback raises; a journal that fails there still ends the run with its error."""
    stack = """
    from langgraph.graph import START, MessagesState, StateGraph
    from tracer.errors import StoreError

    def build(kit):
        def think(state):
            kit.emit._recorder.journal.failure = StoreError("the disk is full")
            return {"messages": []}
        graph = StateGraph(MessagesState)
        graph.add_node("think", think)
        graph.add_edge(START, "think")
        return graph.compile()
    """
    with scripted_model("Hm.") as script:
        tried = trial(script)
        with pytest.raises(StoreError, match="the disk is full"):
            asyncio.run(tried.run(stack))
        tried.bench.recorder.journal.failure = None


def test_runs_side_by_side(trial: Any) -> None:
    """Runs that go on at once have seeds, spans and counts of their own."""

    def reply(body: Any) -> Turn:
        return f"seed {body['seed']}"

    with scripted_model(reply) as script:
        tried = trial(script)

        async def several() -> list[Any]:
            return await asyncio.gather(*[tried.run(GRAPH, seed=n, replicate=n) for n in range(6)])

        rows = asyncio.run(several())
    assert len({row.answer for row in rows}) == 6
    for row in rows:
        (chat,) = [span for span in tried.spans(row) if span.name.startswith("chat")]
        assert row.answer == f"seed {chat.attributes[GenAI.REQUEST_SEED]}"
        assert row.usage["calls"] == 1
    assert tried.bench.meter.usage.calls == 6


def test_tools_called_outside_of_a_graph_are_recorded(trial: Any) -> None:
    """A stack that is a plain function has its tool calls recorded as well, with what they did to the world."""
    stack = """
    def build(kit):
        async def run(messages):
            door = next(tool for tool in kit.tools if tool.name == "open_door")
            return str(await door.ainvoke({"which": "front"}))
        return run
    """
    with scripted_model("Hm.") as script:
        tried = trial(script)
        row = asyncio.run(tried.run(stack, "world"))
    assert row.status == "completed", row.reason
    (tool,) = [span for span in tried.spans(row) if span.attributes.get(GenAI.OPERATION) == "execute_tool"]
    assert json.loads(tool.attributes[Prosaic.WORLD_CHANGED]) == {"/doors": {"before": 0, "after": 1}}
