"""A run with an open door before a model that says what it is told to."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tracer.gateway import Addresses, Door, ToolOffer, open_door
from tracer.models import Meter, Model, RunCalls
from tracer.recording import Recorder, new_run_id, recording_stage
from tracer.spans import Span
from tracer.store import RunRow, Store, open_store
from tracer.testing import Turn, scripted_model


@dataclass
class House:
    """A store with its recorder, and doors of runs on demand."""

    store: Store
    recorder: Recorder

    @contextlib.contextmanager
    def run(self, model: Model, *, max_calls: int | None = None, tools: tuple[ToolOffer, ...] = ()) -> Generator[Stay]:
        """Open the door of a run before a model."""
        row = RunRow(new_run_id())
        with self.recorder.run(row):
            stages = (recording_stage(self.recorder, whole=True),)
            meter = Meter(max_calls=max_calls)
            calls = model.for_run(RunCalls(seed_of=lambda n: 100 + n, meter=meter, temperature=0.5, stages=stages))
            with open_door(Door(row.id, calls, self.recorder, tools)) as at:
                yield Stay(self, row.id, at, meter)

    @contextlib.contextmanager
    def scripted(self, *turns: Turn, **options: Any) -> Generator[Stay]:
        """Open the door of a run before a model that says what it is told to."""
        with scripted_model(*turns) as script, self.run(script.model, **options) as stay:
            yield stay


@dataclass
class Stay:
    """A run that can be reached from outside."""

    house: House
    run: str
    at: Addresses
    meter: Meter

    def spans(self) -> list[Span]:
        """Give its spans without the root, once they have ended: a client hears of an end before its span does."""
        deadline = time.monotonic() + 10
        while True:
            self.house.store.ingest()
            mine = [s for s in self.house.store.spans(self.run) if not s.name.startswith("invoke_workflow")]
            if all(span.end_ns is not None for span in mine) or time.monotonic() > deadline:
                return mine
            time.sleep(0.02)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A fresh store with a recorder."""
    with contextlib.closing(open_store(tmp_path / "store")) as store:
        recorder = Recorder(store.open_journal())
        yield House(store, recorder)
        recorder.close()
