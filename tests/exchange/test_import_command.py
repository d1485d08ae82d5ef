"""Whatever `tracer import` is given, it says legibly what it made of it, and the store stays whole."""

from __future__ import annotations

import gzip
import zipfile
from pathlib import Path
from typing import Any

import orjson
import pytest
from click.testing import CliRunner, Result

from tracer.cli.app import cli
from tracer.spans.encode import encode_json
from tracer.spans.span import Span


def document(trace: str = "a", name: str = "chat", **attributes: Any) -> bytes:
    return orjson.dumps(encode_json([Span(trace * 32, "1" * 16, name, 1, 2, attributes=attributes)]))


def call(folder: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--store", str(folder / "store")])


def imported(folder: Path, *arguments: str) -> Any:
    done = call(folder, "import", *arguments, "--json")
    assert done.exit_code == 0, done.output
    return orjson.loads(done.stdout)


def make(folder: Path, what: str) -> None:
    """Put one hostile file beside what is sound."""
    folder.mkdir()
    match what:
        case "truncated":
            noise = [document("b", str(n) * 50) for n in range(2000)]
            (folder / "t.jsonl.gz").write_bytes(gzip.compress(document() + b"\n" + b"\n".join(noise))[:-200])
        case "half a line":
            (folder / "t.jsonl").write_bytes(document() + b"\n" + document("b")[:60])
        case "bomb":
            with zipfile.ZipFile(folder / "t.zip", "w", zipfile.ZIP_DEFLATED) as packed:
                packed.writestr("bomb.json", b"0" * 100_000_000)
                packed.writestr("sound.json", document())
        case "reference":
            told = {"gen_ai.input.messages_ref": "/etc/hostname"}
            (folder / "t.json").write_bytes(document(**told))
        case "other content":
            (folder / "t.jsonl").write_bytes(document() + b"\n" + document(name="changed"))
        case _:
            raise ValueError(what)


@pytest.mark.parametrize(
    ("what", "problem"),
    [
        ("truncated", "a file breaks off"),
        ("half a line", "a line is not JSON"),
        ("bomb", "a packed file unpacks to more than any text would"),
        ("reference", "content is held by reference"),
        ("other content", "a span id comes with different contents"),
    ],
)
def test_hostile_files_are_named_and_importing_again_adds_nothing(tmp_path: Path, what: str, problem: str) -> None:
    """The sound part is in the store, the problem and its place are printed, and a second import finds nothing new."""
    folder = tmp_path / "in"
    make(folder, what)
    first = imported(tmp_path, str(folder))
    assert first["new_spans"] >= 1
    named = [key for key in first["problems"] if problem in key]
    assert named
    assert first["examples"][named[0]]
    again = imported(tmp_path, str(folder))
    assert again["new_spans"] == 0
    legible = call(tmp_path, "import", str(folder))
    assert legible.exit_code == 0
    assert named[0][:30] in legible.output
    assert "Traceback" not in legible.output
    rows = orjson.loads(call(tmp_path, "list", "--json").stdout)
    shown = call(tmp_path, "show", next(row["id"] for row in rows if row["id"] == "a" * 32), "--json")
    assert shown.exit_code == 0


def test_a_reference_out_of_the_named_folder_is_refused(tmp_path: Path) -> None:
    """What `--root` does not hold is not read into the store."""
    make(tmp_path / "in", "reference")
    (tmp_path / "root").mkdir()
    told = imported(tmp_path, str(tmp_path / "in"), "--root", str(tmp_path / "root"))
    assert told["problems"]
    assert told["new_spans"] == 1


def test_the_same_span_with_other_content_later_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    """The first is kept, the difference is counted."""
    (tmp_path / "a.json").write_bytes(document())
    (tmp_path / "b.json").write_bytes(document(name="changed"))
    imported(tmp_path, str(tmp_path / "a.json"))
    before = orjson.loads(call(tmp_path, "show", "a" * 32, "--json").stdout)
    told = imported(tmp_path, str(tmp_path / "b.json"))
    assert told["new_spans"] == 0
    assert "a span id is in the store with another content; the first is kept" in told["problems"]
    after = orjson.loads(call(tmp_path, "show", "a" * 32, "--json").stdout)
    assert after["steps"] == before["steps"]


def test_an_empty_folder_is_no_failure(tmp_path: Path) -> None:
    """Nothing is there, nothing is imported, and that is what is said."""
    (tmp_path / "in").mkdir()
    assert "0 runs from 0 files" in call(tmp_path, "import", str(tmp_path / "in")).output
