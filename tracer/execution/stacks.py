"""From the address of a stack to what a run calls: the one seam between our stacks and everybody else's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from tracer.addresses import load_object
from tracer.contracts import Kit
from tracer.errors import SuiteError
from tracer.execution.command import run_command
from tracer.execution.remote import ask_a2a, ask_http
from tracer.gateway import Addresses, Door, ToolOffer, open_door
from tracer.models import RunModel
from tracer.recording import Recorder
from tracer.stacks import OutsideStack, read_stack, runs_roles
from tracer.store import dump_json

__all__ = ["RunDoor", "build_stack"]

_Run = Callable[[list[dict[str, Any]]], Awaitable[Any]]


@dataclass(frozen=True, slots=True)
class RunDoor:
    """What an outside stack is reached by in place of a `Kit`.

    Attributes:
        run: Id of the run.
        model: The run's model.
        recorder: What records the run.
    """

    run: str
    model: RunModel
    recorder: Recorder


def build_stack(address: str, kit: Kit, door: RunDoor) -> Any:
    """Give what a run calls: what `build(kit)` returns, or a function that asks an outside stack.

    Raises:
        AddressError: There is no such stack.
        SuiteError: The task has roles, and the stack does not take them.
    """
    outside = read_stack(address)
    if kit.task.roles and not runs_roles(address):
        raise SuiteError(f"the task has {len(kit.task.roles)} roles, and {address} gives them no contexts of their own")
    if outside is None:
        return load_object(address)(kit)
    return _asking(outside, kit, door)


def _asking(stack: OutsideStack, kit: Kit, door: RunDoor) -> _Run:
    async def run(said: list[dict[str, Any]]) -> Any:
        opened = Door(door.run, door.model, door.recorder, tool_offers(kit.tools))
        with open_door(opened) as at:
            return _state(said, await _ask(stack, kit, said, at))

    return run


async def _ask(stack: OutsideStack, kit: Kit, said: list[dict[str, Any]], at: Addresses) -> Any:
    match stack.kind:
        case "command":
            return await run_command(stack, kit.task, said, at, kit.model_name)
        case "http":
            return await ask_http(stack, said, at)
        case "a2a":
            return await ask_a2a(stack, said, at)


def _state(said: list[dict[str, Any]], answer: Any) -> dict[str, Any] | None:
    """Give the answer as a final state, with the conversation that it ends."""
    if answer is None:
        return None
    told = dict(answer) if isinstance(answer, Mapping) else {"answer": answer}
    text = told["answer"] if isinstance(told["answer"], str) else dump_json(told["answer"]).decode()
    messages = told.get("messages")
    if not isinstance(messages, list):
        messages = [*said, {"role": "assistant", "content": text}]
    return {"answer": text, "messages": messages}


def tool_offers(tools: Sequence[BaseTool]) -> tuple[ToolOffer, ...]:
    """Give the tools of a run as they are offered over MCP."""
    return tuple(_offer(tool) for tool in tools)


def _offer(tool: BaseTool) -> ToolOffer:
    told = convert_to_openai_tool(tool)["function"]

    async def call(arguments: Mapping[str, Any]) -> str:
        result = await tool.ainvoke(dict(arguments))
        return result if isinstance(result, str) else dump_json(result).decode()

    schema = told.get("parameters") or {"type": "object", "properties": {}}
    return ToolOffer(tool.name, str(told.get("description") or ""), schema, call)
