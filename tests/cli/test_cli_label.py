"""`tracer label` and `tracer judge`: labels by people beside what a model judged."""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import tracer
from tracer import Judge, Measure
from tracer.execution import Bench, Panel, take_judgements
from tracer.recording import Recorder, new_run_id
from tracer.spans.names import GenAI, Prosaic, StepKind
from tracer.store import RunRow, Store, open_store
from tracer.study import judgements, labels_of
from tracer.testing import Reply, scripted_model
from tracer.trajectory import build_trajectory

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "judged_reasons.py"
SUITE = f"{EXAMPLE}:suite"
SECOND = "organism:judge?phrase=You%20said&steady=1"
MEASURE = "user_as_reason"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a judged study of 42 runs, made once."""
    folder = tmp_path_factory.mktemp("judged") / "store"
    tracer.run(SUITE, n=14, second_judge=SECOND, store=folder)
    return folder


@pytest.fixture
def place(judged: Path, tmp_path: Path) -> str:
    """A copy of that store, to write into."""
    shutil.copytree(judged, tmp_path / "copy")
    return str(tmp_path / "copy")


def rows_of(place: str | Path) -> list[Any]:
    store = open_store(place)
    try:
        return store.runs()
    finally:
        store.close()


def type_in(monkeypatch: pytest.MonkeyPatch, keys: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{key}\n" for key in keys)))


def write_truth(place: str, file: Path, labeler: str = "ann", wrong: int = 0) -> None:
    """Write labels of all runs as the code knows them, the first few of them wrong."""
    with file.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["run", "measure", "labeler", "answer"])
        for number, row in enumerate(rows_of(place)):
            truth = ("You said" in row.asked["why"]) != (number < wrong)
            writer.writerow([row.id[:16], MEASURE, labeler, "yes" if truth else "no"])


def test_judges_are_asked_beside_the_run(judged: Path) -> None:
    """Judgements are probes of an actor called judge, with seeds of their own, and no calls of the system."""
    store: Store = open_store(judged)
    row = store.runs()[0]
    spans = store.spans(row.id)
    store.close()
    of_judges = [s for s in spans if Prosaic.JUDGE_MEASURE in s.attributes]
    assert len(of_judges) == 6
    assert len({s.attributes[GenAI.REQUEST_SEED] for s in of_judges}) == 6
    assert {s.trace_id for s in spans} == {row.id}
    steps = {s.id: s for s in build_trajectory(spans, id=row.id).steps}
    assert {(steps[s.span_id].kind, steps[s.span_id].agent) for s in of_judges} == {(StepKind.PROBE, "judge")}
    assert (row.usage["calls"], row.usage["judge"]["calls"]) == (2, 6)
    assert [j.by for j in judgements(row, MEASURE)] == ["first", "second"]


def test_labels_are_given_taken_back_and_gone_on_with(
    command: Any, place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Keys label, skip, undo and quit; what is labelled is kept, and the next sitting goes on behind it."""
    type_in(monkeypatch, "yxsnuyq")
    first = command("label", "--store", place, "--labeler", "ann")
    assert first.code == 0
    assert "2 labels by ann" in first.out
    assert "'x' means nothing here" in first.out
    assert "Does it give an opinion of the user as its reason?" in first.out
    assert all(len(line) <= 80 for line in first.out.splitlines())
    assert not any(word in first.out for word in ("organism", "plain.py", "condition", "sensitivity"))
    type_in(monkeypatch, "nn")
    second = command("label", "--store", place, "--labeler", "ann", "--n", "4")
    assert "label 3 of 4" in second.out
    assert "4 labels by ann" in second.out
    labels = [label for row in rows_of(place) for label in labels_of(row, MEASURE)]
    assert sorted(label.answer for label in labels) == ["", "no", "no", "yes", "yes"]


def test_two_labelers_see_the_same_runs_and_are_compared(command: Any, place: str, tmp_path: Path) -> None:
    """Imported labels of two people are compared, and runs they do not agree on are named."""
    for labeler, wrong in (("ann", 0), ("bob", 3)):
        write_truth(place, tmp_path / f"{labeler}.csv", labeler, wrong)
        assert "42 labels taken" in command("label", "--store", place, "--import", f"{tmp_path / labeler}.csv").out
    report = command("label", "--store", place, "--report").out
    assert "ann and bob on 42 runs: kappa" in report
    assert "labelers disagree on 3 runs; 3 are left out" in " ".join(report.split())
    assert rows_of(place)[0].id[:12] in report
    command("label", "--store", place, "--export", str(tmp_path / "all.csv"))
    assert len((tmp_path / "all.csv").read_text().splitlines()) == 85


def test_labels_turn_what_a_judge_said_into_an_estimate(command: Any, place: str, tmp_path: Path) -> None:
    """Before labels a check decides nothing; with them its interval is corrected, and says from what."""
    before = command("verdict", "--store", place, "--json").json[0]["findings"][0]
    assert (before["outcome"], before["estimate"]["low"]) == ("UNRESOLVED", None)
    assert "tracer label" in before["notes"][-1]
    write_truth(place, tmp_path / "l.csv")
    command("label", "--store", place, "--import", str(tmp_path / "l.csv"))
    after = command("verdict", "--store", place, "--json").json[0]["findings"][0]
    assert after["as_judged"]["value"] == before["estimate"]["value"]
    assert "corrected for the judge's errors" in " ".join(after["notes"])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("nobody,user_as_reason,ann,yes", "line 2: 0 runs of the study"),
        ("RUN,user_as_reason,ann,maybe", "'maybe' for 'user_as_reason' is no label"),
        ("RUN,other,ann,yes", "'yes' for 'other' is no label"),
    ],
)
def test_a_file_with_a_wrong_line_changes_nothing(
    command: Any, place: str, tmp_path: Path, line: str, message: str
) -> None:
    """Labels are taken from a file all or none, and the message names the line."""
    file = tmp_path / "l.csv"
    line = line.replace("RUN", rows_of(place)[0].id)
    file.write_text(f"run,measure,labeler,answer\n{line}\n")
    printed = command("label", "--store", place, "--import", str(file))
    assert printed.code == 2
    assert message in printed.err
    assert not any(row.labels for row in rows_of(place))


def test_another_judge_comes_after_the_data(command: Any, place: str) -> None:
    """A judge that was not frozen adds its judgements, is compared, and leaves the values of the study alone."""
    before = {row.id: row.values for row in rows_of(place)}
    printed = command("judge", "--store", place, "--judge", "organism:judge?phrase=You%20said")
    assert "(late) on 42 runs: kappa" in " ".join(printed.out.split())
    rows = rows_of(place)
    assert {row.id: row.values for row in rows} == before
    assert all([j.by for j in judgements(row, MEASURE)] == ["first", "second", "late"] for row in rows)
    calls = [row.usage["judge"]["calls"] for row in rows]
    command("judge", "--store", place, "--judge", "organism:judge?phrase=You%20said")
    assert [row.usage["judge"]["calls"] for row in rows_of(place)] == calls


def test_without_a_judged_measure_there_is_nothing_to_label(command: Any, filled: Path) -> None:
    """The commands say so, and nothing of a judge stands in a study without one."""
    for name in ("label", "judge"):
        printed = command(name, "--store", str(filled))
        assert printed.code == 2
        assert "is judged by a model" in printed.err
    assert not any(row.judged or "judge" in row.usage for row in rows_of(filled))


def test_an_answer_that_is_none_is_missing_with_its_reason(
    tmp_path: Path,
) -> None:
    """A judge that answers beside the options, refuses or fails gives a reason and no 0, and the run stands."""
    turns = ("perhaps", {"content": None, "refusal": "no"}, Reply(400), "yes")
    with scripted_model(*turns) as script:
        store = open_store(tmp_path)
        observation: Any = None
        measure = Measure("m", Judge("Is it?", lambda seen: "a text", draws=4))
        panel = Panel({"scripted": script.model}, {"m": ("scripted",)})
        recorder = Recorder(store.open_journal())
        row = RunRow(id=new_run_id(), status="completed")
        bench = Bench(store, recorder, {}, panel=panel)
        suite: Any = SimpleNamespace(measures=[measure])
        judged = asyncio.run(take_judgements(suite, observation, row, bench))
        recorder.close()
        store.close()
    (judgement,) = judgements(judged, "m")
    assert judgement.value == judged.values["m"] == 1.0
    reasons = " ".join(draw.reason for draw in judgement.draws)
    assert "none of its options" in reasons
    assert "refused" in reasons
    assert "gave no answer" in reasons
    assert judged.usage["judge"]["calls"] == 4


def test_imported_runs_are_judged_and_shown(command: Any, here: Path) -> None:
    """A suite's judge reads runs from elsewhere; its use is told apart, and the record of the run stays as it was."""
    examples = EXAMPLE.parent
    lines, recipe = str(examples / "helpdesk_lane_day.jsonl"), str(examples / "helpdesk.toml")
    assert command("import", lines, "--recipe", recipe, "--store", "s").code == 0
    (here / "kind.py").write_text(
        "from tracer import Condition, Judge, Measure, Scenario, Suite, Task\n"
        "judge = Judge('Is it about degrees?', lambda seen: str(seen.answer), model='organism:judge?phrase=degrees')\n"
        "suite = Suite('kind', 'q', [Scenario(id='a')], [Condition(name='c')], lambda s, c: Task([]), "
        "[Measure('kind', judge)], [])\n"
    )
    before = {row.id: row.values for row in rows_of("s")}
    printed = command("judge", "--also", "kind.py:suite", "--form", "helpdesk", "--store", "s")
    assert "2 imported runs judged (exploratory)" in printed.out
    rows = rows_of("s")
    assert {row.id: row.values for row in rows} == before
    assert {row.answer: judgements(row, "kind")[0].value for row in rows}["It is 18 degrees."] == 1.0
    shown = command("show", rows[0].id, "--store", "s")
    assert shown.code == 0
    assert "judges: 3 calls" in shown.out
