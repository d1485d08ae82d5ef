"""`tracer list`."""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import UTC, datetime
from typing import Any

import click
import orjson
from rich.table import Table
from rich.text import Text

from tracer.cli.options import AS_JSON, STORE
from tracer.cli.terminal import CONSOLE
from tracer.store import RunRow, Store, open_store
from tracer.study import current, judge, read_study, runs_saved

__all__ = ["command"]

_SHOWN = 30
_ROOMY = 110  # columns of a terminal in which every column may have its largest width

_COLUMNS = (
    ("run", 12, 12),
    ("study", 6, 8),
    ("scenario", 8, 14),
    ("condition", 9, 14),
    ("stack", 8, 16),
    ("model", 8, 18),
    ("status", 9, 11),
    ("answer", 8, None),
)


@click.command("list")
@click.option("--studies", "only_studies", is_flag=True, help="List studies instead of runs.")
@click.option("--study", default="", metavar="HASH", help="Only the runs of this study.")
@click.option("--status", default="", help="Only runs with this status: completed, failed, limit, ...")
@click.option("--limit", type=click.IntRange(1), help="Newest rows to give. Default: 30, and all with --json.")
@STORE
@AS_JSON
def command(only_studies: bool, study: str, status: str, limit: int | None, store: str | None, as_json: bool) -> None:
    """List the runs (trajectories) of a store, the newest first; --json gives them in the order of their start."""
    with contextlib.closing(open_store(store, make=False)) as opened:
        if only_studies:
            _print_studies(_studies(opened), as_json)
            return
        whole = opened.study(study)["hash"] if study else ""
        rows = opened.runs(whole, status=status)
    if as_json:
        given = rows if limit is None else rows[-limit:]
        click.echo(orjson.dumps([_plain(row) for row in given], option=orjson.OPT_INDENT_2))
        return
    if not rows:
        narrow = f" with status {status!r}" if status else " of this study" if study else ""
        way_out = "" if narrow else ": `tracer run SUITE` makes some"
        CONSOLE.print(f"No runs{narrow} in {opened.place} yet{way_out}.", markup=False)
        return
    limit = _SHOWN if limit is None else limit
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim")
    roomy = CONSOLE.width >= _ROOMY
    for title, least, most in _COLUMNS:  # ids and statuses stay whole, whatever the length of a model's name
        table.add_column(
            title, no_wrap=True, overflow="ellipsis", min_width=least, max_width=most if roomy else most and least
        )
    for row in reversed(rows[-limit:]):
        told = row.answer or row.reason or ""
        place = (
            row.id[:12],
            row.study[: 8 if roomy else 6],
            row.scenario or row.suite,
            row.condition,
            _short(row.stack),
            row.model if roomy else _bare(row.model),
        )
        table.add_row(*(Text(cell) for cell in (*place, row.status, " ".join(told.split())[:40])))
    CONSOLE.print(table)
    if len(rows) > limit:
        CONSOLE.print(f"{len(rows) - limit} older ones: --limit {len(rows)}", style="dim")


def _short(stack: str) -> str:
    """Give a stack's address without its folder and the customary name: `agents/react.py:build` is `react`."""
    file, _, name = stack.rpartition("/")[2].partition(":")
    return file.removesuffix(".py") + (f":{name}" if name not in ("", "build") else "")


def _bare(model: str) -> str:
    """Give a model's name without what every organism's begins with: `organism:my_suite.py:shy` is `shy`."""
    return model.rpartition(":")[2] if model.startswith("organism:") else model


def _plain(row: RunRow) -> dict[str, Any]:
    plain = row.to_dict()
    return {k: plain[k] for k in plain if k not in ("before", "after", "asked")}


def _studies(store: Store) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for stored in store.studies():
        study = read_study(stored)
        rows = store.runs(study.hash)
        planned = len(study.cells()) * len(study.body["stacks"]) * len(study.body["models"])
        saved = runs_saved(judge(study, rows)) if rows and "sequential" in study.body else 0
        begun = min((r.started_ns for r in rows), default=0)
        found.append(
            {
                "hash": study.hash,
                "name": study.name,
                "suite": study.suite,
                "models": list(study.body["models"]),
                "planned": planned,
                "saved": saved,
                "runs": dict(Counter(r.status for r in current(rows))),
                "begun": datetime.fromtimestamp(begun / 1e9, UTC).isoformat(timespec="seconds") if begun else None,
            }
        )
    return found


def _print_studies(studies: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps(studies, option=orjson.OPT_INDENT_2))
        return
    if not studies:
        CONSOLE.print("No studies yet: `tracer run SUITE` makes one.", markup=False)
        return
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
    for title in ("study", "name", "runs", "models"):
        table.add_column(title, overflow="fold")
    for study in studies:
        runs = ", ".join(f"{count} {status}" for status, count in sorted(study["runs"].items())) or "none"
        told = f"{runs} of {study['planned']}" + (f", {study['saved']} saved" if study["saved"] else "")
        table.add_row(study["hash"][:12], study["name"], told, "\n".join(study["models"]))
    CONSOLE.print(table)
