"""Dataflow finds what was copied, whole or in part, and little else."""

from __future__ import annotations

import json
import random
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.spans.names import EdgeKind
from tracer.trajectory import Trajectory, build_trajectory
from tracer.trajectory.passages import PassageIndex, squeeze

LETTERS = "abcdefghijklmnopqrstuvwxyz"


def informs(made: Trajectory) -> dict[tuple[str, str], Any]:
    return {(e.source, e.target): e.evidence for e in made.edges if e.kind == EdgeKind.INFORMS}


def two_agents(story: Any, say: Any, produced: str, passed: str) -> tuple[Any, Any, Trajectory]:
    root = story.workflow()
    first = story.agent("first", root, "a1", lasts=100)
    call = say.asks("c1", "look")
    story.chat(first, [say.text("user", "go")], [call])
    tool = story.tool(first, "look", "c1", produced)
    story.now = (first.end_ns or 0) + 1
    second = story.agent("second", root, "a2")
    reader = story.chat(second, [say.text("user", passed)], [say.text("assistant", "ok")])
    return tool, reader, build_trajectory(story.spans, id="r")


RESULT = "The invoice of 3 March was paid twice by the office in Lisbon, said the auditor."


@pytest.mark.parametrize(
    ("produced", "passed", "how"),
    [
        (RESULT, RESULT, "whole"),
        (RESULT, f"  {RESULT.upper()}\n", "whole"),
        (RESULT, "Here is what I found:\n> paid twice by the office in Lisbon\nWhat now?", "passage"),
        (RESULT, json.dumps({"note": "He said: " + RESULT[12:60]}), "passage"),
        (
            '{"sky": "clear", "wind": "a light breeze from the west"}',
            'so {"wind":"a light breeze from the west"}',
            "passage",
        ),
        ("line one of the report\nline two of the report", r"quoted: line one of the report\nline two of", "passage"),
        ("Grüße aus der Küche, das Essen ist fertig", r"Gr\u00fc\u00dfe aus der K\u00fcche, das Essen", "passage"),
        ("Your booking code is HX4-99231, have a nice day", "please cancel HX4-99231 at once", "token"),
        ("write to ml@example.org about it", "who is ml@example.org", "token"),
    ],
)
def test_what_was_taken_over_is_found(story: Any, say: Any, produced: str, passed: str, how: str) -> None:
    """Copies survive trimming, case, templates and JSON; numbers and addresses are followed as such."""
    tool, reader, made = two_agents(story, say, produced, passed)
    assert informs(made)[tool.span_id, reader.span_id]["how"] == how


@pytest.mark.parametrize(
    ("produced", "passed"),
    [
        ("The weather is fine today in the whole country", "Please book a table for two at eight"),
        ("yes", "yes"),
        ("18 C", "It was 18 C"),
        ("", ""),
    ],
)
def test_what_only_looks_alike_is_no_flow(story: Any, say: Any, produced: str, passed: str) -> None:
    """Other text, or words that anybody would use, make no edge."""
    tool, reader, made = two_agents(story, say, produced, passed)
    assert (tool.span_id, reader.span_id) not in informs(made)


def test_what_came_from_outside_is_nobodys(story: Any, say: Any) -> None:
    """A prompt that a model repeats and that stands in later prompts was not produced by the model."""
    task = "Find out who ordered the green bicycle last week and why it was returned"
    root = story.workflow()
    first = story.agent("first", root, "a1", lasts=100)
    story.chat(first, [say.text("user", task)], [say.text("assistant", f"I shall do so: {task}. Right away.")])
    story.now = (first.end_ns or 0) + 1
    second = story.agent("second", root, "a2")
    story.chat(second, [say.text("system", "You help."), say.text("user", task)], [say.text("assistant", "ok")])
    assert informs(build_trajectory(story.spans, id="r")) == {}


def test_a_growing_history_costs_one_edge_a_message(story: Any, say: Any) -> None:
    """What is shown again at every call is one edge, whose evidence says until when it was shown."""
    agent = story.agent("a", story.workflow(), "a1")
    history = [say.text("user", "begin")]
    chats: list[Any] = []
    for number in range(30):
        said = say.text("assistant", f"thought {number}: {LETTERS[number % 20 :]} and more")
        chats.append(story.chat(agent, list(history), [said]))
        history.append(said)
    found = informs(build_trajectory(story.spans, id="r"))
    assert set(found) == {(a.span_id, b.span_id) for a, b in pairwise(chats)}
    assert found[chats[0].span_id, chats[1].span_id]["until"] == chats[-1].span_id


def test_evidence_says_where_it_stands(story: Any, say: Any) -> None:
    """The offsets of a passage point at equal text in source and target."""
    produced, passed = RESULT, f"Somebody told me: {RESULT[12:50]} - is that so?"
    tool, reader, made = two_agents(story, say, produced, passed)
    evidence = informs(made)[tool.span_id, reader.span_id]
    (start, end), (source_start, source_end) = evidence["offset"], evidence["source_offset"]
    assert squeeze(passed)[start:end] == squeeze(produced)[source_start:source_end] == squeeze(RESULT[12:50])


@settings(max_examples=25)
@given(st.integers(0, 2**32))
def test_copies_of_twenty_characters_are_all_found(seed: int) -> None:
    """No planted copy of 20 characters or more is missed, wherever it is cut."""
    draw = random.Random(seed)
    words = ["".join(draw.choices(LETTERS, k=draw.randint(2, 9))) for _ in range(400)]

    def prose(count: int) -> str:
        return " ".join(draw.choices(words, k=count))

    index = PassageIndex()
    sources = [prose(60) for _ in range(12)]
    for source in sources:
        index.add(squeeze(source))
    planted: set[int] = set()
    found: set[int] = set()
    for _ in range(20):
        number = draw.randrange(len(sources))
        start = draw.randrange(0, len(sources[number]) - 40)
        copied = sources[number][start : start + draw.randint(20, 40)]
        target = squeeze(f"{prose(20)} {copied} {prose(20)}")
        planted.add(number)
        hits = {p.text for p in index.find(target)}
        assert number in hits
        found |= hits
    assert planted <= found


def test_precision_on_generated_truth() -> None:
    """Over many planted copies, at least nine of ten passages found are the planted ones."""
    draw = random.Random(7)
    words = ["".join(draw.choices(LETTERS, k=draw.randint(2, 9))) for _ in range(3000)]
    right = wrong = missed = 0
    for _ in range(40):
        index = PassageIndex()
        sources = [" ".join(draw.choices(words, k=120)) for _ in range(20)]
        for source in sources:
            index.add(squeeze(source))
        for _ in range(10):
            number = draw.randrange(20)
            start = draw.randrange(0, len(sources[number]) - 60)
            copied = sources[number][start : start + draw.randint(20, 60)]
            own = [" ".join(draw.choices(words, k=40)) for _ in range(2)]
            hits = {p.text for p in index.find(squeeze(f"{own[0]} {copied} {own[1]}"))}
            right += number in hits
            missed += number not in hits
            wrong += len(hits - {number})
    assert missed == 0
    assert right / (right + wrong) >= 0.9
