"""How fast spans become trajectories: import, build, dataflow, beside raw JSON decoding and raw networkx.

python benchmarks/trajectory.py            # all, about a minute
python benchmarks/trajectory.py dataflow   # one part: shapes, growing, dataflow, align
"""

from __future__ import annotations

import gc
import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import orjson

from tracer.exchange.reading import read_runs
from tracer.spans.encode import encode_json
from tracer.spans.otlp import decode_json
from tracer.spans.span import Span
from tracer.trajectory import align, build_trajectory

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def prose(draw: random.Random, words: list[str], count: int) -> str:
    return " ".join(draw.choices(words, k=count))


def vocabulary(draw: random.Random) -> list[str]:
    return ["".join(draw.choices(LETTERS, k=draw.randint(2, 9))) for _ in range(3000)]


def trace(count: int, number: int) -> Iterator[Span]:
    """One run of `count` spans: agents with turns of one model call and one tool each, content of their own."""
    draw = random.Random(number)
    words = vocabulary(random.Random(0))
    identity = f"{number + 1:032x}"
    now = 1_000_000_000_000

    def span(place: int, name: str, parent: int | None, told: dict[str, Any], lasts: int) -> Span:
        nonlocal now
        now += 10
        return Span(
            identity,
            f"{place + 1:016x}",
            name,
            now,
            now + lasts,
            parent_id=None if parent is None else f"{parent + 1:016x}",
            attributes=told,
        )

    yield span(0, "invoke_workflow w", None, {"gen_ai.operation.name": "invoke_workflow"}, count * 100)
    agent, turn = 0, 0
    for place in range(1, count):
        kind = (place - 1) % 21
        if kind == 0:
            agent = place
            told = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": f"agent{place % 7}"}
            yield span(place, "invoke_agent", 0, told, 21 * 10)
        elif kind % 2:
            turn = place
            said = prose(draw, words, 12)
            call = {"type": "tool_call", "id": f"c{place}", "name": "look", "arguments": {"q": words[place % 3000]}}
            given = [{"role": "user", "parts": [{"type": "text", "content": prose(draw, words, 12)}]}]
            made = [{"role": "assistant", "parts": [{"type": "text", "content": said}, call]}]
            told = {
                "gen_ai.operation.name": "chat",
                "gen_ai.request.model": "m",
                "gen_ai.usage.input_tokens": 12,
                "gen_ai.usage.output_tokens": 9,
                "gen_ai.input.messages": json.dumps(given),
                "gen_ai.output.messages": json.dumps(made),
            }
            yield span(place, "chat m", agent, told, 8)
        else:
            told = {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": "look",
                "gen_ai.tool.call.id": f"c{turn}",
                "gen_ai.tool.call.result": prose(draw, words, 15),
            }
            yield span(place, "execute_tool look", agent, told, 8)


def growing(steps: int) -> list[Span]:
    """One agent whose history grows at every step, its messages shared as the store shares them."""
    draw = random.Random(1)
    words = vocabulary(draw)
    told = {"prosaic.run.id": "r", "prosaic.agent.instance.id": "a", "gen_ai.agent.name": "react"}
    history: tuple[Any, ...] = ({"role": "user", "parts": [{"type": "text", "content": prose(draw, words, 60)}]},)
    made: list[Span] = []
    for n in range(steps):
        call = {"type": "tool_call", "id": f"c{n}", "name": "look", "arguments": {"q": words[n % 3000]}}
        said = {"role": "assistant", "parts": [{"type": "text", "content": prose(draw, words, 20)}, call]}
        result = prose(draw, words, 260)
        chat = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "m",
            "gen_ai.input.messages": history,
            "gen_ai.output.messages": (said,),
        }
        tool = {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "look",
            "gen_ai.tool.call.id": f"c{n}",
            "gen_ai.tool.call.result": result,
        }
        made.append(Span("a" * 32, f"{2 * n + 1:016x}", "chat", n * 20, n * 20 + 5, attributes=told | chat))
        made.append(Span("a" * 32, f"{2 * n + 2:016x}", "tool", n * 20 + 6, n * 20 + 9, attributes=told | tool))
        answer = {"type": "tool_call_response", "id": f"c{n}", "response": result}
        history = (*history, said, {"role": "tool", "parts": [answer]})
    return made


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    gc.collect()
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def shapes() -> None:
    for traces, count in ((1, 100_000), (1000, 100)):
        total = traces * count
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "t.jsonl"
            with file.open("wb") as sink:
                for number in range(traces):
                    spans = list(trace(count, number))
                    for at in range(0, count, 512):
                        sink.write(orjson.dumps(encode_json(spans[at : at + 512])) + b"\n")
            lines = file.read_bytes().splitlines()
            raw, documents = timed(lambda lines=lines: [orjson.loads(line) for line in lines])
            decode, spans = timed(lambda docs=documents: [s for d in docs for s in decode_json(d)])
            del documents, lines
            build = 0.0
            made: Any = None
            if traces == 1:
                build, made = timed(lambda spans=spans: build_trajectory(spans, id="r"))
            else:
                parts = [spans[at : at + count] for at in range(0, total, count)]
                build, made = timed(lambda parts=parts: [build_trajectory(p, id="r") for p in parts][-1])
            edges = [(e.source, e.target, str(e.kind)) for e in made.edges]
            plain = timed(lambda edges=edges: nx.MultiDiGraph(edges).size())[0] / max(len(edges), 1)
            del spans
            whole, runs = timed(lambda file=file: sum(len(r.spans) for r in read_runs([str(file)])))
        assert runs == total
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        share = len(edges) if traces == 1 else len(edges) * traces
        print(
            f"{traces:>5} traces x {count:>6} spans | per span: orjson {raw / total * 1e6:.1f} us, "
            f"to Span {decode / total * 1e6:.1f}, build {build / total * 1e6:.1f}, "
            f"import and build {whole / total * 1e6:.1f} | networkx alone {plain * 1e6:.1f} us an edge, "
            f"{share / total:.1f} edges a span | peak {peak:.0f} MB"
        )


def grow() -> None:
    for steps in (50, 125, 250, 500, 1000):
        spans = growing(steps)
        spent, made = timed(lambda spans=spans: build_trajectory(spans, id="r"))
        print(
            f"{steps:>5} steps | {spent * 1e3:7.1f} ms | {spent / steps * 1e3:.2f} ms a step | {len(made.edges)} edges"
        )


def dataflow() -> None:
    """Recall and precision on planted copies of 20 to 60 characters, and the time for texts of 50 and 200 steps."""
    for steps in (50, 200):
        draw = random.Random(steps)
        words = vocabulary(draw)
        spans: list[Span] = []
        truth: set[tuple[str, str]] = set()
        outputs: list[tuple[str, str]] = []
        for n in range(steps):
            tool, reader = f"{2 * n + 1:016x}", f"{2 * n + 2:016x}"
            result = prose(draw, words, 160)
            agent = {"prosaic.run.id": "r", "prosaic.agent.instance.id": f"a{n}"}
            told = {
                "gen_ai.operation.name": "execute_tool",
                "gen_ai.tool.name": "look",
                "gen_ai.tool.call.result": result,
            }
            spans.append(Span("a" * 32, tool, "tool", n * 20, n * 20 + 5, attributes=agent | told))
            given = prose(draw, words, 60)
            for source, content in draw.sample(outputs, min(len(outputs), 2)):
                at = draw.randrange(len(content) - 60)
                given += " " + content[at : at + draw.randint(20, 60)] + " " + prose(draw, words, 20)
                truth.add((source, reader))
            messages = [{"role": "user", "parts": [{"type": "text", "content": given}]}]
            chat = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m", "gen_ai.input.messages": messages}
            spans.append(Span("a" * 32, reader, "chat", n * 20 + 6, n * 20 + 15, attributes=agent | chat))
            outputs.append((tool, result))
        spent, made = timed(lambda spans=spans: build_trajectory(spans, id="r"))
        found = {(e.source, e.target) for e in made.edges if e.kind == "informs"}
        print(
            f"{steps:>5} steps, whole build {spent * 1e3:.1f} ms | "
            f"recall {len(found & truth) / len(truth):.3f}, precision {len(found & truth) / len(found):.3f}"
        )


def alignment() -> None:
    runs = [build_trajectory(list(trace(100, n)), id=str(n)) for n in range(500)]
    spent, made = timed(lambda: align(runs, {str(n): "ab"[n % 2] for n in range(500)}))
    print(f"  500 runs of 100 spans aligned in {spent * 1e3:.0f} ms: {made.graph.number_of_nodes()} places")


PARTS = {"shapes": shapes, "growing": grow, "dataflow": dataflow, "align": alignment}

if __name__ == "__main__":
    for name in sys.argv[1:] or PARTS:
        print(f"== {name}")
        PARTS[name]()
