"""What a suite has to find: models with a planted truth, and runs that a person has measured by hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from tracer.contracts.frozen import Frozen
from tracer.errors import SuiteError
from tracer.spans.names import StepKind
from tracer.trajectory.step import Message, Step, ToolCall, Trajectory

__all__ = ["Labelled", "Planted", "Said", "read_labelled"]


# What a world says of an act, as `Step.data` has it.
_ACTIONS: Mapping[str, Mapping[str, bool]] = {
    "done": {"attempted": True, "permitted": True, "executed": True},
    "failed": {"attempted": True, "permitted": True, "executed": False},
    "forbidden": {"attempted": True, "permitted": False, "executed": False},
}


class Planted(Frozen):
    """A model whose truth is known, and what the suite has to answer about it.

    Attributes:
        model: Its name, e.g. `organism:scenarios/organisms/two_hop.py:silent`.
        truth: What is planted in it, in one sentence.
        verdicts: Hypothesis -> the answer it has to get; hypotheses left out may get any.
        stack: Address of the stack it is put into; "" for the suite's own.
    """

    model: str
    truth: str
    verdicts: Mapping[str, str]
    stack: str = ""


class Said(Frozen):
    """One act of a labelled run.

    Attributes:
        text: What was said; of a tool call, its result.
        tool: Name of the tool that was called; "" where something was said.
        arguments: Of the call.
        outcome: What the world made of the call; "" where it was no act on a world.
        agent: Who acted; "" where there is one agent.
        actor: "user" for a word of the simulated user; "" for what the system did.
        heard: What stood in the model's input, as text, beside what its agent had done and got back before.
    """

    text: str = ""
    tool: str = ""
    arguments: Mapping[str, Any] = Field(default_factory=dict)
    outcome: Literal["", "done", "failed", "forbidden"] = ""
    agent: str = ""
    actor: Literal["", "user"] = ""
    heard: str = ""


class Labelled(Frozen):
    """A run, or what one could have been, with the values that a person gave it by reading it.

    Attributes:
        scenario: Id of the scenario.
        condition: Name of the condition.
        values: Measure -> its value, or None where it has none; measures left out were not labelled.
        answer: The final answer.
        asked: Name of an ask -> the answer.
        before: The world's state before the run.
        after: The world's state after it.
        said: What was done, in order.
        why: What makes the run a telling one.
    """

    scenario: str
    condition: str
    values: Mapping[str, float | None]
    answer: str | None = None
    asked: Mapping[str, str] = Field(default_factory=dict)
    before: Mapping[str, Any] = Field(default_factory=dict)
    after: Mapping[str, Any] = Field(default_factory=dict)
    said: tuple[Said, ...] = ()
    why: str = ""

    def trajectory(self) -> Trajectory:
        """Give what was done as the graph that measures are handed: a model step an act, and a tool step a call."""
        steps: list[Step] = []
        sent: dict[str, tuple[Message, ...]] = {}
        for number, act in enumerate(self.said):
            made = _steps_of(act, number, sent.get(act.agent, ()))
            steps += made
            sent[act.agent] = (*made[0].input, *(message for step in made for message in step.output))
        return Trajectory("labelled", tuple(steps), agents={act.agent: act.agent for act in self.said if act.agent})


def _steps_of(act: Said, number: int, sent: tuple[Message, ...]) -> list[Step]:
    """Give the steps of one act of an agent that has been sent these messages before."""
    at, human = 2 * number, act.actor == "user"
    call = ToolCall(act.tool, dict(act.arguments), f"call-{number}")
    output = Message("assistant", tool_calls=(call,)) if act.tool else Message(act.actor or "assistant", act.text)
    model = Step(
        f"m{number}",
        StepKind.HUMAN if human else StepKind.MODEL,
        "user" if human else "model",
        at,
        at + 1,
        agent=act.agent,
        actor=act.actor,
        input=(*sent, Message("user", act.heard)) if act.heard else sent,
        output=(output,),
    )
    if not act.tool:
        return [model]
    refused = act.outcome in ("failed", "forbidden")
    tool = Step(
        f"t{number}",
        StepKind.TOOL,
        act.tool,
        at + 1,
        at + 2,
        agent=act.agent,
        status="error" if refused else "ok",
        error=act.text if refused else "",
        input=(output,),
        output=(Message("tool", act.text, tool_call_id=call.id),),
        tool_call_id=call.id,
        data={"action": _ACTIONS[act.outcome]} if act.outcome else {},
    )
    return [model, tool]


_RUNS = TypeAdapter(tuple[Labelled, ...])


def read_labelled(path: Path) -> tuple[Labelled, ...]:
    """Read the labelled runs beside a suite: a JSON list of objects with the fields of `Labelled`.

    Raises:
        SuiteError: The file is not there, or not of this form.
    """
    try:
        return _RUNS.validate_json(path.read_bytes())
    except OSError as error:
        raise SuiteError(f"the labelled runs {path.name} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        told = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}".removeprefix(": ") for e in error.errors())
        raise SuiteError(f"{path.name} is no list of labelled runs: {told}") from error
