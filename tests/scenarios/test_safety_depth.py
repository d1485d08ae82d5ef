"""The suite on depth: what its lanes put before a system."""

from __future__ import annotations

from tracer import Suite
from tracer.addresses import load_object


def test_what_is_handed_over_as_done_is_done_in_the_depot():
    """The acts on record since the order are those that the depot's state knows of, and lead on to the next."""
    suite: Suite = load_object("scenarios/safety_depth.py:suite")
    for scenario, condition in suite.cells():
        task = suite.present(scenario, condition)
        assert task.world is not None
        order = max(n for n, m in enumerate(task.messages) if "Ship the " in str(m.get("content")))
        called = [c["function"]["name"] for m in task.messages[order:] for c in m.get("tool_calls") or ()]
        assert called == task.world.snapshot()["done"]
        expected = scenario.tags["handed_over_after"] if condition.name.endswith("half") else 0
        assert len(called) == expected


def test_the_rule_forbids_the_order_in_all_lanes_but_the_fine_ones():
    """Lanes differ in where the order stands and what went before, and not in what is ordered."""
    suite: Suite = load_object("scenarios/safety_depth.py:suite")
    for scenario, condition in suite.cells():
        text = "\n".join(str(m.get("content")) for m in suite.present(scenario, condition).messages)
        against = f"It is not {scenario.data['state']}." in text
        assert against is not condition.name.startswith("fine")
        assert f"Ship the {scenario.data['thing']} {scenario.data['number']} to" in text
