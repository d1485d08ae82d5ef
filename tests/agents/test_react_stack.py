"""The ReAct stack acts until it has an answer, and never longer than it may."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.tools import tool

from tracer.contracts import Task

REACT = "agents/react.py:build"
ASK = [{"role": "user", "content": "Where is the cat?"}]
OPTIONS = ("shed", "garden")


@tool
def look(place: str) -> str:
    """Look at a place."""
    if place == "sea":
        raise ValueError("the sea is too far")
    return f"the {place} is empty"


def said(state: dict[str, Any]) -> list[tuple[str, str]]:
    return [(message.type, message.text) for message in state["messages"]]


def test_model_acts_until_it_speaks(play: Any) -> None:
    """Tools are called and their results told, until the model answers in words."""
    state = play.run(REACT, Task(ASK), [("look", {"place": "shed"}), "It is away."], [look])
    assert said(state) == [
        ("human", "Where is the cat?"),
        ("ai", ""),
        ("tool", "the shed is empty"),
        ("ai", "It is away."),
    ]
    assert (state["answer"], state["steps"]) == ("It is away.", 2)


@pytest.mark.parametrize(
    ("turn", "told"),
    [
        (("look", {"place": "sea"}), "too far"),
        (("look", {}), "place"),
        (("fly", {}), "fly"),
        (("submit_answer", {"answer": "moon"}), "not a possible answer"),
    ],
    ids=["tool fails", "wrong arguments", "no such tool", "no such option"],
)
def test_what_goes_wrong_is_told_to_the_model(play: Any, turn: Any, told: str) -> None:
    """A failing, misused or invented tool ends no run: the model hears of it and goes on."""
    state = play.run(REACT, Task(ASK, options=OPTIONS), [turn, ("submit_answer", {"answer": "shed"})], [look])
    assert told in play.bodies[1]["messages"][-1]["content"]
    assert state["answer"] == "shed"


def test_submission_is_bound_and_ends_the_run(play: Any) -> None:
    """With options, submitting one of them is a tool, some tool has to be called, and the argument is the answer."""
    state = play.run(REACT, Task(ASK, options=OPTIONS), [("submit_answer", {"answer": "garden"})], [look])
    assert state["answer"] == "garden"
    (body,) = play.bodies
    submit = body["tools"][-1]["function"]
    assert submit["parameters"]["properties"]["answer"]["enum"] == list(OPTIONS)
    assert body["tool_choice"] == "required"


def test_example_turns_are_no_answer(play: Any) -> None:
    """An answer submitted in an example turn of the task does not end the run."""
    call = {"id": "e", "type": "function", "function": {"name": "submit_answer", "arguments": '{"answer": "shed"}'}}
    example = [
        {"role": "user", "content": "Where is the dog?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "e", "name": "submit_answer", "content": "shed"},
    ]
    turns = [("look", {"place": "shed"}), ("submit_answer", {"answer": "garden"})]
    state = play.run(REACT, Task([*example, *ASK], options=OPTIONS), turns, [look])
    assert (state["answer"], len(play.bodies)) == ("garden", 2)


@pytest.mark.parametrize("options", [(), OPTIONS])
def test_run_ends_after_its_steps(play: Any, options: tuple[str, ...]) -> None:
    """A model that only ever acts is stopped after as many calls as the task allows, without an answer."""
    state = play.run(REACT, Task(ASK, options=options, max_steps=3), [("look", {"place": "shed"})], [look])
    assert (state["answer"], len(play.bodies)) == (None, 3)


def test_words_are_no_option(play: Any) -> None:
    """Where an option has to be submitted, a model that only talks has given no answer."""
    assert play.run(REACT, Task(ASK, options=OPTIONS), ["Who knows?"])["answer"] is None


def test_no_tools_are_needed(play: Any) -> None:
    """Without tools and options the stack is one call."""
    assert play.run(REACT, Task(ASK), ["Away."])["answer"] == "Away."
    assert "tools" not in play.bodies[0]


def test_many_steps_fit(play: Any) -> None:
    """A task may allow more steps than a graph runs by default."""
    turns = [*[("look", {"place": "shed"})] * 29, "Gone."]
    assert play.run(REACT, Task(ASK, max_steps=30), turns, [look])["answer"] == "Gone."
