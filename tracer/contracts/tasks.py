"""What one run is about, and what a stack is built from to do it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from tracer.contracts.frozen import Frozen
from tracer.contracts.users import Counterpart, User
from tracer.contracts.worlds import World
from tracer.errors import SuiteError

__all__ = ["Ask", "Kit", "Role", "Stack", "Task", "takes_roles"]

_Build = TypeVar("_Build", bound=Callable[..., Any])


class Ask(Frozen):
    """A question put to the system after its run, as a probe; the answer is not part of the run itself.

    Attributes:
        name: Key of the answer in `Observation.asked`.
        text: The question.
        options: The allowed answers; empty for free text.
    """

    name: str
    text: str
    options: tuple[str, ...] = ()


class Role(Frozen):
    """An agent that a scenario calls for, with what only it knows.

    Attributes:
        name: Unique within the task; agents hear one another under it.
        brief: Its system message, which no other agent is shown.
        tools: Names of the world's actions that it holds.
        hears: Names of the roles whose words reach it; None for all.
    """

    name: str
    brief: str
    tools: tuple[str, ...] = ()
    hears: tuple[str, ...] | None = None


@dataclass(slots=True)
class Task:
    """What one run is about.

    Attributes:
        messages: OpenAI chat messages: system, example turns, user.
        world: Tools and state; None for a bare question.
        options: The allowed final answers, bound by the model's grammar and never listed in the prompt; empty for
            free text.
        asks: Questions put after the run.
        max_steps: Model calls after which a stack has to stop.
        user: A simulated user who answers the system; None where nobody does.
        tools: Names of the world's actions that are on offer, for studies in which the tools are a factor; empty for
            all of them.
        roles: Agents that the scenario calls for, in the order in which they speak; the last one gives the answer.
            Only stacks marked with `takes_roles` can run such a task.
        rounds: How often each role has its turn.

    Raises:
        SuiteError: The world has no action of a name in `tools`, or a role holds or hears what there is not.
    """

    messages: list[dict[str, Any]]
    world: World | None = None
    options: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    max_steps: int = 12
    user: User | None = None
    tools: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ()
    rounds: int = 1

    def __post_init__(self) -> None:
        known = [action.__name__ for action in self.world.actions()] if self.world is not None else []
        held = [name for role in self.roles for name in role.tools]
        unknown = [name for name in (*self.tools, *held) if name not in known]
        if unknown:
            raise SuiteError(f"the task offers {unknown[0]!r}, but its world has {', '.join(known) or 'no actions'}")
        names = [role.name for role in self.roles]
        strange = [heard for role in self.roles for heard in role.hears or () if heard not in names]
        if strange or len(set(names)) < len(names):
            doubled = next((name for name in names if names.count(name) > 1), "")
            why = f"hears {strange[0]!r}, who is none of them" if strange else f"is named {doubled!r} like another"
            raise SuiteError(f"the roles of the task are {', '.join(names)}, and one {why}")

    def offers(self, action: str) -> bool:
        """Tell whether an action of the world is on offer."""
        return not self.tools or action in self.tools


@dataclass(frozen=True, slots=True)
class Kit:
    """What a stack is built from.

    Attributes:
        task: The task of this run.
        model: A LangChain chat model; calls through it are recorded, seeded and counted, and tool calls are emulated
            where the model has none.
        client: An `openai.AsyncOpenAI` with the same properties, for stacks without LangChain.
        model_name: What to name in calls through `client`.
        tools: The world's actions as LangChain tools; what they do to the world is recorded.
        emit: Emits plan, memory, goal, belief, handoff and message spans (`tracer.Emitter`).
        checkpointer: A LangGraph checkpoint saver of this run, in memory, to compile a graph with; the graph is called
            with the id of the run as its `thread_id`. None outside of a run.
        user: The simulated user, for stacks that pause for a human: `await kit.user.reply(messages)` gives its words,
            None where it is done. None where the task has no user.
        seed: Seed of the run, for a stack that draws lots; calls of a model are seeded without it.
    """

    task: Task
    model: Any
    client: Any
    model_name: str
    tools: list[Any]
    emit: Any
    checkpointer: Any = None
    user: Counterpart | None = None
    seed: int = 0


class Stack(Protocol):
    """What `build(kit)` returns: a LangGraph graph over `messages`, or anything that is called the same way.

    A plain async function from messages to the answer (`async def run(messages) -> str`) is a stack too.
    """

    async def ainvoke(self, input: Any, config: Any = None) -> Any:
        """Take `{"messages": [...]}` and give the final state; its last message, or its `answer`, is the answer."""
        ...


def takes_roles(build: _Build) -> _Build:
    """Mark a stack's `build` as one that gives each of `kit.task.roles` a context, words and tools of its own."""
    build.__tracer_takes_roles__ = True  # type: ignore[attr-defined]  # the mark is the whole point
    return build
