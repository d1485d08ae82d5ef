"""Whatever a model does, a stack keeps to its calls and its run ends in a status."""

from __future__ import annotations

from typing import Any

import pytest

from tracer.testing import Reply, Turn

STACKS = ("react", "plan_and_execute", "reflection", "self_consistency", "best_of_n", "tree_search")
TURNS: dict[str, Turn] = {
    "calls unknown tools": ("fly", {"to": "moon"}),
    "passes wrong arguments": ("look", {"where": 3}),
    "passes no JSON": ("look", "{place"),
    "never stops": ("look", {"place": "shed"}),
    "always fails": ("open_door", {"door": "jammed"}),
    "submits what is no option": ("submit_answer", {"answer": "green"}),
    "says nothing": "",
    "only talks": "Let me think.",
}
LIMIT = 6


@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS)
@pytest.mark.parametrize("stack", STACKS)
def test_limits_hold_and_the_run_completes(scripted: Any, stack: str, turn: Turn) -> None:
    """With options such a run completes without an answer, within the calls that it may make."""
    run, bodies = scripted(f"agents/{stack}.py:build", turn, suite="short")
    assert (run.row.status, run.row.answer) == ("completed", None)
    assert "no answer" in run.row.reason
    assert 1 <= len(bodies) <= LIMIT


@pytest.mark.parametrize("stack", STACKS)
def test_silence_is_an_empty_answer(scripted: Any, stack: str) -> None:
    """Without options, a model that says nothing has answered nothing."""
    run, bodies = scripted(f"agents/{stack}.py:build", "", suite="short", condition="free")
    assert (run.row.status, run.row.answer or "") == ("completed", "")
    assert 1 <= len(bodies) <= LIMIT


@pytest.mark.parametrize("stack", STACKS)
def test_an_endpoint_that_breaks_is_the_reason(scripted: Any, stack: str) -> None:
    """A reply that is no completion fails the run, which says so; no stack swallows it."""
    run, _ = scripted(f"agents/{stack}.py:build", Reply(400, '{"error": {"message": "no such thing"}}'))
    assert run.row.status == "failed"
    assert "no such thing" in run.row.reason
