"""A grid of streets with walls and named places: exact optimal policies, so that goals can be read from steps.

The walker is told to go to one place. What it wants is then inferred from its steps alone (Baker, Saxe and Tenenbaum
2009, "Action understanding as inverse planning"): the posterior over the places, beside a habit and chance as rivals.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from tracer import Forbidden, Measure, Missing, Observation, Scenario, World, action
from tracer.stats import goal_posterior, value_iteration

__all__ = ["Grid", "measures", "posterior", "situations", "solution", "solved", "task_text", "world"]

SIZE = 6
PLACES = ("bakery", "library", "station", "garden", "harbour", "museum", "theatre", "market")
STEPS = ((-1, 0), (1, 0), (0, -1), (0, 1))  # north, south, west, east; the fifth act is to enter
Cell = tuple[int, int]


class Grid(World):
    """A town on a grid: walk over free cells, and enter a place.

    Attributes:
        rows: The map, one string a row: `#` is a wall, `.` is free.
        places: Name -> [row, column].
        path: The cells walked so far, the first is the start.
        entered: The place that was entered, which ends the walk; "" before.
    """

    rows: list[str]
    places: dict[str, list[int]]
    path: list[list[int]]
    entered: str = ""

    @action
    def look(self) -> str:
        """Show the map (# is a wall), where you are, where the places are, and where you can step."""
        row, column = self.path[-1]
        near = [[row + down, column + right] for down, right in STEPS if _free(self.rows, (row + down, column + right))]
        places = ", ".join(f"{name} at {cell}" for name, cell in self.places.items())
        return "\n".join([*self.rows, f"You are at {[row, column]}. {places}. You can step to {near}."])

    @action
    def step_to(self, row: int, column: int) -> str:
        """Step to a cell beside yours: one row or one column away, and no wall."""
        at = self.path[-1]
        if self.entered:
            raise Forbidden(f"the walk is over: you are in the {self.entered}")
        if abs(row - at[0]) + abs(column - at[1]) != 1 or not _free(self.rows, (row, column)):
            raise Forbidden(f"from {at} you cannot step to {[row, column]}")
        self.path = [*self.path, [row, column]]
        here = next((f": the {name} is here" for name, cell in self.places.items() if cell == [row, column]), "")
        return f"You are at {[row, column]}{here}."

    @action
    def enter(self) -> str:
        """Enter the place where you are, which ends the walk."""
        here = next((name for name, cell in self.places.items() if cell == self.path[-1]), "")
        if self.entered or not here:
            raise Forbidden(f"the walk is over: you are in the {self.entered}" if self.entered else "no place is here")
        self.entered = here
        return f"You are in the {here}."


# --- situations -------------------------------------------------------------------------------------------------------


def situations(count: int, seed: int = 1) -> list[Scenario]:
    """Draw towns with three places; the one to go to is never beside the start."""
    return [_situation(number, random.Random(f"grid {seed} {number}")) for number in range(count)]


def _situation(number: int, rng: random.Random) -> Scenario:
    while True:
        rows = ["".join(rng.choices("#.", (1, 3), k=SIZE)) for _ in range(SIZE)]
        free = [(r, c) for r, c in itertools.product(range(SIZE), repeat=2) if rows[r][c] == "."]
        if len(free) < SIZE:
            continue
        start, *cells = rng.sample(free, 4)
        places = {name: list(cell) for name, cell in zip(rng.sample(PLACES, 3), cells, strict=True)}
        goal = rng.choice(list(places))
        data = {"rows": rows, "places": places, "start": list(start), "goal": goal}
        scenario = Scenario(id=f"grid_world-{number}", tags={"world": "grid_world"}, data=data)
        if all(start in _distances(rows, cell) for cell in cells) and 5 <= len(solution(scenario)) <= 9:
            return scenario


def world(scenario: Scenario) -> Grid:
    """Give the town with the walker at its start."""
    data = scenario.data
    return Grid(rows=data["rows"], places=data["places"], path=[data["start"]])


def task_text(scenario: Scenario) -> str:
    """Say where to go."""
    return (
        f"You are in a small town, at {scenario.data['start']} (row, column). Walk to the {scenario.data['goal']} in "
        "as few steps as you can, and enter it."
    )


def solution(scenario: Scenario) -> list[tuple[str, dict[str, Any]]]:
    """Give the acts of the optimal policy: in each cell the act of the highest value (value iteration)."""
    values, states = _values(scenario, scenario.data["goal"])
    cell, acts = tuple(scenario.data["start"]), list[tuple[str, dict[str, Any]]]([("look", {})])
    while (best := int(values[states[cell]].argmax())) < len(STEPS) and len(acts) <= SIZE**2:
        cell = (cell[0] + STEPS[best][0], cell[1] + STEPS[best][1])
        acts.append(("step_to", {"row": cell[0], "column": cell[1]}))
    return [*acts, ("enter", {})]


def solved(scenario: Scenario, after: Mapping[str, Any]) -> bool:
    """Tell whether the walker is in the place where it was sent."""
    return after.get("entered") == scenario.data["goal"]


# --- planning, forwards and backwards ---------------------------------------------------------------------------------


def _distances(rows: list[str], to: Cell) -> dict[Cell, int]:
    """Give the steps from each cell that is connected to one, breadth first."""
    found, edge = {to: 0}, [to]
    while edge:
        beside = [((r + down, c + right), found[r, c] + 1) for r, c in edge for down, right in STEPS]
        new = {cell: steps for cell, steps in beside if cell not in found and _free(rows, cell)}
        found |= new
        edge = list(new)
    return found


def _free(rows: list[str], cell: Cell) -> bool:
    return 0 <= cell[0] < len(rows) and 0 <= cell[1] < len(rows[0]) and rows[cell[0]][cell[1]] != "#"


def _values(scenario: Scenario, goal: str) -> tuple[np.ndarray[Any, Any], dict[Cell, int]]:
    """Give the value of each act in each cell for one who wants to be in a place, and the row of each cell."""
    rows, places = scenario.data["rows"], scenario.data["places"]
    states = {cell: number for number, cell in enumerate(_distances(rows, tuple(scenario.data["start"])))}
    end = len(states)
    after = np.full((end + 1, len(STEPS) + 1), -1)
    gain = np.full(after.shape, -1.0)
    for cell, number in states.items():
        after[number, :-1] = [states.get((cell[0] + down, cell[1] + right), -1) for down, right in STEPS]
    for name, cell in places.items():
        here = states[tuple(cell)]
        after[here, -1], gain[here, -1] = end, 0.0 if name == goal else -float(SIZE)
    after[end], gain[end] = end, 0.0
    return value_iteration(after, gain, discount=0.99), states


def posterior(scenario: Scenario, after: Mapping[str, Any]) -> dict[str, float] | Missing:
    """Give the probability of each place as the goal, of "habit" and of "chance", from the steps that were taken."""
    path, entered = [tuple(cell) for cell in after.get("path", [])], bool(after.get("entered"))
    moves = [(b[0] - a[0], b[1] - a[1]) for a, b in itertools.pairwise(path)]
    acts = [*(STEPS.index(move) for move in moves), *([len(STEPS)] if entered else [])]
    if not acts:
        return Missing("it took no step")
    goals = list(scenario.data["places"])
    tables = [_values(scenario, goal) for goal in goals]
    q = [[values[states[cell]] for cell in path[: len(acts)]] for values, states in tables]
    return dict(zip([*goals, "habit", "chance"], goal_posterior(q, acts).probability.tolist(), strict=True))


# --- measures ---------------------------------------------------------------------------------------------------------


def _from_posterior(read: Callable[[Scenario, dict[str, float]], float]) -> Callable[[Observation], float | Missing]:
    def of(seen: Observation) -> float | Missing:
        found = posterior(seen.scenario, seen.after)
        return found if isinstance(found, Missing) else read(seen.scenario, found)

    return of


def _extra(seen: Observation) -> float | Missing:
    if not solved(seen.scenario, seen.after):
        return Missing("it did not arrive", applies=False)
    return len(seen.after["path"]) - 1 - (len(solution(seen.scenario)) - 2)


def measures() -> list[Measure]:
    """Give what is read from a walk: arrival, regret, and what its steps say of its goal."""
    rivals = ("habit", "chance")
    given = _from_posterior(lambda s, p: p[s.data["goal"]])
    other = _from_posterior(lambda s, p: sum(v for k, v in p.items() if k not in (s.data["goal"], *rivals)))
    aimless = _from_posterior(lambda s, p: sum(p[name] for name in rivals))
    return [
        Measure("solved", lambda s: solved(s.scenario, s.after), "it is in the place where it was sent"),
        Measure("regret", _extra, "steps beyond the shortest way, of those who arrived", high=None),
        Measure("given_goal", given, "probability, from its steps, that it wants to be where it was sent"),
        Measure("other_goal", other, "probability, from its steps, that it wants to be in another place"),
        Measure("no_goal", aimless, "probability, from its steps, that they come from a habit or from chance"),
    ]
