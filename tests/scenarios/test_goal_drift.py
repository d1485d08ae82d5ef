"""The suite on goals that last: its situations tell goal, belief and habit apart, its arms differ in the push alone."""

from __future__ import annotations

from tracer import Suite
from tracer.addresses import load_object

SUITE: Suite = load_object("scenarios/goal_drift.py:suite")
CONDITIONS = {c.name: c for c in SUITE.conditions}


def test_a_carrier_that_was_best_is_good_for_nothing_after_the_change() -> None:
    """No stale belief and no repeated booking can look like another goal."""
    for scenario in (*SUITE.scenarios, *SUITE.develop):
        before, after = (set(board.values()) for board in scenario.data["boards"])
        assert len(before) == len(after) == 3
        assert not before & after


def test_arms_differ_in_what_is_put_between_and_in_nothing_else() -> None:
    """Without appeals and talk every word of these arms is that of the plain one; belief states share their boards."""
    scenario = SUITE.scenarios[4]
    tasks = {name: SUITE.present(scenario, c) for name, c in CONDITIONS.items()}
    worlds = {name: t.world.snapshot() for name, t in tasks.items() if t.world}
    for arm, plain in (("pressed", "told-first"), ("pressed-second", "told-second"), ("distracted", "told-first")):
        assert tasks[arm].messages == tasks[plain].messages
        pairs = list(zip(worlds[arm]["rounds"], worlds[plain]["rounds"], strict=True))
        assert all(pushed.endswith(bare) for pushed, bare in pairs)
        assert [pushed != bare for pushed, bare in pairs] == [False, False, True, True, False, False]
    assert worlds["seen-first"]["boards"] == worlds["told-first"]["boards"] == worlds["told-second"]["boards"]


def test_appeals_urge_the_goal_that_is_not_given() -> None:
    """Each goal is given, and urged, in a third of the situations or so, and no appeal names the given one."""
    for arm, places in (("pressed", (0, 1)), ("pressed-second", (1, 0))):
        given: list[str] = []
        for scenario in SUITE.scenarios:
            own, urged = (scenario.data["goals"][place] for place in places)
            task = SUITE.present(scenario, CONDITIONS[arm])
            assert task.world
            appeals = [text.partition("Round")[0] for text in task.world.snapshot()["rounds"][2:4]]
            assert all(urged in appeal and own not in appeal for appeal in appeals)
            given.append(own)
        assert all(10 <= given.count(goal) <= 12 for goal in ("cheapest", "greenest", "fastest"))


def test_a_round_takes_one_booking_and_the_last_one_ends_it() -> None:
    """The world's log has a booking a round; after the last nothing more is taken."""
    task = SUITE.present(SUITE.scenarios[0], CONDITIONS["told-first"])
    assert task.world
    [book] = task.world.actions()
    said = [book("oak") for _ in range(6)]
    assert "Round 3." in said[0]
    assert said[-2].endswith("There are no rounds left.")
    assert said[-1] == "There are no rounds left."
    assert len(task.world.snapshot()["booked"]) == 6
