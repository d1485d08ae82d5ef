"""`tracer.record`: one run by hand, in three lines."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import HumanMessage
from langgraph.graph import START, MessagesState, StateGraph
from opentelemetry import trace

import tracer
from tracer.errors import StoreError
from tracer.store import RunRow, Store, open_store
from tracer.testing import scripted_model


def row(place: Path) -> tuple[RunRow, Store]:
    store = open_store(place)
    (only,) = store.runs()
    return only, store


def test_a_run_by_hand(tmp_path: Path) -> None:
    """What happens inside the block is one run with its spans, closed and complete."""
    with scripted_model("Hm.") as script:
        model = script.for_run().chat

        def think(state: MessagesState) -> Any:
            return {"messages": [model.invoke(state["messages"])]}

        graph = StateGraph(MessagesState)
        graph.add_node("think", think)
        graph.add_edge(START, "think")
        with tracer.record("my question", tmp_path) as session:
            graph.compile().invoke({"messages": [HumanMessage("?")]}, {"callbacks": [session.callback]})
            session.emit.goal("find out")
    kept, store = row(tmp_path)
    assert (kept.id, kept.suite, kept.status) == (session.run_id, "my question", "completed")
    assert kept.ended_ns is not None
    assert kept.ended_ns >= kept.started_ns
    spans = store.spans(session.run_id)
    assert [span.name for span in spans] == ["invoke_workflow my question", "invoke_agent LangGraph", "chat scripted"]
    assert [event.name for event in spans[0].events] == ["prosaic.goal"]
    assert [segment.problems for segment in store.segments()] == [()]
    store.close()


@pytest.mark.parametrize(
    ("error", "status", "reason"),
    [
        (ValueError("no cat"), "failed", "ValueError: no cat"),
        (KeyboardInterrupt(), "cancelled", "stopped by the user"),
        (asyncio.CancelledError(), "cancelled", "stopped by the user"),
    ],
    ids=["error", "Ctrl-C", "cancelled"],
)
def test_a_run_that_is_left(tmp_path: Path, error: BaseException, status: str, reason: str) -> None:
    """A block that is left by an exception is a run that says so, and the exception goes on."""

    def leave() -> None:
        with tracer.record("left", tmp_path):
            raise error

    with pytest.raises(type(error)):
        leave()
    kept, store = row(tmp_path)
    assert (kept.status, kept.reason) == (status, reason)
    (root,) = store.spans(kept.id)
    assert (root.status.code, root.is_open) == (2, False)
    store.close()


def test_a_run_does_not_join_a_trace_around_it(tmp_path: Path) -> None:
    """A program that is traced otherwise gets runs of their own, and its own trace back afterwards."""
    around: Any = trace.NonRecordingSpan(trace.SpanContext(5, 6, is_remote=False))
    with trace.use_span(around):
        with tracer.record("inside", tmp_path) as session:
            pass
        assert trace.get_current_span() is around
    kept, store = row(tmp_path)
    (root,) = store.spans(kept.id)
    assert (root.trace_id, root.parent_id) == (session.run_id, None)
    store.close()


def test_sessions_one_after_another_and_within(tmp_path: Path) -> None:
    """Sessions may follow each other and lie within each other; each has its own acts."""
    with tracer.record("outer", tmp_path) as outer:
        outer.emit.memory("search_memory")
        with tracer.record("inner", tmp_path) as inner:
            inner.emit.memory("create_memory")
        outer.emit.memory("update_memory")
    store = open_store(tmp_path)
    names = {r.suite: [span.name for span in store.spans(r.id)][1:] for r in store.runs()}
    assert names == {"outer": ["search_memory", "update_memory"], "inner": ["create_memory"]}
    store.close()


def test_a_place_that_cannot_be(tmp_path: Path) -> None:
    """A place that is no store is told before anything runs."""
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="is a file"), tracer.record("x", tmp_path / "file"):
        pytest.fail("must not run")
