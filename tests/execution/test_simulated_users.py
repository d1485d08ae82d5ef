"""A simulated user talks with any stack, is recorded as an actor of its own, and is not counted as the system."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tracer import SuiteError, User, build_trajectory
from tracer.spans.names import EdgeKind, Prosaic, StepKind
from tracer.testing import scripted_model
from tracer.trajectory import summary

SUITE = """
    from tracer import Condition, Measure, Scenario, Suite, Task, User

    def until_told(messages):
        return None if "shed" in messages[-1]["content"] else f"that was {len(messages)} messages"

    USERS = {
        "listed": User(replies=["Which shed?", "I see."]),
        "function": User(replies=until_told, max_turns=3),
        "stops": User(replies=["No. ###STOP###"]),
        "talks on": User(replies=lambda messages: "And?", max_turns=2),
        "played": User(model="scripted", persona="You look for your cat.", name="Ada"),
        "nobody": None,
        "unknown": User(model="other"),
        "raises": User(replies=lambda messages: messages[99]),
    }

    def present(scenario, condition):
        said = [{"role": "system", "content": "Help."}, {"role": "user", "content": "Where is the cat?"}]
        return Task(messages=said, user=USERS[condition.name])

    suite = Suite(
        name="cats", question="?", present=present, hypotheses=(), scenarios=[Scenario(id="s")],
        conditions=[Condition(name=name) for name in USERS],
        measures=[Measure("chats", lambda o: sum(s.kind == "model" and not s.actor for s in o.trajectory.steps))],
        user_models=("scripted",),
    )
"""
FUNCTION = """
    def build(kit):
        async def run(messages):
            reply = await kit.client.chat.completions.create(model=kit.model_name, messages=messages)
            return reply.choices[0].message.content
        return run
"""
GRAPH = """
    from langgraph.graph import START, MessagesState, StateGraph

    def build(kit):
        async def think(state):
            return {"messages": [await kit.model.ainvoke(state["messages"])]}
        graph = StateGraph(MessagesState)
        graph.add_node("think", think)
        graph.add_edge(START, "think")
        return graph.compile(name="thinker")
"""
PAUSES = """
    def build(kit):
        async def run(messages):
            asked = [*messages, {"role": "assistant", "content": "May I?"}]
            return f"you said: {await kit.user.reply(asked)}"
        return run
"""


def texts(body: dict[str, Any]) -> list[tuple[str, str]]:
    return [(message["role"], message["content"]) for message in body["messages"]]


@pytest.mark.parametrize("stack", [FUNCTION, GRAPH], ids=["function", "graph"])
def test_a_scripted_user_answers_any_stack(trial: Any, stack: str) -> None:
    """After each answer the stack is called again with the whole conversation, until the list is over."""
    with scripted_model("Inside.", "The green one.", "You are welcome.") as script:
        tried = trial(script)
        row = asyncio.run(tried.run(stack, "listed", SUITE))
    assert (row.status, row.reason, row.answer) == ("completed", "", "You are welcome.")
    assert texts(script.requests[2]) == [
        ("system", "Help."),
        ("user", "Where is the cat?"),
        ("assistant", "Inside."),
        ("user", "Which shed?"),
        ("assistant", "The green one."),
        ("user", "I see."),
    ]
    assert row.usage["calls"] == 3
    assert "user" not in row.usage
    humans = [span for span in tried.spans(row) if span.attributes.get(Prosaic.STEP_KIND) == "human"]
    (root,) = {span.parent_id for span in humans}
    assert all(span.parent_id == root for span in tried.spans(row) if span.name.startswith("invoke_agent"))


@pytest.mark.parametrize(
    ("condition", "answer", "calls"),
    [("function", "In the shed.", 2), ("stops", "Inside.", 1), ("talks on", "No.", 3), ("nobody", "Inside.", 1)],
)
def test_a_conversation_ends(trial: Any, condition: str, answer: str, calls: int) -> None:
    """A function gives None, a reply holds the stop word, the turns are used up, or there is no user at all."""
    turns = ["Inside.", "In the shed."] if condition == "function" else ["Inside.", "No."]
    with scripted_model(*turns) as script:
        row = asyncio.run(trial(script).run(FUNCTION, condition, SUITE))
    assert (row.status, row.answer, len(script.requests)) == ("completed", answer, calls)


def test_the_user_is_an_actor_of_its_own(trial: Any) -> None:
    """Its steps carry the actor and an agent of their own, its words inform the system, its calls count apart."""
    with scripted_model("Cat 1234 or 5678?", "Cat 1234, the black one.", "In the shed.", "###STOP###") as script:
        tried = trial(script)
        row = asyncio.run(tried.run(FUNCTION, "played", SUITE))
        trajectory = build_trajectory(tried.store.spans(row.id), id=row.id)
    assert (row.status, row.answer) == ("completed", "In the shed."), row.reason
    acts = [(s.kind, s.actor, trajectory.agents.get(s.agent, "")) for s in trajectory.steps[1:]]
    own, of_user = (StepKind.MODEL, "", ""), [(StepKind.HUMAN, "user", "Ada"), (StepKind.MODEL, "user", "Ada")]
    assert acts == [own, *of_user, own, *of_user]
    assert row.values["chats"] == 2
    counted = {"calls": 2, "input_tokens": 6, "output_tokens": 4, "usd": 0.0}
    assert row.usage == counted | {"user": counted}
    assert tried.bench.meter.usage.calls == 4
    assert summary(trajectory)["tokens"] == {"input": 6, "output": 4}
    human, last = trajectory.steps[2], trajectory.steps[4]
    assert [(m.role, m.content) for m in (*human.input, *human.output)] == [
        ("assistant", "Cat 1234 or 5678?"),
        ("user", "Cat 1234, the black one."),
    ]
    assert (human.id, last.id) in {(e.source, e.target) for e in trajectory.edges if e.kind == EdgeKind.INFORMS}


def test_a_model_that_plays_the_user_sees_the_conversation_from_the_other_side(trial: Any) -> None:
    """It gets its persona and what was said, with the roles swapped; the instructions of the system stay hidden."""
    with scripted_model("Which one?", "###STOP###") as script:
        asyncio.run(trial(script).run(FUNCTION, "played", SUITE))
    (role, persona), *said = texts(script.requests[1])
    assert role == "system"
    assert persona.endswith("You look for your cat.")
    assert "###STOP###" in persona
    assert said == [("assistant", "Where is the cat?"), ("user", "Which one?")]
    assert script.requests[1]["seed"] != script.requests[0]["seed"]


def test_a_stack_may_ask_the_user_itself(trial: Any) -> None:
    """`kit.user` gives the next words of the same user; without a user it is None."""
    with scripted_model("unused") as script:
        tried = trial(script)
        row = asyncio.run(tried.run(PAUSES, "listed", SUITE))
        (first, *_) = (s for s in tried.spans(row) if s.attributes.get(Prosaic.STEP_KIND) == "human")
    assert row.answer == "you said: None", row.reason  # both replies were used, one inside and one after it
    assert first.attributes[Prosaic.HUMAN_PROMPT] == "May I?"


@pytest.mark.parametrize(
    ("condition", "reason"),
    [
        ("unknown", "played by other, which is not open: list it in the suite, user_models=('other',)"),
        ("raises", "IndexError: list index out of range (suite.py, line 15)"),
    ],
)
def test_a_user_that_cannot_speak_fails_its_run(trial: Any, condition: str, reason: str) -> None:
    """A model that nobody opened, or a function that raises, is the reason of the run; other runs go on."""
    with scripted_model("Hm.") as script:
        row = asyncio.run(trial(script).run(FUNCTION, condition, SUITE))
    assert row.status == "failed"
    assert reason in row.reason


@pytest.mark.parametrize("how", [{}, {"replies": ["Hello."], "model": "smollm2"}, {"replies": "Hello."}])
def test_a_user_is_scripted_or_played(how: dict[str, Any]) -> None:
    """A user that is neither, or both, or has a text where a list belongs, is refused when it is declared."""
    with pytest.raises(SuiteError, match="the simulated user 'user'"):
        User(**how)
