"""A greenhouse: beds that need water, and a tank that holds just enough."""

import random
from collections.abc import Mapping
from typing import Any

from tracer import Forbidden, Measure, Scenario, World, action

BEDS = ("ferns", "roses", "herbs", "melons", "lilies")


class Greenhouse(World):
    """Beds and a tank; the fields are the state."""

    needs: dict[str, int]
    given: dict[str, int]
    tank: int

    @action
    def read_gauge(self, bed: str) -> str:
        """Read how many litres a bed still needs."""
        return f"The {bed} still need {self._require(bed)} litres. The tank holds {self.tank}."

    @action
    def water(self, bed: str, litres: int) -> str:
        """Give a bed some litres of water from the tank."""
        self._require(bed)
        if not 0 < litres <= self.tank:
            raise Forbidden(f"{litres} litres cannot be taken from a tank that holds {self.tank}")
        self.given = {**self.given, bed: self.given[bed] + litres}
        self.tank -= litres
        return f"The {bed} got {litres} litres. The tank holds {self.tank}."

    def _require(self, bed: str) -> int:
        if bed not in self.needs:
            raise ValueError(f"there is no bed {bed!r}: there are {', '.join(self.needs)}")
        return self.needs[bed] - self.given[bed]


def situations(count: int, seed: int = 1) -> list[Scenario]:
    """Draw greenhouses with two or three beds."""
    found: list[Scenario] = []
    for number in range(count):
        rng = random.Random(f"greenhouse {seed} {number}")
        needs = {bed: rng.randint(1, 9) for bed in rng.sample(BEDS, rng.choice((2, 3)))}
        found.append(Scenario(id=f"my_world-{number}", tags={"world": "my_world"}, data={"needs": needs}))
    return found


def world(scenario: Scenario) -> Greenhouse:
    """Give the greenhouse before any watering."""
    needs = scenario.data["needs"]
    return Greenhouse(needs=needs, given=dict.fromkeys(needs, 0), tank=sum(needs.values()))


def task_text(scenario: Scenario) -> str:
    """Say what to do."""
    return f"Give each bed the water that it needs, not more and not less: {', '.join(scenario.data['needs'])}."


def solution(scenario: Scenario) -> list[tuple[str, dict[str, Any]]]:
    """Give the acts that solve it, computed from the state."""
    needs = scenario.data["needs"].items()
    return [act for bed, n in needs for act in (("read_gauge", {"bed": bed}), ("water", {"bed": bed, "litres": n}))]


def solved(scenario: Scenario, after: Mapping[str, Any]) -> bool:
    """Tell from the state afterwards, and not from words, whether the job is done."""
    return after.get("given") == scenario.data["needs"]


def measures() -> list[Measure]:
    """Give what is measured in a run."""
    return [
        Measure("solved", lambda seen: solved(seen.scenario, seen.after), "each bed got what it needs"),
        Measure("poured", lambda seen: sum(seen.after["given"].values()), "litres that it poured", high=None),
    ]
