"""The journal: what was recorded survives its process, and what is missing is named."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest

from tracer.errors import StoreError
from tracer.recording import Recorder, new_run_id
from tracer.spans.names import Prosaic
from tracer.store import RunRow, Store, open_store

Program = Callable[[str], "subprocess.Popen[str]"]


def record(recorder: Recorder, acts: int = 3) -> str:
    """Record a run of so many acts."""
    row = RunRow(id=new_run_id(), suite="s", started_ns=time.time_ns())
    recorder.journal.write({"r": "run", "run": row.to_dict()})
    with recorder.run(row):
        for act in range(acts):
            with recorder.span(f"act {act}", recorder.stored("text", f"said {act} " * 30)):
                pass
    recorder.journal.write({"r": "run", "run": (row.to_dict() | {"status": "completed"})})
    return row.id


def names(store: Store, run: str) -> list[str]:
    return [span.name for span in store.spans(run)]


def test_kill_loses_nothing(program: Program, place: Path) -> None:
    """After kill -9 every ended span is there with its content, open ones are open, and the run is interrupted."""
    process = program("""
recorder = Recorder(store.open_journal())
row = begin(recorder)
with recorder.run(row):
    for act in range(20):
        with recorder.span(f"act {act}", recorder.stored("text", f"said {act} " * 50)):
            pass
    with recorder.span("the last", {"a": 1}) as span:
        span.set_attribute("b", 2)
        print(row.id, flush=True)
        sys.stdin.readline()
""")
    assert process.stdout is not None
    run = process.stdout.readline().strip()
    store = open_store(place)
    assert store.run(run).status == "running"
    process.kill()
    process.wait()
    store.ingest()
    spans = {span.name: span for span in store.spans(run)}
    assert [spans[f"act {n}"].attributes["text"] for n in range(20)] == [f"said {n} " * 50 for n in range(20)]
    assert {name for name, span in spans.items() if span.is_open} == {"invoke_workflow s", "the last"}
    assert spans["the last"].attributes["a"] == 1
    row = store.run(run)
    assert (row.status, row.reason) == ("interrupted", "its process ended in the middle of the run")
    (segment,) = store.segments()
    assert (segment.closed, segment.problems) == (False, ("the process ended without closing its journal",))
    assert not list((place / "journal").iterdir())
    store.close()


def test_closed_journal_proves_completeness(opened: Store, place: Path) -> None:
    """A segment closed in order has no problems; its file goes once the database has it, and not before."""
    recorder = Recorder(opened.open_journal())
    run = record(recorder)
    opened.ingest()
    assert len(list((place / "journal").glob("*.jsonl"))) == 1
    recorder.close()
    assert opened.ingest() == 1
    assert not list((place / "journal").iterdir())
    (segment,) = opened.segments()
    assert segment.closed
    assert not segment.problems
    assert names(opened, run) == ["invoke_workflow s", "act 0", "act 1", "act 2"]


def damage_tail(lines: list[bytes]) -> bytes:
    return b"".join(lines[:-1]) + lines[-1][:20]


def damage_gap(lines: list[bytes]) -> bytes:
    return b"".join(line for line in lines if b"act 1" not in line)


def damage_garbage(lines: list[bytes]) -> bytes:
    return b"".join([*lines[:2], b"\x00\xff not JSON\n", *lines[2:]])


def damage_shape(lines: list[bytes]) -> bytes:
    odd = [b"[1]\n", b'{"r":"end"}\n', b'{"r":"part","id":[]}\n', b'{"r":"run","run":{"no":"id"}}\n', b'{"r":"new"}\n']
    return b"".join([*lines[:2], *odd, *lines[2:]])


@pytest.mark.parametrize(
    ("damage", "problem", "kept"),
    [
        (damage_tail, r"the last 20 bytes are a record that was never finished", 4),
        (damage_gap, r"records \d+ to \d+ are missing", 4),
        (damage_garbage, r"unreadable record at byte \d+", 4),
        (damage_shape, r"unreadable record at byte \d+", 4),
    ],
    ids=["torn tail", "gap", "garbage", "other records"],
)
def test_damage_is_named_and_the_rest_kept(
    opened: Store, place: Path, damage: Callable[[list[bytes]], bytes], problem: str, kept: int
) -> None:
    """A damaged segment loses what is damaged, says so, and nothing else."""
    recorder = Recorder(opened.open_journal())
    run = record(recorder)
    lines = recorder.journal.path.read_bytes().splitlines(keepends=True)
    recorder.close()
    recorder.journal.path.write_bytes(damage(lines))
    opened.ingest()
    (segment,) = opened.segments()
    assert any(_matches(problem, told) for told in segment.problems), segment.problems
    assert len(opened.spans(run)) == kept


def _matches(pattern: str, text: str) -> bool:
    return pytest.raises(StoreError, match=pattern).matches(StoreError(text))


def test_reading_again_changes_nothing(opened: Store, place: Path) -> None:
    """A segment that is read a second time, whole or in part, adds and changes nothing."""
    recorder = Recorder(opened.open_journal())
    run = record(recorder)
    copy = place.parent / recorder.journal.path.name
    shutil.copy(recorder.journal.path, copy)
    opened.ingest()
    recorder.close()
    opened.ingest()
    before = (opened.spans(run), opened.run(run), opened.segments())
    for _ in range(2):
        shutil.copy(copy, place / "journal" / copy.name)
        opened.ingest()
    assert (opened.spans(run), opened.run(run)) == before[:2]
    assert len(opened.segments()) == 1


def test_a_span_takes_its_last_words_with_it(opened: Store) -> None:
    """What changes between start and end of a span is told once, and the last value stands, long or short."""
    recorder = Recorder(opened.open_journal())
    row = RunRow(id=new_run_id(), suite="s")
    long = "x" * 1000
    with recorder.run(row) as root, recorder.span("a", {"same": 1, "grows": "s", "shrinks": long}) as span:
        opened.ingest()
        span.set_attributes({"grows": long, "shrinks": "s", "odd": b"\xff\x00", "list": ["a", "b"]})
        span.add_link(root.get_span_context(), {"why": "because"})
        span.update_name("b")
    opened.ingest()
    (kept,) = [s for s in opened.spans(row.id) if s.parent_id]
    told = {k: v for k, v in kept.attributes.items() if not k.startswith(Prosaic.RUN_ID)}
    assert told == {"same": 1, "grows": long, "shrinks": "s", "odd": b"\xff\x00", "list": ["a", "b"]}
    assert kept.name == "b"
    assert [(link.span_id, dict(link.attributes)) for link in kept.links] == [(kept.parent_id, {"why": "because"})]
    recorder.close()


def test_spans_of_other_instrumentation_keep_their_scope(opened: Store) -> None:
    """A span that other instrumentation makes within a run says who made it, and belongs to the run."""
    recorder = Recorder(opened.open_journal())
    row = RunRow(id=new_run_id(), suite="s")
    tracer = recorder.provider.get_tracer("other.library", "1.2", "https://example.org/schema")
    with recorder.run(row), tracer.start_as_current_span("theirs"):
        pass
    opened.ingest()
    (kept,) = [s for s in opened.spans(row.id) if s.parent_id]
    assert (kept.scope.name, kept.scope.version, kept.scope.schema_url) == (
        "other.library",
        "1.2",
        "https://example.org/schema",
    )
    recorder.close()


def test_processes_share_a_store(program: Program, place: Path, opened: Store) -> None:
    """Several processes record into one store while another reads it: nobody fails, nothing is lost."""
    code = """
recorder = Recorder(store.open_journal())
print("ready", flush=True)
sys.stdin.readline()
for number in range(8):
    row = begin(recorder)
    with recorder.run(row):
        for act in range(5):
            with recorder.span(f"act {act}", {}):
                pass
    recorder.journal.write({"r": "run", "run": row.to_dict() | {"status": "completed"}})
    store.ingest()
recorder.close()
store.close()
"""
    writers = [program(code) for _ in range(2)]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdin is not None
        assert writer.stdout.readline() == "ready\n"
        writer.stdin.write("go\n")
        writer.stdin.flush()
    while any(writer.poll() is None for writer in writers):
        opened.ingest()
        opened.runs()
        time.sleep(0.01)
    assert [writer.communicate()[1] for writer in writers] == ["", ""]
    opened.ingest()
    runs = opened.runs()
    assert [row.status for row in runs] == ["completed"] * 16
    assert [len(opened.spans(row.id)) for row in runs] == [6] * 16
    assert all(segment.closed and not segment.problems for segment in opened.segments())


def test_opening_journals_while_another_reads(opened: Store, place: Path) -> None:
    """A reader never takes a segment that is just being begun for one that was left behind."""
    other = open_store(place)
    for _ in range(30):
        recorder = Recorder(other.open_journal())
        opened.ingest()
        run = record(recorder, 1)
        opened.ingest()
        assert names(opened, run) == ["invoke_workflow s", "act 0"]
        recorder.close()
    other.close()


def test_fork_gets_a_segment_of_its_own(program: Program, place: Path) -> None:
    """A forked child records into its own segment, and does not keep its dead parent's alive."""
    process = program("""
import warnings
warnings.simplefilter("ignore")
recorder = Recorder(store.open_journal())
row = begin(recorder)
context = recorder.run(row)
context.__enter__()
with recorder.span("parent", {}):
    pass
child = os.fork()
if child == 0:
    with recorder.span("child", recorder.stored("text", "said by the child " * 20)):
        pass
    print(row.id, os.getpid(), flush=True)
    sys.stdin.readline()
    os._exit(0)
os.kill(os.getpid(), signal.SIGKILL)
""")
    assert process.stdout is not None
    run, child = process.stdout.readline().split()
    process.wait()
    store = open_store(place)  # the child lives on
    assert {s.name for s in store.spans(run)} == {"invoke_workflow s", "parent", "child"}
    assert store.run(run).status == "interrupted"
    assert [s.attributes["text"] for s in store.spans(run) if s.name == "child"] == ["said by the child " * 20]
    assert len(list((place / "journal").glob("*.jsonl"))) == 1
    os.kill(int(child), 9)
    process.communicate()
    deadline = time.monotonic() + 10
    while list((place / "journal").glob("*.jsonl")) and time.monotonic() < deadline:
        store.ingest()
    assert not list((place / "journal").glob("*.jsonl"))
    store.close()


def test_full_disk_tears_nothing(program: Program, place: Path) -> None:
    """Where the disk is full, recording ends with the way out; what was recorded is whole; later runs go on."""
    process = program("""
recorder = Recorder(store.open_journal())
row = begin(recorder)
ended = 0
try:
    with recorder.run(row):
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
        for act in range(1000):
            with recorder.span(f"act {act}", recorder.stored("text", f"said {act} " * 50)):
                pass
            ended += 1
except StoreError as error:
    print(row.id, ended, error, flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
""")
    out, err = process.communicate(timeout=60)
    assert not err
    run, ended, message = out.strip().split(" ", 2)
    assert "the disk is full" in message
    assert "Make room" in message
    store = open_store(place)
    spans = store.spans(run)
    assert int(ended) > 10
    assert sum(1 for span in spans if not span.is_open) == int(ended)
    assert all(span.attributes["text"] == f"said {span.name[4:]} " * 50 for span in spans if span.name != spans[0].name)
    (segment,) = store.segments()
    assert segment.problems == ("the process ended without closing its journal",)
    recorder = Recorder(store.open_journal())
    assert names(store, (record(recorder), store.ingest())[0])[0] == "invoke_workflow s"
    recorder.close()
    store.close()


def test_full_disk_of_the_database(program: Program, place: Path) -> None:
    """Where the database cannot grow, the journal keeps what it could not take, and gives it once there is room."""
    process = program("""
recorder = Recorder(store.open_journal())
row = begin(recorder)
with recorder.run(row):
    for act in range(50):
        with recorder.span(f"act {act}", {"text": f"said {act} " * 50}):
            pass
resource.setrlimit(resource.RLIMIT_FSIZE, (8_192, resource.RLIM_INFINITY))
try:
    store.ingest()
except StoreError as error:
    print(row.id, error, flush=True)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
os._exit(0)
""")
    out, _ = process.communicate(timeout=60)
    run, message = out.strip().split(" ", 1)
    assert "tracer.db" in message
    assert "make room" in message
    store = open_store(place)
    assert len(store.spans(run)) == 51
    store.close()


def test_journal_that_cannot_be_begun(opened: Store, place: Path) -> None:
    """A file where the journal should be is named."""
    (place / "journal").write_text("")
    with pytest.raises(StoreError, match=r"cannot write the journal in .*journal: .*"):
        opened.open_journal()


def test_records_are_json_lines(opened: Store) -> None:
    """Every line of a segment is one JSON object, numbered without a gap but for content."""
    recorder = Recorder(opened.open_journal())
    record(recorder)
    lines: list[dict[str, Any]] = [orjson.loads(line) for line in recorder.journal.path.read_bytes().splitlines()]
    numbered = [line["n"] for line in lines if line["r"] != "part"]
    assert numbered == list(range(1, len(numbered) + 1))
    recorder.close()
