"""Journal segment -> database: idempotent, resumable, and honest about gaps."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson

from tracer.spans.names import Prosaic, RunStatus
from tracer.store.content import dump_json
from tracer.store.journal import is_abandoned, read_records
from tracer.store.rows import RunRow

__all__ = ["SegmentReader", "write_run"]


class SegmentReader:
    """Takes one segment over, from where the last reader stopped."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.finished = False
        self._spans: dict[str, dict[str, Any]] = {}
        self._closed = False
        self._last = 0
        self._problems: list[str] = []
        self._actions: dict[str, Callable[[sqlite3.Connection, dict[str, Any]], None]] = {
            "part": self._part,
            "start": self._start,
            "end": self._end,
            "run": self._run,
            "close": self._close,
        }

    def take(self, database: sqlite3.Connection) -> int:
        """Read on within the caller's transaction and give the number of records taken."""
        abandoned = is_abandoned(self.path)
        known = database.execute(
            "SELECT offset, last, closed, problems FROM segments WHERE name = ?", (self.path.name,)
        ).fetchone()
        offset, self._last, self._closed, problems = known or (0, 0, 0, "")
        self._problems = list(str(problems).splitlines())
        taken = 0
        try:
            for record, offset_after in read_records(self.path, offset):
                self._take_one(database, record, offset)
                offset = offset_after
                taken += 1
        except FileNotFoundError:  # another process took the rest and removed it
            return taken
        self._flush(database)
        if abandoned:
            self._bury(database, offset)
        if taken or abandoned:
            row = (self.path.name, offset, self._last, int(self._closed), "\n".join(self._problems))
            database.execute("INSERT OR REPLACE INTO segments VALUES (?, ?, ?, ?, ?)", row)
        self.finished = abandoned
        return taken

    def _take_one(self, database: sqlite3.Connection, record: dict[str, Any] | None, offset: int) -> None:
        if record is None:
            self._note(f"unreadable record at byte {offset}")
            return
        number = record.get("n")
        if isinstance(number, int) and number > self._last:
            if number > self._last + 1:
                self._note(f"records {self._last + 1} to {number - 1} are missing")
            self._last = number
        take = self._actions.get(str(record.get("r")))
        try:
            if take is not None:
                take(database, record)
        except (KeyError, TypeError, AttributeError):  # boundary: JSON, but not what this version writes
            self._note(f"unreadable record at byte {offset}")

    def _note(self, problem: str) -> None:
        if problem not in self._problems:  # a dead segment may be read by several processes
            self._problems.append(problem)

    def _part(self, database: sqlite3.Connection, record: dict[str, Any]) -> None:
        database.execute("INSERT OR IGNORE INTO parts VALUES (?, ?)", (record["id"], dump_json(record["v"])))

    def _start(self, database: sqlite3.Connection, record: dict[str, Any]) -> None:
        self._spans[record["t"] + record["s"]] = record

    def _end(self, database: sqlite3.Connection, record: dict[str, Any]) -> None:
        key = record["t"] + record["s"]
        start = self._spans.get(key) or self._stored(database, record)
        attributes = _overlay(start.get("a") or {}, record.get("a") or {})
        merged: dict[str, Any] = {**start, **record, "a": attributes, "n": start.get("n")}
        self._spans[key] = merged

    def _stored(self, database: sqlite3.Connection, record: dict[str, Any]) -> dict[str, Any]:
        query = "SELECT body FROM spans WHERE trace = ? AND span = ?"
        stored = database.execute(query, (record["t"], record["s"])).fetchone()
        return orjson.loads(stored[0]) if stored else {"b": record["e"], "x": ["its start is not in the journal"]}

    def _run(self, database: sqlite3.Connection, record: dict[str, Any]) -> None:
        write_run(database, RunRow.from_dict(record["run"]), self.path.name)

    def _close(self, database: sqlite3.Connection, record: dict[str, Any]) -> None:
        self._closed = True

    def _flush(self, database: sqlite3.Connection) -> None:
        rows: list[tuple[Any, ...]] = []
        for span in self._spans.values():
            # A run of ours is one trace, and bears its id; a span from elsewhere was put into one.
            run = span.get("run") or (span.get("a") or {}).get(Prosaic.RUN_ID) or span["t"]
            ours = {"r", "run", "n"} if span.get("o") else {"r"}
            body = dump_json({k: v for k, v in span.items() if k not in ours})
            rows.append((run, span["t"], span["s"], span["b"], span.get("n"), body))
        database.executemany("INSERT OR REPLACE INTO spans VALUES (?, ?, ?, ?, ?, ?)", rows)
        self._spans.clear()

    def _bury(self, database: sqlite3.Connection, offset: int) -> None:
        """Settle what a dead process left: a torn tail is named, and its running runs are interrupted."""
        with contextlib.suppress(FileNotFoundError):  # buried by another process meanwhile
            torn = self.path.stat().st_size - offset
            self._settle(database, torn)

    def _settle(self, database: sqlite3.Connection, torn: int) -> None:
        if torn:
            self._note(f"the last {torn} bytes are a record that was never finished")
        if not self._closed and not torn:
            self._note("the process ended without closing its journal")
        query = "SELECT body FROM runs WHERE segment = ? AND status = 'running'"
        for (body,) in database.execute(query, (self.path.name,)).fetchall():
            row = RunRow.from_dict(orjson.loads(body))
            reason = "its process ended in the middle of the run"
            write_run(database, replace(row, status=RunStatus.INTERRUPTED.value, reason=reason), self.path.name)


def _overlay(before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
    """Put attributes over earlier ones; a value may have been inline and be content now, or the other way round."""
    names = {key.removesuffix(Prosaic.REF) for key in after}
    return {k: v for k, v in before.items() if k.removesuffix(Prosaic.REF) not in names} | after


def write_run(database: sqlite3.Connection, row: RunRow, segment: str) -> None:
    """Insert or replace one run row; `segment` names the journal segment that it came from."""
    fields = (row.id, row.study, row.scenario, row.condition, row.stack, row.model, row.replicate, row.status)
    values = (*fields, row.started_ns, segment, dump_json(row.to_dict()))
    database.execute(f"INSERT OR REPLACE INTO runs VALUES ({', '.join('?' * len(values))})", values)
