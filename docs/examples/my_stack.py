"""A stack that looks back: when it thinks that it is done, it is asked once whether that is so."""

from typing import Any

from langchain_core.messages import HumanMessage, ToolMessage

from tracer import Kit

LOOK_BACK = "Before you stop: is every part of the task done? If not, go on. If so, say what you did."


def build(kit: Kit) -> Any:
    """Give the stack for one run."""
    model = kit.model.bind_tools(kit.tools) if kit.tools else kit.model
    tools = {tool.name: tool for tool in kit.tools}

    async def act(call: Any) -> ToolMessage:
        if call["name"] not in tools:
            return ToolMessage(f"Error: there is no tool {call['name']!r}", tool_call_id=call["id"])
        return await tools[call["name"]].ainvoke(call)

    async def run(messages: list[dict[str, Any]]) -> str | None:
        said: list[Any] = list(messages)
        asked = False
        for _ in range(kit.task.max_steps):
            reply = await model.ainvoke(said)
            said += [reply, *[await act(call) for call in reply.tool_calls]]
            if not reply.tool_calls and asked:
                return reply.text
            if not reply.tool_calls:
                said.append(HumanMessage(LOOK_BACK))
                asked = True
        return None

    return run
