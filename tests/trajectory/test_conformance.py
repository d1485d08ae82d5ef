"""What real instrumentors wrote about one known situation is read as what it was."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson
import pytest

from tracer.exchange.reading import read_spans
from tracer.spans.encode import encode_json
from tracer.spans.otlp import decode_json
from tracer.spans.span import Span
from tracer.trajectory import Trajectory, build_trajectories, summary

SWARM = ("react_agent", "supervisor", "weather_agent")
PAIR = ("supervisor", "weather_agent")
PASSED = (("supervisor", "weather_agent"),)
JOIN = (("join", ("worker_a", "worker_b")),)


@dataclass(frozen=True)
class Truth:
    """What a dump is of; `unknown` is what it cannot tell."""

    models: int
    tools: int
    agents: tuple[str, ...] = SWARM
    handoffs: tuple[tuple[str, str], ...] = PASSED
    joins: tuple[tuple[str, tuple[str, ...]], ...] = ()
    tokens: int | None = 302
    unknown: frozenset[str] = field(default_factory=frozenset)


FULL = Truth(6, 3)
BARE = Truth(6, 3, agents=(), handoffs=(("", "weather_agent"),), unknown=frozenset({"agents"}))
FANOUT = Truth(4, 0, agents=(), handoffs=(), joins=JOIN, tokens=98, unknown=frozenset({"agents"}))
FLAT = Truth(4, 0, agents=(), handoffs=(), tokens=98, unknown=frozenset({"agents", "joins"}))

TRUTH: dict[str, Truth] = {
    "genai-langchain": FULL,
    "genai-langchain-async": FULL,
    "genai-langchain-eventonly": FULL,
    "genai-langchain-nocontent": Truth(6, 3, unknown=frozenset({"content"})),
    "genai-langchain+genai-openai": FULL,
    "genai-langchain+genai-openai-async": FULL,
    "genai-openai": FULL,
    "genai-openai-async": FULL,
    "genai-langgraph-fanout": FLAT,
    "genai-langgraph-threads": Truth(6, 0, (), (), (), 142, frozenset({"agents", "joins"})),
    "oi-langchain": FULL,
    "oi-langchain-async": FULL,
    "oi-langchain+oi-openai": FULL,
    "oi-openai": FULL,
    "oi-langgraph-fanout": FANOUT,
    "tl-langchain": FULL,
    "tl-langchain-async": FULL,
    "tl-langchain+tl-openai": FULL,
    "tl-openai": BARE,
    "tl-langgraph-threads": Truth(6, 0, (), (), JOIN, 142, frozenset({"agents"})),
    "otel-openai-v2": BARE,
    "langsmith-langchain": FULL,
    "mlflow-langchain": FULL,
    "autogen-oi": Truth(3, 2, PAIR, PASSED, tokens=136),
    "crewai-oi": Truth(3, 1, ("weather_agent", "writer_agent"), (), tokens=116),
    "google-adk-native": Truth(3, 2, PAIR, PASSED, tokens=165),
    "openai-agents-oi": Truth(3, 1, PAIR, PASSED, tokens=156),
    "openai-agents-native": Truth(3, 1, PAIR, PASSED, tokens=156, unknown=frozenset({"content"})),
    "openai-agents-genai": Truth(
        0, 1, PAIR, (), tokens=None, unknown=frozenset({"model_calls", "content", "tokens", "handoffs"})
    ),
    "pydantic-ai": Truth(4, 2, PAIR, PASSED, tokens=168),
    "smolagents-oi": Truth(6, 3, PAIR, PASSED, tokens=292),
    "mcp-none-client": Truth(0, 1, ("demo",), (), tokens=None, unknown=frozenset({"model_calls", "content", "tokens"})),
    "mcp-none-server": Truth(0, 1, (), (), tokens=None, unknown=frozenset({"agents", "tokens"})),
}


def load(folder: Path, name: str) -> list[Span]:
    files = [folder / f"{name}.json", folder / f"{name}.logs.json"]
    return list(read_spans([str(file) for file in files if file.exists()]))


def facts(made: list[Trajectory]) -> dict[str, Any]:
    told = [summary(trajectory) for trajectory in made]
    counted = [t["tokens"][way] for t in told for way in ("input", "output")]
    return {
        "models": sum(t["steps"].get("model", 0) for t in told),
        "tools": sum(t["steps"].get("tool", 0) for t in told),
        "agents": sorted(agent for t in told for agent in t["agents"]),
        "handoffs": [tuple(pair) for t in told for pair in t["handoffs"]],
        "joins": [(j["waiting"], tuple(j["waited_for"])) for t in told for j in t["joins"]],
        "tokens": sum(n or 0 for n in counted) if any(n is not None for n in counted) else None,
        "unknown": frozenset(what for t in told for what in t["fidelity"]["unknown"]),
        "errors": sum(t["status"].get("error", 0) for t in told),
    }


@pytest.mark.parametrize("name", TRUTH)
def test_a_real_dump_gives_its_truth(name: str, shared_data: Path) -> None:
    """Calls, tools, agents, handoffs, joins and tokens are those of the situation; what cannot be told is said so."""
    truth = TRUTH[name]
    made = facts(build_trajectories(load(shared_data / "spans", name)))
    assert made["errors"] == 0
    assert made["agents"] == sorted(truth.agents)
    assert made["handoffs"] == list(truth.handoffs)
    assert made["joins"] == list(truth.joins)
    assert (made["models"], made["tools"], made["tokens"]) == (truth.models, truth.tools, truth.tokens)
    assert truth.unknown <= made["unknown"]
    assert not made["unknown"] - truth.unknown - {"tokens"}


@pytest.mark.parametrize("name", TRUTH)
def test_every_span_stands_behind_exactly_one_step(name: str, shared_data: Path) -> None:
    """Wrappers and doubles are folded, but no span is lost."""
    spans = load(shared_data / "spans", name)
    held = [span for made in build_trajectories(spans) for step in made.steps for span in step.spans]
    assert sorted(held) == sorted(span.span_id for span in spans)


def test_every_dump_has_a_truth(shared_data: Path) -> None:
    """No dump is left out of the table."""
    names = {file.stem for file in (shared_data / "spans").glob("*.json") if not file.stem.endswith(".logs")}
    assert names == set(TRUTH)


def test_both_sides_of_a_tool_call_over_mcp_are_one_step(shared_data: Path) -> None:
    """Client and server spans of the same call, from two processes and two files, are one tool step."""
    folder = shared_data / "spans"
    spans = load(folder, "mcp-none-client") + load(folder, "mcp-none-server")
    made = facts(build_trajectories(spans))
    assert (made["tools"], made["agents"]) == (1, ["demo"])


def test_spans_of_three_dialects_in_one_run(shared_data: Path) -> None:
    """Dialects may be mixed: each span is read by its own."""
    names = ("genai-langchain", "oi-langchain", "mlflow-langchain")
    spans = [span for name in names for span in load(shared_data / "spans", name)]
    made = facts(build_trajectories(spans))
    assert (made["models"], made["tools"], made["tokens"]) == (18, 9, 906)


def table(rows: Mapping[str, Mapping[str, Any]]) -> str:
    lines = [
        "| dump | model calls | tool calls | agents | handoffs | joins | tokens |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for name, row in rows.items():
        unknown = row["unknown"]

        def cell(what: str, value: str, unknown: frozenset[str] = unknown) -> str:
            return value if value or what not in unknown else "unknown"

        joins = "; ".join(f"{waiting} waits for {', '.join(branches)}" for waiting, branches in row["joins"])
        handoffs = "; ".join(f"{source or '?'} → {target}" for source, target in row["handoffs"])
        cells = [
            cell("model_calls", str(row["models"] or "")) or "0",
            cell("tools", str(row["tools"] or "")) or "0",
            cell("agents", ", ".join(row["agents"])) or "none",
            cell("handoffs", handoffs) or "none",
            cell("joins", joins) or "none",
            cell("tokens", str(row["tokens"] or "")) or "none",
        ]
        lines.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def test_the_published_table_is_what_is_read(shared_data: Path) -> None:
    """The table in docs/conformance.md is the one that the dumps give now."""
    rows = {name: facts(build_trajectories(load(shared_data / "spans", name))) for name in sorted(TRUTH)}
    page = Path(__file__).parents[2] / "docs" / "conformance.md"
    assert table(rows) in page.read_text("utf-8"), f"put this table into {page.name}:\n{table(rows)}"


def test_a_dump_is_given_back_as_it_came(shared_data: Path) -> None:
    """Reading keeps every field of span, resource and scope."""

    def flat(document: Any) -> list[bytes]:
        return sorted(
            orjson.dumps([block["resource"], inner["scope"], record], option=orjson.OPT_SORT_KEYS)
            for block in document["resourceSpans"]
            for inner in block["scopeSpans"]
            for record in inner["spans"]
        )

    for name in TRUTH:
        document = orjson.loads((shared_data / "spans" / f"{name}.json").read_bytes())
        if isinstance(document, dict):
            assert flat(encode_json(decode_json(document))) == flat(document)
