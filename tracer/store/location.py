"""Where a store is: one way to name it, everywhere."""

from __future__ import annotations

import os
from pathlib import Path

from tracer.errors import StoreError
from tracer.store.base import Store
from tracer.store.sqlite import SQLiteStore

__all__ = ["DEFAULT_PLACE", "open_store"]

DEFAULT_PLACE = ".tracer"


def open_store(place: str | Path | None = None, *, make: bool = True) -> Store:
    """Open the store at a folder; made where there is none.

    Args:
        place: A folder. Default: the environment's `TRACER_STORE`, else `.tracer` in the working folder.
        make: False to refuse a place that is named and holds no store, as who only reads does.

    Raises:
        StoreError: The place cannot be used, is not ours, or was written by a newer version.
    """
    named = str(place or os.environ.get("TRACER_STORE") or DEFAULT_PLACE)
    if "://" in named:
        raise StoreError(f"{named}: this version keeps its store in a folder (SQLite); give a path with --store")
    folder = Path(named).expanduser()
    if folder.exists() and not folder.is_dir():
        raise StoreError(f"{folder} is a file; --store takes a folder, in which tracer.db is made")
    if place and not make and not folder.exists():
        raise StoreError(
            f"there is no store at {folder}: `tracer run SUITE --store {folder}` makes one, or name another"
        )
    return SQLiteStore(folder)
