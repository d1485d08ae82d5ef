"""`tracer export`."""

from __future__ import annotations

import contextlib

import click

from tracer.cli.options import STORE
from tracer.cli.terminal import counted, progress_for
from tracer.errors import TracerError
from tracer.exchange import export_runs
from tracer.store import open_store

__all__ = ["command"]


@click.command("export")
@click.argument("runs", nargs=-1)
@click.option("--study", default="", metavar="HASH", help="All runs of this study.")
@click.option("--to", required=True, metavar="WHERE", help="otlp://HOST:PORT, an http(s) URL, or a file.jsonl.")
@click.option("--raw", is_flag=True, help="Give spans exactly as they came, for imported runs.")
@STORE
def command(runs: tuple[str, ...], study: str, to: str, raw: bool, store: str | None) -> None:
    """Send RUNS (ids, or their beginnings) as OpenTelemetry spans with their whole content to a file or a collector.

    What the study knows of a run (scenario, condition, measures) stands at its root, and `tracer import` has it back;
    the frozen study itself goes along in the evidence bundle of `tracer report --bundle`.
    """
    with contextlib.closing(open_store(store, make=False)) as opened:
        chosen = [opened.run(prefix).id for prefix in runs]
        if study:
            chosen += [row.id for row in opened.runs(opened.study(study)["hash"])]
        if not chosen:
            raise TracerError("nothing to export: name runs (`tracer list` shows them) or a --study")
        shipped = export_runs(opened, chosen, to, progress_for(), raw=raw)
    click.echo(f"{counted(shipped.runs, 'run')}, {counted(shipped.spans, 'span')} -> {to}")
    if shipped.rejected:
        raise TracerError(f"{to} refused {shipped.rejected} spans: {shipped.message or 'it does not say why'}")
