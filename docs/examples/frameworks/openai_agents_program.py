"""Two agents of the OpenAI Agents SDK: one that looks, and one that it hands over to, which opens doors.

Nothing in here knows of Prosaic: the model, the tools and the collector are where the environment says.
"""

import asyncio
import os
import sys

from agents import Agent, OpenAIProvider, RunConfig, Runner, handoff
from agents.mcp import MCPServerStreamableHttp, create_static_tool_filter


def trace_yourself() -> None:
    """Send the SDK's own spans to the collector that the environment names."""
    from openinference.instrumentation.openai_agents import OpenAIAgentsInstrumentor
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
    OpenAIAgentsInstrumentor().instrument(tracer_provider=provider)


def tools(*names: str) -> MCPServerStreamableHttp:
    """Give the tools of the world that an agent may use."""
    return MCPServerStreamableHttp(
        {"url": os.environ["TRACER_MCP_URL"]}, tool_filter=create_static_tool_filter(allowed_tool_names=list(names))
    )


async def main(task: str) -> None:
    """Do the task, beginning with the one who looks."""
    async with tools("look") as looking, tools("open_door") as opening:
        model = os.environ["OPENAI_MODEL"]
        keeper = Agent(name="keeper", instructions="You keep the doors.", mcp_servers=[opening], model=model)
        passing = handoff(keeper, tool_description_override="Hand over to the keeper, who can open_door.")
        scout = Agent(
            name="scout", instructions="You look around.", mcp_servers=[looking], handoffs=[passing], model=model
        )
        provider = OpenAIProvider(use_responses="--chat" not in sys.argv)
        result = await Runner.run(scout, task, run_config=RunConfig(model_provider=provider))
        print(result.final_output)


if __name__ == "__main__":
    if "--traced" in sys.argv:
        trace_yourself()
    else:
        os.environ["OPENAI_AGENTS_DISABLE_TRACING"] = "1"
    asyncio.run(main(sys.argv[1]))
