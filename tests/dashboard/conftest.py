"""A store with real content: a small frozen study with its runs, and recorded runs of LangGraph graphs."""

from __future__ import annotations

import importlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langchain_core.tools import tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from tracer import Store, open_store, record
from tracer.store import RunRow
from tracer.study import Design, Study, freeze, run_seed

ROOT = Path(__file__).parents[2]
DASHBOARD = ROOT / "dashboard"
HOSTILE = "<script>alert(1)</script> **bold** [link](https://example.org) ![i](https://example.org/i.png) \u202e"

SUITE = """
from tracer import Check, Condition, Hypothesis, Measure, Scenario, Suite, Task, contrast, rate


def build(kit):
    return None


def _present(scenario, condition):
    words = {"hint": "I think it is x.", "mention": "x is a word."}.get(condition.name, "")
    return Task(messages=[{"role": "user", "content": f"{scenario.id} {words}"}])


suite = Suite(
    name="hint_or_not",
    question="Does a hint move the answer?",
    scenarios=[Scenario(id=f"item-{n}") for n in range(12)],
    conditions=[Condition(name="plain"), Condition(name="hint"), Condition(name="mention"),
                Condition(name="again", reseed=True)],
    present=_present,
    measures=[Measure("moved", lambda seen: seen.answer == "x", says="the answer is the suggested one")],
    hypotheses=[
        Hypothesis(
            id="moved_by_hint",
            claim="a hint moves the answer of {system}",
            kind="behaviour",
            refuted_by="the answer stays inside the margin",
            checks=(
                Check(name="hint against plain", role="angle", estimand=contrast("moved", "hint", "plain"),
                      margin=0.2, says="the hint moves the answer"),
                Check(name="mere mention", role="rival", estimand=contrast("moved", "mention", "plain"), margin=0.2,
                      says="to read the word is enough"),
                Check(name="can answer", role="control", control="floor", estimand=rate("moved", "plain"), margin=0.9,
                      direction="below", says="it does not always say the same"),
                Check(name="same again", role="null", estimand=contrast("moved", "again", "plain"), direction="within",
                      says="other seeds do the same"),
            ),
        )
    ],
    stack="STACK",
)
"""


@dataclass(frozen=True)
class Place:
    """A store on disk, and the study in it."""

    folder: Path
    study: Study
    runs: list[RunRow]


@pytest.fixture(autouse=True)
def own_main() -> Iterator[None]:
    """Put `__main__` back: Streamlit's driver sets it to the page, which processes started later would then run."""
    main = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = main


@pytest.fixture
def hostile() -> str:
    """Text that tries to become markup of several kinds."""
    return HOSTILE


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    """A function that imports a file of the dashboard by name, as `streamlit run` lets its pages do."""
    monkeypatch.syspath_prepend(str(DASHBOARD))
    return importlib.import_module


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store that the pages find by the environment."""
    monkeypatch.setenv("TRACER_STORE", str(tmp_path / "store"))
    opened = open_store()
    yield opened
    opened.close()


@pytest.fixture
def study(store: Store, tmp_path: Path) -> Place:
    """A study whose hint works in every scenario, with one failed run and hostile answers."""
    file = tmp_path / "hint_suite.py"
    file.write_text(SUITE.replace("STACK", f"{file}:build"))
    frozen = freeze(f"{file}:suite", Design(models={"scripted": {}}))
    store.add_study(frozen.to_dict())
    rows = list(_rows(frozen))
    store.put_runs(rows)
    return Place(tmp_path / "store", frozen, rows)


def _rows(study: Study) -> Iterator[RunRow]:
    begin = time.time_ns()
    for number, (scenario, condition, replicate) in enumerate(study.cells()):
        item = int(scenario.rpartition("-")[2])
        moved = condition == "hint" or (condition in ("plain", "again") and item % 4 == 0)
        row = RunRow(
            id=f"{number:032x}",
            study=study.hash,
            suite=study.name,
            scenario=scenario,
            cluster=scenario,
            condition=condition,
            stack=study.body["stacks"][0],
            model="scripted",
            replicate=replicate,
            seed=run_seed(study.body["seed"], scenario, replicate, condition if condition == "again" else ""),
            status="completed",
            started_ns=begin + number * 10**9,
            ended_ns=begin + number * 10**9 + 5 * 10**8,
            answer=HOSTILE if number == 3 else "yes" if moved else "no",
            before={"desk": {"status": "open", "seen": []}},
            after={"desk": {"status": "closed", "seen": [HOSTILE]}},
            values={"moved": 1.0 if moved else 0.0},
            usage={"calls": 2, "input_tokens": 120, "output_tokens": 7, "usd": None},
        )
        if number == 5:  # in the condition `hint`
            row = replace(row, status="failed", reason=f"the tool broke: {HOSTILE}", values={}, answer=None)
        yield row


Recorded = Callable[..., str]


@pytest.fixture
def recorded(store: Store) -> Recorded:
    """A function that records one run of a small LangGraph graph and gives its id; a parcel is a call of its tool."""

    def run(*script: str | dict[str, str], question: str = "Where is the parcel?", die: bool = False) -> str:
        messages = [_scripted(number, turn) for number, turn in enumerate(script)]
        with record("parcel", store.place) as session:
            with session.emit.plan("search") as plan:
                plan.steps(["ask the desk", "answer"])
            session.emit.goal("find the parcel", source="user")
            session.emit.belief("the parcel is in the depot", confidence=0.4, source="inferred")
            session.emit.message("clerk", ["driver"], f"wait for me {HOSTILE}")
            config: Any = {"callbacks": [session.callback]}
            _clerk(messages).invoke({"messages": [HumanMessage(question)]}, config=config)
            if die:
                session.recorder.tracer.start_span("execute_tool wait", attributes=_WAITING)
        store.ingest()
        return session.run_id

    return run


_WAITING = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "wait"}


def _scripted(number: int, turn: str | dict[str, str]) -> AIMessage:
    if isinstance(turn, str):
        return AIMessage(turn)
    call = {"name": "look_up", "args": turn, "id": f"call-{number}", "type": "tool_call"}
    return AIMessage("", tool_calls=[call])


@tool
def look_up(parcel: str) -> str:
    """Look a parcel up."""
    if parcel == "lost":
        raise ValueError(f"no desk has {parcel} {HOSTILE}")
    return f"{parcel} is at <b>Dock 4</b>"


def _clerk(messages: list[AIMessage]) -> Any:
    model = GenericFakeChatModel(messages=iter(messages))

    def think(state: MessagesState) -> dict[str, Any]:
        return {"messages": [model.invoke(state["messages"])]}

    def after(state: MessagesState) -> str:
        return "tools" if getattr(state["messages"][-1], "tool_calls", None) else END

    graph = StateGraph(MessagesState)
    graph.add_node("model", think)
    graph.add_node("tools", ToolNode([look_up], handle_tool_errors=False))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", after, ["tools", END])
    graph.add_edge("tools", "model")
    return graph.compile(name="clerk")
