"""The seam of the store: what a database has to offer. SQLite is behind it today."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from tracer.spans import Span
from tracer.store.journal import Journal
from tracer.store.rows import RunRow

__all__ = ["Kept", "Segment", "Store"]


@dataclass(frozen=True, slots=True)
class Segment:
    """What is known of one journal segment.

    Attributes:
        name: File name.
        records: Records read so far.
        closed: True once its process has ended in order.
        problems: Torn lines and gaps in the numbering, one line each; empty proves completeness.
    """

    name: str
    records: int
    closed: bool
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of spans that were put into the store.

    Attributes:
        added: How many were new.
        different: Ids that were there already with another content; what was there first stays.
    """

    added: int
    different: tuple[str, ...] = ()


class Store(Protocol):
    """Runs, spans, content and frozen studies, wherever they are kept."""

    @property
    def place(self) -> str:
        """Where the store is, as a user would name it with `--store`."""
        ...

    def open_journal(self, resource: dict[str, Any] | None = None) -> Journal:
        """Begin a journal segment for this process."""
        ...

    def ingest(self) -> int:
        """Take over what the journal segments hold beyond what is known; give the number of records."""
        ...

    def segments(self) -> list[Segment]:
        """List the journal segments ever read."""
        ...

    def add_study(self, frozen: dict[str, Any]) -> None:
        """Keep a frozen study under its hash; the same study twice is one."""
        ...

    def study(self, prefix: str) -> dict[str, Any]:
        """Give the frozen study whose hash begins with `prefix` (StudyError if none or several).

        `frozen_ns` in it says when it was first kept, Unix time in nanoseconds.
        """
        ...

    def studies(self) -> list[dict[str, Any]]:
        """List the frozen studies, newest first."""
        ...

    def put_runs(self, rows: Iterable[RunRow]) -> None:
        """Insert or replace run rows."""
        ...

    def amend_run(self, run: str, change: Callable[[RunRow], RunRow]) -> RunRow:
        """Replace one run row by what `change` makes of it as it is now; nobody else can write in between."""
        ...

    def run(self, prefix: str) -> RunRow:
        """Give the run whose id begins with `prefix` (StoreError if none or several)."""
        ...

    def runs(self, study: str = "", **equal: str) -> list[RunRow]:
        """List runs in the order of their start, of one study and with the given fields."""
        ...

    def put_spans(self, run: str, spans: Sequence[Span]) -> Kept:
        """Add spans from elsewhere to a run; ids that are there already are left alone."""
        ...

    def spans(self, run: str) -> list[Span]:
        """Give the spans of a run with their content, in the order of their start."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...
