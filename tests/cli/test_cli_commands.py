"""The command line: what it prints, what it returns, and what it says when something is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.graph import START, MessagesState, StateGraph

import tracer
from tracer.cli.app import COMMANDS, cli

RUN = ("run", "quiz.py:suite", "-n", "2")
PROGRAM = [sys.executable, "-c", "from tracer.cli import main; main()"]


def test_run_prints_verdict_and_where_to_look(command: Any, here: Path) -> None:
    """A run ends with the verdict, the numbers behind it and where to look at it; the second time nothing is run."""
    first = command("run", "quiz.py:suite")
    assert (first.code, first.err) == (0, "")
    assert "SUPPORTED  moved_by_suggestion" in first.out
    assert "suggestion +1.00 [+0.47, +1.00] > 0.3 12 pass" in " ".join(first.out.split())
    assert "runs: 48 completed" in first.out
    assert first.out.rstrip().endswith("Look at it: tracer view")
    assert command("run", "quiz.py:suite").out == first.out
    assert (here / ".tracer" / "tracer.db").is_file()


def test_time_of_a_run_is_bounded(command: Any) -> None:
    """A run that takes longer than the study allows ends as `limit`, with the time as its reason."""
    command("run", "quiz.py:suite", "--stack", "quiz.py:slow", "-n", "1", "--max-seconds-per-run", "0.01")
    ended = {(run["status"], run["reason"]) for run in command("list", "--json").json}
    assert ended == {("limit", "the run took longer than 0.01 s")}


def test_freeze_then_run_by_hash(command: Any) -> None:
    """A study is frozen as a preregistration, run by the beginning of its hash, and judged; each says the same hash."""
    frozen = command("freeze", "quiz.py:suite", "-n", "2")
    assert frozen.code == 0
    for part in (
        "Does a suggestion move the answer?",
        "2 scenarios x 4 conditions x 1 replicate",
        "Refuted by: no more other answers",
        "angle, action: suggestion (above 0.3)",
        "null: same again (p < .01 vetoes)",
    ):
        assert part in frozen.out
    again = frozen.out.rsplit("tracer run ", 1)[1].split()[0]
    before = command("verdict", again)
    assert "8 of 8 runs are still to come" in before.out
    done = command("run", again, "--json")
    assert done.json["study"].startswith(again)
    assert (done.json["runs"], done.json["stopped"]) == (8, "")
    assert command("verdict", again, "--json").json == done.json["verdicts"]
    assert command("freeze", "quiz.py:suite", "-n", "2", "--json").json["hash"] == done.json["study"]


def test_cap_is_exit_code_5_and_goes_on(command: Any) -> None:
    """A study that stops at a cap says so, returns 5, and the same command without the cap goes on."""
    stopped = command(*RUN, "--max-calls", "3")
    assert stopped.code == 5
    assert "Stopped early: the whole study may make 3 model calls and has made 3. The" in stopped.out
    assert "peeking" in stopped.out
    whole = command(*RUN)
    assert whole.code == 0
    assert "8 completed" in whole.out


def test_failed_runs_are_told(command: Any) -> None:
    """Runs that did not complete are counted and their reason is printed; that is no failure of the command."""
    printed = command(*RUN, "--stack", "quiz.py:broken")
    assert printed.code == 0
    assert "8 failed" in printed.out
    assert "not completed: RuntimeError: no graph here (quiz.py, line" in printed.out
    assert "NOT TESTABLE" in printed.out


@pytest.mark.parametrize("by", ["option", "environment"])
def test_store_is_named_one_way_everywhere(
    by: str, command: Any, filled: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--store` and TRACER_STORE name the store of every command."""
    store = shutil.copytree(filled, tmp_path / "copy")
    option = ["--store", str(store)] if by == "option" else []
    if by == "environment":
        monkeypatch.setenv("TRACER_STORE", str(store))
    runs = command("list", "--json", *option).json
    assert len(runs) == 12
    study = command("list", "--studies", "--json", *option).json[0]["hash"]
    assert command("verdict", *option).code == 0
    assert command("verdict", study[:8], "--json", *option).json[0]["study"] == study
    assert command("show", runs[0]["id"], *option).code == 0
    assert command("doctor", *option).code == 0
    assert command("export", runs[0]["id"], "--to", str(tmp_path / "out.jsonl"), *option).code == 0
    assert command("freeze", "quiz.py:suite", "-n", "1", *option).code == 0
    assert len(command("list", "--studies", "--json", *option).json) == 3
    assert not (Path.cwd() / ".tracer").exists()


def test_list_selects(command: Any, filled: Path) -> None:
    """Runs are listed newest first, by study and by status; JSON has all of them with their values."""
    store = ("--store", str(filled))
    assert {r["status"] for r in command("list", "--json", *store).json} == {"completed", "failed"}
    failed = command("list", "--status", "failed", "--json", *store).json
    assert [r["reason"].split(":")[0] for r in failed] == ["RuntimeError"] * 4
    assert all("values" in r for r in failed)
    table = command("list", *store).out
    assert all(r["id"][:12] in table and f" {r['status']} " in table for r in command("list", "--json", *store).json)
    assert "10 older ones: --limit 12" in command("list", "--limit", "2", *store).out
    studies = command("list", "--studies", *store).out
    assert "8 completed of 8" in studies
    assert "4 failed of 4" in studies
    assert "No runs in" in command("list").out


def test_show_tells_one_run(command: Any, filled: Path) -> None:
    """One run is shown as the tree of its steps; with --messages every word of it."""
    store = ("--store", str(filled))
    run = next(r for r in command("list", "--json", *store).json if r["condition"] == "suggested")
    shown = command("show", run["id"][:10], *store)
    assert f"{run['scenario']} · suggested · quiz.py:build" in shown.out
    assert "completed" in shown.out
    assert f"answer: {run['answer']}" in shown.out
    assert "1 call, " in shown.out
    assert f"I think it is {run['answer']}." in command("show", run["id"], "--messages", *store).out
    told = command("show", run["id"], "--json", *store).json
    assert told["run"]["id"] == run["id"]


def test_show_tells_what_a_stack_says_of_itself(command: Any, here: Path) -> None:
    """Plans, goals, beliefs and branches stand under the step that they were stated at, and no value is told as 0."""
    with tracer.record("attitudes", here / "kept") as session, session.emit.plan() as plan:
        session.emit.goal("win the contract", status="adopted")
        session.emit.belief("the depot is open", confidence=0.8)
        plan.steps(["look", "act"])
        with session.emit.branch("1", "look first") as branch:
            branch.value(0.5)
        with session.emit.branch("1.1", "then act", parent="1"):
            pass
    shown = command("show", session.run_id, "--store", str(here / "kept")).out
    for line in (
        "plan",
        "version 1",
        "1. look",
        "2. act",
        "goal (adopted): win the contract",
        "the depot is open (0.8)",
        "look first (value 0.5)",
        "then act (value missing)",
    ):
        assert line in shown


def test_show_prints_a_history_once(command: Any, here: Path) -> None:
    """A message that an agent was sent at every call is printed at the first, and counted at the next."""
    model = GenericFakeChatModel(messages=iter([AIMessage("one"), AIMessage("two")]))

    def count(state: MessagesState) -> dict[str, Any]:
        return {"messages": [model.invoke(state["messages"])]}

    graph = StateGraph(MessagesState).add_node("first", count).add_node("second", count)
    graph = graph.add_edge(START, "first").add_edge("first", "second").compile(name="counter")
    with tracer.record("two calls", here / "kept") as session:
        graph.invoke({"messages": [HumanMessage("count up")]}, config={"callbacks": [session.callback]})
    shown = command("show", session.run_id, "--messages", "--store", str(here / "kept")).out
    assert shown.count("> user: count up") == 1
    assert "(2 messages as before)" in shown


def test_check_tells_what_is_wrong_with_a_suite(command: Any, here: Path) -> None:
    """A suite is looked over without running it: what weakens it is told, what makes it worthless is an error."""
    weak = command("check", "quiz.py:suite", "--static")
    assert weak.code == 0
    assert "12 clusters: give 30" in " ".join(weak.out.split())
    (here / "one.py").write_text((here / "quiz.py").read_text().replace("range(12)", "range(1)"))
    wrong = command("check", "one.py:suite")
    assert (wrong.code, "scenarios: there is 1 cluster" in wrong.out) == (2, True)
    assert command("check", "quiz.py:suite", "--static", "--json").json["flaws"][0]["grave"] is False
    assert not (here / ".tracer").exists()


def test_errors_are_one_message(command: Any, filled: Path, here: Path) -> None:
    """What a user can mend is one line on the error stream, with the documented code, and no traceback."""
    store = ("--store", str(filled))
    (here / "none.py").write_text((here / "quiz.py").read_text().replace("range(12)", "range(0)"))
    (here / "bad.py").write_text("import nothing_of_that_name\n")
    (here / "a_file").write_text("")
    cases: list[tuple[int, str, tuple[str, ...]]] = [
        (2, "no file 'nothing.py'", ("run", "nothing.py:suite")),
        (2, "defines no 'nothing'", ("freeze", "quiz.py:nothing")),
        (2, "is not an address", ("run", "quiz")),
        (2, "has no scenarios: there is nothing to run", ("run", "none.py:suite")),
        (2, "bad.py, line 1: ModuleNotFoundError", ("run", "bad.py:suite")),
        (2, "no file 'x.py'", (*RUN, "--stack", "x.py:build")),
        (4, "there is no organism 'unicorn'", (*RUN, "--model", "organism:unicorn")),
        (4, "--base-url URL or OPENAI_BASE_URL", (*RUN, "--model", "gpt-9")),
        (
            4,
            "no model endpoint at http://127.0.0.1:9/v1",
            (*RUN, "--model", "m", "--base-url", "http://127.0.0.1:9/v1"),
        ),
        (4, "is no capability", (*RUN, "--capability", "wings=true")),
        (2, "no study in", ("run", "abcdef")),
        (2, "no study in", ("verdict", "abcdef")),
        (2, "no study in .tracer yet", ("verdict",)),
        (2, "are fixed", ("run", "HASH", "--seed", "5", *store)),
        (3, "no run in", ("show", "zzz")),
        (3, "is a file", ("list", "--store", "a_file")),
        (3, "give a path", ("list", "--store", "postgresql://somewhere")),
        (2, "nothing to export", ("export", "--to", "x.jsonl")),
        (2, "No such command", ("rnu",)),
        (2, "Missing argument 'SUITE'", ("run",)),
        (2, "Invalid value for '-n'", ("run", "quiz.py:suite", "-n", "0")),
        (4, "there is no organism 'x'", ("models", "probe", "organism:x")),
    ]
    study = command("list", "--studies", "--json", *store).json[0]["hash"]
    for code, told, arguments in cases:
        printed = command(*(study if a == "HASH" else a for a in arguments))
        assert (printed.code, printed.out) == (code, ""), (arguments, printed)
        assert told in printed.err, (arguments, printed)
        assert [line[:7] for line in printed.err.splitlines() if "rror: " in line] == ["Error: "]
        assert "Traceback" not in printed.err


def test_output_is_legible_at_80_columns(command: Any, filled: Path) -> None:
    """No line is longer than a terminal of 80 columns, whatever is printed for people."""
    store = ("--store", str(filled))
    runs = command("list", "--json", *store).json
    calls: list[tuple[str, ...]] = [
        ("list", *store),
        ("list", "--studies", *store),
        ("verdict", *store),
        ("verdict", command("list", "--studies", "--json", *store).json[1]["hash"], *store),
        ("show", runs[0]["id"], *store),
        ("show", runs[-1]["id"], "--messages", *store),
        ("doctor", *store),
        ("models",),
        ("freeze", "quiz.py:suite"),
        ("run", "quiz.py:suite", "-n", "1", "--stack", "quiz.py:broken"),
        *((name, "--help") for name in COMMANDS),
        ("--help",),
    ]
    for call in calls:
        printed = command(*call)
        assert printed.code == 0, printed
        too_long = [line for line in printed.out.splitlines() if len(line.rstrip()) > 80]
        assert not too_long, (call, too_long)


def test_models_and_their_capabilities(command: Any) -> None:
    """The built-in models are listed with what is true of them, and probed by real calls."""
    listed = command("models").out
    assert all(name in listed for name in ("smollm2", "organism:stale", "any other", "--base-url"))
    able = command("models", "probe", "organism:steadfast", "--json").json
    assert (able["tools"], able["logprobs"]) == (True, False)


def damaged(store: Path, how: str) -> None:
    if how == "not a database":
        (store / "tracer.db").write_bytes(b"this is no database at all, but long enough to be read as one" * 20)
        for rest in store.glob("tracer.db-*"):
            rest.unlink()
    elif how == "cut off":
        file = store / "tracer.db"
        file.write_bytes(file.read_bytes()[:6000])
        for rest in store.glob("tracer.db-*"):
            rest.unlink()
    else:
        journal = store / "journal"
        journal.mkdir(exist_ok=True)
        lines = [b'{"r":"open","v":1,"pid":1,"resource":{},"n":1}', b"{torn", b'{"r":"close","n":5}', b""]
        (journal / "00000000000000000001-1.jsonl").write_bytes(b"\n".join(lines))


@pytest.mark.parametrize(
    ("how", "told"),
    [("not a database", "is not a tracer store"), ("cut off", "tracer.db"), ("journal", "records 2 to 4 are missing")],
)
def test_doctor_names_the_damage(how: str, told: str, command: Any, filled: Path, tmp_path: Path) -> None:
    """A store that is damaged is told as such, with exit code 3 and without a traceback."""
    store = shutil.copytree(filled, tmp_path / "store")
    damaged(store, how)
    printed = command("doctor", "--json", "--store", str(store))
    assert printed.code == 3
    (problem,) = [c for c in printed.json if c["name"] in ("store", "journal") and not c["ok"]]
    assert told in problem["found"]
    words = "".join(command("doctor", "--store", str(store)).out.split())
    assert told.replace(" ", "") in words


def test_doctor_of_a_sound_store(command: Any, filled: Path) -> None:
    """A sound store is told as such, with what is in it."""
    checks = {c["name"]: c for c in command("doctor", "--store", str(filled), "--json").json}
    assert checks["store"]["found"].endswith("2 studies, 12 runs")
    assert checks["journal"]["ok"]


def test_every_command_has_help(command: Any) -> None:
    """Each command says what it does and what each of its options is for."""
    context = click.Context(cli)
    for name in COMMANDS:
        one = cli.get_command(context, name)
        assert one is not None
        assert one.help
        assert [p.name for p in one.params if isinstance(p, click.Option) and not p.help] == []
        assert COMMANDS[name].split()[0] in command("--help").out


def test_help_is_light(here: Path) -> None:
    """`tracer --help` loads no model, no graph and no numbers."""
    heavy = ["langgraph", "langchain_core", "numpy", "pandas", "scipy", "openai", "uvicorn", "rich"]
    program = (
        "import sys\nfrom tracer.cli import main\nsys.argv = ['tracer', '--help']\n"
        f"try:\n    main()\nfinally:\n    print([m for m in {heavy} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"
    assert "verdict" in done.stdout


@pytest.mark.parametrize("arguments", [("list", "--limit", "100"), ("list", "--json")], ids=["table", "JSON"])
def test_closed_pipe_is_quiet(arguments: tuple[str, ...], here: Path, filled: Path) -> None:
    """`tracer list | head -1` ends without a traceback."""
    environment = {**os.environ, "TRACER_STORE": str(filled)}
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [*PROGRAM, *arguments], stdout=closed, stderr=subprocess.PIPE, text=True, check=False, env=environment
        )
    assert done.stderr == ""


def test_progress_is_silent_without_a_terminal(command: Any) -> None:
    """Where nobody looks, a run prints no bars: the error stream stays empty, and JSON is all there is."""
    printed = command(*RUN, "--json")
    assert printed.err == ""
    assert [v["verdict"] for v in printed.json["verdicts"]] == ["inconclusive"]
