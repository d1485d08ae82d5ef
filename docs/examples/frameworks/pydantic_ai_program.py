"""Two agents of Pydantic AI: one that looks, and one that it hands over to, which opens doors.

Nothing in here knows of Prosaic: the model, the tools and the collector are where the environment says.
"""

import asyncio
import os
import sys

from pydantic_ai import Agent, ToolOutput
from pydantic_ai.mcp import MCPToolset


def trace_yourself() -> None:
    """Send the framework's own spans to the collector that the environment names."""
    import logfire

    logfire.configure(send_to_logfire=False, console=False)
    logfire.instrument_pydantic_ai()


def tools(*names: str) -> MCPToolset:
    """Give the tools of the world that an agent may use."""
    return MCPToolset(os.environ["TRACER_MCP_URL"]).filtered(lambda context, tool: tool.name in names)


async def main(task: str) -> None:
    """Do the task, beginning with the one who looks."""
    model = f"openai-chat:{os.environ['OPENAI_MODEL']}"
    keeper = Agent(model, name="keeper", instructions="You keep the doors.", toolsets=[tools("open_door")])

    async def transfer_to_keeper(work: str) -> str:
        """Hand over to the keeper, who can open_door."""
        return (await keeper.run(work)).output

    passing = ToolOutput(transfer_to_keeper, name="transfer_to_keeper", description=transfer_to_keeper.__doc__)
    scout = Agent(
        model,
        name="scout",
        instructions="You look around.",
        toolsets=[tools("look")],
        output_type=[passing, str],
    )
    print((await scout.run(task)).output)


if __name__ == "__main__":
    if "--traced" in sys.argv:
        trace_yourself()
    asyncio.run(main(sys.argv[1]))
