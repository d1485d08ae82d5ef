"""Many suites are put to the same system under one budget, and summed up on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tracer import Suite
from tracer.addresses import load_object
from tracer.runner import shipped_suites
from tracer.study import load_suite


@pytest.fixture
def suites(here: Path) -> tuple[str, ...]:
    """Two suites that can be run, and one of which a study could not mean anything."""
    quiz = (here / "quiz.py").read_text()
    (here / "second.py").write_text(quiz)
    (here / "hopeless.py").write_text(quiz.replace('"suggested", 0.3', '"suggested", 1.5'))
    return "quiz.py", "second.py", "hopeless.py"


def test_what_cannot_be_run_does_not_stop_the_rest(command: Any, here: Path, suites: tuple[str, ...]) -> None:
    """One page tells the answers of every suite, and why one was not run; the same command goes on."""
    done = command("survey", *suites, "--model", "organism:steadfast", "--to", "page.md")
    assert done.code == 5
    page = (here / "page.md").read_text()
    assert "Suites: 2. Studies: 2." in page
    assert "hopeless.py:62: hypothesis" in page
    again = command("survey", *suites, "--model", "organism:steadfast", "--to", "page.html", "--json").json
    assert [bool(one["verdicts"]) for one in again] == [True, True, False]
    assert (here / "page.html").read_text().startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("quiz.py", "nothing.py"), ["Error: no file 'nothing.py' in "]),
        (
            ("nothing.py", "quiz.py:ask", "quiz.py"),
            ["Error: nothing is run:", "no file 'nothing.py'", "quiz.py:ask is"],
        ),
        (("quiz.py", "--stack", "quiz.py:builds"), ["Error: quiz.py defines no 'builds'"]),
        (("quiz.py", "--model", "organism:nobody"), ["Error: there is no organism 'nobody'"]),
    ],
)
def test_what_is_not_there_is_told_before_anything_runs(
    command: Any, here: Path, given: tuple[str, ...], told: list[str]
) -> None:
    """A mistyped address of a suite, a stack or a model stops a survey at its beginning, each with what is wrong."""
    done = command("survey", *given)
    assert (done.code, done.out) == (4 if "--model" in given else 2, "")
    assert all(words in done.err for words in told), done.err
    assert not list((here / ".tracer").glob("**/locks/*"))


def test_one_budget_holds_over_all_suites(command: Any, here: Path, suites: tuple[str, ...]) -> None:
    """Calls are counted over the suites: when they are used up, what is left is not run, and the page says why."""
    done = command("survey", *suites[:2], "--model", "organism:steadfast", "--max-calls", "5", "--json")
    assert done.code == 5
    first, second = done.json
    assert (first["usage"]["calls"], first["stopped"] != "") == (5, True)
    assert second["not_run"] == "the budget is spent: 5 of 5 calls"
    left = command("survey", *suites[:2], "--model", "organism:steadfast", "--max-calls", "26", "--json").json[1]
    assert (left["usage"]["calls"], left["stopped"]) == (
        2,
        "this study, with what is left of the survey's budget, may make 2 model calls and has made 2",
    )


def test_no_time_means_no_run(command: Any, suites: tuple[str, ...]) -> None:
    """A limit of time is kept: no further run is begun."""
    done = command("survey", suites[0], "--model", "organism:steadfast", "--max-minutes", "0.00001", "--json")
    assert (done.code, done.json[0]["usage"]["calls"]) == (5, 0)


def test_a_page_of_another_form_is_refused(command: Any, suites: tuple[str, ...]) -> None:
    """The form of the page follows its name; one that cannot be written is refused before anything is run."""
    done = command("survey", *suites, "--to", "page.doc")
    assert (done.code, "written as .html or .md" in done.err) == (2, True)


def test_every_shipped_suite_that_claims_something_is_surveyed() -> None:
    """Without names, all suites of `scenarios/` that have hypotheses and planted truths are taken, each once."""
    files = sorted((Path(__file__).parents[2] / "scenarios").glob("*.py"))
    offered = [found for file in files for found in load_object(f"{file}:__dict__").values()]
    suites = [found for found in offered if isinstance(found, Suite) and found.hypotheses and found.planted]
    surveyed = [load_suite(address).name for address in shipped_suites()]
    assert len(set(surveyed)) == len(surveyed) > len(files) / 2
    assert set(surveyed) == {suite.name for suite in suites}
