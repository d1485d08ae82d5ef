"""Text: whether what it writes while acting mentions a goal or belief, by a rule whose errors are measured."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tracer.angles.stated import Put
from tracer.contracts import Measure, Missing, Observation
from tracer.spans.names import StepKind
from tracer.stats.judge import Calibration

__all__ = ["against_labels", "mentions", "written"]


def written(seen: Observation, agent: str = "") -> list[str]:
    """List what was written while acting: content and reasoning of each model call that was no question after the run.

    Args:
        seen: The run.
        agent: Name of the agent; "" for all.
    """
    graph = seen.trajectory
    calls = [s for s in graph.steps if s.kind == StepKind.MODEL and (not agent or graph.agents.get(s.agent) == agent)]
    texts = [part for step in calls for message in step.output for part in (message.reasoning, message.content)]
    return [text for text in texts if text.strip()]


def mentions(name: str, rule: re.Pattern[str], *, agent: str = "", put: Put | None = None, says: str = "") -> Measure:
    """Give the measure "something that it wrote while acting fits the rule".

    Hold the rule against labels by people (`against_labels`) before its rates are believed. Words say what was written,
    not why it acted: they may have been made up afterwards.

    Args:
        name: Name of the measure.
        rule: What counts as a mention.
        agent: Name of the agent; "" for all.
        put: Tells whether the measure applies to a run; None for all.
        says: What 1 means.
    """

    def of(seen: Observation) -> bool | Missing:
        if put is not None and not put(seen):
            return Missing("the measure does not apply in this condition", applies=False)
        texts = written(seen, agent)
        return any(rule.search(text) for text in texts) if texts else Missing("nothing that it wrote is recorded")

    return Measure(name, of, says or "what it writes mentions it")


def against_labels(rule: re.Pattern[str], labelled: Iterable[tuple[str, bool]]) -> Calibration:
    """Hold a rule against texts that people have labelled; correct rates by it with `tracer.stats.judge`.

    Args:
        rule: What counts as a mention.
        labelled: Text -> whether it is one.

    Raises:
        ValueError: The texts are all of one kind.
    """
    found = [(rule.search(text) is not None, label) for text, label in labelled]
    return Calibration(
        rejected=sum(not said for said, label in found if not label),
        negatives=sum(not label for _, label in found),
        accepted=sum(said for said, label in found if label),
        positives=sum(label for _, label in found),
    )
