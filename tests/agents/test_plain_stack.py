"""The plain stack makes one call and gives its answer."""

from __future__ import annotations

from typing import Any

from tracer.contracts import Task

PLAIN = "agents/plain.py:build"
ASK = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "What colour is the sky?"}]


def test_free_answer_is_the_text(play: Any) -> None:
    """Without options, the answer is what the model says, and nothing binds it."""
    assert play.run(PLAIN, Task(ASK), ["It is blue."])["answer"] == "It is blue."
    (body,) = play.bodies
    assert body["messages"] == ASK
    assert "response_format" not in body


def test_bound_answer_is_one_of_the_options(play: Any) -> None:
    """With options, the model is bound to them without seeing them listed, and its answer is read without quotes."""
    state = play.run(PLAIN, Task(ASK, options=("blue", "green")), ['"blue"'])
    assert state["answer"] == "blue"
    (body,) = play.bodies
    assert body["response_format"]["json_schema"]["schema"]["enum"] == ["blue", "green"]
    assert "green" not in str(body["messages"])
