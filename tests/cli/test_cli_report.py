"""`tracer report` and `tracer verdict --bundle`: from a study to a page, and from one file back to every number."""

from __future__ import annotations

import shutil
import zipfile
from pathlib import Path
from typing import Any

import pytest


def test_report_is_written_in_every_form(command: Any, filled: Path, here: Path) -> None:
    """Markdown to the terminal; Markdown and HTML to files; of the study named, else of the newest."""
    store = ("--store", str(filled))
    study = command("list", "--studies", "--json", *store).json[-1]["hash"]
    printed = command("report", study[:12], *store)
    assert (printed.code, printed.err) == (0, "")
    assert "# quiz" in printed.out
    assert study in printed.out
    assert command("report", study[:12], "--to", "r.md", "--to", "r.html", *store).code == 0
    assert (here / "r.md").read_text() == printed.out
    assert "<svg" in (here / "r.html").read_text()
    assert "not testable" in command("report", *store).out
    assert "as .md, .html or .pdf" in command("report", "--to", "r.doc", *store).err
    assert "a bundle is a zip" in command("report", "--bundle", "r", *store).err
    assert "cannot write" in command("report", "--to", "no/where.md", *store).err


def test_pdf_or_a_clear_line(command: Any, filled: Path, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PDF is printed where a browser is installed; where none is, the way out is told."""
    store = ("--store", str(filled))
    if shutil.which("chromium"):
        assert command("report", "--to", "r.pdf", *store).code == 0
        assert (here / "r.pdf").read_bytes()[:5] == b"%PDF-"
    monkeypatch.setenv("PATH", str(here))
    without = command("report", "--to", "s.pdf", *store)
    assert without.code == 2
    assert "write the .html" in without.err


def test_bundle_is_judged_again_and_refused_when_edited(command: Any, filled: Path, here: Path) -> None:
    """A bundle gives the verdicts of its study without the store, says so, and is refused once a file was changed."""
    store = ("--store", str(filled))
    study = command("list", "--studies", "--json", *store).json[-1]["hash"]
    written = command("report", study, "--bundle", "out.zip", *store)
    assert written.code == 0, written.err
    head = written.out.rsplit("head ", 1)[1].strip()
    alone = command("verdict", "--bundle", "out.zip")
    assert alone.code == 0, alone.err
    assert "Every number is that of the bundle, to 1e-12." in alone.out
    assert head in alone.out
    assert command("verdict", "--bundle", "out.zip", "--json").json == command("verdict", study, "--json", *store).json
    assert "not both" in command("verdict", study, "--bundle", "out.zip", *store).err
    with zipfile.ZipFile(here / "out.zip") as packed:
        contents = {name: packed.read(name) for name in packed.namelist()}
        spans = contents["spans.jsonl"].splitlines()
    assert len(spans) == 8
    assert b"resourceSpans" in spans[0]
    contents["runs.jsonl"] = contents["runs.jsonl"].replace(b'"moved":1', b'"moved":0')
    with zipfile.ZipFile(here / "out.zip", "w") as packed:
        for name, body in contents.items():
            packed.writestr(name, body)
    refused = command("verdict", "--bundle", "out.zip")
    assert (refused.code, refused.out) == (2, "")
    assert "runs.jsonl is not what was bundled" in refused.err
