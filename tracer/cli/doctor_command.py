"""`tracer doctor`."""

from __future__ import annotations

import contextlib
import importlib.util
import platform
from dataclasses import asdict, dataclass
from importlib.metadata import version

import click
import orjson
from rich.table import Column, Table
from rich.text import Text

from tracer.cli.options import AS_JSON, STORE
from tracer.cli.terminal import CONSOLE, counted
from tracer.errors import TracerError
from tracer.models import find_weights
from tracer.store import open_store

__all__ = ["command"]

_EXTRAS = {"local": ("xllamacpp", "the embedded model smollm2"), "dashboard": ("streamlit", "tracer view")}


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    ok: bool
    found: str


@click.command("doctor")
@STORE
@AS_JSON
def command(store: str | None, as_json: bool) -> int:
    """Check what is installed, the store and its journal; exit code 3 where the store has a problem."""
    checks = [_python(), *_extras(), _weights(), *_store(store)]
    if as_json:
        click.echo(orjson.dumps([asdict(check) for check in checks], option=orjson.OPT_INDENT_2))
    else:
        table = Table.grid(Column(), Column(), Column(overflow="fold"), padding=(0, 2))
        for check in checks:
            table.add_row(Text("ok", "green") if check.ok else Text("--", "yellow"), check.name, Text(check.found))
        CONSOLE.print(table)
    return 0 if all(check.ok for check in checks if check.name in ("store", "journal")) else 3


def _python() -> Check:
    return Check("tracer", True, f"prosaic-tracer {version('prosaic-tracer')} on Python {platform.python_version()}")


def _extras() -> list[Check]:
    checks: list[Check] = []
    for extra, (module, feature) in _EXTRAS.items():
        there = importlib.util.find_spec(module) is not None
        told = f"{feature}: installed" if there else f"{feature}: pip install 'prosaic-tracer[{extra}]'"
        checks.append(Check(extra, there, told))
    return checks


def _weights() -> Check:
    try:
        return Check("weights", True, f"smollm2: {find_weights().name}")
    except TracerError as error:
        return Check("weights", False, str(error))


def _store(place: str | None) -> list[Check]:
    try:
        with contextlib.closing(open_store(place)) as store:
            runs, segments = store.runs(), store.segments()
            told = f"{store.place}: {counted(len(store.studies()), 'study')}, {counted(len(runs), 'run')}"
    except TracerError as error:
        return [Check("store", False, str(error))]
    lost = [f"{segment.name}: {problem}" for segment in segments for problem in segment.problems]
    gaps = [problem for problem in lost if "missing" in problem or "unreadable" in problem]
    journal = f"{counted(len(segments), 'segment')}, no record missing" if not gaps else "; ".join(gaps[:5])
    ended = [problem for problem in lost if problem not in gaps]
    if ended:
        journal += f"; {counted(len(ended), 'process')} ended without closing it"
    return [Check("store", True, told), Check("journal", not gaps, journal)]
