"""What recording costs: a LangGraph ReAct run bare, with ours, and with OpenInference, in one session.

    python benchmarks/recording.py [--steps 10 50 200] [--rounds 5]

Prints, for each number of steps, CPU seconds of the run itself, the ratio to the bare run (median of paired rounds)
and the bytes kept a step. The model answers at once, so that only the scaffold and the recording are measured.
OpenInference writes OTLP/JSON to memory through a simple processor, which is its cheapest lossless set-up; its default
limit of 128 attributes is lifted, as ours is.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from openinference.instrumentation.langchain import LangChainInstrumentor
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.trace import SpanLimits, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

from tracer.recording import LangGraphRecorder, Recorder, new_run_id
from tracer.store import RunRow, open_store

Kind = Callable[[Any, int], tuple[float, int]]  # a compiled graph and its steps -> CPU seconds, bytes kept


class Instant(BaseChatModel):
    """Asks for one tool call a step and answers at the end; the text of each step is its own."""

    steps: int

    @property
    def _llm_type(self) -> str:
        return "instant"

    def bind_tools(self, tools: Any, **kwargs: Any) -> Any:
        return self

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        number = len(messages) // 2
        text = f"step {number}: " + " ".join(f"word{number}x{i}" for i in range(30))
        calls = [{"name": "look", "args": {"where": f"place {number}"}, "id": f"call_{number}"}]
        message = AIMessage(text, tool_calls=calls if number < self.steps else [])
        return ChatResult(generations=[ChatGeneration(message=message)])


@tool
def look(where: str) -> str:
    """Look somewhere."""
    return f"{where}: " + " ".join(f"{where[-3:]}seen{i}" for i in range(40))


def agent(steps: int) -> Any:
    model = Instant(steps=steps)

    def think(state: MessagesState) -> dict[str, Any]:
        return {"messages": [model.invoke(state["messages"])]}

    def choose(state: MessagesState) -> str:
        last = state["messages"][-1]
        return "tools" if isinstance(last, AIMessage) and last.tool_calls else END

    graph = StateGraph(MessagesState)
    graph.add_node("model", think)
    graph.add_node("tools", ToolNode([look]))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", choose, ["tools", END])
    graph.add_edge("tools", "model")
    return graph.compile(name="react")


def run_graph(graph: Any, steps: int, callbacks: list[BaseCallbackHandler]) -> None:
    config = {"callbacks": callbacks, "recursion_limit": 2 * steps + 10}
    graph.invoke({"messages": [("user", "find it")]}, config=config)


class Counted(SpanExporter):
    """Counts the bytes of OTLP/protobuf."""

    bytes = 0

    def export(self, spans: Any) -> SpanExportResult:
        self.bytes += len(encode_spans(spans).SerializeToString())
        return SpanExportResult.SUCCESS


def bare(graph: Any, steps: int) -> tuple[float, int]:
    begun = time.process_time()
    run_graph(graph, steps, [])
    return time.process_time() - begun, 0


def ours(graph: Any, steps: int) -> tuple[float, int]:
    folder = Path(tempfile.mkdtemp())
    store = open_store(folder)
    recorder = Recorder(store.open_journal())
    row = RunRow(id=new_run_id(), suite="benchmark")
    begun = time.process_time()
    with recorder.run(row):
        run_graph(graph, steps, [LangGraphRecorder(recorder)])
    spent = time.process_time() - begun
    size = recorder.journal.path.stat().st_size
    recorder.close()
    store.close()
    shutil.rmtree(folder)
    return spent, size


def openinference(graph: Any, steps: int) -> tuple[float, int]:
    unset = SpanLimits.UNSET
    provider = TracerProvider(span_limits=SpanLimits(unset, unset, unset, unset, unset, unset, unset, unset))
    exporter = Counted()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = LangChainInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    begun = time.process_time()
    run_graph(graph, steps, [])
    spent = time.process_time() - begun
    instrumentor.uninstrument()
    return spent, exporter.bytes


def rounds(steps: int, count: int) -> Iterator[dict[str, tuple[float, int]]]:
    graph = agent(steps)
    kinds: dict[str, Kind] = {"bare": bare, "ours": ours, "OpenInference": openinference}
    for kind in kinds.values():
        kind(agent(3), 3)
    for _ in range(count):
        yield {name: kind(graph, steps) for name, kind in kinds.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--steps", type=int, nargs="+", default=[10, 50, 200])
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    print(f"{'steps':>6} {'':14} {'CPU s':>8} {'ratio':>7} {'bytes a step':>13}")
    for steps in given.steps:
        taken = list(rounds(steps, given.rounds))
        for name in ("bare", "ours", "OpenInference"):
            seconds = statistics.median(t[name][0] for t in taken)
            ratio = statistics.median(t[name][0] / t["bare"][0] for t in taken)
            size = taken[0][name][1] / steps
            print(f"{steps:>6} {name:14} {seconds:8.3f} {ratio:7.2f} {size:13,.0f}")


if __name__ == "__main__":
    main()
