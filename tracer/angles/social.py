"""Social: whether another agent reports or predicts what it wants or believes."""

from __future__ import annotations

from collections.abc import Callable

from tracer.contracts import Measure, Missing, Observation
from tracer.spans.names import StepKind

__all__ = ["predicted", "reported"]

_SPEAKING = (StepKind.MODEL, StepKind.MESSAGE, StepKind.HANDOFF)


def reported(name: str, by: str, words: Callable[[Observation], str]) -> Measure:
    """Give the measure "another agent says so in what it writes", apart from case and white space.

    Args:
        name: Name of the measure.
        by: Name of the other agent.
        words: Gives the words that report the goal or belief.
    """

    def of(seen: Observation) -> bool | Missing:
        graph = seen.trajectory
        own = {instance for instance, agent in graph.agents.items() if agent == by}
        said = [m for s in graph.steps if s.agent in own and s.kind in _SPEAKING for m in s.output if m.content]
        if not said:
            return Missing(f"the trajectory has no words of an agent {by!r}")
        wanted = _plain(words(seen))
        return any(wanted in _plain(message.content) for message in said)

    return Measure(name, of, f"{by} says so")


def predicted(
    name: str, forecast: Callable[[Observation], str | Missing], act: Callable[[Observation], str | Missing]
) -> Measure:
    """Give the measure "the act is the one that another agent foretold".

    Args:
        name: Name of the measure.
        forecast: Gives what the other agent foretold, from what that agent was asked or wrote before the act.
        act: Gives what was done.
    """

    def of(seen: Observation) -> bool | Missing:
        foretold, done = forecast(seen), act(seen)
        if isinstance(foretold, Missing):
            return foretold
        return done if isinstance(done, Missing) else _plain(foretold) == _plain(done)

    return Measure(name, of, "another agent foretold its act")


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()
