"""The tools of a run's world over MCP, with the official SDK; loaded when the first outside stack runs."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    Tool,
)
from starlette.requests import Request

from tracer.gateway.doors import Door

__all__ = ["tool_sessions"]

_FAILED = "Error: "  # how a tool of a world tells what went wrong


def tool_sessions(find: Callable[[Request], Door | None]) -> StreamableHTTPSessionManager:
    """Give the handler of MCP requests: each is answered with the tools of the run whose door it came through."""

    def door_of(context: Any) -> Door:
        door = find(context.request)
        if door is None:
            raise ValueError("this run is over")
        return door

    async def list_tools(context: Any, params: PaginatedRequestParams | None) -> ListToolsResult:
        offers = door_of(context).tools
        return ListToolsResult(
            tools=[Tool(name=o.name, description=o.description, input_schema=dict(o.schema)) for o in offers]
        )

    async def call_tool(context: Any, params: CallToolRequestParams) -> CallToolResult:
        door = door_of(context)
        offer = next((o for o in door.tools if o.name == params.name), None)
        if offer is None:
            known = ", ".join(o.name for o in door.tools) or "none"
            return _told(f"there is no tool {params.name!r}; there are: {known}", failed=True)
        arguments = params.arguments or {}

        async def call() -> str:
            return await offer.call(arguments)

        try:
            text = await asyncio.get_running_loop().create_task(call(), context=door.here())
            return _told(text, failed=text.startswith(_FAILED))
        except Exception as error:  # boundary: a tool is the suite's own code; what it raises is its answer
            return _told(f"{type(error).__name__}: {error}", failed=True)

    server: Server[Any] = Server("tracer", on_list_tools=list_tools, on_call_tool=call_tool)
    return StreamableHTTPSessionManager(server, json_response=True, stateless=True)


def _told(text: str, *, failed: bool = False) -> CallToolResult:
    return CallToolResult(content=[TextContent(type="text", text=text)], is_error=failed)
