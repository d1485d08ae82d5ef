"""`tracer compare`."""

from __future__ import annotations

import contextlib
from itertools import groupby

import click
import orjson
from rich.table import Table
from rich.text import Text

from tracer.cli.options import AS_JSON, STORE, find_study
from tracer.cli.terminal import CONSOLE, counted
from tracer.stats import Estimate
from tracer.store import open_store
from tracer.study import Change, Study, compare

__all__ = ["command"]


@click.command("compare")
@click.argument("first")
@click.argument("second")
@STORE
@AS_JSON
def command(first: str, second: str, store: str | None, as_json: bool) -> None:
    """Compare studies FIRST and SECOND (hashes, or their beginnings) of one suite, scenario by scenario.

    For another version of a stack or a model: what changed, with its interval. For a replication (same code and
    system, another seed): both estimates, and what they say together. Comparisons were not frozen: exploratory.
    """
    with contextlib.closing(open_store(store, make=False)) as opened:
        studies = [find_study(opened, prefix) for prefix in (first, second)]
        one, two = ((study, opened.runs(study.hash)) for study in studies)
        changes = compare(one, two)
    if as_json:
        click.echo(orjson.dumps([change.to_dict() for change in changes], option=orjson.OPT_INDENT_2))
        return
    _print(studies, changes)


def _print(studies: list[Study], changes: list[Change]) -> None:
    one, two = studies
    CONSOLE.print(Text(f"{one.name}: {one.hash[:12]} and {two.hash[:12]} (exploratory)", style="bold"))
    differing = [key for key in ("code", "models", "versions") if one.body.get(key) != two.body.get(key)]
    CONSOLE.print(Text(f"Between them differ: {', '.join(differing) or 'neither code, models nor versions'}."))
    if not any(change.pooled for change in changes) and not differing:
        CONSOLE.print(Text("They have the same seed: the second is no replication, and nothing is pooled."))
    for systems, group in groupby(changes, key=lambda change: change.systems):
        told = " -> ".join(dict.fromkeys(f"{stack} with {model}" for stack, model in systems))
        CONSOLE.print(Text(f"\n{told}"))
        CONSOLE.print(_table(list(group)))
    for note, checks in _notes(changes).items():
        about = "" if len(checks) == len({change.check.name for change in changes}) else f" ({', '.join(checks)})"
        CONSOLE.print(Text(f"Note: {note}{about}."))
    left_out = max(change.left_out for change in changes)
    if left_out:
        CONSOLE.print(Text(f"Up to {counted(left_out, 'scenario')} without a value in both, or changed in between."))


def _notes(changes: list[Change]) -> dict[str, list[str]]:
    """Give what the changes say of themselves -> the checks that say it."""
    notes: dict[str, list[str]] = {}
    for change in changes:
        for note in change.change.notes:
            if change.check.name not in notes.setdefault(note, []):
                notes[note].append(change.check.name)
    return notes


def _table(changes: list[Change]) -> Table:
    pooled = any(change.pooled for change in changes)
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim", width=78)
    table.add_column("check", ratio=1, overflow="fold")
    for title in ("first", "second", "pooled" if pooled else "change", "p (BH)", "n"):
        table.add_column(title, justify="right", no_wrap=True)
    for change in changes:
        shown = change.pooled if pooled and change.pooled else change.change
        p = "" if change.adjusted != change.adjusted else f"{change.adjusted:.2g}"
        values = (f"{change.first.value:+.2f}", f"{change.second.value:+.2f}", _told(shown), p)
        table.add_row(Text(f"{change.hypothesis}: {change.check.name}"), *values, str(change.change.clusters))
    return table


def _told(estimate: Estimate) -> str:
    return f"{estimate.value:+.2f} [{estimate.low:+.2f}, {estimate.high:+.2f}]"
