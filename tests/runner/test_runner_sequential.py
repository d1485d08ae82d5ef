"""Sequential studies run for real: they end when decided, go on after an interrupt, and read the same."""

# pyright: reportUnknownLambdaType=false
# What is handed to a fixture cannot be inferred.
from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import tracer
from tracer import TracerError
from tracer.errors import StudyError
from tracer.store import open_store
from tracer.study import Design, freeze, judge, order_of, read_study

SUITE = "many.py:suite"
MANY = """
import os
from dataclasses import replace
from pathlib import Path

from tracer import Measure, Scenario
from tracer.errors import EndpointError

from . import quiz

suite = replace(
    quiz.suite,
    scenarios=[
        Scenario(id=f"q{n:02}", data={"question": quiz.question(n), "other": quiz.other(n)}) for n in range(30)
    ],
)
unbounded = replace(suite, measures=[Measure("moved", lambda seen: len(seen.answer or ""), high=None)])


def cut_off_once(kit):
    # Asks once; in the fifth run the endpoint cannot be reached.
    log = Path(os.environ["QUIZ_LOG"])

    async def run(messages):
        runs = len(log.read_text().splitlines()) if log.exists() else 0
        log.write_text("run\\n" * (runs + 1))
        if runs == 4:
            raise EndpointError("no line", unreachable=True)
        return await quiz.ask(kit, messages)

    return run
"""


@pytest.fixture
def many(here: Path) -> Path:
    """A folder with the quiz in thirty scenarios."""
    (here / "many.py").write_text(MANY)
    return here


def test_study_ends_once_it_is_decided(many: Path) -> None:
    """Whole scenarios are completed in the planned order, the rest is left out, and the store says the same."""
    result = tracer.run(SUITE, sequential=True)
    (verdict,) = result.verdicts
    assert (verdict.answer, verdict.complete, result.stopped) == ("supported", True, "")
    assert verdict.looked is not None
    assert verdict.looked.made == len(result.rows) < 80
    assert verdict.looked.saved == 120 - len(result.rows)
    order = order_of(result.study)
    whole = {name for name, count in Counter(r.scenario for r in result.rows).items() if count == 4}
    assert {name for name, place in order.items() if place < verdict.looked.clusters} <= whole
    assert max(order[r.scenario] for r in result.rows) <= verdict.looked.clusters + 2

    store = open_store()
    try:
        kept = read_study(store.study(result.study.hash))
        assert [v.to_dict() for v in judge(kept, store.runs(kept.hash))] == [verdict.to_dict()]
    finally:
        store.close()
    assert len(tracer.run(SUITE, sequential=True).rows) == len(result.rows), "a decided study is not gone on with"


def test_interrupted_study_takes_the_same_looks(many: Path, start: Callable[..., Any]) -> None:
    """After Ctrl-C the same command goes on in the same order and ends at the look at which it would have ended."""
    begun = start("run", SUITE, "--stack", "quiz.py:slow", "--sequential", "--json")
    begun.wait_for(9)
    begun.process.send_signal(signal.SIGINT)
    assert begun.end()[0] == 130
    resumed = tracer.run(SUITE, stack="quiz.py:slow", sequential=True, concurrency=8).verdicts[0]
    elsewhere = many / "undisturbed"
    whole = tracer.run(SUITE, stack="quiz.py:slow", sequential=True, store=elsewhere, concurrency=8).verdicts[0]
    assert resumed.looked is not None
    assert whole.looked is not None
    assert (resumed.looked.clusters, resumed.answer) == (whole.looked.clusters, whole.answer)
    assert resumed.findings == whole.findings


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"suite": "many.py:unbounded"}, "'moved' of the check 'suggestion' has no bounds"),
        ({"suite": SUITE, "retry_failed": True}, "failed ones stay failed"),
    ],
)
def test_what_would_break_the_guarantee_is_refused(options: dict[str, Any], told: str, many: Path) -> None:
    """Measures without bounds, and second tries chosen after a look, are refused with the way out."""
    with pytest.raises(StudyError, match=told):
        tracer.run(sequential=True, **options)


def test_a_judged_suite_is_refused() -> None:
    """What a judge's errors are is known only once people have labelled, so that nothing can be decided meanwhile."""
    with pytest.raises(StudyError, match=r"'user_as_reason' is judged by a model.* Leave out --sequential"):
        freeze("docs/examples/judged_reasons.py:suite", Design(models={"m": {}}, sequential=True))


def test_interrupted_run_is_made_again_at_once(many: Path) -> None:
    """A run that never reached its model holds up the looks, and so is made again before those behind it."""
    result = tracer.run(SUITE, stack="many.py:cut_off_once", sequential=True, concurrency=1)
    rows = sorted(result.rows, key=lambda row: row.started_ns)
    assert [(row.status, row.attempt) for row in rows[3:6]] == [("completed", 1), ("interrupted", 1), ("completed", 2)]
    assert (rows[4].scenario, rows[4].condition, rows[4].seed) == (rows[5].scenario, rows[5].condition, rows[5].seed)
    assert [row.attempt for row in rows].count(2) == 1
    assert (result.verdicts[0].answer, result.verdicts[0].complete) == ("supported", True)


def test_unknown_option_is_named(here: Path) -> None:
    """An option that does not exist is named beside those that do."""
    with pytest.raises(TracerError, match="no option 'scenarios'; it has model, stack, n"):
        tracer.run("quiz.py:suite", scenarios=2)
