"""Any forest of spans, sound or damaged, becomes a trajectory with every span in it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.spans.names import EdgeKind
from tracer.spans.span import Event, Link, Span, Status
from tracer.trajectory import build_trajectories, build_trajectory, fidelity, summary, to_networkx

IDS = st.sampled_from([f"{n:016x}" for n in range(1, 9)])
TEXT = st.text(max_size=12) | st.sampled_from(["\ud800", "[" * 40, '{"a": NaN}', "\x00", '[{"role": "user"}]'])
KEYS = st.sampled_from(
    [
        "gen_ai.operation.name",
        "gen_ai.input.messages",
        "gen_ai.output.messages",
        "gen_ai.tool.name",
        "gen_ai.tool.call.id",
        "gen_ai.tool.call.result",
        "gen_ai.agent.name",
        "gen_ai.usage.input_tokens",
        "openinference.span.kind",
        "llm.input_messages.0.message.role",
        "llm.input_messages.0.message.content",
        "metadata",
        "mlflow.spanType",
        "langsmith.span.kind",
        "langfuse.observation.type",
        "traceloop.span.kind",
        "ai.operationId",
        "mcp.method.name",
        "prosaic.run.id",
        "prosaic.step.kind",
        "prosaic.node.triggers",
        "prosaic.node.name",
        "prosaic.plan.steps",
        "prosaic.links",
        "prosaic.handoff.to",
    ]
)
OPERATIONS = st.sampled_from(["chat", "execute_tool", "invoke_agent", "plan", "search_memory", "LLM", "TOOL", "AGENT"])
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["role", "parts", "content", "type"]), inner)
    ),
    max_leaves=6,
)
TIMES = st.integers(-5, 60)


@st.composite
def spans(draw: st.DrawFn) -> Span:
    """Any span: children may precede parents, parents be missing or circular, times run backwards."""
    attributes: dict[str, Any] = draw(st.dictionaries(KEYS, OPERATIONS | PLAIN, max_size=6))
    return Span(
        trace_id=draw(st.sampled_from(["a" * 32, "b" * 32])),
        span_id=draw(IDS),
        parent_id=draw(st.none() | IDS),
        name=draw(TEXT | st.sampled_from(["chat m", "transfer_to_x", "turn"])),
        start_ns=draw(TIMES),
        end_ns=draw(st.none() | TIMES),
        attributes=attributes,
        events=tuple(draw(st.lists(st.builds(Event, TEXT, TIMES, st.just(attributes)), max_size=2))),
        links=tuple(draw(st.lists(st.builds(Link, st.just("a" * 32), IDS), max_size=2))),
        status=Status(draw(st.integers(0, 2)), draw(TEXT)),
        dropped_attributes=draw(st.integers(0, 2)),
    )


@settings(max_examples=150)
@given(st.lists(spans(), max_size=14))
def test_every_span_of_any_forest_stands_in_one_step(forest: list[Span]) -> None:
    """No forest crashes the builder, no span is lost, all edges lead between steps, and containment is a forest."""
    made = build_trajectory(forest, id="r")
    held = [span for step in made.steps for span in step.spans]
    assert sorted(held) == sorted(span for _, span in {(s.trace_id, s.span_id) for s in forest})
    ids = {step.id for step in made.steps}
    assert len(ids) == len(made.steps)
    assert all(edge.source in ids and edge.target in ids and 0 < edge.confidence <= 1 for edge in made.edges)
    parents = {edge.target: edge.source for edge in made.edges if edge.kind == EdgeKind.CONTAINS}
    for step in ids:
        seen: set[str] = set()
        at: str | None = step
        while at is not None:
            assert at not in seen
            seen.add(at)
            at = parents.get(at)
    assert fidelity(made).spans == len(held)
    assert summary(made)["id"] == "r"
    assert to_networkx(made).number_of_nodes() == len(made.steps)


@settings(max_examples=60)
@given(st.lists(spans(), max_size=14))
def test_splitting_into_runs_loses_nothing(forest: list[Span]) -> None:
    """The runs of a forest hold every span once."""
    held = [span for made in build_trajectories(forest) for step in made.steps for span in step.spans]
    assert sorted(held) == sorted(span for _, span in {(s.trace_id, s.span_id) for s in forest})


@settings(max_examples=60)
@given(st.lists(spans(), max_size=10), st.randoms())
def test_the_order_of_distinct_spans_does_not_matter(forest: list[Span], draw: Any) -> None:
    """Spans that arrive in another order make the same steps."""
    unique = list({(s.trace_id, s.span_id): s for s in forest}.values())
    keyed = {(s.start_ns, s.span_id) for s in unique}
    shuffled = draw.sample(unique, len(unique))
    if len({s.span_id for s in unique}) == len(unique) == len({start for start, _ in keyed}):
        one, two = build_trajectory(unique, id="r"), build_trajectory(shuffled, id="r")
        assert [step.id for step in one.steps] == [step.id for step in two.steps]
        assert {(e.source, e.target, e.kind) for e in one.edges} == {(e.source, e.target, e.kind) for e in two.edges}


def chain(depth: int) -> list[Span]:
    return [
        Span("a" * 32, f"{n:016x}", f"s{n}", n, 10**6 - n, parent_id=f"{n - 1:016x}" if n > 1 else None)
        for n in range(1, depth + 1)
    ]


@pytest.mark.parametrize(
    ("forest", "says"),
    [
        (chain(10_000), ""),
        ([Span("a" * 32, "1" * 16, "s", 1, 2, parent_id="1" * 16)], "not among the spans"),
        (
            [
                Span("a" * 32, "1" * 16, "s", 1, 2, parent_id="2" * 16),
                Span("a" * 32, "2" * 16, "t", 1, 2, parent_id="1" * 16),
            ],
            "circle",
        ),
        ([Span("a" * 32, "1" * 16, "s", 1, 2), Span("a" * 32, "1" * 16, "t", 1, 2)], "other content"),
        ([Span("a" * 32, "1" * 16, "s", 9, 2)], ""),
        ([], ""),
    ],
    ids=["10,000 deep", "own parent", "circle", "id twice", "negative duration", "nothing"],
)
def test_a_broken_tree_is_built_and_its_problem_named(forest: list[Span], says: str) -> None:
    """What is wrong with a tree is told, and the rest is built."""
    made = build_trajectory(forest, id="r")
    assert len(made.steps) == len({span.span_id for span in forest})
    assert any(says in problem for problem in made.problems) if says else made.problems == ()


def test_an_ended_span_takes_the_place_of_its_open_form() -> None:
    """The journal writes a span at its start and at its end; whichever comes first, the ended one counts."""
    begun = Span("a" * 32, "1" * 16, "s", 1, None)
    ended = Span("a" * 32, "1" * 16, "s", 1, 5)
    for order in ([begun, ended], [ended, begun]):
        made = build_trajectory(order, id="r")
        assert [(step.end_ns, step.status) for step in made.steps] == [(5, "ok")]
        assert made.problems == ()


@pytest.mark.parametrize(
    "content", ["[" * 10_000 + "]" * 10_000, '{"a":' * 10_000 + "1" + "}" * 10_000, "x" * 5_000_000]
)
def test_content_of_any_shape_is_taken(content: str) -> None:
    """Ten thousand levels of nesting, or megabytes of text, are content like any other."""
    told = {"gen_ai.operation.name": "chat", "gen_ai.input.messages": content, "gen_ai.output.messages": content}
    made = build_trajectory([Span("a" * 32, "1" * 16, "chat", 1, 2, attributes=told)], id="r")
    assert [step.kind for step in made.steps] == ["model"]
