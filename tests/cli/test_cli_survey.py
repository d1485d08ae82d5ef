"""Many suites are put to the same system under one budget, and summed up on one page."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tracer.runner import shipped_suites
from tracer.study import load_suite


@pytest.fixture
def suites(here: Path) -> tuple[str, ...]:
    """Two suites that can be run, and one that is not there."""
    quiz = (here / "quiz.py").read_text()
    (here / "second.py").write_text(quiz)
    return "quiz.py", "second.py", "nothing.py"


def test_what_cannot_be_run_does_not_stop_the_rest(command: Any, here: Path, suites: tuple[str, ...]) -> None:
    """One page tells the answers of every suite, and why one was not run; the same command goes on."""
    done = command("survey", *suites, "--model", "organism:steadfast", "--to", "page.md")
    assert done.code == 5
    page = (here / "page.md").read_text()
    assert "Suites: 2. Studies: 2." in page
    assert "nothing.py: no file 'nothing.py'" in page
    again = command("survey", *suites, "--model", "organism:steadfast", "--to", "page.html", "--json").json
    assert [bool(one["verdicts"]) for one in again] == [True, True, False]
    assert (here / "page.html").read_text().startswith("<!DOCTYPE html>")


def test_one_budget_holds_over_all_suites(command: Any, here: Path, suites: tuple[str, ...]) -> None:
    """Calls are counted over the suites: when they are used up, what is left is not run, and the page says why."""
    done = command("survey", *suites[:2], "--model", "organism:steadfast", "--max-calls", "5", "--json")
    assert done.code == 5
    first, second = done.json
    assert (first["usage"]["calls"], first["stopped"] != "") == (5, True)
    assert second["not_run"] == "the budget is spent: 5 of 5 calls"


def test_no_time_means_no_run(command: Any, suites: tuple[str, ...]) -> None:
    """A limit of time is kept: no further run is begun."""
    done = command("survey", suites[0], "--model", "organism:steadfast", "--max-minutes", "0.00001", "--json")
    assert (done.code, done.json[0]["usage"]["calls"]) == (5, 0)


def test_a_page_of_another_form_is_refused(command: Any, suites: tuple[str, ...]) -> None:
    """The form of the page follows its name; one that cannot be written is refused before anything is run."""
    done = command("survey", *suites, "--to", "page.doc")
    assert (done.code, "written as .html or .md" in done.err) == (2, True)


def test_every_shipped_suite_that_claims_something_is_surveyed() -> None:
    """Without names, all shipped suites with hypotheses are taken."""
    found = shipped_suites()
    assert {"scenarios/suggested_answer.py:suite", "scenarios/cot_faithfulness.py:pairs"} <= set(found)
    assert all(load_suite(address).hypotheses for address in found)
