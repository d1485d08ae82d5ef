"""What the pages read from the store; what is costly to compute is kept while its runs stay the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import streamlit as st

import tracer.study
from tracer import Store, Trajectory, Verdict
from tracer.store import RunRow
from tracer.study import Study
from tracer.trajectory import build_trajectory

__all__ = ["Verdicts", "trajectory_of", "verdicts_of"]

Verdicts = list[Verdict]


def verdicts_of(store: Store, study: Study, rows: Sequence[RunRow]) -> Verdicts:
    """Give the verdicts of a study on its runs so far."""
    counts = tuple(sorted(Counter(row.status for row in rows).items()))
    newest = max((row.ended_ns or 0 for row in rows), default=0)
    return _judged(store.place, study.hash, counts, newest, study, rows)


def trajectory_of(store: Store, row: RunRow) -> Trajectory:
    """Give the graph of a run; one that may still grow is read anew."""
    if row.ended_ns is None or row.status == "running":
        return build_trajectory(store.spans(row.id), id=row.id)
    return _built(store.place, row.id, row.ended_ns, store)


@st.cache_resource(max_entries=32, show_spinner=False)
def _judged(
    place: str, hash: str, counts: tuple[Any, ...], newest: int, _study: Study, _rows: Sequence[RunRow]
) -> Verdicts:
    return tracer.study.judge(_study, _rows)


@st.cache_resource(max_entries=32, show_spinner=False)
def _built(place: str, run: str, ended_ns: int, _store: Store) -> Trajectory:
    return build_trajectory(_store.spans(run), id=run)
