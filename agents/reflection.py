"""Reflection: an actor works until it has an answer, and a critic sends it back until the answer is accepted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode
from pydantic import BaseModel, Field

from tracer import answer_tool, submitted

if TYPE_CHECKING:
    from tracer import Kit

ASK_REVIEW = "You review this work. Is everything done that was asked for, and is the answer right?"
SENT_BACK = "A reviewer does not accept this yet. {} Go on, then answer again."


class Review(BaseModel):
    """Accept the work, or say what is missing."""

    accepted: bool = Field(description="Whether it can stay as it is.")
    feedback: str = Field(description="What has to be done better.")


class State(MessagesState, total=False):
    """The conversation, the number of model calls, whether the critic is content, and the last answer."""

    calls: int
    accepted: bool
    answer: str | None


def build(kit: Kit) -> Any:
    """Give the stack for one run: actor and critic are agents of their own, and share `kit.task.max_steps` calls.

    A critic that gives no verdict stops nothing: the answer stays as it is.
    """
    limit = kit.task.max_steps

    def after_actor(state: State) -> Literal["critic", "finish"]:
        return "critic" if state.get("answer") is not None and state.get("calls", 0) < limit else "finish"

    def after_critic(state: State) -> Literal["actor", "finish"]:
        return "finish" if state.get("accepted") or state.get("calls", 0) >= limit else "actor"

    graph = StateGraph(State)
    graph.add_node("actor", _actor(kit))
    graph.add_node("critic", _critic(kit))
    graph.add_edge(START, "actor")
    graph.add_conditional_edges("actor", after_actor, {"critic": "critic", "finish": END})
    graph.add_conditional_edges("critic", after_critic, {"actor": "actor", "finish": END})
    return graph.compile(name="reflection", checkpointer=kit.checkpointer)


def _actor(kit: Kit) -> Any:
    """Give the agent that acts through tools until it answers, by submitting one of the options if there are some."""
    options, limit = kit.task.options, kit.task.max_steps
    tools = [*kit.tools, *([answer_tool(options)] if options else [])]
    model = kit.model.bind_tools(tools, tool_choice="required" if options else "auto") if tools else kit.model

    async def think(state: State) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])], "calls": state.get("calls", 0) + 1}

    def after_thinking(state: State) -> Literal["tools", "settle"]:
        last = state["messages"][-1]
        return "tools" if isinstance(last, AIMessage) and last.tool_calls else "settle"

    def after_acting(state: State) -> Literal["think", "settle"]:
        over = submitted(state["messages"]) is not None or state.get("calls", 0) >= limit
        return "settle" if over else "think"

    def settle(state: State) -> dict[str, Any]:
        last = state["messages"][-1]
        said = last.text if isinstance(last, AIMessage) and not options else None
        return {"answer": submitted(state["messages"]) or said or state.get("answer")}

    graph = StateGraph(State)
    graph.add_node("think", think)
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=True))
    graph.add_node("settle", settle)
    graph.add_edge(START, "think")
    graph.add_conditional_edges("think", after_thinking)
    graph.add_conditional_edges("tools", after_acting)
    graph.add_edge("settle", END)
    return graph.compile(name="actor")


def _critic(kit: Kit) -> Any:
    """Give the agent that accepts the work or sends the actor back to it."""
    model = kit.model.with_structured_output(Review, method="function_calling", include_raw=True)

    async def review(state: State) -> dict[str, Any]:
        decided = await model.ainvoke([*state["messages"], HumanMessage(ASK_REVIEW)])
        verdict = decided["parsed"] or Review(accepted=True, feedback="")
        told = [] if verdict.accepted else [HumanMessage(SENT_BACK.format(verdict.feedback))]
        if told:
            kit.emit.message("critic", ["actor"], verdict.feedback)
        return {"messages": told, "accepted": verdict.accepted, "calls": state.get("calls", 0) + 1}

    graph = StateGraph(State)
    graph.add_node("review", review)
    graph.add_edge(START, "review")
    graph.add_edge("review", END)
    return graph.compile(name="critic")
