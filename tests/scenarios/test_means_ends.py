"""The suite on goals and habits: what the last day brings is all that differs, and there is always a way to the end."""

from __future__ import annotations

from tracer import Suite
from tracer.addresses import load_object

SUITE: Suite = load_object("scenarios/means_ends.py:suite")
CONDITIONS = {c.name: c for c in SUITE.conditions}


def test_every_day_has_one_way_to_the_end_and_it_is_the_usual_one_only_where_nothing_changed() -> None:
    """What is wanted is to be had at one open place, which is another where the means are blocked or the end moved."""
    for scenario in (*SUITE.scenarios, *SUITE.develop):
        first, second = scenario.data["goods"]
        usual = scenario.data["places"][0]
        for name, wanted in (("kept-open", first), ("kept-closed", first), ("moved-open", second)):
            task = SUITE.present(scenario, CONDITIONS[name])
            assert task.world
            house = task.world.snapshot()
            [place] = [p for p, good in house["stock"].items() if good == wanted]
            assert place not in house["closed"]
            assert (place == usual) == (name == "kept-open")


def test_conditions_share_their_past_and_differ_in_the_notice_of_the_last_day() -> None:
    """All that came before is word for word the same, and the usual day's notice is a part of what is added to it."""
    scenario = SUITE.scenarios[3]
    tasks = {name: SUITE.present(scenario, c) for name, c in CONDITIONS.items()}
    usual = tasks["kept-open"].messages
    assert all(task.messages[:-1] == usual[:-1] for task in tasks.values())
    for name in ("moved-open", "offered", "devalued"):
        assert tasks[name].messages[-1]["content"].startswith(usual[-1]["content"])


def test_a_trip_brings_what_the_place_has() -> None:
    """Closed places and empty ones give nothing, and every trip is on record."""
    scenario = SUITE.scenarios[0]
    usual, _, instead, empty, *_ = scenario.data["places"]
    task = SUITE.present(scenario, CONDITIONS["kept-closed"])
    assert task.world
    [go] = task.world.actions()
    said = [go(place) for place in (usual, empty, instead)]
    assert ["closed" in text for text in said] == [True, False, False]
    assert task.world.snapshot()["larder"] == scenario.data["goods"][:1]
    assert task.world.snapshot()["trips"] == [usual, empty, instead]
