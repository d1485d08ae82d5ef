"""Baselines act without a model, as the seed of the run has it."""

from __future__ import annotations

from typing import Any

RANDOM, FIRST = "agents/baselines.py:random_build", "agents/baselines.py:first_option"
TOOLS = {"look", "fetch", "tell", "open_door"}


def test_random_acts_follow_from_the_seed(journeys: Any) -> None:
    """The same seed gives the same acts and answer, another one others; every call is one that a tool accepts."""
    runs = journeys(RANDOM, replicates=1, seed=1)
    again = journeys(RANDOM, replicates=1, seed=1, concurrency=1)
    other = journeys(RANDOM, replicates=1, seed=2)
    said = [{key: (run.tools(), run.row.answer) for key, run in made.items()} for made in (runs, again, other)]
    assert said[0] == said[1] != said[2]
    for run in runs.values():
        assert run.row.status == "completed"
        assert run.row.usage["calls"] == 0
        assert {name.removesuffix("!") for name in run.tools()} <= TOOLS
        assert all("door does not move" in step.error for step in run.steps("tool") if step.status == "error")
        assert run.row.answer in (("red", "blue") if "bound" in run.row.condition else (None,))


def test_first_option_is_answered_without_an_act(journeys: Any) -> None:
    """With options the first one is the answer; without, the first tool is taken as often as the task allows."""
    runs = journeys(FIRST)
    assert [(run.row.answer, run.tools()) for key, run in runs.items() if key.endswith("bound")] == [("red", [])] * 2
    free = runs["plain/free"]
    assert (free.row.answer, free.tools()) == (None, ["look"] * 40)
    assert list(free.trajectory.agents.values()) == ["first_option"]
