"""Tree search: lines of action are thought out step by step and valued, always going on from the best one.

Nothing is done in the world while searching. The best line found is then acted upon. (A tree of thoughts, best first.)
"""

from __future__ import annotations

import asyncio
import operator
from typing import TYPE_CHECKING, Annotated, Any, Literal, TypedDict

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from pydantic import BaseModel, Field

from tracer import answer_tool, submitted

if TYPE_CHECKING:
    from tracer import Kit

BREADTH = 3
ASK_NEXT = "Do nothing yet. What could be done next? Give up to {} possibilities, none if this line is complete.\n\n{}"
ASK_VALUE = "Do nothing yet. How much of the task does this line of action achieve, from 0 to 1?\n\n{}"


class Possibilities(BaseModel):
    """Propose what could be done next."""

    steps: list[str] = Field(
        description="Possible next steps, each one short line.", json_schema_extra={"maxItems": BREADTH}
    )


class Worth(BaseModel):
    """Value a line of action."""

    value: float = Field(ge=0, le=1, description="0: achieves nothing; 1: achieves the task.")


class Branch(TypedDict):
    """One line of action: its steps, and its value (None where the model gave none)."""

    id: str
    steps: list[str]
    value: float | None


class State(MessagesState, total=False):
    """The conversation, the branches by id, those already gone on from, the number of model calls, and the answer."""

    branches: Annotated[dict[str, Branch], operator.or_]
    grown: Annotated[list[str], operator.add]
    calls: int
    answer: str | None


def build(kit: Kit) -> Any:
    """Give the stack for one run.

    The search takes half of the `kit.task.max_steps` model calls at most. It ends earlier with a branch worth 1,
    or when no branch is worth more than those already gone on from.
    """
    options, limit = kit.task.options, kit.task.max_steps
    proposer = kit.model.with_structured_output(Possibilities, method="function_calling", include_raw=True)
    judge = kit.model.with_structured_output(Worth, method="function_calling", include_raw=True)
    tools = [*kit.tools, *([answer_tool(options)] if options else [])]
    model = kit.model.bind_tools(tools, tool_choice="required" if options else "auto") if tools else kit.model

    async def value(state: State, parent: str, branch: Branch) -> Branch:
        with kit.emit.branch(branch["id"], branch["steps"][-1], parent=parent) as told:
            asked = HumanMessage(ASK_VALUE.format(_shown(branch)))
            decided = await judge.ainvoke([*state["messages"], asked])
            if decided["parsed"] is None:
                return branch
            told.value(decided["parsed"].value)
            return {**branch, "value": decided["parsed"].value}

    async def grow(state: State) -> dict[str, Any]:
        best = _best(state, grown=False) or Branch(id="", steps=[], value=None)
        asked = HumanMessage(ASK_NEXT.format(BREADTH, _shown(best)))
        decided = await proposer.ainvoke([*state["messages"], asked])
        steps = decided["parsed"].steps[:BREADTH] if decided["parsed"] else []
        new = [
            Branch(id=f"{best['id']}.{number}".lstrip("."), steps=[*best["steps"], step], value=None)
            for number, step in enumerate(steps, 1)
        ]
        valued = await asyncio.gather(*(value(state, best["id"], branch) for branch in new))
        return {
            "branches": {branch["id"]: branch for branch in valued},
            "grown": [best["id"]],
            "calls": state.get("calls", 0) + 1 + len(new),
        }

    def after_growing(state: State) -> Literal["grow", "choose"]:
        best = _best(state, grown=False)
        affordable = state.get("calls", 0) + 1 + BREADTH <= limit // 2
        return "grow" if affordable and best is not None and best == _best(state) and best["value"] != 1 else "choose"

    def choose(state: State) -> dict[str, Any]:
        best = _best(state)
        if best is None:
            return {}
        with kit.emit.plan() as plan:
            plan.steps(best["steps"])
        return {"messages": [AIMessage(_shown(best)), HumanMessage("Now do it.")]}

    async def act(state: State) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])], "calls": state.get("calls", 0) + 1}

    def after_acting(state: State) -> Literal["tools", "finish"]:
        last = state["messages"][-1]
        return "tools" if isinstance(last, AIMessage) and last.tool_calls else "finish"

    def after_tools(state: State) -> Literal["act", "finish"]:
        over = submitted(state["messages"]) is not None or state.get("calls", 0) >= limit
        return "finish" if over else "act"

    def finish(state: State) -> dict[str, Any]:
        last = state["messages"][-1]
        said = last.text if isinstance(last, AIMessage) and not options else None
        return {"answer": submitted(state["messages"]) or said}

    graph = StateGraph(State)
    graph.add_node("grow", grow)
    graph.add_node("choose", choose)
    graph.add_node("act", act)
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=True))
    graph.add_node("finish", finish)
    graph.add_edge(START, "grow" if limit // 2 >= 1 + BREADTH else "act")
    graph.add_conditional_edges("grow", after_growing)
    graph.add_edge("choose", "act")
    graph.add_conditional_edges("act", after_acting)
    graph.add_conditional_edges("tools", after_tools)
    graph.add_edge("finish", END)
    return graph.compile(name="tree_search", checkpointer=kit.checkpointer)


def _best(state: State, *, grown: bool = True) -> Branch | None:
    """Give the branch of the highest value, of equal ones the first found; one without a value comes last."""
    passed = [] if grown else state.get("grown", [])
    known = [branch for branch in state.get("branches", {}).values() if branch["id"] not in passed]
    return max(known, key=lambda branch: -1.0 if branch["value"] is None else branch["value"], default=None)


def _shown(branch: Branch) -> str:
    return "\n".join(["This line of action:", *branch["steps"]]) if branch["steps"] else "Nothing is planned yet."
