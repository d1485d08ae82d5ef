"""Two agents of smolagents: one that looks, and one that it hands over to, which opens doors.

Nothing in here knows of Prosaic: the model, the tools and the collector are where the environment says.
"""

import os
import sys

from smolagents import MCPClient, OpenAIModel, ToolCallingAgent


def trace_yourself() -> None:
    """Send the framework's own spans to the collector that the environment names."""
    from openinference.instrumentation.smolagents import SmolagentsInstrumentor
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor

    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
    SmolagentsInstrumentor().instrument(tracer_provider=provider)


def main(task: str) -> None:
    """Do the task, beginning with the one who looks."""
    model = OpenAIModel(os.environ["OPENAI_MODEL"])
    with MCPClient({"url": os.environ["TRACER_MCP_URL"], "transport": "streamable-http"}) as offered:
        tools = {tool.name: tool for tool in offered}
        keeper = ToolCallingAgent(
            tools=[tools["open_door"]],
            model=model,
            name="keeper",
            description="Hand over to the keeper, who can open_door.",
            verbosity_level=0,
        )
        scout = ToolCallingAgent(
            tools=[tools["look"]], model=model, managed_agents=[keeper], name="scout", verbosity_level=0
        )
        print(scout.run(task))


if __name__ == "__main__":
    if "--traced" in sys.argv:
        trace_yourself()
    main(sys.argv[1])
