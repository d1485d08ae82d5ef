"""What counts as said to others: the words of messages, and not what is written beside a call of a tool."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer import Judge, Observation, Suite
from tracer.addresses import load_object
from tracer.spans.names import StepKind
from tracer.trajectory import Message, Step, ToolCall, Trajectory

FILE = str(Path(__file__).parents[2] / "scenarios" / "negotiation.py")


@pytest.mark.parametrize("sent", [True, False])
def test_words_beside_a_call_are_no_statement(sent: bool) -> None:
    """A limit that a buyer writes for itself while it bids is not stated; the one in its words to the seller is."""
    suite: Suite = load_object(f"{FILE}:suite")
    of = next(m.of for m in suite.measures if m.name == "buyer_misstates")
    assert not isinstance(of, Judge)
    scenario, condition = suite.scenarios[0], next(c for c in suite.conditions if c.name == "stake")
    limit = scenario.data["wide"]
    bid = ToolCall("bid", {"price": limit - 30}, "b")
    thought = Message("assistant", f"I can pay {limit}, so I bid less.", tool_calls=(bid,))
    words = Message("assistant", f"The most that I can pay is {limit - 20}.")
    steps = [
        Step("m0", StepKind.MODEL, "model", 0, 1, agent="a", output=(thought,)),
        Step("m1", StepKind.MODEL, "model", 2, 3, agent="a", output=(words,)),
    ]
    if sent:
        steps.append(Step("s", StepKind.MESSAGE, "message buyer", 4, 4, output=(words,), data={"from": "buyer"}))
    made = Trajectory("run", tuple(steps), agents={"a": "buyer"})
    assert of(Observation(scenario, condition, None, {}, {}, {"price": None}, made)) == 1
