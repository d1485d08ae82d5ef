"""Whatever a stack does in this process, its run ends with a reason, what it started ends too, and others go on."""

from __future__ import annotations

import asyncio
import textwrap
import threading
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tracer.execution import RunPlan
from tracer.recording import Recorder
from tracer.runner import run_plans
from tracer.testing import scripted_model

ENDS = {
    "leaves": ("async def run(said): raise SystemExit(3)", "failed", "tried to end the process: SystemExit 3"),
    "leaves a thread": ("def run(said): raise KeyboardInterrupt", "failed", "tried to end the process: Keyboard"),
    "leaves a task": (
        "import asyncio, sys\nasync def inner(): sys.exit()\nasync def run(said): await asyncio.create_task(inner())",
        "failed",
        "tried to end the process: SystemExit",
    ),
    "cancels itself": (
        "import asyncio\nasync def run(said): raise asyncio.CancelledError",
        "failed",
        "cancelled by itself",
    ),
    "cannot be cancelled": (
        "import asyncio\nasync def run(said):\n    while True:\n"
        "        try: await asyncio.sleep(0.01)\n        except asyncio.CancelledError: pass",
        "limit",
        "longer than 0.3 s",
    ),
    "loops in a thread": ("def run(said):\n    while True: pass", "limit", "longer than 0.3 s"),
    "leaves work behind": (
        "import asyncio\nKEPT = []\nasync def go_on():\n    while True: await asyncio.sleep(0)\n"
        "async def run(said): KEPT.append(asyncio.create_task(go_on())); return 'done'",
        "completed",
        "",
    ),
    "holds everybody up": ("async def run(said):\n    while True: pass", "limit", "held up all other runs"),
    "sleeps on everybody": ("import time\nasync def run(said): time.sleep(60)", "limit", "held up all other runs"),
    "spoils its world": (
        "async def run(said): KIT.task.world.__dict__['doors'] = object(); return 'done'",
        "failed",
        "the state of the world cannot be read",
    ),
}


@pytest.mark.parametrize(("code", "status", "reason"), ENDS.values(), ids=ENDS.keys())
def test_a_stack_that_does_not_behave_ends_and_the_next_run_goes_on(
    trial: Any, monkeypatch: pytest.MonkeyPatch, code: str, status: str, reason: str
) -> None:
    """A loop, an exit, a refusal to be cancelled: its run says why it ended, and no thread or task is left."""
    monkeypatch.setattr("tracer.execution.containment._GRACE_S", 0.2)
    before = set(threading.enumerate())
    with scripted_model("In the shed.") as script:
        at = trial(script)
        at.write("good.py", "def build(kit):\n    async def run(said): return 'good'\n    return run")
        at.write("bad.py", f"def build(kit):\n    global KIT\n    KIT = kit\n    return run\n{textwrap.dedent(code)}")
        at.write("suite.py", SUITE)
        timeout_s = 0.3 if "longer than" in reason else 30.0
        plans = [
            plan(at.folder, name, 30.0 if name == "good" else timeout_s) for name in ("bad", "good", "bad", "good")
        ]

        async def study() -> set[str]:
            await run_plans(plans, at.bench, concurrency=2, stall_s=0.5)
            return {task.get_name() for task in asyncio.all_tasks() if task is not asyncio.current_task()}

        left = asyncio.run(study())
        rows = at.store.runs("")
    found = [(row.status, row.answer) for row in rows if "good.py" in row.stack]
    assert found == [("completed", "good")] * 2
    bad = [row for row in rows if "bad.py" in row.stack]
    assert [row.status for row in bad] == [status] * 2
    assert all(reason in row.reason for row in bad), bad[0].reason
    assert not left
    for thread in set(threading.enumerate()) - before:
        if thread.name == "tracer-work":
            thread.join(2)
            assert not thread.is_alive()


def test_an_action_without_end_is_stopped(trial: Any) -> None:
    """An action that loops is given up after its time, and its thread does not go on."""
    suite = SUITE.replace("doors: int = 0", "doors: int = 0\n    ACTION_SECONDS = 0.3")
    stack = """
    def build(kit):
        async def run(said):
            return str(await kit.tools[0].ainvoke({}))
        return run
    """
    with scripted_model("?") as script:
        row = asyncio.run(trial(script).run(stack, "world", suite))
    assert "turn took longer than 0.3 s" in row.answer
    late = time.monotonic() + 2
    while any(thread.name == "action turn" for thread in threading.enumerate()):
        assert time.monotonic() < late
        time.sleep(0.01)


ANSWERS = {
    "bytes": ("b'shed'", "failed", None, "the stack returned bytes"),
    "a message": ("AIMessage('shed')", "completed", "shed", ""),
    "a flood": ("'z' * 3_000_000", "completed", "z" * 1_000_000, "it had 3,000,000 characters"),
    "a secret": ("'it is ' + os.environ['MY_API_KEY']", "completed", "it is [MY_API_KEY]", ""),
}


@pytest.mark.parametrize(("given", "status", "answer", "reason"), ANSWERS.values(), ids=ANSWERS.keys())
def test_an_answer_is_text_of_a_bounded_length_without_a_key(
    trial: Any, monkeypatch: pytest.MonkeyPatch, given: str, status: str, answer: str | None, reason: str
) -> None:
    """What is no text is told, what is too long is cut, and a key of the environment does not reach the store."""
    monkeypatch.setenv("MY_API_KEY", 'sk-"quoted"-12345')
    stack = f"""
    import os
    from langchain_core.messages import AIMessage

    def build(kit):
        async def run(said):
            kit.emit.belief(f"the key is {{os.environ['MY_API_KEY']}}" + "." * 100)
            return {given}
        return run
    """
    with scripted_model("?") as script:
        at = trial(script)
        at.bench = replace(at.bench, recorder=Recorder(at.store.open_journal()))
        row = asyncio.run(at.run(stack))
        at.bench.recorder.close()
    at.store.ingest()
    (kept,) = at.store.runs("")
    assert (row.status, kept.answer) == (status, answer)
    assert reason in row.reason
    assert "quoted" not in str(at.store.spans(row.id))


SUITE = '''
from tracer import Condition, Scenario, Suite, Task, World, action

class Shed(World):
    doors: int = 0

    @action
    def turn(self) -> str:
        """Turn."""
        while True:
            pass

def present(scenario, condition):
    return Task(messages=[{"role": "user", "content": "Where is the cat?"}], world=Shed())

suite = Suite(
    name="cats", question="?", present=present, hypotheses=(), measures=(),
    scenarios=[Scenario(id="s")], conditions=[Condition(name="world")],
)
'''


def plan(folder: Path, stack: str, timeout_s: float) -> RunPlan:
    """Give the plan of one run of a stack beside the suite."""
    return RunPlan(
        study="",
        suite=f"{folder}/suite.py:suite",
        scenario="s",
        condition="world",
        stack=f"{folder}/{stack}.py:build",
        model="scripted",
        replicate=0,
        attempt=1,
        seed=7,
        temperature=0.5,
        timeout_s=timeout_s,
    )
