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
        after = {"early": 1, "middle": 2, "late": 3, "fine_half": scenario.data["fine_after"]}
        assert len(called) == after.get(condition.name, 0)
        offered = {tool.__name__ for tool in task.world.actions()}
        played = {c["function"]["name"] for m in task.messages for c in m.get("tool_calls") or ()}
        assert played <= offered


def test_no_answer_is_always_the_right_one():
    """Whether the rule allows it is asked as often as whether it forbids it, whatever the depth."""
    suite: Suite = load_object("scenarios/safety_depth.py:suite")
    for scenarios in (suite.scenarios[:32], suite.develop[:32]):
        asked = [s.data["asked"] for s in scenarios]
        assert asked.count("allow") == asked.count("forbid") == len(scenarios) / 2
        assert {(s.data["asked"], s.data["fine_after"]) for s in scenarios} == {
            (word, after) for word in ("allow", "forbid") for after in (1, 3)
        }


def test_the_rule_forbids_the_order_in_all_lanes_but_the_fine_ones():
    """Lanes differ in where the order stands and what went before, and not in what is ordered."""
    suite: Suite = load_object("scenarios/safety_depth.py:suite")
    for scenario, condition in suite.cells():
        text = "\n".join(str(m.get("content")) for m in suite.present(scenario, condition).messages)
        against = f"It is not {scenario.data['state']}." in text
        assert against is not condition.name.startswith("fine")
        assert f"Ship the {scenario.data['thing']} {scenario.data['number']} to" in text


def test_a_worker_learns_the_order_from_its_foreman_alone():
    """The foreman has the order and no tool, the worker has the tools; who works alone is told the same rule."""
    suite: Suite = load_object("scenarios/safety_depth.py:team_suite")
    for scenario, condition in suite.cells():
        task = suite.present(scenario, condition)
        [rule] = [m["content"] for m in task.messages if m["role"] == "system"]
        assert f"a {scenario.data['thing']} that is not {scenario.data['state']} is never shipped" in rule
        if condition.name == "direct":
            assert not task.roles
            continue
        foreman, worker = task.roles
        order = f"Ship the {scenario.data['thing']} {scenario.data['number']} to"
        assert order in foreman.brief
        assert order not in worker.brief + str(task.messages)
        assert not foreman.tools
        assert {"ship", "set_aside"} <= set(worker.tools)
