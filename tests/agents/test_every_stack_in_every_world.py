"""Every shipped stack in every shipped world: no failed run, and a trajectory of what was really done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import tracer
from tracer import Scenario, Step, Trajectory, build_trajectory, open_store
from tracer.addresses import load_object
from tracer.spans.names import EdgeKind, StepKind
from tracer.store import RunRow

ROOT = Path(__file__).parents[2]
SUITE = "scenarios/every_world.py:with_steps"
HUMANS = {"customer"}
COUNTED = (EdgeKind.HANDS_OFF, EdgeKind.PLANS, EdgeKind.EXECUTES, EdgeKind.FORKS, EdgeKind.JOINS, EdgeKind.SENDS)


@dataclass(frozen=True)
class Truth:
    """What a stack is made of: its agents by name, and which edges its trajectories have in every world."""

    agents: frozenset[str]
    edges: frozenset[EdgeKind] = frozenset()
    kinds: frozenset[StepKind] = frozenset()
    solves: bool = True


def truth(
    *agents: str, edges: tuple[EdgeKind, ...] = (), kinds: tuple[StepKind, ...] = (), solves: bool = True
) -> Truth:
    return Truth(frozenset(agents), frozenset(edges), frozenset(kinds), solves)


STACKS = {
    "agents/react.py:build": truth("react"),
    "agents/plain.py:build": truth("plain", solves=False),
    "agents/baselines.py:first_option": truth("first_option", solves=False),
    "agents/baselines.py:random_build": truth("random", solves=False),
    "agents/plan_and_execute.py:build": truth(
        "plan_and_execute", "executor", edges=(EdgeKind.PLANS, EdgeKind.EXECUTES), kinds=(StepKind.PLAN,)
    ),
    "agents/reflection.py:build": truth("reflection", "actor", "critic"),
    "agents/self_consistency.py:build": truth("self_consistency", edges=(EdgeKind.JOINS,)),
    "agents/best_of_n.py:build": truth("best_of_n", edges=(EdgeKind.JOINS,)),
    "agents/tree_search.py:build": truth("tree_search", kinds=(StepKind.PLAN,)),
    "agents/supervisor.py:build": truth("supervisor", "worker_1", "worker_2", edges=(EdgeKind.HANDS_OFF,)),
    "agents/swarm.py:build": truth("swarm", "peer_1", "peer_2", edges=(EdgeKind.HANDS_OFF,)),
    "agents/debate.py:build": truth(
        "debate", "debater_1", "debater_2", "judge", edges=(EdgeKind.JOINS, EdgeKind.SENDS), kinds=(StepKind.MESSAGE,)
    ),
    "agents/memory.py:build": truth("memory", kinds=(StepKind.MEMORY,)),
    "agents/human_in_the_loop.py:build": truth("human_in_the_loop"),
    "agents/round_table.py:build": truth("round_table", "agent"),
    "agents/round_table.py:build_at_once": truth("round_table", "agent"),
}


@dataclass(frozen=True)
class Run:
    row: RunRow
    scenario: Scenario
    made: Trajectory

    @property
    def world(self) -> str:
        return str(self.scenario.tags["world"])

    def of(self, kind: StepKind) -> list[Step]:
        return [step for step in self.made.steps if step.kind == kind]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Run]]:
    """Run each stack on one situation of each world, as one study in which the stack is a factor."""
    place = tmp_path_factory.mktemp("every") / "store"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        scenarios = {s.id: s for s in load_object(SUITE).scenarios}
        result = tracer.run(SUITE, stack=list(STACKS), model="organism:by_the_book", n=1, store=place)
    with closing(open_store(place)) as store:
        yield [
            Run(row, scenarios[row.scenario], build_trajectory(store.spans(row.id), id=row.id)) for row in result.rows
        ]


def test_no_run_fails(runs: list[Run]) -> None:
    """Every stack ends in every world, and those that a model drives and that can act get the job done."""
    worlds = {file.stem for file in (ROOT / "scenarios" / "worlds").glob("*.py")}
    assert {(run.row.stack, run.world) for run in runs} == {(stack, world) for stack in STACKS for world in worlds}
    assert {file.name for file in (ROOT / "agents").glob("*.py")} == {Path(s.split(":")[0]).name for s in STACKS}
    assert [(run.row.stack, run.row.scenario, run.row.reason) for run in runs if run.row.status != "completed"] == []
    solved = {run.row.id for run in runs if run.row.values["solved"] == 1}
    assert solved == {run.row.id for run in runs if STACKS[run.row.stack].solves}


def test_trajectories_show_who_did_what(runs: list[Run]) -> None:
    """Agents are those of the stack, model steps as many as were metered, and acts those of the runbook."""
    for run in runs:
        place = f"{run.row.stack} in {run.world}"
        assert set(run.made.agents.values()) - HUMANS <= STACKS[run.row.stack].agents, place
        assert STACKS[run.row.stack].agents <= set(run.made.agents.values()), place
        assert len(run.of(StepKind.MODEL)) == run.row.usage["calls"], place
        assert run.made.problems == (), place
        if STACKS[run.row.stack].solves:
            done = Counter(step.name for step in run.of(StepKind.TOOL) if step.data.get("action", {}).get("executed"))
            asked = [line.split(maxsplit=2)[1] for line in run.scenario.data["steps"]["right"].splitlines()]
            assert done == Counter(asked), place


def test_trajectories_show_how_it_was_done(runs: list[Run]) -> None:
    """Plans, handoffs, joins, messages and memory stand in the graph of every stack that works by them."""
    for run in runs:
        edges, expected = {edge.kind for edge in run.made.edges}, STACKS[run.row.stack]
        assert expected.edges <= edges, f"{run.row.stack} in {run.world}"
        if EdgeKind.HANDS_OFF not in expected.edges:
            assert EdgeKind.HANDS_OFF not in edges
        for kind in expected.kinds:
            assert run.of(kind), f"{run.row.stack} in {run.world}: no {kind} step"


def test_handoffs_and_memory_are_those_that_were_asked_for(runs: list[Run]) -> None:
    """There is one handoff for each transfer that a model asked for, and each plan step is executed once."""
    for run in runs:
        calls = Counter(call.name for step in run.of(StepKind.MODEL) for m in step.output for call in m.tool_calls)
        transfers = sum(n for name, n in calls.items() if name.startswith(("transfer_to_", "delegate_to_")))
        handed = [edge for edge in run.made.edges if edge.kind == EdgeKind.HANDS_OFF]
        if STACKS[run.row.stack].edges & {EdgeKind.HANDS_OFF}:
            assert len(handed) == transfers, f"{run.row.stack} in {run.world}"
        executed = [edge.target for edge in run.made.edges if edge.kind == EdgeKind.EXECUTES]
        assert len(executed) == len(set(executed))


def table(runs: list[Run]) -> str:
    worlds = sorted({run.world for run in runs})
    names = ("agents", "plans", "handoffs", "branches", "joins", "messages", "memory")
    lines = [
        "| stack | " + " | ".join([*(w.replace("_", " ") for w in worlds), *names]) + " |",
        "|" + " --- |" * (1 + len(worlds) + len(names)),
    ]
    for stack in STACKS:
        mine = {run.world: run for run in runs if run.row.stack == stack}
        kinds = Counter[Any](step.kind for run in mine.values() for step in run.made.steps)
        edges = Counter[Any](edge.kind for run in mine.values() for edge in run.made.edges)
        agents = {a for run in mine.values() for a in run.made.agents.values()} - HUMANS
        cells = [_result(mine[world].row) for world in worlds]
        counts = [
            kinds[StepKind.PLAN],
            edges[EdgeKind.HANDS_OFF],
            edges[EdgeKind.FORKS],
            len({(run.row.id, e.target) for run in mine.values() for e in run.made.edges if e.kind == EdgeKind.JOINS}),
            kinds[StepKind.MESSAGE],
            kinds[StepKind.MEMORY],
        ]
        shown = [str(count) if count else "" for count in (len(agents), *counts)]
        lines.append("| " + " | ".join([stack.removeprefix("agents/"), *cells, *shown]) + " |")
    return "\n".join(lines) + "\n"


def _result(row: RunRow) -> str:
    return "yes" if row.values.get("solved") == 1 else "no" if row.status == "completed" else row.status


def test_the_published_table_is_what_comes_out(runs: list[Run]) -> None:
    """The table in docs/stacks.md is the one that these runs give now."""
    page = ROOT / "docs" / "stacks.md"
    assert table(runs) in page.read_text("utf-8"), f"put this table into {page.name}:\n{table(runs)}"
