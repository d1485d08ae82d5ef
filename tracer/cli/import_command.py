"""`tracer import`."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click
import orjson

from tracer.cli.options import AS_JSON, STORE
from tracer.cli.terminal import CONSOLE, counted, progress_for
from tracer.exchange import ImportOptions, ImportReport, import_runs, load_recipe
from tracer.store import open_store

__all__ = ["command"]

_SHOWN = 10


@click.command("import")
@click.argument("paths", nargs=-1, required=True)
@click.option("--recipe", metavar="FILE.toml", help="How to read transcripts of a form of your own.")
@click.option(
    "--root",
    "roots",
    multiple=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder from which content held by reference may be read; several times for several.",
)
@STORE
@AS_JSON
def command(
    paths: tuple[str, ...], recipe: str | None, roots: tuple[Path, ...], store: str | None, as_json: bool
) -> None:
    """Import PATHS (files, folders, globs, archives) as runs: OpenTelemetry spans and logs, or transcripts.

    OTLP as JSON, JSON lines or protobuf, plain or packed; spans of any known dialect; agent transcripts of the forms
    that come with tracer, or of your own with --recipe. What is in the store already is left alone, so that an import
    can be begun again.
    """
    options = ImportOptions(recipe=load_recipe(recipe) if recipe else None, roots=roots)
    with contextlib.closing(open_store(store)) as opened:
        report = import_runs(opened, paths, options, progress_for(quiet=as_json))
    if as_json:
        click.echo(orjson.dumps(report.to_dict(), option=orjson.OPT_INDENT_2))
    else:
        _print(report)


def _print(report: ImportReport) -> None:
    found = f"{counted(report.runs, 'run')} from {counted(report.files, 'file')}"
    CONSOLE.print(f"{found}; {counted(report.spans, 'span')}, {report.new_spans} of them new")
    for problem, count in report.problems.most_common(_SHOWN):
        CONSOLE.print(f"  {count} x {problem}, e.g. {report.examples[problem][0]}", markup=False)
    for name, why in list(report.skipped.items())[:_SHOWN]:
        CONSOLE.print(f"  left out {name}: {why}", markup=False)
