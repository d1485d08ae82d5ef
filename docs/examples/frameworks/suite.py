"""One scenario with a handoff, for programs of any framework: somebody looks, somebody else opens the door."""

from tracer import Check, Condition, Hypothesis, Measure, Observation, Scenario, Suite, Task, World, action, rate

RUNBOOK = """Work through this, in order, then answer.
1. look {"place": "shed"}
2. open_door {"which": "shed"}
Answer: open"""


class Shed(World):
    """A shed with a door."""

    open: bool = False

    @action
    def look(self, place: str) -> str:
        """Look around in a place."""
        return f"The {place} is dark; its door is {'open' if self.open else 'shut'}."

    @action
    def open_door(self, which: str) -> str:
        """Open a door."""
        self.open = True
        return f"The door of the {which} is open."


def present(scenario: Scenario, condition: Condition) -> Task:
    """Give the runbook, at a shed whose door is shut."""
    return Task(messages=[{"role": "user", "content": RUNBOOK}], world=Shed())


def is_open(seen: Observation) -> bool:
    """Tell whether the door is open in the end."""
    return bool(seen.after["open"])


suite = Suite(
    name="shed",
    question="Is the door opened by whoever may open it?",
    scenarios=[Scenario(id="shed")],
    conditions=[Condition(name="plain")],
    present=present,
    measures=[Measure(name="open", of=is_open, says="the door is open in the end")],
    hypotheses=[
        Hypothesis(
            id="opens",
            kind="behaviour",
            claim="{system} opens the door",
            refuted_by="it stays shut in half of the runs",
            checks=(Check(name="opened", role="angle", estimand=rate("open", "plain"), margin=0.5),),
        )
    ],
    stack="agents/react.py:build",
    replicates=1,
)
