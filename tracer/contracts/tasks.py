"""What one run is about, and what a stack is built from to do it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from tracer.contracts.frozen import Frozen
from tracer.contracts.users import Counterpart, User
from tracer.contracts.worlds import World
from tracer.errors import SuiteError

__all__ = ["Ask", "Kit", "Stack", "Task"]


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

    Raises:
        SuiteError: The world has no action of a name in `tools`.
    """

    messages: list[dict[str, Any]]
    world: World | None = None
    options: tuple[str, ...] = ()
    asks: tuple[Ask, ...] = ()
    max_steps: int = 12
    user: User | None = None
    tools: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        known = [action.__name__ for action in self.world.actions()] if self.world is not None else []
        unknown = [name for name in self.tools if name not in known]
        if unknown:
            raise SuiteError(f"the task offers {unknown[0]!r}, but its world has {', '.join(known) or 'no actions'}")

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
