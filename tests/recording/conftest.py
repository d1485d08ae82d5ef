"""A run recorded into a store, and what is in the store afterwards."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tracer.recording import Emitter, LangGraphRecorder, Recorder, context_in_threads, new_run_id, recording_stage
from tracer.spans import Span
from tracer.spans.names import GenAI, Prosaic
from tracer.store import RunRow, Store, open_store
from tracer.testing import Script


@dataclass
class Recording:
    """Records runs as `tracer run` does, and gives their spans."""

    store: Store
    recorder: Recorder
    runs: list[str] = field(default_factory=list[str])

    @contextlib.contextmanager
    def run(self) -> Generator[LangGraphRecorder]:
        """Record one run; what is given is its callback handler."""
        row = RunRow(id=new_run_id(), suite="s")
        self.runs.append(row.id)
        with context_in_threads(), self.recorder.run(row):
            yield LangGraphRecorder(self.recorder)

    @property
    def emit(self) -> Emitter:
        return Emitter(self.recorder)

    def chat(self, script: Script) -> Any:
        """Give a chat model that is recorded at the wire too."""
        return script.for_run(recording_stage(self.recorder)).chat

    def client(self, script: Script) -> Any:
        return script.for_run(recording_stage(self.recorder)).client

    def spans(self, run: int = -1) -> list[Span]:
        """Give the spans of a run but for its root."""
        self.store.ingest()
        return [span for span in self.store.spans(self.runs[run]) if span.parent_id is not None]

    def of(self, operation: str, run: int = -1) -> list[Span]:
        """Give the spans of one operation."""
        return [span for span in self.spans(run) if span.attributes.get(GenAI.OPERATION) == operation]

    def tree(self, run: int = -1) -> dict[str, Any]:
        """Give span names as nested dicts; a name that stands twice under one parent gets a number."""
        self.store.ingest()
        spans = self.store.spans(self.runs[run])
        (root,) = [span for span in spans if span.parent_id is None]

        def below(parent: str) -> dict[str, Any]:
            found: dict[str, Any] = {}
            for span in spans:
                if span.parent_id == parent:
                    twice = sum(1 for name in found if name.split(" #")[0] == span.name)
                    found[f"{span.name} #{twice + 1}" if twice else span.name] = below(span.span_id)
            return found

        return below(root.span_id)


def nodes(spans: list[Span]) -> list[Any]:
    return [span.attributes.get(Prosaic.NODE) for span in spans]


@pytest.fixture
def recording(tmp_path: Path) -> Iterator[Recording]:
    """A recorder on a new store."""
    store = open_store(tmp_path / "store")
    recorder = Recorder(store.open_journal())
    yield Recording(store, recorder)
    recorder.close()
    store.ingest()
    problems = [problem for segment in store.segments() for problem in segment.problems]
    store.close()
    assert not problems
