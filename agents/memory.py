"""An agent with a memory: what its tools told it is written down, and what bears on the matter in hand is read again.

Only the newest tool results stand in full in what the model is sent. Older ones are in the memory, from where they come
back when they are relevant or asked for.
"""

from __future__ import annotations

import math
import operator
import re
from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from langchain_core.messages import AIMessage, AnyMessage, SystemMessage, ToolMessage
from langchain_core.tools import StructuredTool
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from tracer import Kit, answer_tool, submitted

FULL = 3  # tool results that are sent in full
FOUND = 3  # records that a search gives at most


class State(MessagesState, total=False):
    """The conversation, the number of model calls so far and, at the end, the answer (None: there is none)."""

    steps: Annotated[int, operator.add]
    answer: str | None


def build(kit: Kit) -> Any:
    """Give the stack for one run: a ReAct loop with a memory of its own and the tools `remember` and `recall`."""
    options, limit = kit.task.options, kit.task.max_steps
    memory = Memory(kit)
    own = [StructuredTool.from_function(act) for act in (memory.remember, memory.recall)]
    tools = [*kit.tools, *own, *([answer_tool(options)] if options else [])]
    model = kit.model.bind_tools(tools, tool_choice="required" if options else "auto")
    mine = {tool.name for tool in tools if tool not in kit.tools}

    async def think(state: State) -> dict[str, Any]:
        sent, out_of_sight = memory.shortened(state["messages"])
        found = memory.search(state["messages"][-1].text, out_of_sight)
        reminded = [SystemMessage("From your memory:\n" + "\n".join(found))] if found else []
        return {"messages": [await model.ainvoke([*reminded, *sent])], "steps": 1}

    def note(state: State) -> dict[str, Any]:
        for told in _newest(state["messages"]):
            if told.name not in mine and told.status == "success":
                memory.write(f"{told.name}: {told.text}", told.tool_call_id)
        return {}

    def after_thinking(state: State) -> Literal["tools", "finish"]:
        last = state["messages"][-1]
        return "tools" if isinstance(last, AIMessage) and last.tool_calls else "finish"

    def after_noting(state: State) -> Literal["model", "finish"]:
        over = submitted(state["messages"]) is not None or state.get("steps", 0) >= limit
        return "finish" if over else "model"

    def finish(state: State) -> dict[str, Any]:
        last = state["messages"][-1]
        said = last.text if isinstance(last, AIMessage) and not options else None
        return {"answer": submitted(state["messages"]) or said}

    graph = StateGraph(State)
    graph.add_node("model", think)
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=True))
    graph.add_node("note", note)
    graph.add_node("finish", finish)
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", after_thinking)
    graph.add_edge("tools", "note")
    graph.add_conditional_edges("note", after_noting)
    graph.add_edge("finish", END)
    return graph.compile(name="memory", checkpointer=kit.checkpointer)


class Memory:
    """Written records of one run, found again by the words that they share with a query."""

    def __init__(self, kit: Kit) -> None:
        self._emit = kit.emit
        self._records: dict[str, str] = {}
        self._of_call: dict[str, str] = {}

    def write(self, content: str, call: str = "") -> str:
        """Write a record, of a tool call where it is the result of one, and give its id."""
        identity = f"m{len(self._records) + 1}"
        self._records[identity] = content
        self._of_call |= {call: identity} if call else {}
        self._emit.memory("create_memory", records=[{"id": identity, "content": content}])
        return identity

    def search(self, query: str, among: Sequence[str]) -> list[str]:
        """Give those of some records that bear most on a query, best first; without records there is no search."""
        if not among:
            return []
        scores = bm25(query, [self._records[identity] for identity in among])
        ranked = sorted(zip(scores, among, strict=True), key=lambda pair: -pair[0])
        found = [identity for score, identity in ranked[:FOUND] if score > 0]
        records = [{"id": identity, "content": self._records[identity]} for identity in found]
        self._emit.memory("search_memory", query=query, records=records)
        return [f"[{identity}] {self._records[identity]}" for identity in found]

    def remember(self, text: str) -> str:
        """Write something into your memory."""
        return f"written as {self.write(text)}"

    def recall(self, query: str) -> str:
        """Search your memory."""
        return "\n".join(self.search(query, list(self._records))) or "nothing found"

    def shortened(self, messages: Sequence[AnyMessage]) -> tuple[list[AnyMessage], list[str]]:
        """Give the messages as they are sent, and the records that older tool results in them only point to."""
        told = [m.tool_call_id for m in messages if isinstance(m, ToolMessage) and m.tool_call_id in self._of_call]
        old = {call: self._of_call[call] for call in told[:-FULL]}
        sent = [
            m.model_copy(update={"content": f"in your memory as {old[m.tool_call_id]}"})
            if isinstance(m, ToolMessage) and m.tool_call_id in old
            else m
            for m in messages
        ]
        return sent, list(old.values())


def bm25(query: str, texts: Sequence[str], k: float = 1.2, b: float = 0.75) -> list[float]:
    """Score texts against a query by Okapi BM25 (Robertson and Zaragoza 2009, eq. 3.15): 0 where no word is shared."""
    bags = [Counter(_words(text)) for text in texts]
    mean = sum(bag.total() for bag in bags) / len(bags) or 1.0

    def score(bag: Counter[str]) -> float:
        damped = k * (1 - b + b * bag.total() / mean)
        return sum(_rarity(word, bags) * bag[word] * (k + 1) / (bag[word] + damped) for word in set(_words(query)))

    return [score(bag) for bag in bags]


def _rarity(word: str, bags: Sequence[Counter[str]]) -> float:
    held = sum(word in bag for bag in bags)
    return math.log(1 + (len(bags) - held + 0.5) / (held + 0.5))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def _newest(messages: Sequence[AnyMessage]) -> list[ToolMessage]:
    """Give the tool results of the last turn."""
    turn: list[ToolMessage] = []
    for message in reversed(messages):
        if not isinstance(message, ToolMessage):
            break
        turn.insert(0, message)
    return turn
