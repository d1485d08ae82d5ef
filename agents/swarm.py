"""A swarm: peers with one conversation, each with a share of the tools, that hand over to one another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, ToolMessage
from langchain_core.tools import BaseTool, InjectedToolCallId, StructuredTool
from langgraph.graph import START, MessagesState, StateGraph
from langgraph.prebuilt import InjectedState, ToolNode
from langgraph.types import Command

from tracer import Kit, answer_tool, submitted

PEERS = 2
_TRANSFER = "transfer_to_"


class State(MessagesState, total=False):
    """The conversation, the number of model calls so far and, at the end, the answer (None: there is none)."""

    steps: int
    answer: str | None


def build(kit: Kit) -> Any:
    """Give the stack for one run: `PEERS` peers with `kit.task.max_steps` model calls in all; the first one begins.

    Who gives the answer ends the run; a transfer passes control for good, until someone transfers it back.
    """
    shares = {f"peer_{number + 1}": kit.tools[number::PEERS] for number in range(PEERS)}
    graph = StateGraph(State)
    for name, share in shares.items():
        transfers = [_transfer(other, held) for other, held in shares.items() if other != name]
        graph.add_node(name, _peer(kit, name, [*share, *transfers]))
    graph.add_edge(START, next(iter(shares)))
    return graph.compile(name="swarm", checkpointer=kit.checkpointer)


def _peer(kit: Kit, name: str, own: Sequence[BaseTool]) -> Any:
    """Give a peer, which acts until it speaks, submits an answer, hands over or no calls are left."""
    options = kit.task.options
    tools = [*own, *([answer_tool(options)] if options else [])]
    model = kit.model.bind_tools(tools, tool_choice="required" if options else "auto")
    acting = ToolNode(tools, handle_tool_errors=True)

    async def think(state: State) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])], "steps": state.get("steps", 0) + 1}

    async def act(state: State) -> dict[str, Any] | Command[Any]:
        done = await acting.ainvoke(state)
        outcomes: list[Any] = done if isinstance(done, list) else [done]
        updates: list[Any] = [o.update if isinstance(o, Command) else o for o in outcomes]
        told = [message for update in updates for message in update["messages"]]
        to = next((o.goto for o in outcomes if isinstance(o, Command)), None)
        if to is None:
            return {"messages": told}
        # What a graph has done is lost to the one around it where it leaves by a command, unless the command tells it.
        passed = {"messages": [*state["messages"], *told], "steps": state.get("steps", 0)}
        return Command(graph=Command.PARENT, goto=to, update=passed)

    def before_thinking(state: State) -> Literal["model", "finish"]:
        over = submitted(state["messages"]) is not None or state.get("steps", 0) >= kit.task.max_steps
        return "finish" if over else "model"

    def after_thinking(state: State) -> Literal["tools", "finish"]:
        return "tools" if _calls(state["messages"][-1]) else "finish"

    def finish(state: State) -> dict[str, Any]:
        last = state["messages"][-1]
        said = last.text if isinstance(last, AIMessage) and not options else None
        return {"answer": submitted(state["messages"]) or said}

    graph = StateGraph(State)
    graph.add_node("model", think)
    graph.add_node("tools", act)
    graph.add_node("finish", finish)
    graph.add_conditional_edges(START, before_thinking)
    graph.add_conditional_edges("model", after_thinking)
    graph.add_conditional_edges("tools", before_thinking)
    return graph.compile(name=name)


def _transfer(name: str, share: Sequence[BaseTool]) -> StructuredTool:
    """Give the tool that hands over to a peer; of several transfers at once the first is made."""

    def transfer(
        reason: str, state: Annotated[State, InjectedState], call: Annotated[str, InjectedToolCallId]
    ) -> Command[Any]:
        asked = [c["id"] for c in _calls(state["messages"][-1]) if c["name"].startswith(_TRANSFER)]
        if asked[0] != call:
            raise ValueError("control has been handed over already")
        told = ToolMessage(f"{name} takes over", tool_call_id=call)
        return Command(graph=Command.PARENT, goto=name, update={"messages": [told]})

    holds = ", ".join(tool.name for tool in share) or "none"
    told = f"Hand over to {name}. Its tools: {holds}."
    return StructuredTool.from_function(transfer, name=f"{_TRANSFER}{name}", description=told)


def _calls(message: AnyMessage) -> list[Any]:
    return list(message.tool_calls) if isinstance(message, AIMessage) else []
