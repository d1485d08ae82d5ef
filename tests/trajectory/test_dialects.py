"""Spans of every dialect, of old and new generations, are read as what they are."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tracer.spans.names import EdgeKind, StepKind
from tracer.spans.span import Event, Link, Scope, Span, Status
from tracer.trajectory import Step, build_trajectory, handoffs, join_sets

MESSAGES = json.dumps([{"role": "user", "content": "hi"}])
CALL = json.dumps({"role": "assistant", "tool_calls": [{"id": "c1", "function": {"name": "look", "arguments": "{}"}}]})


def span(name: str = "s", number: int = 1, parent: int | None = None, **more: Any) -> Span:
    return Span(
        trace_id="a" * 32,
        span_id=f"{number:016x}",
        parent_id=f"{parent:016x}" if parent else None,
        name=name,
        start_ns=more.pop("start", number * 10),
        end_ns=more.pop("end", number * 10 + 5),
        scope=Scope(more.pop("scope", "")),
        **more,
    )


def read(made: Span) -> Step:
    return build_trajectory([made], id="r").steps[0]


@pytest.mark.parametrize(
    ("dialect", "kind", "made"),
    [
        ("genai", "model", span(attributes={"gen_ai.operation.name": "text_completion"})),
        ("genai", "retrieval", span(attributes={"gen_ai.operation.name": "retrieval"})),
        ("genai", "workflow", span(attributes={"gen_ai.operation.name": "create_agent", "gen_ai.agent.name": "a"})),
        ("openinference", "retrieval", span(attributes={"openinference.span.kind": "RETRIEVER"})),
        ("openinference", "tool", span(attributes={"openinference.span.kind": "AGENT", "tool.name": "agent_lookup"})),
        ("langfuse", "model", span(attributes={"langfuse.observation.type": "generation"})),
        ("langfuse", "agent", span(attributes={"langfuse.observation.type": "agent"})),
        ("mlflow", "model", span(attributes={"mlflow.spanType": '"CHAT_MODEL"'})),
        ("mlflow", "memory", span(attributes={"mlflow.spanType": '"MEMORY"'})),
        ("langsmith", "tool", span(attributes={"langsmith.span.kind": "tool"})),
        ("vercel", "model", span(attributes={"ai.operationId": "ai.generateText.doGenerate"})),
        ("vercel", "workflow", span(attributes={"ai.operationId": "ai.streamText"})),
        ("vercel", "tool", span(attributes={"ai.operationId": "ai.toolCall", "ai.toolCall.name": "t"})),
        ("traceloop", "agent", span(attributes={"traceloop.span.kind": "agent"})),
        ("traceloop", "model", span(attributes={"llm.request.type": "chat"})),
        ("pydantic_ai", "agent", span("agent run", scope="pydantic-ai", attributes={"agent_name": "x"})),
        ("pydantic_ai", "tool", span("running tool", scope="pydantic-ai", attributes={"gen_ai.tool.name": "t"})),
        ("google_adk", "model", span("call_llm", scope="gcp.vertex.agent")),
        ("google_adk", "agent", span("agent_run [boss]", scope="gcp.vertex.agent")),
        (
            "strands",
            "workflow",
            span(attributes={"gen_ai.operation.name": "invoke_swarm", "gen_ai.system": "strands-agents"}),
        ),
        ("agent_framework", "workflow", span("executor.process x", attributes={"executor.id": "x"})),
        ("agent_framework", "message", span("message.send", scope="agent_framework")),
        (
            "autogen",
            "message",
            span(scope="autogen SingleThreadedAgentRuntime", attributes={"messaging.operation": "process"}),
        ),
        (
            "smolagents",
            "agent",
            span(
                "boss.run",
                scope="openinference.instrumentation.smolagents",
                attributes={"openinference.span.kind": "AGENT"},
            ),
        ),
        (
            "crewai",
            "agent",
            span(scope="openinference.instrumentation.crewai", attributes={"openinference.span.kind": "AGENT"}),
        ),
        ("mcp", "tool", span("MCP send tools/call look", attributes={"mcp.method.name": "tools/call"})),
        ("mcp", "retrieval", span("resources/read x", attributes={"mcp.method.name": "resources/read"})),
        ("unknown", "agent", span("invoke_agent boss")),
        ("unknown", "unknown", span("GET /health", attributes={"http.method": "GET"})),
    ],
)
def test_a_span_is_recognised(dialect: str, kind: str, made: Span) -> None:
    """Dialect and kind follow from scope and attributes."""
    step = read(made)
    assert (step.dialect, str(step.kind)) == (dialect, kind)


@pytest.mark.parametrize(
    "attributes",
    [
        {"gen_ai.operation.name": "chat", "gen_ai.input.messages": MESSAGES, "gen_ai.output.messages": f"[{CALL}]"},
        {
            "gen_ai.operation.name": "chat",
            "gen_ai.input.messages": [{"role": "user", "parts": [{"type": "text", "content": "hi"}]}],
            "gen_ai.output.messages": [
                {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "look", "arguments": "{}"}]}
            ],
        },
        {
            "openinference.span.kind": "LLM",
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.content": "hi",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.tool_calls.0.tool_call.id": "c1",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.name": "look",
            "llm.output_messages.0.message.tool_calls.0.tool_call.function.arguments": "{}",
        },
        {
            "llm.request.type": "chat",
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "hi",
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.tool_calls.0.id": "c1",
            "gen_ai.completion.0.tool_calls.0.name": "look",
            "gen_ai.completion.0.tool_calls.0.arguments": "{}",
        },
        {
            "langfuse.observation.type": "generation",
            "langfuse.observation.input": MESSAGES[:-1]
            + ', {"role": "tool", "content": {"type": "function", "function": {}}}]',
            "langfuse.observation.output": CALL,
        },
        {
            "mlflow.spanType": '"LLM"',
            "mlflow.spanInputs": f'{{"messages": {MESSAGES}}}',
            "mlflow.spanOutputs": f'{{"choices": [{{"message": {CALL}}}]}}',
        },
        {
            "langsmith.span.kind": "llm",
            "gen_ai.prompt": json.dumps(
                {"messages": [[{"lc": 1, "id": ["x", "HumanMessage"], "kwargs": {"content": "hi"}}]]}
            ),
            "gen_ai.completion": json.dumps(
                {
                    "generations": [
                        [
                            {
                                "text": "",
                                "message": {
                                    "lc": 1,
                                    "id": ["x", "AIMessage"],
                                    "kwargs": {"content": "", "tool_calls": [{"name": "look", "args": {}, "id": "c1"}]},
                                },
                            }
                        ]
                    ]
                }
            ),
        },
        {
            "ai.operationId": "ai.generateText.doGenerate",
            "ai.prompt.messages": '[{"role": "user", "content": [{"type": "text", "text": "hi"}]}]',
            "ai.response.toolCalls": '[{"toolCallId": "c1", "toolName": "look", "args": {}}]',
            "ai.response.text": "",
        },
        {
            "gcp.vertex.agent.event_id": "e",
            "gen_ai.operation.name": "generate_content",
            "gcp.vertex.agent.llm_request": '{"contents": [{"role": "user", "parts": [{"text": "hi"}]}]}',
            "gcp.vertex.agent.llm_response": (
                '{"content": {"role": "model", "parts": [{"function_call": {"id": "c1", "name": "look", "args": {}}}]}}'
            ),
        },
    ],
    ids=["openai", "parts", "openinference", "traceloop", "langfuse", "mlflow", "langsmith", "vercel", "adk"],
)
def test_a_model_call_says_the_same_in_every_dialect(attributes: dict[str, Any]) -> None:
    """One user message in, one tool call out, however it is written."""
    step = read(span(attributes=attributes))
    assert [(m.role, m.content) for m in step.input] == [("user", "hi")]
    (call,) = step.output[0].tool_calls
    assert (call.id, call.name, call.arguments) == ("c1", "look", {})


@pytest.mark.parametrize(
    "events",
    [
        [
            Event("gen_ai.user.message", 1, {"content": "hi"}),
            Event("gen_ai.choice", 2, {"index": 0, "message": '{"content": "hello"}'}),
        ],
        [
            Event(
                "gen_ai.client.inference.operation.details",
                1,
                {
                    "gen_ai.input.messages": MESSAGES,
                    "gen_ai.output.messages": '[{"role": "assistant", "content": "hello"}]',
                },
            )
        ],
        [
            Event("gen_ai.content.prompt", 1, {"gen_ai.prompt": MESSAGES}),
            Event("gen_ai.content.completion", 2, {"gen_ai.completion": '[{"role": "assistant", "content": "hello"}]'}),
        ],
    ],
    ids=["messages", "details", "content"],
)
def test_content_is_taken_from_events(events: list[Event]) -> None:
    """Of every generation of content events."""
    step = read(span(attributes={"gen_ai.operation.name": "chat"}, events=tuple(events)))
    assert [m.content for m in step.input] == ["hi"]
    assert [m.content for m in step.output] == ["hello"]


@pytest.mark.parametrize(
    ("attributes", "tokens"),
    [
        (
            {"gen_ai.operation.name": "chat", "gen_ai.usage.prompt_tokens": 5, "gen_ai.usage.completion_tokens": "7"},
            (5, 7),
        ),
        ({"openinference.span.kind": "LLM", "llm.token_count.prompt": 5, "llm.token_count.completion": 7}, (5, 7)),
        (
            {
                "langfuse.observation.type": "generation",
                "langfuse.observation.usage_details": '{"input": 3, "input_cached_tokens": 2, "output": 7}',
            },
            (5, 7),
        ),
        ({"mlflow.spanType": '"LLM"', "mlflow.chat.tokenUsage": '{"input_tokens": 5, "output_tokens": 7}'}, (5, 7)),
        (
            {"ai.operationId": "ai.streamText.doStream", "ai.usage.promptTokens": 5, "ai.usage.completionTokens": 7},
            (5, 7),
        ),
        ({"gen_ai.operation.name": "invoke_agent", "gen_ai.usage.input_tokens": 5}, (None, None)),
        ({"gen_ai.operation.name": "chat", "gen_ai.aggregated_usage.input_tokens": 5}, (None, None)),
    ],
)
def test_tokens_are_those_of_the_call(attributes: dict[str, Any], tokens: tuple[int | None, int | None]) -> None:
    """Cached tokens count as input; sums that agents carry are no calls."""
    step = read(span(attributes=attributes))
    assert (step.input_tokens, step.output_tokens) == tokens


@pytest.mark.parametrize(
    ("attributes", "target"),
    [
        ({"gen_ai.tool.name": "transfer_to_billing"}, "billing"),
        (
            {"gen_ai.tool.name": "handoff_to_agent", "gen_ai.tool.call.arguments": '{"agent_name": "billing"}'},
            "billing",
        ),
        ({"gen_ai.tool.name": "x", "gen_ai.tool.call.result": '{"graph": "__parent__", "goto": "billing"}'}, "billing"),
        (
            {"gen_ai.tool.name": "x", "gen_ai.tool.call.result": "Command(graph='__parent__', goto='billing')"},
            "billing",
        ),
        ({"gen_ai.tool.name": "x", "gen_ai.transfer.target.name": "billing"}, "billing"),
        ({"gen_ai.tool.name": "delegate_to_billing"}, "billing"),
        ({"gen_ai.tool.name": "transfer_money", "gen_ai.tool.call.arguments": '{"to": "billing"}'}, ""),
    ],
)
def test_a_handoff_is_told_from_a_tool(attributes: dict[str, Any], target: str) -> None:
    """By what is recorded of it, by its result, by its name; a transfer of money is none."""
    made = build_trajectory([span(attributes={"gen_ai.operation.name": "execute_tool", **attributes})], id="r")
    assert [to for _, to in handoffs(made)] == ([target] if target else [])


@pytest.mark.parametrize(
    "more",
    [
        {"status": Status(2, "Command(graph='__parent__', goto='x')")},
        {"attributes": {"error.type": "langgraph.errors.GraphInterrupt"}},
        {"events": (Event("exception", 1, {"exception.type": "ParentCommand"}),), "status": Status(2, "")},
        {"events": (Event("exception", 1, {"exception.message": "ParentCommand(Command(...))"}),)},
    ],
)
def test_control_flow_is_no_failure(more: dict[str, Any]) -> None:
    """What LangGraph raises to pass control or to pause is not an error, whoever records it as one."""
    assert read(span(**more)).status == "control"


def test_a_real_failure_is_one() -> None:
    """A failed span is an error with its message."""
    step = read(span(status=Status(2, "503 from the model")))
    assert (step.status, step.error) == ("error", "503 from the model")


def test_links_of_the_agent_framework_say_who_waited_for_whom() -> None:
    """An executor whose span links to two messages has waited for both."""
    fan = [
        span("executor.process a", 1, attributes={"executor.id": "a"}),
        span("executor.process b", 2, attributes={"executor.id": "b"}),
        span("message.send", 3, 1, scope="agent_framework", start=12, end=13, attributes={"message.source_id": "a"}),
        span("message.send", 4, 2, scope="agent_framework", start=22, end=23, attributes={"message.source_id": "b"}),
        span(
            "executor.process join",
            5,
            attributes={"executor.id": "join"},
            links=(Link("a" * 32, f"{3:016x}"), Link("a" * 32, f"{4:016x}")),
        ),
    ]
    made = build_trajectory(fan, id="r")
    assert join_sets(made) == [("join", ["a", "b"])]
    assert sum(edge.kind == EdgeKind.SENDS for edge in made.edges) == 2


def test_two_instrumentations_of_one_call_are_one_step() -> None:
    """Calls with one response id, or one inside the other with equal answers, are merged; tokens count once."""
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.response.id": "r1",
        "gen_ai.usage.input_tokens": 5,
        "gen_ai.output.messages": '[{"role": "assistant", "content": "hello"}]',
    }
    outer = span("ChatOpenAI", 1, start=10, end=50, scope="a", attributes=told)
    inner = span("chat", 2, start=12, end=40, scope="b", attributes=told)
    made = build_trajectory([outer, inner], id="r")
    assert [(step.kind, step.input_tokens, len(step.spans)) for step in made.steps] == [(StepKind.MODEL, 5, 2)]


def test_equal_answers_of_parallel_calls_stay_apart() -> None:
    """Two calls of one instrumentation that happen to get the same answer are two calls."""
    told = {"gen_ai.operation.name": "chat", "gen_ai.output.messages": '[{"role": "assistant", "content": "yes"}]'}
    made = build_trajectory([span("chat", n, start=10, end=40, scope="a", attributes=told) for n in (1, 2)], id="r")
    assert len(made.steps) == 2
