"""Any program is a stack: told its task, reached through the gateway, held to its limits, ended with all it started."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tracer.errors import AddressError, RunStopped
from tracer.execution import process
from tracer.spans.names import GenAI, Prosaic, StepKind
from tracer.stacks import check_stack
from tracer.study import Design, changed_since, freeze
from tracer.testing import Turn, scripted_model
from tracer.trajectory import build_trajectory

ASKS = """
    import json, os, sys, openai
    task = json.load(open(os.environ["TRACER_TASK"]))
    assert json.load(sys.stdin) == task and sys.argv[1] == "Where is the cat?"
    reply = openai.OpenAI().chat.completions.create(model="whatever", messages=task["messages"])
    print("thinking...")
    print(reply.choices[0].message.content)
"""
USES_TOOLS = """
    import asyncio, json, os
    from mcp.client.client import Client
    from mcp.client.stdio import StdioServerParameters

    async def main():
        told = json.load(open(os.environ["TRACER_TASK"]))["mcp"]
        program, *rest = told["command"]
        for server in (told["url"], StdioServerParameters(command=program, args=rest, env=dict(os.environ))):
            async with Client(server) as client:
                tools = (await client.list_tools()).tools
                assert [tool.name for tool in tools] == ["open_door", "look"], tools
                seen = await client.call_tool("open_door", {"which": "front"})
                print(seen.content[0].text, seen.is_error)
                for name, arguments in (("open_door", {"which": "stuck"}), ("open_door", {}), ("dance", {})):
                    assert (await client.call_tool(name, arguments)).is_error

    asyncio.run(main())
"""
TELLS_SPANS = """
    import os
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = TraceContextTextMapPropagator().extract({"traceparent": os.environ["TRACEPARENT"]})
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(OTLPSpanExporter()))
    tracer = provider.get_tracer("mine")
    for name, where in (("inside", context), ("apart", None)):
        attributes = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": name}
        tracer.start_span(f"invoke_agent {name}", where, attributes=attributes).end()
    provider.shutdown()
    print("done")
"""


def run(trial: Any, code: str, *turns: Turn, condition: str = "plain", **plan: Any) -> Any:
    """Give the row and the spans of a program's run."""
    with scripted_model(*turns or ("In the shed.",)) as script:
        at = trial(script)
        row = asyncio.run(at.run_program(code, condition, **plan))
        return row, at


def test_a_program_is_told_its_task_and_its_model_calls_are_the_runs(trial: Any) -> None:
    """A program reads the task, asks the model that the run has, and its last line is the answer."""
    row, at = run(trial, ASKS, words="{task}")
    assert (row.status, row.answer, row.reason) == ("completed", "In the shed.", "")
    assert row.usage["calls"] == 1
    (span,) = at.spans(row)
    assert (span.trace_id, span.attributes[GenAI.REQUEST_MODEL]) == (row.id, "scripted")
    assert span.attributes[GenAI.REQUEST_SEED] is not None
    assert Prosaic.WIRE_RESPONSE in span.attributes


def test_a_world_is_reached_over_mcp_and_what_is_done_to_it_is_recorded(trial: Any) -> None:
    """Tools are served over HTTP and stdio; each call is a span with what it changed, a failed one with its error."""
    row, at = run(trial, USES_TOOLS, condition="world")
    assert (row.status, row.reason, row.answer) == ("completed", "", "front is open False")
    assert (row.before["doors"], row.after["doors"]) == (0, 2)
    steps = [s for s in build_trajectory(at.store.spans(row.id), id=row.id).steps if s.kind == StepKind.TOOL]
    assert [step.status for step in steps if step.name == "open_door"].count("ok") == 2
    assert sum(Prosaic.WORLD_CHANGED in span.attributes for span in at.spans(row)) == 2


def test_what_a_program_says_of_itself_joins_the_run(trial: Any) -> None:
    """Spans that it exports belong to its run as they came, those of a trace of their own too."""
    row, at = run(trial, TELLS_SPANS)
    spans = {span.name: span for span in at.store.spans(row.id) if span.scope.name == "mine"}
    assert set(spans) == {"invoke_agent inside", "invoke_agent apart"}
    assert spans["invoke_agent inside"].trace_id == row.id != spans["invoke_agent apart"].trace_id
    assert all(Prosaic.RUN_ID not in span.attributes for span in spans.values())


RESULT = "import os; open(os.environ['TRACER_RESULT'], 'w').write({!r}); print('noise')"
ENDS: dict[str, tuple[str, str, str | None, str]] = {
    "a result file": (RESULT.format("  In a file.\n"), "completed", "In a file.", ""),
    "a result as JSON": (RESULT.format('{"answer": "shed", "messages": []}'), "completed", "shed", ""),
    "a result with a number": (RESULT.format('{"answer": 3}'), "completed", "3", ""),
    "nothing said": ("pass", "completed", None, ""),
    "no UTF-8": ("import sys; sys.stdout.buffer.write(bytes([255, 10]))", "completed", "\ufffd", ""),
    "an exit code": ("raise SystemExit(3)", "failed", None, "exited with 3"),
    "an exception": ("1 / 0", "failed", None, "ZeroDivisionError"),
    "a signal": ("import os; os.kill(os.getpid(), 11)", "failed", None, "signal 11"),
}


@pytest.mark.parametrize(("code", "status", "answer", "reason"), ENDS.values(), ids=ENDS.keys())
def test_every_end_of_a_program_is_a_status_with_its_reason(
    trial: Any, code: str, status: str, answer: str | None, reason: str
) -> None:
    """The answer is what it wrote last; an exit code or a signal is a failure that names it."""
    row, _ = run(trial, code)
    assert (row.status, row.answer) == (status, answer)
    assert reason in row.reason


FLOODS = "while True: print('x' * 10000)"
EATS = "kept = []\nwhile True: kept.append(bytearray(8 * 2**20))"
FORKS = "import os, time\nfor _ in range(40):\n    if os.fork() == 0: time.sleep(60)\ntime.sleep(60)"
GOES_ON = "import time; print('so far', flush=True); time.sleep(60)"
LEAVES = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        open(os.environ["TRACER_RESULT"] + ".pid", "w").write(str(os.getpid()))
        time.sleep(60)
    sys.exit()
time.sleep(0.3)
print("done")
"""


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs /proc to see processes")
@pytest.mark.parametrize(
    ("code", "reason"),
    [(FLOODS, "1 MiB of output"), (EATS, "300 MiB of memory"), (FORKS, "30 processes")],
    ids=["floods", "eats memory", "forks"],
)
def test_a_program_that_takes_too_much_is_ended_with_all_it_started(tmp_path: Path, code: str, reason: str) -> None:
    """Output, memory and processes are limited; the stop says which limit it was, and nothing is left."""
    limits = process.Limits(output_bytes=2**20, memory_bytes=300 * 2**20, processes=30)
    mark = f"mark-{tmp_path.name}"
    program = process.run_program(
        [sys.executable, "-c", code], folder=tmp_path, environment={"MARK": mark}, sent=b"", mark=mark, limits=limits
    )
    with pytest.raises(RunStopped, match=reason):
        asyncio.run(program)
    assert not _living(mark)


def test_a_program_that_never_stops_is_ended_by_the_time_limit_of_the_run(trial: Any) -> None:
    """After its time a run ends with status `limit`, and its program with it."""
    row, _ = run(trial, GOES_ON, timeout_s=1.0)
    assert (row.status, row.reason) == ("limit", "the run took longer than 1 s")
    assert not _living(row.id)


@pytest.mark.skipif(not os.path.isdir("/proc"), reason="needs /proc to see processes")
def test_a_child_that_left_its_group_does_not_outlive_the_run(trial: Any) -> None:
    """A process that made a session of its own is found by what it inherited, and ended."""
    row, _ = run(trial, LEAVES)
    assert (row.status, row.answer) == ("completed", "done")
    assert not _living(row.id)


def test_other_runs_go_on_beside_one_that_fails(trial: Any) -> None:
    """Runs beside each other each have their own door, folder and end."""
    with scripted_model("In the shed.") as script:
        at = trial(script)

        async def both() -> list[Any]:
            good, bad = at.folder / "good.py", at.folder / "bad.py"
            good.write_text(
                "import openai; c = openai.OpenAI().chat.completions\n"
                "print(c.create(model='m', messages=[{'role': 'user', 'content': '?'}]).choices[0].message.content)"
            )
            bad.write_text("raise SystemExit('no')")
            stacks = [f"command:{sys.executable} {file}" for file in (good, bad, good)]
            return await asyncio.gather(*(at.run("", stack=stack) for stack in stacks))

        rows = asyncio.run(both())
    assert [row.status for row in rows] == ["completed", "failed", "completed"]
    assert [row.usage["calls"] for row in rows] == [1, 0, 1]


def test_the_environment_of_a_program_holds_no_secret(trial: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keys stay with us: what a program prints of its environment cannot give them away."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    monkeypatch.setenv("MY_TOKEN", "secret-too")
    row, _ = run(trial, "import os; print(dict(os.environ), os.getcwd())")
    assert "secret" not in row.answer
    assert "run-" in row.answer
    assert not Path(row.answer.rpartition(" ")[2]).exists()


def test_what_can_be_known_of_a_command_is_frozen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its words, its files and what they import from beside them are in the freeze; a change of them is named."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agent.py").write_text("import helper\n")
    (tmp_path / "helper.py").write_text("x = 1\n")
    suite = "scenarios/stale_or_drifted.py:suite"
    design = Design(models={"m": {"model": "m"}}, stacks=("command:python agent.py {task}",), scenarios=1)
    study = freeze(suite, design)
    assert study.body["stacks"] == ["command:python agent.py {task}"]
    assert {"agent.py", "helper.py"} <= set(study.body["code"])
    (tmp_path / "helper.py").write_text("x = 2\n")
    assert changed_since(study, {"m": {"model": "m"}}) == ["code"]


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("command:", "names no command"),
        ("command:no-such-program-anywhere", "no program"),
        ("command:echo 'x", "cannot be told apart"),
        ("http://user:pw@h/v1", "may not carry"),
        ("a2a:ftp://h", "no URL"),
        ("a2a:http://h:99999", "no URL"),
    ],
)
def test_an_address_that_cannot_be_run_is_told_at_once(address: str, problem: str) -> None:
    """Before any run, an address says what is wrong with it."""
    with pytest.raises(AddressError, match=problem):
        check_stack(address)


def _living(mark: str) -> list[str]:
    """List the processes that have a word in their environment."""
    found: list[str] = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (entry / "environ").read_bytes() and int(entry.name) != os.getpid():
                found.append((entry / "cmdline").read_text())
        except OSError:
            continue
    return [words for words in found if words]
