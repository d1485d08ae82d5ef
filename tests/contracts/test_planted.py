"""A labelled run is handed to measures as the graph that a run of its kind would have left."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer import Labelled, Said, read_labelled
from tracer.errors import SuiteError

RUN = Labelled(
    scenario="s",
    condition="c",
    values={},
    said=(
        Said(tool="look", text="a door", heard="Go.", outcome="done"),
        Said(tool="open", text="Forbidden: it is locked", outcome="forbidden"),
        Said(text="Try the window.", actor="user"),
        Said(text="I cannot.", agent="other", heard="What now?"),
        Said(text="Done."),
    ),
)


def test_what_came_back_stands_in_what_is_sent_next() -> None:
    """An agent's input grows by what it heard, called, got back and was told; another agent's does not."""
    steps = {step.id: step for step in RUN.trajectory().steps}
    said = [(message.role, message.content) for message in steps["m4"].input]
    assert [role for role, _ in said] == ["user", "assistant", "tool", "assistant", "tool", "user"]
    assert [content for _, content in said if content] == [
        "Go.",
        "a door",
        "Forbidden: it is locked",
        "Try the window.",
    ]
    assert [message.content for message in steps["m3"].input] == ["What now?"]


def test_an_act_on_a_world_says_what_became_of_it() -> None:
    """Done, or forbidden and not executed; a word of the user is no act of the system."""
    steps = {step.id: step for step in RUN.trajectory().steps}
    assert steps["t0"].data["action"] == {"attempted": True, "permitted": True, "executed": True}
    assert (steps["t1"].data["action"]["permitted"], steps["t1"].status) == (False, "error")
    assert (steps["m2"].kind, steps["m2"].actor) == ("human", "user")


@pytest.mark.parametrize("text", ["{", "{}", '[{"scenario": "s"}]', '[{"said": [{"outcome": "lost"}]}]'])
def test_what_is_no_list_of_labelled_runs_is_refused(tmp_path: Path, text: str) -> None:
    """Broken JSON, another shape, a field that is missing and an outcome that there is not name the file."""
    (tmp_path / "labels.json").write_text(text)
    with pytest.raises(SuiteError, match=r"labels\.json is no list of labelled runs"):
        read_labelled(tmp_path / "labels.json")
