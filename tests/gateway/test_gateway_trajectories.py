"""What calls through the gateway come to: agents, handoffs, and nothing twice."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx2
import openai
import pytest

from tracer.spans import Scope, Span
from tracer.spans.encode import encode_json
from tracer.spans.names import EdgeKind, GenAI, StepKind
from tracer.spans.otlp import make_id
from tracer.spans.protobuf import encode_protobuf
from tracer.trajectory import Trajectory, build_trajectory

if TYPE_CHECKING:
    from conftest import House, Stay

PASS_ON: Any = {"type": "function", "function": {"name": "transfer_to_keeper", "parameters": {"type": "object"}}}


def built(stay: Stay) -> Trajectory:
    stay.house.store.ingest()
    return build_trajectory(stay.house.store.spans(stay.run), id=stay.run)


def ask(stay: Stay, prompt: str, **options: Any) -> None:
    messages: Any = [{"role": "system", "content": prompt}, {"role": "user", "content": "Open the shed."}]
    with openai.OpenAI(base_url=stay.at.base_url, api_key="-", max_retries=0) as client:
        client.chat.completions.create(model="m", messages=messages, **options)


def test_a_new_prompt_after_a_transfer_is_the_agent_that_it_went_to(house: House) -> None:
    """Agents are named from what is shown, the handoff between them is an edge, and both say how they are known."""
    with house.scripted(("transfer_to_keeper", {}), "It is open.", "Good.") as stay:
        ask(stay, "You look around.", tools=[PASS_ON])
        ask(stay, "You keep the doors.")
        ask(stay, "You look around.")
        seen = built(stay)
    models = [step for step in seen.steps if step.kind == StepKind.MODEL]
    assert [seen.agents[step.agent] for step in models] == ["agent", "keeper", "agent"]
    assert all("agent" in step.inferred for step in models)
    (passed,) = [edge for edge in seen.edges if edge.kind == EdgeKind.HANDS_OFF]
    assert (passed.evidence["from"], passed.evidence["to"], passed.target) == ("agent", "keeper", models[1].id)


def test_two_prompts_without_a_transfer_name_nobody(house: House) -> None:
    """A second prompt alone may be another task of the same program: no agents are made up."""
    with house.scripted("Yes.") as stay:
        ask(stay, "You look around.")
        ask(stay, "You keep the doors.")
        assert built(stay).agents == {}


@pytest.mark.parametrize("form", ["json", "protobuf"])
def test_what_the_program_and_the_gateway_both_record_is_one_step(house: House, form: str) -> None:
    """A model call and a tool call of the program's own spans are joined with ours, and the books stay right."""
    with house.scripted("Yes.") as stay:
        began = time.time_ns()
        ask(stay, "You look around.")
        with house.recorder.span("execute_tool look", {GenAI.OPERATION: "execute_tool", GenAI.TOOL_NAME: "look"}):
            pass
        chat = {GenAI.OPERATION: "chat", GenAI.RESPONSE_ID: "response-1", GenAI.INPUT_TOKENS: 3, GenAI.OUTPUT_TOKENS: 2}
        tool = {GenAI.OPERATION: "execute_tool", GenAI.TOOL_NAME: "look", GenAI.TOOL_CALL_ID: "c"}
        spans = [
            Span(make_id("t", size=16), make_id(name), name, began, time.time_ns(), attributes=a, scope=Scope("theirs"))
            for name, a in (("chat m", chat), ("execute_tool look", tool))
        ]
        body = encode_protobuf(spans) if form == "protobuf" else json.dumps(encode_json(spans)).encode()
        kind = {"content-type": "application/json" if form == "json" else "application/x-protobuf"}
        assert httpx2.post(f"{stay.at.otlp_url}/v1/traces", content=body, headers=kind).status_code == 200
        seen = built(stay)
    acts = sorted((s for s in seen.steps if s.kind in (StepKind.MODEL, StepKind.TOOL)), key=lambda s: s.kind)
    assert [(step.kind, len(step.spans)) for step in acts] == [(StepKind.MODEL, 2), (StepKind.TOOL, 2)]
    assert [step.input_tokens for step in acts] == [3, None]
    assert acts[1].tool_call_id == "c"


@pytest.mark.parametrize("sent", [b"\xff\xff\xff", b"{"])
def test_what_is_no_otlp_is_refused(house: House, sent: bytes) -> None:
    """A request that cannot be read is an error of the exporter, and harms nothing."""
    with house.scripted("Yes.") as stay:
        kind = {"content-type": "application/json" if sent == b"{" else "application/x-protobuf"}
        assert httpx2.post(f"{stay.at.otlp_url}/v1/traces", content=sent, headers=kind).status_code == 400
