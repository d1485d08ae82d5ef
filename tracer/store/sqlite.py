"""The default store: one SQLite file, one writer at a time, the journal beside it."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson

from tracer.errors import StoreError, StudyError
from tracer.spans import Span
from tracer.store.base import Kept, Segment
from tracer.store.content import ContentReader, ContentWriter, dump_json
from tracer.store.ingest import SegmentReader, write_run
from tracer.store.journal import Journal
from tracer.store.records import span_from_record, span_to_record
from tracer.store.rows import RunRow

__all__ = ["SQLiteStore"]

_APPLICATION = 0x50524F53  # "PROS" in the header of the file: tells our files from others
_FORMAT = 1
_SCHEMA = """
CREATE TABLE studies (hash TEXT PRIMARY KEY, created_ns INTEGER, body BLOB) WITHOUT ROWID;
CREATE TABLE runs (id TEXT PRIMARY KEY, study TEXT, scenario TEXT, condition TEXT, stack TEXT, model TEXT,
                   replicate INTEGER, status TEXT, started_ns INTEGER, segment TEXT, body BLOB) WITHOUT ROWID;
CREATE INDEX runs_by_study ON runs (study, started_ns);
CREATE TABLE spans (run TEXT, trace TEXT, span TEXT, start_ns INTEGER, seq INTEGER, body BLOB,
                    PRIMARY KEY (trace, span)) WITHOUT ROWID;
CREATE INDEX spans_by_run ON spans (run, start_ns, seq);
CREATE TABLE parts (id TEXT PRIMARY KEY, body BLOB) WITHOUT ROWID;
CREATE TABLE segments (name TEXT PRIMARY KEY, offset INTEGER, last INTEGER, closed INTEGER,
                       problems TEXT) WITHOUT ROWID;
"""


class SQLiteStore:
    """Runs, spans, content and studies in one SQLite file (`tracer.db` in the store's folder)."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file = folder / "tracer.db"
        self._lock = threading.RLock()
        self._database = _open_database(self.file)
        self.ingest()

    @property
    def place(self) -> str:
        """The folder, as named with `--store`."""
        return str(self.folder)

    def open_journal(self, resource: dict[str, Any] | None = None) -> Journal:
        """Begin a journal segment for this process."""
        return Journal(self.folder / "journal", resource)

    def ingest(self) -> int:
        """Take over what the segments hold; those of dead processes are closed for good and their file removed."""
        folder = self.folder / "journal"
        taken = 0
        for path in sorted(folder.glob("*.jsonl")) if folder.is_dir() else []:
            reader = SegmentReader(path)
            with self._writing() as database:
                taken += reader.take(database)
            if reader.finished and self._reached_disk():
                path.unlink(missing_ok=True)
        return taken

    def segments(self) -> list[Segment]:
        """List the journal segments ever read."""
        rows = self._read("SELECT name, last, closed, problems FROM segments ORDER BY name")
        return [
            Segment(name, last, bool(closed), tuple(problems.splitlines())) for name, last, closed, problems in rows
        ]

    def add_study(self, frozen: dict[str, Any]) -> None:
        """Keep a frozen study under its hash and the time of the day; the same study twice is one."""
        with self._writing() as database:
            row = (frozen["hash"], time.time_ns(), dump_json(frozen))
            database.execute("INSERT OR IGNORE INTO studies VALUES (?, ?, ?)", row)

    def study(self, prefix: str) -> dict[str, Any]:
        """Give the frozen study whose hash begins with `prefix`, with the time when it was first kept as `frozen_ns`.

        Raises:
            StudyError: There is none, or several.
        """
        rows = self._read("SELECT body, created_ns FROM studies WHERE substr(hash, 1, ?) = ?", len(prefix), prefix)
        if len(rows) != 1:
            known = ", ".join(s["hash"][:12] for s in self.studies()[:5]) or "none yet"
            count = "no study" if not rows else f"{len(rows)} studies"
            raise StudyError(f"{count} in {self.place} with a hash beginning {prefix!r}; there are: {known}")
        return orjson.loads(rows[0][0]) | {"frozen_ns": rows[0][1]}

    def studies(self) -> list[dict[str, Any]]:
        """List the frozen studies, newest first."""
        rows = self._read("SELECT body, created_ns FROM studies ORDER BY created_ns DESC")
        return [orjson.loads(body) | {"frozen_ns": created_ns} for body, created_ns in rows]

    def put_runs(self, rows: Iterable[RunRow]) -> None:
        """Insert or replace run rows."""
        with self._writing() as database:
            for row in rows:
                write_run(database, row, "")

    def amend_run(self, run: str, change: Callable[[RunRow], RunRow]) -> RunRow:
        """Replace one run row by what `change` makes of it as it is now; nobody else can write in between.

        Raises:
            StoreError: There is no such run.
        """
        with self._writing() as database:
            changed = change(self.run(run))
            write_run(database, changed, "")
        return changed

    def run(self, prefix: str) -> RunRow:
        """Give the run whose id begins with `prefix`.

        Raises:
            StoreError: There is none, or several.
        """
        rows = self._read("SELECT body FROM runs WHERE id = ?", prefix)  # a whole id may begin another one
        rows = rows or self._read("SELECT body FROM runs WHERE substr(id, 1, ?) = ? LIMIT 2", len(prefix), prefix)
        if len(rows) != 1:
            found = "no run" if not rows else "more than one run"
            raise StoreError(f"{found} in {self.place} with an id beginning {prefix!r}: `tracer list` shows them")
        return RunRow.from_dict(orjson.loads(rows[0][0]))

    def runs(self, study: str = "", **equal: str) -> list[RunRow]:
        """List runs in the order of their start, of one study and with the given fields."""
        wanted = {k: v for k, v in {"study": study, **equal}.items() if v}
        unknown = set(wanted) - {"study", "scenario", "condition", "stack", "model", "status"}
        if unknown:
            raise StoreError(f"runs cannot be selected by {', '.join(sorted(unknown))}")
        where = " AND ".join(f"{name} = ?" for name in wanted) or "1"
        rows = self._read(f"SELECT body FROM runs WHERE {where} ORDER BY started_ns, id", *wanted.values())
        return [RunRow.from_dict(orjson.loads(body)) for (body,) in rows]

    def put_spans(self, run: str, spans: Sequence[Span]) -> Kept:
        """Add spans from elsewhere to a run; ids that are there already are left alone."""
        parts: list[tuple[str, bytes]] = []
        writer = ContentWriter(lambda identity, body: parts.append((identity, body)))
        rows = {(s.trace_id, s.span_id): (s.start_ns, s.sequence, span_to_record(s, writer)) for s in reversed(spans)}
        with self._writing() as database:
            known = {key: body for key in rows if (body := _body_of_span(database, key)) is not None}
            new = [(run, *key, *row) for key, row in rows.items() if key not in known]
            database.executemany("INSERT INTO spans VALUES (?, ?, ?, ?, ?, ?)", new)
            database.executemany("INSERT OR IGNORE INTO parts VALUES (?, ?)", parts)
        return Kept(len(new), tuple(key[1] for key, body in known.items() if body != rows[key][2]))

    def spans(self, run: str) -> list[Span]:
        """Give the spans of a run with their content, in the order of their start."""
        reader = ContentReader(self._part)
        rows = self._read("SELECT body FROM spans WHERE run = ? ORDER BY start_ns, seq", run)
        return [span_from_record(orjson.loads(body), reader, run) for (body,) in rows]

    def close(self) -> None:
        """Let go of the database."""
        with self._lock:
            self._database.close()

    def _reached_disk(self) -> bool:
        """Move the log into the database file; False where a reader stands in the way, and the journal stays."""
        busy = self._read("PRAGMA wal_checkpoint(FULL)")[0][0]
        return not busy

    def _part(self, identity: str) -> bytes | None:
        rows = self._read("SELECT body FROM parts WHERE id = ?", identity)
        return rows[0][0] if rows else None

    def _read(self, query: str, *values: Any) -> list[Any]:
        with self._lock, self._guarded("read"):
            return self._database.execute(query, values).fetchall()

    @contextlib.contextmanager
    def _writing(self) -> Generator[sqlite3.Connection]:
        """One transaction; whatever goes wrong within, nothing is half written."""
        with self._lock, self._guarded("write"):
            try:
                self._database.execute("BEGIN IMMEDIATE")
                yield self._database
                self._database.execute("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    @contextlib.contextmanager
    def _guarded(self, act: str) -> Generator[None]:
        """Turn a full disk, a locked file or a damaged one into a message with the way out."""
        try:
            yield
        except sqlite3.OperationalError as error:
            raise StoreError(
                f"cannot {act} {self.file}: {error}. What was recorded is kept in the journal beside it; "
                "make room or end the other process, then run the same command again"
            ) from error
        except sqlite3.ProgrammingError:  # a mistake of ours, not of the file
            raise
        except sqlite3.DatabaseError as error:
            raise StoreError(_damaged(self.file, error)) from error

    def _roll_back(self) -> None:
        if self._database.in_transaction:
            self._database.execute("ROLLBACK")


def _body_of_span(database: sqlite3.Connection, key: tuple[str, str]) -> bytes | None:
    found = database.execute("SELECT body FROM spans WHERE trace = ? AND span = ?", key).fetchone()
    return found[0] if found else None


def _open_database(file: Path) -> sqlite3.Connection:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        database = sqlite3.connect(file, timeout=60, isolation_level=None, check_same_thread=False)
    except (OSError, sqlite3.OperationalError) as error:
        cause = error.strerror if isinstance(error, OSError) else error
        raise StoreError(f"cannot use {file.parent} as a store: {cause}. Name another with --store") from error
    try:
        _check_format(database, file)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")  # the journal is kept until a checkpoint has reached the disk
    except sqlite3.OperationalError as error:
        database.close()
        raise StoreError(
            f"cannot open {file}: {error}. Make room, end the other process or mend the permissions of its folder, "
            "or name another place with --store"
        ) from error
    except sqlite3.DatabaseError as error:
        database.close()
        raise StoreError(_damaged(file, error)) from error
    except StoreError:
        database.close()
        raise
    return database


def _damaged(file: Path, error: sqlite3.DatabaseError) -> str:
    return (
        f"{file} is not a tracer store, or is damaged: {error}. Name another place with --store; a damaged file can "
        "be moved aside, and what `sqlite3 FILE .recover` saves put in its place"
    )


def _check_format(database: sqlite3.Connection, file: Path) -> None:
    database.execute("BEGIN IMMEDIATE")  # two processes may open a new store at the same moment
    tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    application = database.execute("PRAGMA application_id").fetchone()[0]
    version = database.execute("PRAGMA user_version").fetchone()[0]
    if tables == 0 and application == 0:
        for statement in _SCHEMA.split(";\n"):
            database.execute(statement)
        database.execute(f"PRAGMA application_id = {_APPLICATION}")
        database.execute(f"PRAGMA user_version = {_FORMAT}")
    elif application != _APPLICATION:
        raise StoreError(f"{file} is an SQLite file of another program; name another place with --store")
    elif version > _FORMAT:
        raise StoreError(
            f"{file} was written by a newer tracer (format {version}, this one reads up to {_FORMAT}): upgrade "
            "prosaic-tracer, or name another place with --store"
        )
    database.execute("COMMIT")
