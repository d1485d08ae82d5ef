"""The `tracer` command in this process, with the quiz of tests/runner in the working folder."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import pytest

import tracer
from tracer.cli import main

QUIZ = Path(__file__).parents[1] / "runner" / "quiz.py"
Tracer = Callable[..., "Printed"]


@dataclass(frozen=True)
class Printed:
    """What a command came to."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return orjson.loads(self.out)


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    shutil.copy(QUIZ, tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def command(here: Path, capsys: pytest.CaptureFixture[str]) -> Tracer:
    """Give `tracer` as a function from arguments to what it printed."""

    def call(*arguments: str) -> Printed:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(arguments)
        printed = capsys.readouterr()
        assert isinstance(ended.value.code, int)
        return Printed(ended.value.code, printed.out, printed.err)

    return call


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with one study of eight runs, made once; do not write into it."""
    folder = tmp_path_factory.mktemp("filled")
    shutil.copy(QUIZ, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        tracer.run("quiz.py:suite", n=2, store=folder / "store")
        tracer.run("quiz.py:suite", n=1, stack="quiz.py:broken", store=folder / "store")
    return folder / "store"
