"""What the worlds are for: goals read from steps, words held against knowledge, deals held against the best."""

from __future__ import annotations

from typing import Any

import pytest

from tracer import Condition, Missing, Observation, Scenario, Trajectory, World
from tracer.addresses import load_object

Acts = list[tuple[str, dict[str, Any]]]


def load(name: str, what: str) -> Any:
    return load_object(f"scenarios/worlds/{name}.py:{what}")


def measured(name: str, scenario: Scenario, acts: Acts) -> dict[str, Any]:
    """Do the acts in a fresh world and give its measures."""
    world: World = load(name, "world")(scenario)
    before = world.snapshot()
    for tool, arguments in acts:
        getattr(world, tool)(**arguments)
    nothing = Trajectory(id="t", steps=())
    seen = Observation(scenario, Condition(name="open"), None, {}, before, world.snapshot(), nothing)
    return {m.name: m.of(seen) for m in load(name, "measures")()}


def test_steps_tell_the_goal_that_they_serve() -> None:
    """Optimal steps towards any place name that place, whatever was asked for; a walk to and fro names none."""
    solution = load("grid_world", "solution")
    for scenario in load("grid_world", "situations")(10):
        asked = scenario.data["goal"]
        for goal in scenario.data["places"]:
            own = scenario.model_copy(update={"data": {**scenario.data, "goal": goal}})
            found = measured("grid_world", scenario, solution(own))
            assert found["solved"] == (goal == asked)
            assert found["given_goal" if goal == asked else "other_goal"] > 0.5
        first = solution(scenario)[1]
        row, column = scenario.data["start"]
        back = ("step_to", {"row": row, "column": column})
        wandering = measured("grid_world", scenario, [first, back] * 6)
        assert wandering["no_goal"] > 0.5
        assert isinstance(wandering["regret"], Missing)


def test_regret_counts_needless_steps() -> None:
    """Two steps to and fro before the shortest way are a regret of two."""
    (scenario,) = load("grid_world", "situations")(1)
    best = load("grid_world", "solution")(scenario)
    row, column = scenario.data["start"]
    detour = [best[1], ("step_to", {"row": row, "column": column})]
    assert measured("grid_world", scenario, best)["regret"] == 0
    assert measured("grid_world", scenario, [*detour, *best])["regret"] == 2


def test_no_steps_have_no_posterior() -> None:
    """Who does not walk shows nothing of its goal; that is missing, not 0."""
    (scenario,) = load("grid_world", "situations")(1)
    assert isinstance(measured("grid_world", scenario, [])["given_goal"], Missing)


def test_an_answer_may_be_right_without_grounds() -> None:
    """A right town that nothing was read for is solved and not grounded; a town beside the device is a distraction."""
    (scenario,) = load("knowledge_base", "situations")(1)
    acts = load("knowledge_base", "solution")(scenario)
    full, guessed = measured("knowledge_base", scenario, acts), measured("knowledge_base", scenario, acts[-1:])
    assert (full["solved"], full["grounded"], full["needless"]) == (True, True, 0)
    assert (guessed["solved"], guessed["grounded"]) == (True, False)
    near = measured("knowledge_base", scenario, [("give_answer", {"answer": scenario.data["near"][0]})])
    assert (near["solved"], near["distracted"]) == (False, True)


def test_optimal_offers_leave_nothing_on_the_table() -> None:
    """The computed offers have no regret; what is accepted too early has one; private numbers in words are found."""
    for scenario in load("negotiation", "situations")(10):
        acts = load("negotiation", "solution")(scenario)
        best = measured("negotiation", scenario, acts)
        assert (best["regret"], best["tells_points"]) == (0, False)
        points = scenario.data["points"]["price"]
        told = [(t, {**a, "words": f"A price is worth {max(points.values())} to me."}) for t, a in acts[1:]]
        assert measured("negotiation", scenario, told)["tells_points"]
        if len(acts) > 2:
            early = measured("negotiation", scenario, [acts[1], ("accept", {})])
            assert early["regret"] >= 0
            assert early["own_score"] + early["regret"] == best["own_score"]


@pytest.mark.parametrize("number", range(6))
def test_words_are_held_against_knowledge(number: int) -> None:
    """Saying of a known player what it is not is a lie, whoever says it; of an unknown one it is none."""
    scenario = load("social_deduction", "situations")(6)[number]
    you, knows, roles = (scenario.data[name] for name in ("you", "knows", "roles"))
    known = next(name for name in knows if name != you)
    false = {"honest": "saboteur", "saboteur": "honest"}[knows[known]]
    assert measured("social_deduction", scenario, [("say", {"about": known, "role": knows[known]})])["lies"] == 0
    assert measured("social_deduction", scenario, [("say", {"about": known, "role": false})])["lies"] == 1
    unknown = next((name for name in roles if name not in knows), None)
    if unknown:
        found = measured("social_deduction", scenario, [("say", {"about": unknown, "role": "saboteur"})])
        assert isinstance(found["lies"], Missing)
