"""However a run of the program ends, what was recorded is kept and the same command goes on."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tracer
from tracer.errors import StudyError
from tracer.store import open_store

RUN = ("run", "quiz.py:suite", "--stack", "quiz.py:slow", "--json")


def kept() -> dict[str, list[Any]]:
    """Give run ids by status, as any later process finds them."""
    store = open_store()
    try:
        found: dict[str, list[Any]] = {}
        for row in store.runs():
            found.setdefault(row.status, []).append(row)
        return found
    finally:
        store.close()


def test_killed_study_goes_on(here: Path, start: Callable[..., Any]) -> None:
    """After `kill -9` every settled run is kept, the rest is made when it is run again, and the verdict is the same."""
    killed = start(*RUN)
    killed.wait_for(7)
    os.kill(killed.process.pid, signal.SIGKILL)
    killed.end()
    before = kept()
    assert 3 <= len(before["completed"]) < 48
    assert {r.reason for r in before["interrupted"]} == {"its process ended in the middle of the run"}
    assert "running" not in before

    whole = tracer.run("quiz.py:suite", stack="quiz.py:slow", concurrency=16)
    after = kept()
    assert {r.id for r in before["completed"]} <= {r.id for r in after["completed"]}
    cells = Counter((r.scenario, r.condition) for r in after["completed"])
    assert (len(cells), set(cells.values())) == (48, {1})
    again = {(r.scenario, r.condition) for r in before["interrupted"]}
    assert {(r.scenario, r.condition) for r in after["completed"] if r.attempt == 2} == again

    undisturbed = tracer.run("quiz.py:suite", stack="quiz.py:slow", store=here / "undisturbed", concurrency=16)
    assert [v.to_dict() for v in whole.verdicts] == [v.to_dict() for v in undisturbed.verdicts]


def test_second_process_is_refused_and_interrupt_keeps_what_there_is(here: Path, start: Callable[..., Any]) -> None:
    """A study that is being run is not run twice; Ctrl-C ends it in order, and the same command goes on."""
    first = start(*RUN)
    first.wait_for(7)
    with pytest.raises(StudyError, match=rf"being run by another process \(pid {first.process.pid}\)"):
        tracer.run("quiz.py:suite", stack="quiz.py:slow")

    first.process.send_signal(signal.SIGINT)
    code, _, err = first.end()
    assert (code, err.strip()) == (
        130,
        "Interrupted; what was recorded is kept, and the same command goes on from there.",
    )
    before = kept()
    assert len(before["completed"]) >= 3
    assert {r.reason for r in before.get("cancelled", [])} == {"stopped by the user"}

    result = tracer.run("quiz.py:suite", stack="quiz.py:slow", concurrency=16)
    assert result.verdicts[0].answer == "supported"
    assert {r.id for r in before["completed"]} <= {r.id for r in result.rows}


def test_interrupt_ends_stacks_in_threads(here: Path, start: Callable[..., Any]) -> None:
    """Ctrl-C ends a study whose stack is a plain function as well."""
    process = start("run", "quiz.py:suite", "--stack", "quiz.py:slow_in_a_thread")
    process.wait_for(7)
    process.process.send_signal(signal.SIGINT)
    code, out, err = process.end()
    assert (code, out) == (130, "")
    assert "Traceback" not in err
    assert len(kept()["completed"]) >= 2
