"""Runs one cell of a small suite, with a stack written for the occasion and a scripted model."""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tracer.execution import Bench, RunPlan, execute
from tracer.recording import Recorder, context_in_threads
from tracer.spans import Span
from tracer.store import RunRow, Store, open_store
from tracer.testing import Script

SUITE = '''
from tracer import Ask, Condition, Measure, Missing, Scenario, Suite, Task, World, action

class Shed(World):
    doors: int = 0
    cat: str = "in"

    @action
    def open_door(self, which: str) -> str:
        """Open a door of the shed."""
        if which == "stuck":
            raise ValueError("the door is stuck")
        self.doors += 1
        return f"{which} is open"

    @action
    def look(self) -> str:
        """Look around."""
        return f"the cat is {self.cat}"

def present(scenario, condition):
    if condition.name == "broken":
        raise KeyError("no such picture")
    asks = (Ask(name="sure", text="Are you sure?"), Ask(name="where", text="Where?", options=("shed", "garden")))
    return Task(
        messages=[{"role": "user", "content": "Where is the cat?"}],
        world=Shed() if condition.name == "world" else None,
        asks=asks if condition.name == "asks" else (),
        max_steps=6,
    )

suite = Suite(
    name="cats", question="?", present=present, hypotheses=(),
    scenarios=[Scenario(id="s", cluster="house")],
    conditions=[Condition(name=n) for n in ("plain", "world", "asks", "broken")],
    measures=[
        Measure("is_long", lambda o: len(o.answer) > 5),
        Measure("doors", lambda o: o.after["doors"] if o.after else Missing("no world", applies=False)),
        Measure("chats", lambda o: sum(s.kind == "model" for s in o.trajectory.steps)),
        Measure("raises", lambda o: 1 / 0),
        Measure("nothing", lambda o: None),
        Measure("nan", lambda o: float("nan")),
    ],
)
'''


@dataclass
class Trial:
    """Runs stacks, and gives their rows and spans."""

    folder: Path
    bench: Bench

    async def run(self, stack: str, /, condition: str = "plain", suite: str = SUITE, **plan: Any) -> RunRow:
        """Run a stack, given as the text of a file that defines `build`; likewise the suite."""
        (self.folder / "suite.py").write_text(textwrap.dedent(suite))
        (self.folder / "stack.py").write_text(textwrap.dedent(stack))
        facts: dict[str, Any] = {
            "study": "",
            "scenario": "s",
            "replicate": 0,
            "attempt": 1,
            "seed": 7,
            "temperature": 0.5,
            "model": "scripted",
            "stack": f"{self.folder}/stack.py:build",
        }
        with context_in_threads():
            return await execute(
                RunPlan(suite=f"{self.folder}/suite.py:suite", condition=condition, **facts | plan),
                self.bench,
            )

    def write(self, name: str, text: str) -> None:
        """Put a file beside suite and stack."""
        (self.folder / name).write_text(textwrap.dedent(text))

    async def run_program(self, code: str, condition: str = "plain", words: str = "", **plan: Any) -> RunRow:
        """Run a Python program, given as its text, as a command stack."""
        program = self.folder / "program.py"
        program.write_text(textwrap.dedent(code))
        return await self.run("", condition, stack=f"command:{sys.executable} {program} {words}", **plan)

    @property
    def store(self) -> Store:
        return self.bench.store

    def spans(self, row: RunRow) -> list[Span]:
        """Give the spans of a run but for its root."""
        self.store.ingest()
        return [span for span in self.store.spans(row.id) if span.parent_id is not None]


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Any]:
    """Make a trial of a scripted model."""
    store = open_store(tmp_path / "store")
    recorder = Recorder(store.open_journal())

    def of(script: Script, **bench: Any) -> Trial:
        folder = tmp_path / "content"
        folder.mkdir()
        return Trial(folder, Bench(store, recorder, {"scripted": script.model}, **bench))

    yield of
    recorder.close()
    store.close()
