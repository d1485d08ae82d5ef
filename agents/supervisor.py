"""A supervisor and its workers: one model splits the work, and workers, each with a share of the tools, carry it out.

A worker is a graph of its own. It sees what it is told to do and nothing else of the conversation, and what comes
back is its report.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from langchain_core.messages import AIMessage, ToolMessage
from langchain_core.tools import BaseTool, InjectedToolCallId, StructuredTool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import InjectedState, ToolNode
from langgraph.types import Command

from tracer import Kit, answer_tool, submitted

WORKERS = 2
_DELEGATE = "delegate_to_"


class State(MessagesState, total=False):
    """A conversation, the model calls made for it and, at the end, the answer (None: there is none).

    A worker is told how many calls it may make; what it made is added to those of the supervisor.
    """

    steps: Annotated[int, operator.add]
    allowed: int
    answer: str | None


def build(kit: Kit) -> Any:
    """Give the stack for one run: at most `WORKERS` workers, and `kit.task.max_steps` model calls of them all."""
    shares = [kit.tools[number::WORKERS] for number in range(WORKERS)]
    named = {f"worker_{number}": share for number, share in enumerate(shares, 1) if share}
    delegations = [_delegation(kit, name, share) for name, share in named.items()]
    return _agent(kit, "supervisor", delegations, kit.task.options, kit.checkpointer)


def _agent(kit: Kit, name: str, tools: Sequence[BaseTool], options: tuple[str, ...] = (), saver: Any = None) -> Any:
    """Give an agent that acts through tools until it speaks, submits an answer or has used up its calls."""
    offered = [*tools, *([answer_tool(options)] if options else [])]
    model = kit.model.bind_tools(offered, tool_choice="required" if options else "auto") if offered else kit.model

    async def think(state: State) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])], "steps": 1}

    def after_thinking(state: State) -> Literal["tools", "finish"]:
        last = state["messages"][-1]
        return "tools" if isinstance(last, AIMessage) and last.tool_calls else "finish"

    def after_acting(state: State) -> Literal["model", "finish"]:
        return "finish" if submitted(state["messages"]) is not None or _left(kit, state) <= 0 else "model"

    def finish(state: State) -> dict[str, Any]:
        last = state["messages"][-1]
        said = last.text if isinstance(last, AIMessage) and not options else None
        return {"answer": submitted(state["messages"]) or said}

    graph = StateGraph(State)
    graph.add_node("model", think)
    graph.add_node("tools", ToolNode(offered, handle_tool_errors=True))
    graph.add_node("finish", finish)
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", after_thinking)
    graph.add_conditional_edges("tools", after_acting)
    graph.add_edge("finish", END)
    return graph.compile(name=name, checkpointer=saver)


def _left(kit: Kit, state: State) -> int:
    return state.get("allowed", kit.task.max_steps) - state.get("steps", 0)


def _delegation(kit: Kit, name: str, share: Sequence[BaseTool]) -> StructuredTool:
    """Give the tool that sets a worker to a task and gives its report."""
    worker = _agent(kit, name, share)

    async def delegate(
        task: str, state: Annotated[State, InjectedState], call: Annotated[str, InjectedToolCallId]
    ) -> Command[Any]:
        at_once = sum(c["name"].startswith(_DELEGATE) for c in getattr(state["messages"][-1], "tool_calls", []))
        allowed = (_left(kit, state) - 1) // max(at_once, 1)  # the last call is the supervisor's, to answer
        if allowed < 1:
            return Command(update={"messages": [ToolMessage("Error: no model calls are left", tool_call_id=call)]})
        kit.emit.handoff("supervisor", name, task)
        done = await worker.ainvoke({"messages": [{"role": "user", "content": task}], "allowed": allowed})
        report = done["answer"] or f"Error: {name} gave no report within {done['steps']} model calls"
        return Command(update={"messages": [ToolMessage(report, tool_call_id=call)], "steps": done["steps"]})

    holds = ", ".join(tool.name for tool in share)
    told = f"Tell {name} what to do, in full: it sees nothing else. Its tools: {holds}."
    return StructuredTool.from_function(coroutine=delegate, name=f"{_DELEGATE}{name}", description=told)
