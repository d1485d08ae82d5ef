"""Whatever is given to the importer is read as far as it can be, and every problem is counted."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import random
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from tracer.errors import ImportFailure
from tracer.exchange.reading import ImportOptions, read_runs, read_spans
from tracer.exchange.recipe import load_recipe
from tracer.exchange.report import ImportReport
from tracer.spans.encode import encode_json
from tracer.spans.protobuf import encode_protobuf
from tracer.spans.span import Span
from tracer.trajectory import build_trajectory, summary


def spans(count: int, trace: str = "a") -> list[Span]:
    root = Span(trace * 32, "f" * 16, "invoke_agent a", 1, 10**6, attributes={"gen_ai.operation.name": "invoke_agent"})
    return [root] + [
        Span(trace * 32, f"{n:016x}", f"chat {n}", n * 10, n * 10 + 5, parent_id="f" * 16) for n in range(1, count)
    ]


def document(count: int = 3, trace: str = "a") -> bytes:
    return orjson.dumps(encode_json(spans(count, trace)))


def read(*paths: Path, **options: Any) -> tuple[list[Span], ImportReport]:
    report = ImportReport()
    return list(read_spans(list(map(str, paths)), ImportOptions(**options), report)), report


@pytest.mark.parametrize(
    ("name", "pack"),
    [
        ("t.json", bytes),
        ("t.json.gz", gzip.compress),
        ("t.json.xz", lzma.compress),
        ("t.json.bz2", bz2.compress),
        ("t.json.zst", zstandard.compress),
        ("t.jsonl", bytes),
        ("t.txt", bytes),
    ],
)
def test_a_document_is_read_however_it_is_packed(tmp_path: Path, name: str, pack: Callable[[bytes], bytes]) -> None:
    """Plain, gzip, xz, bzip2 and zstd, by any name."""
    file = tmp_path / name
    file.write_bytes(pack(document()))
    found, report = read(file)
    assert len(found) == 3
    assert not report.problems


def test_lines_folders_globs_and_archives(tmp_path: Path) -> None:
    """JSON lines, all files of a folder, of a glob, of a tar and of a zip."""
    lines = b"\n".join(document(2, trace) for trace in "abc") + b"\n\n"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.jsonl").write_bytes(lines)
    with tarfile.open(tmp_path / "in" / "b.tar.xz", "w:xz") as tar:
        member = tarfile.TarInfo("x/t.json")
        member.size = len(document())
        tar.addfile(member, io.BytesIO(document()))
    with zipfile.ZipFile(tmp_path / "in" / "c.zip", "w") as packed:
        packed.writestr("t.json", document())
    assert len(read(tmp_path / "in")[0]) == 12
    assert len(read(Path(str(tmp_path / "in" / "*.jsonl")))[0]) == 6


@pytest.mark.parametrize("framed", [False, True])
def test_protobuf_alone_and_in_the_file_exporters_frames(tmp_path: Path, framed: bool) -> None:
    """One message, or messages with their lengths before them."""
    message = encode_protobuf(spans(4))
    file = tmp_path / "t.binpb"
    file.write_bytes((len(message).to_bytes(4, "big") + message) * 2 if framed else message)
    assert len(read(file)[0]) == (8 if framed else 4)


@pytest.mark.parametrize(
    ("name", "data", "count", "problem"),
    [
        ("t.jsonl", document() + b"\n" + document()[:100], 3, "a line is not JSON"),
        ("t.jsonl", b'{"half\n' + document(), 3, "a line is not JSON"),
        ("t.jsonl.gz", gzip.compress(document() + b"\n" + document(40))[:-20], 3, "a file breaks off"),
        ("t.json", document()[:-20], 2, "a document is not JSON, or breaks off"),
        ("t.json", document()[:-250], 2, "whole spans were saved out of a broken document"),
        (
            "t.json",
            orjson.dumps(orjson.loads(document()), option=orjson.OPT_INDENT_2)[:-40],
            3,
            "a document is not JSON",
        ),
        ("t.json", b"\x00\x01\x02", 0, "a document is not JSON, or breaks off"),
        ("t.json.gz", b"not gzip", 0, "a file breaks off"),
        ("t.binpb", b"\xff\xff\xff\xff\xff", 0, "not OTLP protobuf"),
        ("t.zip", b"PK nonsense", 0, "an archive cannot be read"),
        ("t.tar.gz", gzip.compress(b"x" * 2000), 0, "an archive breaks off"),
        ("t.json", b"[" * 10_000 + b"]" * 10_000, 0, ""),
        ("t.json", b'{"a": 1}', 0, "a record is of no known form"),
        ("t.json", b"", 0, ""),
        ("t.json", b"\xef\xbb\xbf" + document(), 3, ""),
    ],
)
def test_damage_is_counted_and_the_rest_is_read(
    tmp_path: Path, name: str, data: bytes, count: int, problem: str
) -> None:
    """What comes before the damage is there, and the books name the problem and the file."""
    file = tmp_path / name
    file.write_bytes(data)
    found, report = read(file)
    assert len(found) == count
    if problem:
        named = [key for key in report.problems if key.startswith(problem)]
        assert named
        assert name in report.examples[named[0]][0]
    if not count:
        assert any(name in key for key in report.skipped) or report.problems


def test_documents_that_follow_one_another(tmp_path: Path) -> None:
    """Indented documents without a list around them, as appended by careless writers."""
    file = tmp_path / "t.json"
    parts = [orjson.dumps(encode_json(spans(2, trace)), option=orjson.OPT_INDENT_2) for trace in "abc"]
    file.write_bytes(b"\n".join(parts))
    assert len(read(file)[0]) == 6


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    """A member that unpacks to far more than any text, or a document beyond the limit, is named and left."""
    bomb = tmp_path / "bomb.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("t.json", b"0" * 100_000_000)
    found, report = read(bomb)
    assert not found
    assert "a packed file unpacks to more than any text would" in report.problems
    big = tmp_path / "big.json.gz"
    big.write_bytes(gzip.compress(b"0" * 5_000_000))
    _, report = read(big, most_bytes=1_000_000)
    assert report.problems


def test_a_large_value_is_content_like_any_other(tmp_path: Path) -> None:
    """An attribute of 70 MB is read."""
    file = tmp_path / "t.json"
    told = Span("a" * 32, "1" * 16, "s", 1, 2, attributes={"k": "x" * 70_000_000})
    file.write_bytes(orjson.dumps(encode_json([told])))
    (found,), _ = read(file)
    assert len(found.attributes["k"]) == 70_000_000


def test_a_path_that_names_nothing_is_refused(tmp_path: Path) -> None:
    """A typing error is no empty import."""
    with pytest.raises(ImportFailure, match="there is no file"):
        list(read_spans([str(tmp_path / "nothing.json")]))


@pytest.mark.parametrize(
    ("reference", "read_it"),
    [
        ("content.json", True),
        ("{root}/content.json", True),
        ("file://{root}/content.json", True),
        ("../secret.json", False),
        ("/etc/hostname", False),
        ("file:///etc/hostname", False),
        ("http://127.0.0.1:1/content.json", False),
        ("gs://bucket/other.json", False),
        ("link.json", False),
        ("a\0b", False),
    ],
)
def test_references_are_read_from_named_folders_only(tmp_path: Path, reference: str, read_it: bool) -> None:
    """Neither `..`, nor absolute paths, nor links, nor other hosts lead out of the folders that the user names."""
    root = tmp_path / "root"
    root.mkdir()
    (root / "content.json").write_text('[{"role": "user", "content": "hi"}]')
    (tmp_path / "secret.json").write_text("secret")
    (root / "link.json").symlink_to(tmp_path / "secret.json")
    told = {"gen_ai.input.messages_ref": reference.replace("{root}", str(root))}
    file = tmp_path / "t.json"
    file.write_bytes(orjson.dumps(encode_json([Span("a" * 32, "1" * 16, "s", 1, 2, attributes=told)])))
    (found,), report = read(file, roots=(root,))
    assert ("gen_ai.input.messages" in found.attributes) is read_it
    assert bool(report.problems) is not read_it
    (found,), report = read(file)
    assert "gen_ai.input.messages" not in found.attributes
    assert "content is held by reference; name the folder that holds it" in report.problems


def test_the_same_file_twice_gives_the_same_runs(tmp_path: Path) -> None:
    """Ids of runs and spans depend on the content alone, so that importing again adds nothing."""
    (tmp_path / "a.json").write_bytes(document())
    chat = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
    (tmp_path / "b.json").write_bytes(orjson.dumps({"messages": chat}))
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "b.json").write_bytes(orjson.dumps({"messages": chat}))
    first = {run.id: {span.span_id for span in run.spans} for run in read_runs([str(tmp_path)])}
    again = {run.id: {span.span_id for span in run.spans} for run in read_runs([str(tmp_path)])}
    assert first == again
    assert len(first) == 2


def test_traces_that_come_mixed_are_told_apart(tmp_path: Path) -> None:
    """Spans of many traces, line by line in any order, become one run each."""
    every = [span for trace in "abcdef" for span in spans(5, trace)]
    random.Random(1).shuffle(every)
    file = tmp_path / "t.jsonl"
    file.write_bytes(b"\n".join(orjson.dumps(encode_json([span])) for span in every))
    runs = list(read_runs([str(file)]))
    assert sorted(run.id for run in runs) == sorted(trace * 32 for trace in "abcdef")
    assert all(len(run.spans) == 5 for run in runs)


RECIPE = """
name = "my-form"
match = ["task", "dialogue"]
id = "{task.id}"
messages = "dialogue"
agent = "solver"

[message]
role = "who"
content = "says"
calls = "does"

[conditions]
lane = "path:/lane_([a-z]+)/"
split = "const:test"
hint = "task.hint"

[outcome]
won = "result.won"
"""


def test_a_form_of_ones_own_takes_a_recipe(tmp_path: Path) -> None:
    """Fields, speaker, tool calls, outcome and conditions from field, path and constant, in under 30 lines."""
    assert RECIPE.count("\n") < 30
    (tmp_path / "my.toml").write_text(RECIPE)
    (tmp_path / "lane_left").mkdir()
    record = {
        "task": {"id": 7, "hint": True},
        "dialogue": [
            {"who": "system", "says": "You solve."},
            {"who": "user", "says": "How warm is it?"},
            {"who": "assistant", "does": [{"id": "c", "function": {"name": "look", "arguments": "{}"}}]},
            {"who": "tool", "says": "18 C, sunny in Paris", "tool_call_id": "c"},
            {"who": "assistant", "says": "It is 18 C."},
            {"who": "user", "says": "Thanks."},
        ],
        "result": {"won": True},
    }
    file = tmp_path / "lane_left" / "runs.jsonl"
    file.write_bytes(orjson.dumps(record))
    (run,) = read_runs([str(file)], ImportOptions(recipe=load_recipe(tmp_path / "my.toml")))
    assert run.conditions == {"lane": "left", "split": "test", "hint": True}
    assert (run.outcome, run.scenario, run.answer) == ({"won": True}, "7", "It is 18 C.")
    told = summary(build_trajectory(run.spans, id=run.id))
    assert told["steps"] == {"workflow": 1, "agent": 1, "model": 2, "tool": 1, "human": 1}
    assert told["agents"] == ["solver"]
    assert told["edges"]["requests"] == told["edges"]["returns"] == 1


@pytest.mark.parametrize("text", ["name = 3", "not toml", 'name = "x"\nunknown = 1', 'form = "calls"'])
def test_a_recipe_that_is_not_well_formed_is_refused(tmp_path: Path, text: str) -> None:
    """The message names the recipe."""
    (tmp_path / "my.toml").write_text(text)
    with pytest.raises(ImportFailure, match=r"recipe .*my.toml is not well formed"):
        load_recipe(tmp_path / "my.toml")


def test_a_recipe_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The message lists what there is."""
    with pytest.raises(ImportFailure, match="agentdojo"):
        load_recipe(tmp_path / "nothing.toml")


def test_speakers_are_agents_of_their_own(tmp_path: Path) -> None:
    """In a conversation of several, each speaker is an agent, and what runs code is a tool."""
    history = [
        {"role": "assistant", "name": "Planner", "content": "We should count the lines of the file."},
        {"role": "assistant", "name": "Coder", "content": "print(42)"},
        {"role": "user", "name": "Computer_terminal", "content": "exit code 0: 42"},
        {"role": "assistant", "name": "Planner", "content": "The answer is 42."},
    ]
    record = {"history": history, "mistake_agent": "Coder", "mistake_step": "1", "question_ID": "q"}
    (tmp_path / "r.json").write_text(json.dumps(record))
    (run,) = read_runs([str(tmp_path / "r.json")])
    made = build_trajectory(run.spans, id=run.id)
    assert summary(made)["agents"] == ["Coder", "Planner"]
    assert [
        (s.data.get("index"), str(s.kind), made.agents[s.agent]) for s in made.steps if s.agent and "index" in s.data
    ] == [
        (0, "model", "Planner"),
        (1, "model", "Coder"),
        (2, "tool", "Coder"),
        (3, "model", "Planner"),
    ]


@settings(max_examples=150)
@given(st.data())
def test_no_bytes_crash_the_readers(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    """Sound files with bytes flipped, cut or put in are read or named, never a crash."""
    name, sound = data.draw(
        st.sampled_from(
            [
                ("t.json", document()),
                ("t.jsonl", document() + b"\n" + document()),
                ("t.binpb", encode_protobuf(spans(3))),
                ("t.json.gz", gzip.compress(document())),
                ("t.json", b'{"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "x"}]}'),
            ]
        )
    )
    broken = bytearray(sound)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, max(len(broken) - 1, 0)))
        what = data.draw(st.sampled_from(["flip", "cut", "put"]))
        if what == "flip" and broken:
            broken[at] = data.draw(st.integers(0, 255))
        elif what == "cut":
            del broken[at : at + data.draw(st.integers(1, 40))]
        else:
            broken[at:at] = data.draw(st.binary(max_size=20))
    file = tmp_path_factory.mktemp("fuzz") / name
    file.write_bytes(bytes(broken))
    report = ImportReport()
    for run in read_runs([str(file)], report=report):
        build_trajectory(run.spans, id=run.id)
