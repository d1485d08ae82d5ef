"""Every act on a world is recorded as attempted, permitted, executed and what it changed; no act can break a world."""

from __future__ import annotations

import asyncio
import functools
import time
from typing import Any, ClassVar

import pytest
from click.testing import CliRunner
from langchain_core.tools import BaseTool
from pydantic import Field

from tracer import Forbidden, World, action, build_trajectory
from tracer.cli.app import cli
from tracer.execution import world_tools
from tracer.testing import scripted_model

SUITE = """
    from tracer import Condition, Measure, Scenario, Suite, Task
    from .shed import Shed

    def permitted(seen):
        return sum(not s.data["action"].get("permitted", True) for s in seen.trajectory.steps if "action" in s.data)

    suite = Suite(
        name="shed", question="?", hypotheses=(), scenarios=[Scenario(id="s")], conditions=[Condition(name="world")],
        present=lambda s, c: Task(messages=[{"role": "user", "content": "Go."}], world=Shed()),
        measures=[Measure("forbidden_acts", permitted, high=None)],
    )
"""
SHED = '''
    from tracer import Forbidden, World, action

    class Shed(World):
        cats: list[str] = ["Tom"]

        @action
        def add(self, name: str) -> str:
            """Add a cat."""
            self.cats.append(name)
            if name == "Dog":
                raise Forbidden("only cats may come in")
            if name == "":
                raise ValueError("it has no name")
            return f"{name} is in"
'''
REACT = """
    from tracer.addresses import load_object

    def build(kit):
        return load_object("agents/react.py:build")(kit)
"""


class Shed(World):
    """A shed with cats, in which everything can go wrong."""

    ACTION_SECONDS: ClassVar[float] = 0.5
    RESULT_CHARACTERS: ClassVar[int] = 100

    cats: list[str] = Field(default_factory=lambda: ["Tom"])
    count: int = 1

    @action
    def add(self, name: str, wait: float = 0.0) -> str:
        """Add a cat."""
        time.sleep(wait)
        self.cats.append(name)
        self.count += 1
        if name == "Dog":
            raise Forbidden("only cats may come in")
        if name == "Nobody":
            raise SystemExit(3)
        if name == "Void":
            self.cats.append(None)  # type: ignore[arg-type]  # the mistake is the point
        if name == "Half":
            self.count = "many"  # type: ignore[assignment]  # the mistake is the point
        if name == "Endless":
            return functools.reduce(lambda inner, _: [inner], range(20_000), [])  # type: ignore[return-value]
        return f"{name} is in"

    @action
    def tell(self, size: int) -> list[str]:
        """Tell a long story."""
        return ["miau"] * size


def tool(world: World, name: str) -> BaseTool:
    return next(tool for tool in world_tools(world) if tool.name == name)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"name": "Dog"}, "Error: Forbidden: only cats may come in"),
        ({"name": "Nobody"}, "Error: RuntimeError: the action raised SystemExit"),
        ({"name": "Void"}, "Error: cats.2: Input should be a valid string"),
        ({"name": "Half"}, "Error: count: Input should be a valid integer, unable to parse string as an integer"),
        ({"name": "Endless"}, "Error: RecursionError: maximum recursion depth exceeded"),
        ({"nome": "Tom"}, "Error: wrong arguments: name: Field required"),
        ({"name": ["Tom"]}, "Error: wrong arguments: name: Input should be a valid string"),
        ({"name": "Slow", "wait": 0.9}, "Error: TimeoutError: add took longer than 0.5 s and was given up; nothing"),
    ],
)
def test_an_act_that_fails_changes_nothing(arguments: dict[str, Any], said: str) -> None:
    """What goes wrong is told in words, and the state is as it was, whatever the action did or does later."""
    world = Shed()
    assert tool(world, "add").invoke(arguments).startswith(said)
    time.sleep(0.4 if "wait" in arguments else 0)
    assert world == Shed()


def test_a_flood_of_output_is_cut() -> None:
    """A result beyond the limit of its world ends in a note that says how long it was."""
    world = Shed()
    assert tool(world, "tell").invoke({"size": 2}) == ["miau", "miau"]
    said = tool(world, "tell").invoke({"size": 1000})
    assert said.endswith("[cut here: 8,000 characters in all]")
    assert len(said) < 200


def test_acts_at_the_same_time_are_done_one_after_the_other() -> None:
    """Two tools called at once each find what the other did."""
    world = Shed()
    add = tool(world, "add")

    async def both() -> None:
        await asyncio.gather(*[add.ainvoke({"name": name, "wait": 0.02}) for name in ("Ann", "Bob", "Cas")])

    asyncio.run(both())
    assert (world.count, sorted(world.cats)) == (4, ["Ann", "Bob", "Cas", "Tom"])


def test_every_attempt_is_recorded(trial: Any) -> None:
    """Done, forbidden, failed, with wrong arguments: each stands in the trajectory, and measures can count it."""
    acts = [("add", {"name": name}) for name in ("Ann", "Dog", "")]
    with scripted_model(*acts, ("add", {"nome": "?"}), "Done.") as script:
        tried = trial(script)
        tried.write("shed.py", SHED)
        row = asyncio.run(tried.run(REACT, "world", SUITE))
        trajectory = build_trajectory(tried.store.spans(row.id), id=row.id)
    assert (row.status, row.after, row.values) == ("completed", {"cats": ["Tom", "Ann"]}, {"forbidden_acts": 1.0})
    steps = [step for step in trajectory.steps if step.kind == "tool"]
    assert [step.data["action"] for step in steps] == [
        {"attempted": True, "permitted": True, "executed": True, "changed": {"/cats/1": {"after": "Ann"}}},
        {"attempted": True, "permitted": False, "executed": False},
        {"attempted": True, "permitted": True, "executed": False},
        {"attempted": True, "executed": False},
    ]
    assert [(step.status, step.error) for step in steps] == [
        ("ok", ""),
        ("error", "Forbidden: only cats may come in"),
        ("error", "ValueError: it has no name"),
        ("error", "wrong arguments: name: Field required"),
    ]
    shown = CliRunner().invoke(cli, ["show", row.id, "--store", str(tried.store.place)]).output
    assert "/cats/1: (nothing) -> Ann" in shown
    assert "not permitted: nothing was changed" in shown
