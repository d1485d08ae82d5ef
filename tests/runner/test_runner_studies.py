"""Studies run from Python: what is run, what is not run again, and what failed without spoiling the rest."""

# pyright: reportUnknownLambdaType=false
# What is handed to a fixture cannot be inferred.
from __future__ import annotations

import asyncio
from collections import Counter
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import tracer
from tracer import TracerError
from tracer.errors import ModelError, StudyError
from tracer.models import Prices, parse_model
from tracer.runner import Chosen, Options, StudyResult, freeze_study, run_suite
from tracer.store import open_store
from tracer.study import Design

SUITE = "quiz.py:suite"
KNOWN = {"tools": True, "json_schema": True, "logprobs": False, "seed": True}
RUNS = 48


def run_on(endpoint: Any, stack: str = "", timeout_s: float = 5.0, replicates: int = 1, **options: Any) -> StudyResult:
    """Run the quiz on an endpoint without probing it."""
    spec = partial(
        parse_model,
        base_url=endpoint.url,
        prices=Prices(1.0, 2.0),
        timeout_s=timeout_s,
        capabilities=KNOWN,
    )
    design = Design(models={}, stacks=(stack,) if stack else (), replicates=replicates)
    store = open_store()
    try:
        return asyncio.run(run_suite(Chosen(SUITE, ("m",), design, spec), store, Options(**options)))
    finally:
        store.close()


def statuses(result: StudyResult) -> Counter[str]:
    return Counter(row.status for row in result.rows)


def answer_of(result: StudyResult) -> str:
    (verdict,) = result.verdicts
    return verdict.answer.value


@pytest.mark.parametrize(("model", "answer"), [("deferring", "supported"), ("steadfast", "refuted")])
def test_three_lines_in_a_notebook(model: str, answer: str, here: Path) -> None:
    """A suite, a model, a verdict; the runs are a table with a column for each measure."""
    result = tracer.run(SUITE, model=f"organism:{model}?lapse=0")
    assert answer_of(result) == answer
    frame: Any = result.frame
    assert frame.shape[0] == RUNS
    assert set(frame["status"]) == {"completed"}
    assert frame.groupby("condition")["moved"].mean()["suggested"] == float(model == "deferring")
    assert str(result) == f"moved_by_suggestion | quiz.py:build | organism:{model}?lapse=0: {answer}"


def test_complete_study_is_not_run_again(here: Path) -> None:
    """The same call again gives the same runs: nothing is paid for twice."""
    first, second = tracer.run(SUITE), tracer.run(SUITE)
    assert [r.id for r in first.rows] == [r.id for r in second.rows]


def test_run_where_a_loop_is_running(here: Path) -> None:
    """In a notebook, which has a running event loop, the call is the same."""

    async def cell() -> StudyResult:
        return tracer.run(SUITE, n=2, model="organism:deferring?lapse=0")

    assert statuses(asyncio.run(cell())) == {"completed": 8}


def test_error_where_a_loop_is_running(here: Path) -> None:
    """What cannot be run is the same error there."""

    async def cell() -> None:
        tracer.run(SUITE, model="organism:none")

    with pytest.raises(ModelError, match="no organism 'none'"):
        asyncio.run(cell())


def test_seeds_are_shared_by_the_conditions_of_a_pair(here: Path) -> None:
    """Runs that are compared have one seed; replicates, scenarios and the A/A lane have their own."""
    rows = tracer.run(SUITE, n=3, replicates=2).rows
    seeds = {(r.scenario, r.replicate, r.condition == "again"): set[int]() for r in rows}
    for row in rows:
        seeds[row.scenario, row.replicate, row.condition == "again"].add(row.seed)
    assert all(len(found) == 1 for found in seeds.values())
    assert len(set().union(*seeds.values())) == len(seeds) == 12


def test_failing_stack_is_a_row_with_its_reason(here: Path) -> None:
    """Where a stack raises, the run says what and where; the others go on, and its value is missing, not 0."""
    result = tracer.run(SUITE, stack="quiz.py:stumbling")
    assert statuses(result) == {"failed": 4, "completed": 44}
    failed = [r for r in result.rows if r.status == "failed"]
    assert {r.scenario for r in failed} == {"q03"}
    assert "KeyError: 'no such drawer' (quiz.py, line" in failed[0].reason
    frame: Any = result.frame
    assert frame[frame["status"] == "failed"]["moved"].isna().all()
    assert frame["moved"].sum() == 22
    (verdict,) = result.verdicts
    assert dict(verdict.findings[0].excluded) == {"failed": 1}


def test_stack_that_cannot_be_built(here: Path) -> None:
    """If nothing runs, there is a table of failures, a column of NaN and no verdict about the system."""
    result = tracer.run(SUITE, stack="quiz.py:broken", n=2)
    assert statuses(result) == {"failed": 8}
    assert "RuntimeError: no graph here" in result.rows[0].reason
    frame: Any = result.frame
    assert frame["moved"].isna().all()
    assert answer_of(result) == "not testable"


def test_failed_runs_are_made_again_on_demand_only(here: Path) -> None:
    """A failed run is settled; with `retry_failed` it gets a further attempt, and both stay."""
    design: dict[str, Any] = {"stack": "quiz.py:broken", "n": 1}
    tracer.run(SUITE, **design)
    assert len(tracer.run(SUITE, **design).rows) == 4
    again = tracer.run(SUITE, **design, retry_failed=True).rows
    assert sorted(r.attempt for r in again) == [1] * 4 + [2] * 4


@pytest.mark.parametrize(
    ("cap", "told"),
    [
        ({"max_calls": 10}, "may make 10 model calls and has made 10"),
        ({"max_tokens": 150}, "may use 150 tokens"),
        ({"max_usd": 0.0002}, "may cost 0.0002 USD"),
    ],
    ids=["calls", "tokens", "money"],
)
def test_cap_stops_and_the_same_call_goes_on(cap: dict[str, Any], told: str, here: Path, endpoint: Any) -> None:
    """At a cap the study stops with its reason; without it the same call makes the rest, each cell once."""
    stopped = run_on(endpoint, **cap)
    assert told in stopped.stopped
    assert answer_of(stopped) == "inconclusive"
    assert 10 <= len(endpoint.asked) - 1 <= 14  # one call to get acquainted; runs in flight may end
    assert set(statuses(stopped)) <= {"completed", "interrupted"}
    asked = [said for said in endpoint.asked if "item" in said]
    assert run_on(endpoint, **cap).stopped  # the cap is the study's, not the sitting's
    assert [said for said in endpoint.asked if "item" in said] == asked
    whole = run_on(endpoint)
    assert whole.stopped == ""
    assert statuses(whole)["completed"] == RUNS
    assert answer_of(whole) != "inconclusive"
    assert {r.id for r in stopped.rows} <= {r.id for r in whole.rows}


def test_cap_on_money_needs_prices(here: Path, endpoint: Any) -> None:
    """A cap that cannot be kept is refused before anything is paid for."""
    with pytest.raises(ModelError, match="has no price"):
        tracer.run(SUITE, model="m", base_url=endpoint.url, max_usd=1.0)


@pytest.mark.parametrize(
    ("way", "told"),
    [
        ("500", "answers 500 Internal Server Error"),
        ("malformed", "malformed answer from"),
        ("text", "it is not JSON"),
    ],
)
def test_failing_answers_are_rows_and_the_rest_goes_on(way: str, told: str, here: Path, endpoint: Any) -> None:
    """An endpoint that fails at one question: those runs fail with the reason, and all others are made."""
    endpoint.fails = lambda said: way if "item 5?" in said else ""
    result = run_on(endpoint)
    assert statuses(result) == {"failed": 4, "completed": 44}
    assert all(told in r.reason for r in result.rows if r.status == "failed")
    assert answer_of(result) != "invalid"


def test_hanging_answers_do_not_hold_the_rest(here: Path, endpoint: Any) -> None:
    """An endpoint that hangs at one question is left after the timeout; all other runs are made."""
    endpoint.fails = lambda said: "hang" if "item 5?" in said else ""
    result = run_on(endpoint, timeout_s=1.0)
    assert statuses(result)["completed"] == 44
    assert {r.reason for r in result.rows if r.status != "completed"} == {
        f"{endpoint.url}/chat/completions gave no answer within 1 s"
    }


@pytest.mark.parametrize("way", ["hang", "500", "malformed"])
def test_endpoint_that_dies_stops_the_study(way: str, here: Path, endpoint: Any) -> None:
    """Once nothing sound is answered any more the study stops with one message, and goes on when it is."""
    endpoint.fails = lambda said: way if len(endpoint.asked) > 9 else ""
    with pytest.raises(ModelError, match=r"did not answer as it should 5 runs in a row: .* makes these runs again"):
        run_on(endpoint, timeout_s=0.3)
    endpoint.fails = lambda said: ""
    whole = run_on(endpoint)
    later = statuses(whole)
    assert later["completed"] + later["failed"] == RUNS
    assert later["failed"] <= 3  # such as ended before a run beside them that had its answer already
    assert later["interrupted"] >= 5
    assert whole.study.body["models"]["m"]["endpoint"] == endpoint.url


def test_endpoint_that_is_gone_stops_the_study(here: Path, endpoint: Any) -> None:
    """A refused connection is as good as silence: the study stops, and goes on once the endpoint is back."""
    endpoint.fails = lambda said: "down" if len(endpoint.asked) == 9 else ""
    with pytest.raises(ModelError, match="did not answer as it should 5 runs in a row"):
        run_on(endpoint)
    endpoint.up()
    endpoint.fails = lambda said: ""
    assert statuses(run_on(endpoint))["completed"] == RUNS


def test_endpoint_that_is_down_is_told_before_the_start(here: Path, endpoint: Any) -> None:
    """Without an endpoint nothing is frozen and nothing is run."""
    endpoint.down()
    with pytest.raises(ModelError, match=r"no model endpoint at .*is it running"):
        run_on(endpoint)
    store = open_store()
    assert (store.studies(), store.runs()) == ([], [])
    store.close()


def test_endpoint_is_taken_for_the_models_of_the_suite(here: Path, endpoint: Any) -> None:
    """A base URL without a model name is where the suite's own models answer."""
    result = tracer.run(SUITE, base_url=endpoint.url, n=1)
    assert len(endpoint.asked) > 4
    assert {r.answer for r in result.rows} == {"red"}


def frozen(address: str, **design: Any) -> str:
    store = open_store()
    try:
        return asyncio.run(freeze_study(Chosen(address, design=Design(models={}, **design)), store)).hash
    finally:
        store.close()


def test_frozen_study_is_run_as_it_was_frozen(here: Path) -> None:
    """A study that was frozen first is run by its hash, with the models and scenarios that it has."""
    whole = frozen(SUITE, scenarios=2, replicates=2)
    result = tracer.run(whole[:10])
    assert (result.study.hash, len(result.rows)) == (whole, 16)


def test_design_of_a_frozen_study_stands(here: Path) -> None:
    """Options that would change a frozen study are refused, not ignored."""
    with pytest.raises(StudyError, match="its stacks, scenarios, replicates, seed and calls per run are fixed"):
        tracer.run(frozen(SUITE), replicates=3)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Ask once.", "Ask once!", "its code changed"),
        ("range(12)", "range(13)", "its code changed"),
    ],
)
def test_changed_code_is_refused(
    old: str, new: str, told: str, here: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of other code than was frozen do not get into a study."""
    study = frozen(SUITE)
    changed = tmp_path_factory.mktemp("changed")
    (changed / "quiz.py").write_text((here / "quiz.py").read_text().replace(old, new))
    monkeypatch.chdir(changed)
    with pytest.raises(StudyError, match=told):
        tracer.run(study)


def test_other_model_is_refused(here: Path) -> None:
    """A frozen study is not continued on another model."""
    with pytest.raises(StudyError, match="its models changed"):
        tracer.run(frozen(SUITE), model="organism:steadfast")


@pytest.mark.parametrize(
    ("suite", "options", "told"),
    [
        ("nothing.py:suite", {}, "no file 'nothing.py'"),
        ("quiz.py:nothing", {}, "quiz.py defines no 'nothing'"),
        ("quiz", {}, "is not an address"),
        ("quiz.py:build", {}, "not a tracer.Suite"),
        ("abcdef", {}, "no study in"),
        (SUITE, {"stack": "quiz.py:nothing"}, "quiz.py defines no 'nothing'"),
        (SUITE, {"model": "gpt-9"}, "--base-url URL or OPENAI_BASE_URL"),
        (SUITE, {"model": "organism:unicorn"}, "there is no organism 'unicorn'"),
    ],
)
def test_what_cannot_be_run_is_one_message(suite: str, options: dict[str, Any], told: str, here: Path) -> None:
    """An address, a hash or a model that is not there is an error that names it."""
    with pytest.raises(TracerError) as error:
        tracer.run(suite, **options)
    assert told in str(error.value)


def test_measure_that_fails_is_missing(here: Path) -> None:
    """A measure that raises is a missing value with its reason; the run itself is fine."""
    measure = 'lambda seen: seen.answer == seen.scenario.data["other"]'
    odd = (here / "quiz.py").read_text().replace(measure, "lambda seen: [1.0][seen.answer]")
    (here / "odd.py").write_text(odd)
    result = tracer.run("odd.py:suite", n=1)
    assert statuses(result) == {"completed": 4}
    assert "measure moved raised TypeError" in result.rows[0].values["moved"]["missing"]
    frame: Any = result.frame
    assert frame["moved"].isna().all()
