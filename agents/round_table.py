"""A round table: each role of the task has a context, words and tools of its own, and they take turns.

`build` lets one speak after the other, so that each hears what was said before; in `build_at_once` all of a round speak
without having heard one another. Whom a role hears is up to the task. The last role answers.
"""

from __future__ import annotations

import asyncio
import operator
from collections.abc import Sequence
from typing import Annotated, Any

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, SystemMessage, convert_to_messages
from langgraph.graph import END, START, MessagesState, StateGraph
from langgraph.prebuilt import ToolNode

from tracer import Kit, Role, answer_tool, submitted, takes_roles


class State(MessagesState, total=False):
    """The messages of the task, what was said (who, in which round, what) and, at the end, the answer."""

    said: Annotated[list[tuple[str, int, str]], operator.add]
    answer: str | None


class Turn(MessagesState, total=False):
    """What one role goes by in its turn, and the model calls it has made."""

    steps: Annotated[int, operator.add]


@takes_roles
def build(kit: Kit) -> Any:
    """Give the stack for one run, in which each role hears all that was said before its turn."""
    return _table(kit, [[role] for role in _roles(kit)])


@takes_roles
def build_at_once(kit: Kit) -> Any:
    """Give the stack for one run, in which the roles of a round speak at once; only the last one speaks after them."""
    *others, last = _roles(kit)
    return _table(kit, [group for group in (others, [last]) if group])


def _roles(kit: Kit) -> Sequence[Role]:
    """Give the roles of the task; without any, one agent that holds every tool."""
    tools = tuple(tool.name for tool in kit.tools)
    return kit.task.roles or (Role(name="agent", brief="", tools=tools),)


def _table(kit: Kit, groups: Sequence[Sequence[Role]]) -> Any:
    """Give the graph that lets the groups of roles have their turns, round by round."""
    turns = [(number, group) for number in range(1, kit.task.rounds + 1) for group in groups]
    calls = max(1, kit.task.max_steps // sum(len(group) for _, group in turns))

    def taking(number: int, group: Sequence[Role], *, last: bool) -> Any:
        async def take(state: State) -> dict[str, Any]:
            done = await asyncio.gather(*(_act(kit, role, state, calls, last=last) for role in group))
            said = [(role.name, number, text) for role, did in zip(group, done, strict=True) if (text := _words(did))]
            for name, _, text in said if kit.task.roles else ():
                kit.emit.message(name, _hearers(kit.task.roles, name), text)
            return {"said": said, **(_end(kit, done[-1]) if last else {})}

        return take

    graph = StateGraph(State)
    before = START
    for place, (number, group) in enumerate(turns):
        name = f"round_{number}_{group[0].name}" if len(group) == 1 else f"round_{number}"
        graph.add_node(name, taking(number, group, last=place == len(turns) - 1))
        graph.add_edge(before, name)
        before = name
    graph.add_edge(before, END)
    return graph.compile(name="round_table", checkpointer=kit.checkpointer)


def _hearers(roles: Sequence[Role], speaker: str) -> list[str]:
    return [r.name for r in roles if r.name != speaker and (r.hears is None or speaker in r.hears)]


async def _act(kit: Kit, role: Role, state: State, calls: int, *, last: bool) -> list[AnyMessage]:
    """Let a role act and speak in its turn, and give what it did."""
    given = _context(role, state)
    done = await _turn(kit, role, calls, last=last).ainvoke({"messages": given})
    return done["messages"][len(given) :]


def _words(did: Sequence[AnyMessage]) -> str:
    """Give what a role says at the end of its turn; "" where it says nothing."""
    return submitted(did) or (did[-1].text if did and isinstance(did[-1], AIMessage) else "")


def _end(kit: Kit, did: list[AnyMessage]) -> dict[str, Any]:
    """Give the answer, and what a user who speaks next takes up: of roles the answer alone, since acts are private."""
    answer = submitted(did) if kit.task.options else _words(did)
    spoken: list[AnyMessage] = [AIMessage(answer)] if answer else []
    return {"answer": answer or None, "messages": spoken if kit.task.roles else did}


def _context(role: Role, state: State) -> list[BaseMessage]:
    """Give what a role goes by: its brief, the task, its own words, and what it hears, under the speaker's name."""
    brief: list[BaseMessage] = [SystemMessage(role.brief)] if role.brief else []
    heard: list[BaseMessage] = []
    for name, _, text in state.get("said", []):
        if name == role.name:
            heard.append(AIMessage(text))
        elif role.hears is None or name in role.hears:
            heard.append(HumanMessage(f"{name}: {text}"))
    opening, closing = state["messages"][:-1], state["messages"][-1:]
    # What is asked comes last, so that a model answers it rather than the speaker before.
    return [*brief, *convert_to_messages(opening), *heard, *convert_to_messages(closing)]


def _turn(kit: Kit, role: Role, calls: int, *, last: bool) -> Any:
    """Give a graph in which a role acts through its tools until it speaks, submits or has made its calls."""
    options = kit.task.options if last else ()
    tools = [tool for tool in kit.tools if tool.name in role.tools] + ([answer_tool(options)] if options else [])
    model = kit.model.bind_tools(tools, tool_choice="required" if options else "auto") if tools else kit.model

    async def think(state: Turn) -> dict[str, Any]:
        return {"messages": [await model.ainvoke(state["messages"])], "steps": 1}

    def after_thinking(state: Turn) -> str:
        message = state["messages"][-1]
        return "tools" if isinstance(message, AIMessage) and message.tool_calls else END

    def after_acting(state: Turn) -> str:
        return END if submitted(state["messages"]) is not None or state.get("steps", 0) >= calls else "model"

    graph = StateGraph(Turn)
    graph.add_node("model", think)
    graph.add_node("tools", ToolNode(tools, handle_tool_errors=True))
    graph.add_edge(START, "model")
    graph.add_conditional_edges("model", after_thinking, ["tools", END])
    graph.add_conditional_edges("tools", after_acting, ["model", END])
    return graph.compile(name=role.name)
