"""Stores in temporary folders, and programs that are run and killed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tracer.store import Store, open_store

PRELUDE = """
import os, signal, sys, time, resource, threading
from pathlib import Path
from tracer.errors import StoreError
from tracer.recording import Recorder, new_run_id
from tracer.store import RunRow, open_store

store = open_store(sys.argv[1])

def begin(recorder, suite="s"):
    row = RunRow(id=new_run_id(), suite=suite, started_ns=time.time_ns())
    recorder.journal.write({"r": "run", "run": row.to_dict()})
    return row
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where a store is, or will be."""
    return tmp_path / "store"


@pytest.fixture
def opened(place: Path) -> Iterator[Store]:
    """A new store."""
    store = open_store(place)
    yield store
    store.close()


@pytest.fixture
def program(place: Path) -> Iterator[Callable[[str], subprocess.Popen[str]]]:
    """Start a Python program on the store at `place`."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-W", "error", "-c", PRELUDE + code, str(place)]
        started.append(
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()
