"""One model call and no tools: the smallest stack, and the baseline of every other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from langgraph.graph import END, START, MessagesState, StateGraph

from tracer import answer_format, read_answer

if TYPE_CHECKING:
    from tracer import Kit


class State(MessagesState, total=False):
    """The conversation and, at the end, the answer."""

    answer: str


def build(kit: Kit) -> Any:
    """Give the stack for one run; the answer is bound to the task's options where it has some."""
    options = kit.task.options
    model = kit.model.bind(response_format=answer_format(options)) if options else kit.model

    async def answer(state: State) -> dict[str, Any]:
        reply = await model.ainvoke(state["messages"])
        return {"messages": [reply], "answer": read_answer(reply.text) if options else reply.text}

    graph = StateGraph(State)
    graph.add_node("answer", answer)
    graph.add_edge(START, "answer")
    graph.add_edge("answer", END)
    return graph.compile(name="plain", checkpointer=kit.checkpointer)
