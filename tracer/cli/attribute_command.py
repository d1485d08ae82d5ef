"""`tracer attribute`."""

from __future__ import annotations

import contextlib
from itertools import groupby

import click
import orjson
from rich.table import Table
from rich.text import Text

from tracer.cli.options import AS_JSON, STORE, find_study
from tracer.cli.terminal import CONSOLE, counted
from tracer.errors import TracerError
from tracer.stats import Estimate
from tracer.store import open_store
from tracer.study import Attribution, Study, attribute
from tracer.study.shares import SHOWN

__all__ = ["command"]


@click.command("attribute")
@click.argument("study", required=False, default="")
@click.option(
    "--measure", "measures", multiple=True, metavar="NAME", help="Measure to divide; several times for several."
)
@STORE
@AS_JSON
def command(study: str, measures: tuple[str, ...], store: str | None, as_json: bool) -> None:
    """Say which part moves the behaviour in STUDY (a hash, or its beginning; default: the newest).

    The variance of a measure over all runs is divided among models, stacks, the factors of the conditions (such as the
    tools on offer), their interactions, the scenarios, and what differs between runs of the same cell. The shares are
    those of the very levels that were run; intervals are about other scenarios like these.
    """
    with contextlib.closing(open_store(store, make=False)) as opened:
        found = find_study(opened, study)
        rows = opened.runs(found.hash)
    if not measures:
        named = ", ".join(m["name"] for m in found.body["measures"])
        raise TracerError(f"name the measure to divide with --measure; study {found.hash[:12]} has {named}")
    parts = [attribute(found, rows, name) for name in measures]
    if as_json:
        click.echo(orjson.dumps([part.to_dict() for part in parts], option=orjson.OPT_INDENT_2))
        return
    for part in parts:
        _print(found, part)


def _print(study: Study, found: Attribution) -> None:
    one = next(iter(found.parts.values())).variance
    CONSOLE.print(Text(f"{study.name}: what moves {found.measure!r} (exploratory)", style="bold"))
    if found.says:
        CONSOLE.print(Text(f"{found.measure}: {found.says}"))
    CONSOLE.print(Text(f"{counted(one.n, 'run')} with a value, {counted(one.clusters, 'scenario')} or clusters\n"))
    CONSOLE.print(_parts(found))
    CONSOLE.print()
    CONSOLE.print(_levels(found))
    CONSOLE.print()
    if all(part.variance.value == 0 for part in found.parts.values()):
        CONSOLE.print(Text("All values are the same: there is nothing to divide."))
    for note in (*one.notes, *(f"{name}: one level, so it is no factor here" for name in found.fixed)):
        CONSOLE.print(Text(note))
    CONSOLE.print(Text("* shown to contribute: the interval of its variance lies above 0"))


def _parts(found: Attribution) -> Table:
    table = _table("part", "share", "interval", "variance", *(("if missing",) if found.if_missing else ()))
    for name, part in found.parts.items():
        shown = " *" if part.variance.low > 0 else ""
        share = f"{part.share.value:.0%}" if part.share.value == part.share.value else "none"
        row = [f"{share}{shown}", _interval(part.share), f"{part.variance.value:+.3f}"]
        if found.if_missing:
            row.append(" to ".join(f"{end:.0%}" for end in sorted(found.if_missing[name])))
        table.add_row(Text(SHOWN.get(name, name)), *row)
    return table


def _levels(found: Attribution) -> Table:
    table = _table("level", "mean", "interval", "runs", "missing")
    for factor, levels in groupby(found.levels, key=lambda level: level.factor):
        table.add_row(Text(factor, style="bold"))
        for level in levels:
            mean = level.mean
            ends = f"[{mean.low:.2f}, {mean.high:.2f}]" if mean.low == mean.low else "none"
            table.add_row(Text(f"  {level.name}"), f"{mean.value:.2f}", ends, str(level.runs), str(level.missing))
    return table


def _table(first: str, *others: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim", width=78)
    table.add_column(first, ratio=1, overflow="fold")
    for title in others:
        table.add_column(title, justify="right", no_wrap=True)
    return table


def _interval(estimate: Estimate) -> str:
    return "none" if estimate.low != estimate.low else f"[{estimate.low:.0%}, {estimate.high:.0%}]"
