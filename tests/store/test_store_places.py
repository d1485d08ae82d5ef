"""A place that cannot be a store is refused with the way out, and left as it was."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tracer.errors import StoreError
from tracer.spans import Span
from tracer.store import DEFAULT_PLACE, open_store


def a_file(place: Path) -> None:
    place.write_text("notes")


def not_a_database(place: Path) -> None:
    place.mkdir()
    (place / "tracer.db").write_bytes(b"this is no database at all " * 100)


def of_another_program(place: Path) -> None:
    place.mkdir()
    with closing(sqlite3.connect(place / "tracer.db")) as database:
        database.execute("CREATE TABLE photos (name TEXT)")


def newer(place: Path) -> None:
    open_store(place).close()
    with closing(sqlite3.connect(place / "tracer.db")) as database:
        database.execute("PRAGMA user_version = 99")


def database_is_a_folder(place: Path) -> None:
    (place / "tracer.db").mkdir(parents=True)


def below_a_file(place: Path) -> None:
    place.symlink_to(place.parent / "file" / "below")
    (place.parent / "file").write_text("")


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (a_file, "is a file; --store takes a folder"),
        (not_a_database, "is not a tracer store.* file is not a database.*--store"),
        (of_another_program, "is an SQLite file of another program; name another place with --store"),
        (newer, r"was written by a newer tracer \(format 99.*upgrade"),
        (database_is_a_folder, "unable to open database file.*--store"),
        (below_a_file, "cannot use .* as a store: .*--store"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_bad_places_are_refused(place: Path, make: Callable[[Path], None], message: str) -> None:
    """What is not a store of ours is named, with the cause and the way out, and no byte of it changes."""
    make(place)
    file = place / "tracer.db"
    before = file.read_bytes() if file.is_file() else None
    with pytest.raises(StoreError, match=message) as raised:
        open_store(place)
    assert str(place) in str(raised.value)
    assert (file.read_bytes() if file.is_file() else None) == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_read_only_folders_are_refused(place: Path) -> None:
    """A folder that may not be written is named."""
    place.mkdir(mode=0o500)
    with pytest.raises(StoreError, match="--store"):
        open_store(place)


def test_urls_are_refused() -> None:
    """A database server is not behind the seam in this version, and that is said."""
    with pytest.raises(StoreError, match="keeps its store in a folder"):
        open_store("postgresql://localhost/traces")


def test_damaged_database_is_named(place: Path) -> None:
    """Pages overwritten in the middle of the file are an error with the way out when they are read, no traceback."""
    store = open_store(place)
    store.put_spans("r", [Span("1" * 32, f"{n:016x}", "x" * 500, n, n) for n in range(200)])
    store.close()
    file = place / "tracer.db"
    content = bytearray(file.read_bytes())
    content[4096:] = os.urandom(len(content) - 4096)
    file.write_bytes(content)

    def use() -> None:
        damaged = open_store(place)
        with closing(damaged):
            damaged.spans("r")

    with pytest.raises(StoreError, match=r"tracer\.db is not a tracer store, or is damaged.*\.recover"):
        use()


def test_where_a_store_is(place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The argument wins over TRACER_STORE, which wins over the default in the working folder."""
    monkeypatch.chdir(tmp_path)
    with closing(open_store()) as store:
        assert store.place == DEFAULT_PLACE
    assert (tmp_path / DEFAULT_PLACE / "tracer.db").is_file()
    monkeypatch.setenv("TRACER_STORE", str(tmp_path / "named"))
    with closing(open_store()) as store:
        assert store.place == str(tmp_path / "named")
    with closing(open_store(place)) as store:
        assert store.place == str(place)
