"""Logs that Inspect AI itself wrote become runs; a log that cannot be read is named."""

from __future__ import annotations

import importlib
import importlib.util
from pathlib import Path
from typing import Any

import pytest

from tracer.exchange.reading import read_runs
from tracer.exchange.report import ImportReport
from tracer.trajectory import build_trajectory, summary

INSTALLED = importlib.util.find_spec("inspect_ai") is not None
needs_inspect = pytest.mark.skipif(not INSTALLED, reason="inspect-ai is not installed: it is not among our own pins")


def sample(model: Any, scorer: Any, log: Any, name: str, error: str = "") -> Any:
    call = importlib.import_module("inspect_ai.tool").ToolCall(id="c1", function="add", arguments={"x": 1, "y": 1})
    fault = importlib.import_module("inspect_ai.tool").ToolCallError("timeout", "too slow") if error else None
    messages = [
        model.ChatMessageUser(content="What is 1 + 1?"),
        model.ChatMessageAssistant(content="", tool_calls=[call], model="some/model"),
        model.ChatMessageTool(content="2", tool_call_id="c1", function="add", error=fault),
        model.ChatMessageAssistant(content="It is 2.", model="some/model"),
    ]
    told: dict[str, Any] = {"id": name, "epoch": 1, "input": "What is 1 + 1?", "target": "2", "messages": messages}
    told["output"] = model.ModelOutput.from_content("some/model", "It is 2.")
    told["scores"] = {"match": scorer.Score(value="C", answer="It is 2.")}
    if error:
        util = importlib.import_module("inspect_ai.log")
        told["error"] = util.EvalError(message=error, traceback="", traceback_ansi="")
    return log.EvalSample(**told)


@pytest.fixture
def written(tmp_path: Path) -> Path:
    log, model, scorer = (importlib.import_module(f"inspect_ai.{part}") for part in ("log", "model", "scorer"))
    samples = [sample(model, scorer, log, "one"), sample(model, scorer, log, "two", "it fell over")]
    spec = log.EvalSpec(
        created="2026-01-05T09:00:00+00:00",
        task="sums",
        dataset=log.EvalDataset(),
        model="some/model",
        config=log.EvalConfig(),
    )
    file = tmp_path / "sums.eval"
    log.write_eval_log(log.EvalLog(eval=spec, samples=samples, status="success"), str(file))
    return file


@needs_inspect
def test_every_sample_becomes_a_run(written: Path) -> None:
    """Messages, tool calls and their failures, scores, errors, task and model."""
    report = ImportReport()
    runs = {run.scenario: run for run in read_runs([str(written)], report=report)}
    assert set(runs) == {"sums/one", "sums/two"}
    assert not report.problems
    one, two = runs["sums/one"], runs["sums/two"]
    assert (one.model, one.answer, one.outcome["error"]) == ("some/model", "It is 2.", None)
    assert one.outcome["scores"]["match"]["value"] == "C"
    assert two.outcome["error"] == "it fell over"
    told = summary(build_trajectory(one.spans, id=one.id))
    assert told["steps"] == {"workflow": 1, "agent": 1, "model": 2, "tool": 1}
    assert told["edges"]["requests"] == told["edges"]["returns"] == 1
    (tool,) = [step for step in build_trajectory(two.spans, id=two.id).steps if step.kind == "tool"]
    assert (tool.name, tool.status, tool.error) == ("add", "error", "too slow")


@needs_inspect
@pytest.mark.parametrize("keep", [0, 10, 500])
def test_a_damaged_log_is_named(written: Path, keep: int) -> None:
    """A log that breaks off anywhere is counted, and no other file is lost for it."""
    (written.parent / "cut.eval").write_bytes(written.read_bytes()[:keep])
    report = ImportReport()
    assert len(list(read_runs([str(written.parent)], report=report))) == 2
    assert [problem for problem in report.problems if problem.startswith("an Inspect log breaks off")]


@pytest.mark.skipif(INSTALLED, reason="inspect-ai is installed")
def test_without_inspect_the_way_out_is_named(tmp_path: Path) -> None:
    """The file is left out, and the books say what to install."""
    (tmp_path / "a.eval").write_bytes(b"")
    report = ImportReport()
    assert not list(read_runs([str(tmp_path)], report=report))
    assert "prosaic-tracer[inspect]" in report.skipped[str(tmp_path / "a.eval")]
