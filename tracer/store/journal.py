"""The write-ahead journal: an append-only segment file per process, written before anything else happens.

One JSON object a line, `r` says what it is:

    open   the process: pid, format, resource attributes
    part   content: `id` and `v`
    start  a span has started     end    a span has ended
    run    a run has begun or ended (a whole `RunRow`)
    close  the process ended in order; `n` is the last sequence number

Every record but `part` carries a sequence number `n` without gaps, so that a reader can prove completeness or name
what is missing. A record is handed to the operating system before the call returns, so it survives `kill -9`. The
writer holds a lock on its segment for life: a segment without one belongs to a process that is gone.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson

from tracer.errors import StoreError
from tracer.store.content import dump_json
from tracer.store.hiding import hider

__all__ = ["Journal", "is_abandoned", "read_records"]

_FORMAT = 1
_OPEN: weakref.WeakSet[Journal] = weakref.WeakSet()


class Journal:
    """Writes one segment; safe to use from several threads, and in a forked child (which gets a segment of its own)."""

    def __init__(self, folder: Path, resource: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self.failure: StoreError | None = None
        self._resource = resource or {}
        self._hide = hider()
        self._lock = threading.RLock()
        self._pid = 0
        self._file = -1
        self._size = 0
        self._sequence = 0
        self.path = folder
        self._open()
        _OPEN.add(self)

    def write(self, record: dict[str, Any]) -> int:
        """Append one record and give its sequence number.

        Raises:
            StoreError: The disk is full or the file cannot be written; what was written before stays.
        """
        with self._lock:
            if os.getpid() != self._pid:
                self._open()
            self._sequence += 1
            self._append(dump_json({**record, "n": self._sequence}) + b"\n")
            return self._sequence

    def write_part(self, identity: str, body: bytes) -> None:
        """Append one content part; `body` is JSON already."""
        with self._lock:
            if os.getpid() != self._pid:
                self._open()
            self._append(b'{"r":"part","id":"' + identity.encode() + b'","v":' + body + b"}\n")

    def sync(self) -> None:
        """Wait until the disk has everything: for what must survive a loss of power."""
        with contextlib.suppress(OSError):  # not every file system can
            os.fsync(self._file)

    def close(self) -> None:
        """Write the closing record and give the segment up."""
        with self._lock:
            if self._file < 0 or os.getpid() != self._pid:
                return
            with contextlib.suppress(StoreError):
                self.write({"r": "close"})
            os.close(self._file)
            self._file = -1

    def _open(self) -> None:
        self._pid = os.getpid()
        self._sequence = 0
        self.path = self.folder / f"{time.time_ns():020d}-{self._pid}.jsonl"
        unseen = self.path.with_suffix(".new")  # a segment that can be seen is locked, so no reader takes it for dead
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._file = os.open(unseen, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            unseen.rename(self.path)
        except OSError as error:
            raise StoreError(f"cannot write the journal in {self.folder}: {error.strerror}") from error
        self._size = 0
        self.write({"r": "open", "v": _FORMAT, "pid": self._pid, "resource": self._resource})

    def begin_in_child(self) -> None:
        """Let go of what a fork copied: the lock, which no thread here holds, and the parent's segment."""
        self._lock = threading.RLock()
        if self._file >= 0:  # else the child would keep the parent's segment looking alive
            os.close(self._file)
            self._file = -1

    def _append(self, line: bytes) -> None:
        if self.failure is not None:
            raise self.failure
        line = self._hide(line)
        try:
            written = 0
            while written < len(line):
                written += os.write(self._file, line[written:])
            self._size += len(line)
        except OSError as error:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, self._size)  # no torn record stays behind
            full = error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
            cause = "the disk is full" if full else error.strerror
            self.failure = StoreError(
                f"cannot write the journal {self.path}: {cause}; what was recorded so far is kept. "
                "Make room (or name another place with --store) and run the same command again: it goes on from there"
            )
            raise self.failure from error


def _begin_in_child() -> None:
    for journal in list(_OPEN):
        journal.begin_in_child()


os.register_at_fork(after_in_child=_begin_in_child)


def is_abandoned(path: Path) -> bool:
    """Tell whether the process that wrote a segment is gone."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return True
    except OSError:
        return False


def read_records(path: Path, offset: int = 0) -> Iterator[tuple[dict[str, Any] | None, int]]:
    """Yield the records of a segment from `offset` on, each with the offset behind it.

    A line that is not a JSON object yields None in its place; an unfinished last line is not read yet.
    """
    with path.open("rb") as file:
        file.seek(offset)
        for line in file:
            if not line.endswith(b"\n"):
                return
            offset += len(line)
            try:
                record = orjson.loads(line)
            except orjson.JSONDecodeError:
                record = None
            yield (record if isinstance(record, dict) else None), offset
