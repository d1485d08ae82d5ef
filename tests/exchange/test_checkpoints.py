"""Checkpoints that LangGraph itself wrote are read in the form that docs/importing.md tells."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import orjson
import pytest
from langchain_core.load import dumpd
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.graph import END, START, MessagesState, StateGraph

from tracer.exchange.reading import read_runs
from tracer.exchange.report import ImportReport
from tracer.trajectory import build_trajectory, summary

PAGE = Path(__file__).parents[2] / "docs" / "importing.md"


def model(state: MessagesState) -> dict[str, Any]:
    if state["messages"][-1].type == "human":
        call = {"name": "look", "args": {"city": "Paris"}, "id": "c1"}
        return {"messages": [AIMessage("", tool_calls=[call])]}
    return {"messages": [AIMessage("It is 18 C.")]}


def tools(state: MessagesState) -> dict[str, Any]:
    return {"messages": [ToolMessage("18 C", tool_call_id="c1", name="look")]}


def following(state: MessagesState) -> str:
    last = state["messages"][-1]
    return "tools" if isinstance(last, AIMessage) and last.tool_calls else END


def compiled() -> Any:
    graph = StateGraph(MessagesState)
    graph.add_node("model", model)
    graph.add_node("tools", tools)
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", following)
    graph.add_edge("tools", "model")
    return graph.compile(checkpointer=InMemorySaver())


def written_as_documented(app: Any, config: Any, file: Path) -> None:
    """Run the code of the page itself."""
    found = re.search(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert found
    names: dict[str, Any] = {}
    exec(found.group(1), names)
    names["write_history"](app, config, file)


def written_by_langchain(app: Any, config: Any, file: Path) -> None:
    with file.open("ab") as out:
        for state in app.get_state_history(config):
            out.write(orjson.dumps(dumpd(state._asdict())) + b"\n")


@pytest.mark.parametrize("write", [written_as_documented, written_by_langchain])
def test_one_thread_becomes_one_run(tmp_path: Path, write: Any) -> None:
    """Of all states of a thread the longest history counts; two threads in a file are two runs."""
    app = compiled()
    file = tmp_path / "history.jsonl"
    for thread in ("t1", "t2"):
        config = {"configurable": {"thread_id": thread}}
        app.invoke({"messages": [HumanMessage(f"How warm is it, {thread}?")]}, config)
        write(app, config, file)
    report = ImportReport()
    runs = list(read_runs([str(file)], report=report))
    assert sorted(run.scenario for run in runs) == ["t1", "t2"]
    assert not report.problems
    for run in runs:
        made = build_trajectory(run.spans, id=run.id)
        told = summary(made)
        assert (run.form, run.answer) == ("langgraph-state", "It is 18 C.")
        assert told["steps"] == {"workflow": 1, "agent": 1, "model": 2, "tool": 1}
        assert told["edges"]["requests"] == told["edges"]["returns"] == 1
        (tool,) = [step for step in made.steps if step.kind == "tool"]
        assert (tool.name, tool.data["arguments"], tool.data["result"]) == ("look", {"city": "Paris"}, "18 C")
