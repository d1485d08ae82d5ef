"""Code that a system under study has written is run with limits, and leaves nothing behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from tracer.addresses import load_object

outcome = load_object("scenarios/worlds/sandbox/testing.py:outcome")

EVIL = {
    "loops": ("while True:\n    pass", "TimeoutError"),
    "eats memory": ("held = 'x' * (1 << 31)", "MemoryError"),
    "floods": ("for _ in range(10**6):\n    print('x' * 100)", "xxx"),
    "forks": ("import os\nos.fork()", "may not use os.fork"),
    "starts a program": ("import subprocess\nsubprocess.run(['ls'])", "may not use"),
    "opens a socket": ("import socket\nsocket.socket().connect(('127.0.0.1', 9))", "may not use socket"),
    "writes outside": ("open(PLACE, 'w')", "may not touch what lies outside"),
    "removes outside": ("import os\nos.remove(PLACE)", "may not touch what lies outside"),
    "exits": ("raise SystemExit(0)", "FAILED: SystemExit"),
    "sleeps": ("import time\ntime.sleep(60)", "TimeoutError"),
}


@pytest.mark.parametrize(("code", "told"), EVIL.values(), ids=EVIL)
def test_code_that_misbehaves_is_held(tmp_path: Path, code: str, told: str) -> None:
    """It ends, says why it failed, never counts as passing, and what lies outside of its folder stays as it was."""
    kept = tmp_path / "kept.txt"
    kept.write_text("as it was")
    body = code.replace("PLACE", repr(str(kept))).replace("\n", "\n    ")
    try:
        said = outcome((("tests.py", f"def test_it():\n    {body}\n"),), 1)
    except TimeoutError as error:
        said = f"TimeoutError: {error}"
    assert told in said
    assert "all tests pass" not in said
    assert len(said) < 5000
    assert kept.read_text() == "as it was"
    assert list(tmp_path.iterdir()) == [kept]


def test_what_tests_print_depends_on_the_files_alone() -> None:
    """The same files give the same words, without the name of the folder that they ran in."""
    files = (("tests.py", "def test_it():\n    print(__file__)\n"),)
    said = outcome(files)
    outcome.cache_clear()
    assert said == outcome(files) == "./tests.py\ntest_it ok\nall tests pass"
