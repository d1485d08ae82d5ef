"""The organism that does what a runbook says, with whatever tools it is offered."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest

from tracer.models.organisms import Act, find_organism, read_request

RUNBOOK = 'Do this:\n1. look {}\n2. take {"item": "key", "count": 2}\n3. look {}\nAnswer: blue'
LOOK, TAKE = ("look", {}), ("take", {"item": "key", "count": 2})
OPEN = ["look {}", 'take {"item": "key", "count": 2}', "look {}"]


def tool(name: str, description: str = "", **properties: Any) -> dict[str, Any]:
    schema = {"type": "object", "properties": properties, "required": list(properties)}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": schema}}


TEXT = {"type": "string"}
WORLD = [tool("look"), tool("take", item=TEXT, count={"type": "integer"}), tool("burn")]
SUBMIT = tool("submit_answer", answer={"type": "string", "enum": ["red", "blue"]})


def turns(*calls: tuple[tuple[str, Any], str]) -> list[dict[str, Any]]:
    """Give the messages of calls that were made, with what came of each."""
    messages: list[dict[str, Any]] = []
    for number, ((name, arguments), result) in enumerate(calls):
        function = {"name": name, "arguments": json.dumps(arguments)}
        made = {"id": f"c{number}", "type": "function", "function": function}
        messages.append({"role": "assistant", "content": None, "tool_calls": [made]})
        messages.append({"role": "tool", "tool_call_id": f"c{number}", "content": result})
    return messages


def act(*messages: Any, tools: list[dict[str, Any]], demanded: Any = None, seed: int = 0, setting: str = "") -> Act:
    said = [{"role": "user", "content": m} if isinstance(m, str) else m for m in messages]
    body = {"messages": said, "tools": tools, "tool_choice": demanded}
    return find_organism(f"organism:by_the_book{setting}").act(read_request(body), random.Random(seed))


@pytest.mark.parametrize(
    ("made", "following"),
    [
        ([], LOOK),
        ([(LOOK, "dark")], TAKE),
        ([(LOOK, "dark"), (TAKE, "ok")], LOOK),
        ([(LOOK, "dark"), (("take", {"item": "key"}), "ok")], TAKE),
        ([(LOOK, "dark"), (TAKE, "Error: too heavy")], TAKE),
        ([(LOOK, "dark"), (TAKE, '{"error": "too heavy"}')], TAKE),
        ([(LOOK, "dark"), (TAKE, "Error: too heavy"), (TAKE, "ok")], LOOK),
        ([(LOOK, "dark"), (TAKE, "Error: too heavy"), (TAKE, "Error: too heavy")], LOOK),
        ([(LOOK, "dark"), (TAKE, "ok"), (LOOK, "light")], ("submit_answer", {"answer": "blue"})),
    ],
)
def test_lines_are_done_in_order_and_a_failed_one_is_tried_once_more(made: Any, following: tuple[str, Any]) -> None:
    """Each call settles one line; an error is tried again once, and at the end the answer is submitted."""
    done = act(RUNBOOK, *turns(*made), tools=[*WORLD, SUBMIT], demanded="required")
    assert (done.tool, dict(done.arguments)) == following


def test_last_runbook_counts_whoever_wrote_it() -> None:
    """A later runbook replaces an earlier one, also where it stands in a tool result or lower in one message."""
    told = turns((("recall", {}), "1. burn {}"))
    assert act(RUNBOOK, *told, tools=WORLD).tool == "burn"
    assert act(RUNBOOK + "\n1. burn {}", tools=WORLD).tool == "burn"


def test_without_tools_it_says_the_answer_or_what_is_open() -> None:
    """In words it gives the answer when all is done, else names the open line."""
    assert act(RUNBOOK, tools=[]).text == "open: look {}"
    assert act("1. look {}", *turns((LOOK, "dark")), tools=WORLD) == Act(text="done")
    assert act("Hello.", tools=WORLD) == Act(text="done")


def test_what_others_can_do_is_handed_over() -> None:
    """A line whose tool is not on offer goes to the agent whose handoff names it; delegated work is done work."""
    transfer = tool("transfer_to_taker", "Hand over to taker, who has: take.", reason=TEXT)
    delegate = tool("delegate_to_taker", "Ask taker, who has: take, look.", task=TEXT)
    seen = turns((LOOK, "dark"))
    assert act(RUNBOOK, *seen, tools=[WORLD[0], transfer]).tool == "transfer_to_taker"
    assert act(RUNBOOK, *seen, *turns((("transfer_to_taker", {}), "ok")), tools=[WORLD[0], transfer]).tool
    asked = act(RUNBOOK, *seen, tools=[delegate])
    work = '2. take {"item": "key", "count": 2}\n3. look {}'
    assert asked == Act(tool="delegate_to_taker", arguments={"task": work})
    assert act(work, tools=WORLD).tool == "take"
    delegated = turns((LOOK, "dark"), ((asked.tool, dict(asked.arguments)), "done"))
    assert act(RUNBOOK, *delegated, tools=[delegate]).text == "blue"


NUMBERED = {"type": "array", "items": {"type": "object", "properties": {"text": TEXT, "sure": {"type": "boolean"}}}}


@pytest.mark.parametrize(
    ("schema", "at_start", "at_end"),
    [
        ({"type": "array", "items": TEXT}, OPEN, []),
        ({"type": "array", "items": TEXT, "minItems": 1, "maxItems": 2}, OPEN[:2], ["blue"]),
        (NUMBERED, [{"text": line, "sure": False} for line in OPEN], []),
        ({"type": "boolean"}, False, True),
        ({"type": "number"}, 0.0, 1.0),
        ({"type": "integer", "minimum": 1, "maximum": 10}, 1, 10),
        (TEXT, "open: look {}", "blue"),
        ({"enum": ["green", "white"]}, "green", "green"),
        ({"enum": ["red", "blue"]}, "blue", "blue"),
        ({"anyOf": [TEXT, {"type": "null"}]}, "open: look {}", "blue"),
    ],
)
def test_a_tool_that_is_demanded_is_filled_by_its_schema(schema: Any, at_start: Any, at_end: Any) -> None:
    """Steps are the open lines, a flag says whether all is done, a number is the share done, a text what is open."""
    ask = tool("tell", value=schema)
    demanded = {"type": "function", "function": {"name": "tell"}}
    done = turns((LOOK, "dark"), (TAKE, "ok"), (LOOK, "light"))
    tools = [*WORLD, ask]
    assert act(RUNBOOK, tools=tools, demanded=demanded).arguments == {"value": at_start}
    assert act(RUNBOOK, *done, tools=tools, demanded=demanded).arguments == {"value": at_end}


def test_proposals_are_judged_by_the_lines_they_would_settle() -> None:
    """Calls spelled out in the last message count as done, in order; a choice falls on the candidate with most."""
    value = tool("rate", value={"type": "number"})
    branch = f"How good is this?\n{OPEN[0]}\n{OPEN[1]}\nburn {{}}"
    assert act(RUNBOOK, branch, tools=[value], demanded="required").arguments["value"] == pytest.approx(2 / 3)
    wrong = f"How good is this?\n{OPEN[1]}"
    assert act(RUNBOOK, wrong, tools=[value], demanded="required").arguments["value"] == 0
    vote = tool("vote", best={"enum": ["1", "2", "3"]})
    ballot = f"Which?\nCandidate 1: burn {{}}\nCandidate 2: {OPEN[0]}\n{OPEN[1]}\nCandidate 3: {OPEN[0]}"
    assert act(RUNBOOK, ballot, tools=[vote], demanded="required").arguments == {"best": "2"}
    speeches = "Who is right?\nCandidate 1: it is red\nCandidate 2: it is black\nCandidate 3: it is blue"
    assert act("Answer: blue", speeches, tools=[vote], demanded="required").arguments == {"best": "3"}


def test_it_never_lapses_unless_told_to() -> None:
    """Its decisions are sure by default; with `lapse` it now and then calls any tool on offer."""
    assert {act(RUNBOOK, tools=WORLD, seed=seed).tool for seed in range(50)} == {"look"}
    assert {act(RUNBOOK, tools=WORLD, seed=seed, setting="?lapse=1").tool for seed in range(50)} == {
        "look",
        "take",
        "burn",
    }
