"""The loader of content files, through its public door."""

from __future__ import annotations

import dataclasses
import re
import sys
from pathlib import Path

import pytest

from tracer.addresses import list_shipped, load_object, loaded_files, refresh, resolve_file, shipped_root
from tracer.errors import AddressError, SuiteError


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's own folder, worked in."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder.resolve()


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def test_relative_path_is_looked_for_in_the_working_folder_first(project: Path) -> None:
    """A user's file wins over a shipped one of the same address."""
    write(project / "agents/react.py", "build = 'mine'")
    assert load_object("agents/react.py:build") == "mine"


def test_dataclass_under_future_annotations_loads(project: Path) -> None:
    """A dataclass resolves its string annotations, which needs the module in `sys.modules`."""
    write(
        project / "mine.py",
        "from __future__ import annotations\n"
        "from dataclasses import dataclass\n"
        "from typing import ClassVar\n"
        "@dataclass\nclass Plan:\n    goal: str\n    kind: ClassVar[str] = 'plan'\n",
    )
    plan = load_object("mine.py:Plan")
    assert [field.name for field in dataclasses.fields(plan)] == ["goal"]


def test_relative_imports_work_between_content_files(project: Path) -> None:
    """A content file may import its siblings, a package beside it, and a file one folder up."""
    write(project / "lab/agents/tools.py", "hammer = 'hammer'")
    write(project / "lab/shared.py", "nail = 'nail'")
    write(project / "lab/agents/kit/__init__.py", "from .parts import screw\n")
    write(project / "lab/agents/kit/parts.py", "screw = 'screw'")
    write(
        project / "lab/agents/joiner.py",
        "from ..shared import nail\nfrom .kit import screw\nfrom .tools import hammer\nbuild = (hammer, nail, screw)\n",
    )
    assert load_object("lab/agents/joiner.py:build") == ("hammer", "nail", "screw")
    assert {Path(file).name for file in loaded_files().values()} >= {"joiner.py", "tools.py", "shared.py", "parts.py"}


def test_same_basename_in_two_folders_gives_two_modules(project: Path) -> None:
    """`agents/react.py` and `scenarios/react.py` never stand in for each other."""
    write(project / "agents/twin.py", "name = 'stack'")
    write(project / "scenarios/twin.py", "name = 'suite'")
    assert (load_object("agents/twin.py:name"), load_object("scenarios/twin.py:name")) == ("stack", "suite")


def test_same_address_from_two_working_folders_gives_two_modules(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address is relative to the folder one works in, also within one process."""
    write(project / "mine.py", "name = 'first'")
    write(tmp_path / "other/mine.py", "name = 'second'")
    first = load_object("mine.py:name")
    monkeypatch.chdir(tmp_path / "other")
    assert (first, load_object("mine.py:name")) == ("first", "second")


@pytest.mark.parametrize("address", ["../outside.py:build", "{parent}/outside.py:build"])
def test_file_outside_the_roots_loads_with_its_siblings(project: Path, address: str) -> None:
    """A file beside the working folder is a stack as good as any, by a relative or an absolute path."""
    write(project.parent / "helper.py", "value = 7")
    write(project.parent / "outside.py", "from .helper import value\nbuild = value\n")
    assert load_object(address.format(parent=project.parent)) == 7


def test_file_below_a_folder_that_is_no_identifier_loads(project: Path) -> None:
    """Only the file itself needs a name that is an identifier; `my-lab/` may be called what it likes."""
    write(project / "my-lab/helper.py", "value = 7")
    write(project / "my-lab/mine.py", "from .helper import value\n")
    assert load_object("my-lab/mine.py:value") == 7


def test_folder_beside_a_module_of_its_name_loads(project: Path) -> None:
    """An `agents.py` in the working folder does not hide the files in `agents/`."""
    write(project / "agents.py", "build = 'module'")
    write(project / "agents/mine.py", "build = 'file'")
    assert (load_object("agents.py:build"), load_object("agents/mine.py:build")) == ("module", "file")


def test_a_file_is_loaded_once(project: Path) -> None:
    """Two addresses of one file share its module, so what they define is the same object."""
    write(project / "mine.py", "build = object()\nother = build\n")
    assert load_object("mine.py:build") is load_object(f"{project}/mine.py:other")


def test_content_never_shadows_an_installed_module(project: Path) -> None:
    """A user's `agents/` folder leaves `import agents` to the OpenAI Agents SDK."""
    write(project / "agents/__init__.py", "")
    write(project / "agents/mine.py", "from agents import Agent\nbuild = Agent\n")
    before = sys.path.copy()
    assert load_object("agents/mine.py:build").__module__ == "agents.agent"
    assert sys.path == before


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("agents/react.py", "is not an address: write path/to/file.py:name"),
        ("agents/react:build", "is not an address"),
        ("agents/react.py:", "is not an address"),
        ("agents/react.py:build()", "is not an address"),
        ("", "is not an address"),
        ("nowhere.py:build", "no file 'nowhere.py' in .*project or among the files that come with tracer$"),
        ("../nowhere.py:build", "no file '../nowhere.py' in .*project or among the files that come with tracer$"),
        ("/no/where.py:build", "no file '/no/where.py': check the path"),
        ("agents/nowhere.py:build", "shipped are: .*agents/react.py"),
        ("folder.py:build", "no file 'folder.py'"),
        ("not-a-name.py:build", "'not-a-name' cannot be part of an address; use letters, digits and underscores"),
        ("mine.py:biuld", "mine.py defines no 'biuld'; it has: build"),
        ("hidden.py:build", "hidden.py is hidden by .*__init__.py: rename"),
        ("crowded.py:suite", "crowded.py defines no 'suite'; it has: mine, my_suite, says, LIMIT$"),
        ("invalid.py:suite", r"line 2: ValidationError: Condition: name: Field required \(given {}\); mend the file$"),
        ("syntax.py:build", r"syntax.py, line 2: SyntaxError: .*; mend the file"),
        ("missing.py:build", r"missing.py, line 1: ModuleNotFoundError: No module named 'no_such_module'"),
        ("raising.py:build", r"raising.py, line 3: ZeroDivisionError: division by zero"),
        ("indirect.py:build", r"raising.py, line 3: ZeroDivisionError"),
        ("deep.py:build", r"deep.py, line 2: JSONDecodeError: "),
        ("latin.py:build", r"latin.py, line \d: SyntaxError"),
    ],
)
def test_what_cannot_be_loaded_is_named_with_its_cause(project: Path, address: str, message: str) -> None:
    """A mistyped address or a broken file gives one message that says where and what to do."""
    write(project / "mine.py", "build = 1")
    write(project / "not-a-name.py", "build = 1")
    write(
        project / "crowded.py",
        "from __future__ import annotations\nimport json\nfrom json import loads\nfrom typing import Any, Literal\n"
        "from tracer import Condition, Suite\nLIMIT = 1\nmine: Any = Condition(name='c')\nmy_suite = 2\n"
        "def says():\n    return loads\n",
    )
    write(project / "invalid.py", "from tracer import Condition\nsuite = Condition()\n")
    write(project / "hidden.py", "build = 1")
    write(project / "hidden/__init__.py", "build = 2")
    write(project / "folder.py/note.txt", "")
    write(project / "syntax.py", "ok = 1\nbuild = (1\n")
    write(project / "missing.py", "import no_such_module\n")
    write(project / "raising.py", "def f():\n\n    return 1 / 0\nbuild = f()\n")
    write(project / "indirect.py", "from .raising import build\n")
    write(project / "deep.py", "import json\nbuild = json.loads('[')\n")
    (project / "latin.py").write_bytes(b"build = '\xe9'\n")
    with pytest.raises(AddressError, match=re.compile(message, re.DOTALL)):
        load_object(address)


def test_a_mended_file_loads_after_a_failure(project: Path) -> None:
    """A failed load leaves nothing behind: the next one reads the file anew."""
    write(project / "mine.py", "build = (\n")
    with pytest.raises(AddressError):
        load_object("mine.py:build")
    write(project / "mine.py", "build = 'mended'\n")
    assert load_object("mine.py:build") == "mended"


def test_an_error_that_a_person_can_mend_is_told_with_its_line(project: Path) -> None:
    """What the product itself says about a suite keeps its kind and words, behind the line that it is about."""
    write(project / "mine.py", "from tracer.errors import SuiteError\nraise SuiteError('no scenarios')\n")
    with pytest.raises(SuiteError, match=r"mine.py, line 2: no scenarios$"):
        load_object("mine.py:suite")


def test_every_shipped_file_can_be_addressed() -> None:
    """What is listed as shipped is found from any working folder."""
    for folder in ("agents", "scenarios"):
        listed = list_shipped(folder)
        assert listed, f"nothing is shipped in {folder}/"
        assert [resolve_file(path) for path in listed] == [(shipped_root() / path).resolve() for path in listed]


def test_changed_file_is_read_anew_after_refresh(tmp_path: Path) -> None:
    """Who mends a suite in a notebook and runs it again runs what is in the file, and a running study does not."""
    (tmp_path / "part.py").write_text("WORD = 'old'\n")
    file = tmp_path / "suite_in_a_notebook.py"
    file.write_text("from .part import WORD\n")
    assert load_object(f"{file}:WORD") == "old"
    (tmp_path / "part.py").write_text("WORD = 'new and longer'\n")
    assert load_object(f"{file}:WORD") == "old"
    refresh()
    assert load_object(f"{file}:WORD") == "new and longer"
