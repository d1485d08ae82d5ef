"""Plan and execute: a planner makes a plan, an executor carries out one step after the other.

What is left is planned anew when a step fails or the plan is through. Steps keep their numbers through the versions of
the plan, so that whatever is carried out is a step of a known version.
"""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING, Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from pydantic import BaseModel, Field

from tracer import answer_tool, submitted

if TYPE_CHECKING:
    from tracer import Kit

TRIES = 2
ASK_PLAN = "Before you act: which steps does the task take? Give each as one short line."
ASK_REST = "Look at what came of the plan: which steps are still to be done? Give none if the task is done."


class Plan(BaseModel):
    """Say which steps are to be done."""

    steps: list[str] = Field(description="The steps, in order, each one short line.")


class State(MessagesState, total=False):
    """The conversation, the plan and how far it is carried out, the number of model calls, and the answer."""

    plan: list[str]
    done: int
    stuck: bool
    calls: int
    answer: str | None


def build(kit: Kit) -> Any:
    """Give the stack for one run.

    One of the `kit.task.max_steps` model calls is kept for the answer. A step takes one turn of the executor, and a
    second one where a tool failed.
    """
    planner = kit.model.with_structured_output(Plan, method="function_calling", include_raw=True)
    executor = _executor(kit)
    options, limit = kit.task.options, kit.task.max_steps
    submission = [answer_tool(options)] if options else []
    answerer = kit.model.bind_tools(submission, tool_choice="required") if options else kit.model

    async def plan(state: State) -> dict[str, Any]:
        done = state.get("plan", [])[: state.get("done", 0)]
        asked = HumanMessage(ASK_REST if state.get("plan") else ASK_PLAN)
        with kit.emit.plan() as written:
            decided = await planner.ainvoke([*state["messages"], asked])
            steps = done + (decided["parsed"].steps if decided["parsed"] else [])
            written.steps(steps)
        told = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, 1))
        messages = [asked, AIMessage(f"Plan:\n{told}" if told else "There is nothing to be done.")]
        return {"messages": messages, "plan": steps, "calls": state.get("calls", 0) + 1, "stuck": False}

    async def execute(state: State) -> dict[str, Any]:
        number = state.get("done", 0) + 1
        ordered = HumanMessage(f"Carry out step {number} of the plan: {state.get('plan', [])[number - 1]}")
        with kit.emit.plan_step(str(number)):
            came = await executor.ainvoke({"messages": [*state["messages"], ordered], "calls": state.get("calls", 0)})
        return {
            "messages": came["messages"],
            "calls": came["calls"],
            "done": number,
            "stuck": _failed(came["messages"]),
        }

    def after_planning(state: State) -> Literal["execute", "answer"]:
        left = len(state.get("plan", [])) > state.get("done", 0)
        return "execute" if left and state.get("calls", 0) < limit - 1 else "answer"

    def after_executing(state: State) -> Literal["plan", "execute", "answer"]:
        if state.get("calls", 0) >= limit - 1:
            return "answer"
        left = len(state.get("plan", [])) > state.get("done", 0)
        return "execute" if left and not state.get("stuck") else "plan"

    async def answer(state: State) -> dict[str, Any]:
        asked = HumanMessage("Now give the answer.")
        return {"messages": [asked, await answerer.ainvoke([*state["messages"], asked])]}

    def finish(state: State) -> dict[str, Any]:
        return {"answer": submitted(state["messages"]) if options else state["messages"][-1].text}

    graph = StateGraph(State)
    graph.add_node("plan", plan)
    graph.add_node("execute", execute)
    graph.add_node("answer", answer)
    graph.add_node("submit", ToolNode(submission, handle_tool_errors=True))
    graph.add_node("finish", finish)
    graph.add_edge(START, "plan" if limit > 1 else "answer")
    graph.add_conditional_edges("plan", after_planning)
    graph.add_conditional_edges("execute", after_executing)
    graph.add_edge("answer", "submit" if options else "finish")
    graph.add_edge("submit", "finish")
    graph.add_edge("finish", END)
    return graph.compile(name="plan_and_execute", checkpointer=kit.checkpointer)


class Turn(MessagesState, total=False):
    """The conversation of one step, the number of model calls of the run, and the tries at this step."""

    calls: int
    tries: int


def _executor(kit: Kit) -> Any:
    """Give the agent that carries out one step: it acts, and once more where a tool failed."""
    model = kit.model.bind_tools(kit.tools) if kit.tools else kit.model

    async def act(state: Turn) -> dict[str, Any]:
        reply = await model.ainvoke(state["messages"])
        return {"messages": [reply], "calls": state.get("calls", 0) + 1, "tries": state.get("tries", 0) + 1}

    def after_acting(state: Turn) -> Literal["tools", "finish"]:
        return "tools" if _acts(state["messages"][-1]) else "finish"

    def after_tools(state: Turn) -> Literal["act", "finish"]:
        again = _failed(state["messages"]) and state.get("tries", 0) < TRIES
        return "act" if again and state.get("calls", 0) < kit.task.max_steps - 1 else "finish"

    graph = StateGraph(Turn)
    graph.add_node("act", act)
    graph.add_node("tools", ToolNode(kit.tools, handle_tool_errors=True))
    graph.add_edge(START, "act")
    graph.add_conditional_edges("act", after_acting, {"tools": "tools", "finish": END})
    graph.add_conditional_edges("tools", after_tools, {"act": "act", "finish": END})
    return graph.compile(name="executor")


def _acts(message: AnyMessage) -> bool:
    return isinstance(message, AIMessage) and bool(message.tool_calls)


def _failed(messages: list[AnyMessage]) -> bool:
    """Tell whether a tool failed in the last turn."""
    results = takewhile(lambda message: isinstance(message, ToolMessage), reversed(messages))
    return any(isinstance(message, ToolMessage) and message.status == "error" for message in results)
