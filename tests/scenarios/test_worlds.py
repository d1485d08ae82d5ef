"""Every world shipped, and that of the guide: it can be solved, has no holes, and no act can corrupt it."""

from __future__ import annotations

import functools
import json
import typing
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer import Scenario, World
from tracer.addresses import load_object

ROOT = Path(__file__).parents[2]
FILES = {file.stem: file for file in [*ROOT.glob("scenarios/worlds/*.py"), ROOT / "docs/examples/my_world.py"]}
WORLDS = sorted(FILES)
COUNT = 20


def load(name: str, what: str) -> Any:
    return load_object(f"{FILES[name].relative_to(ROOT)}:{what}")


@functools.cache
def drawn(name: str) -> tuple[Scenario, ...]:
    return tuple(load(name, "situations")(COUNT))


def act(world: World, name: str, arguments: dict[str, Any]) -> str | None:
    """Give what the action says; None where it raised, as what it raises is told to the agent."""
    try:
        return getattr(world, name)(**arguments)
    except Exception:
        return None


def texts(value: Any) -> set[str]:
    """Collect the words that occur in plain data."""
    if isinstance(value, dict):
        return {str(k) for k in value} | {t for v in value.values() for t in texts(v)}
    if isinstance(value, list):
        return {t for v in value for t in texts(v)}
    return {str(value)}


@st.composite
def arguments_of(draw: st.DrawFn, method: Any, known: list[str]) -> dict[str, Any]:
    """Draw arguments that fit the annotations, legal or not."""
    hints = typing.get_type_hints(method)
    hints.pop("return", None)
    return {name: draw(_values(hint, known)) for name, hint in hints.items()}


def _values(hint: Any, known: list[str]) -> st.SearchStrategy[Any]:
    if typing.get_origin(hint) is Literal:
        return st.sampled_from(typing.get_args(hint))
    simple: dict[Any, st.SearchStrategy[Any]] = {
        str: st.sampled_from([*known, "", "nonsense"]),
        int: st.integers(-3, 12),
        float: st.floats(-3, 12),
        bool: st.booleans(),
    }
    if typing.get_origin(hint) is list:
        return st.lists(_values(typing.get_args(hint)[0], known), max_size=3)
    return simple[hint]


@pytest.mark.parametrize("name", WORLDS)
def test_ground_truth_solves_every_situation(name: str) -> None:
    """The computed acts solve each situation, are plain data, and doing nothing solves none."""
    for scenario in drawn(name):
        world: World = load(name, "world")(scenario)
        assert not load(name, "solved")(scenario, world.snapshot())
        acts = load(name, "solution")(scenario)
        assert json.loads(json.dumps(acts)) == [list(a) for a in acts]
        assert len({json.dumps(a) for a in acts}) == len(acts), "a runbook can be followed only if no act stands twice"
        for tool, arguments in acts:
            getattr(world, tool)(**arguments)
        assert load(name, "solved")(scenario, world.snapshot()), scenario.id


@pytest.mark.parametrize("name", WORLDS)
def test_situations_are_seeded(name: str) -> None:
    """The same seed gives the same situations, another one others; ids and tags name the world."""
    assert tuple(load(name, "situations")(COUNT)) == drawn(name)
    again = load(name, "situations")(COUNT, seed=2)
    assert [s.data for s in again] != [s.data for s in drawn(name)]
    assert len({json.dumps(dict(s.data)) for s in drawn(name)}) >= COUNT * 0.9
    assert [s.id for s in drawn(name)] == [f"{name}-{n}" for n in range(COUNT)]
    assert all(s.tags["world"] == name for s in drawn(name))


@pytest.mark.parametrize("name", WORLDS)
def test_nothing_that_is_shown_has_holes(name: str) -> None:
    """No text shown to the agent has a template field left in it, or the name of an absent value."""
    for scenario in drawn(name):
        world: World = load(name, "world")(scenario)
        shown = [load(name, "task_text")(scenario)]
        shown += [str(getattr(world, tool)(**arguments)) for tool, arguments in load(name, "solution")(scenario)]
        assert "{" not in shown[0]
        assert "}" not in shown[0]
        for text in shown:
            assert text.strip()
            assert not any(hole in text for hole in ("None", "TODO", "{}", "nan"))
        assert all(method.__doc__ for method in world.actions())


@pytest.mark.parametrize("name", WORLDS)
@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_no_act_corrupts_the_world(name: str, data: st.DataObject) -> None:
    """Whatever is called: acts are deterministic, refused ones change nothing, and a snapshot is the whole state."""
    scenario = drawn(name)[data.draw(st.integers(0, COUNT - 1))]
    world, twin = load(name, "world")(scenario), load(name, "world")(scenario)
    known = sorted(texts(world.snapshot()))
    for _ in range(data.draw(st.integers(1, 6))):
        method = data.draw(st.sampled_from(world.actions()))
        given_to_it = data.draw(arguments_of(method, known))
        before = world.snapshot()
        said = act(world, method.__name__, given_to_it)
        assert said == act(twin, method.__name__, given_to_it)
        after = world.snapshot()
        assert after == twin.snapshot() == json.loads(json.dumps(after))
        assert said is not None or after == before
        assert World.patch(before, World.diff(before, after)) == after
        assert type(world).model_validate(after) == world
        world.restore(before)
        assert world.snapshot() == before
        world.restore(after)
        assert world == twin
    load(name, "solved")(scenario, world.snapshot())


@pytest.mark.parametrize("name", WORLDS)
def test_measures_are_named_and_bounded(name: str) -> None:
    """Each world measures `solved`, and says what every value means."""
    measures = load(name, "measures")()
    assert "solved" in [m.name for m in measures]
    assert all(m.says for m in measures)
