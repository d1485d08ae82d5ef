"""`tracer verdict`."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click
import orjson

from tracer.cli.late import late_verdicts
from tracer.cli.options import ALSO, AS_JSON, STORE, find_study
from tracer.cli.terminal import CONSOLE, counted, print_verdicts
from tracer.errors import TracerError
from tracer.store import open_store
from tracer.study import Study, Verdict, differences, judge, read_bundle

__all__ = ["command"]

_SHOWN = 5


@click.command("verdict")
@click.argument("study", required=False, default="")
@click.option(
    "--bundle",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Judge again from this evidence bundle alone, and compare with what it says.",
)
@ALSO
@STORE
@AS_JSON
def command(study: str, bundle: Path | None, also: str | None, store: str | None, as_json: bool) -> None:
    """Judge the hypotheses of STUDY (a hash, or its beginning; default: the newest) on the runs that it has."""
    if bundle is not None:
        if study or also:
            raise TracerError("name a study or a --bundle, not both: a bundle holds its own study and its hypotheses")
        _judge_bundle(bundle, as_json)
        return
    with contextlib.closing(open_store(store)) as opened:
        found = find_study(opened, study)
        rows = opened.runs(found.hash)
        verdicts = judge(found, rows)
        if also:
            verdicts += late_verdicts(opened, found, rows, also)
    _print(found, verdicts, as_json)


def _judge_bundle(file: Path, as_json: bool) -> None:
    bundle = read_bundle(file)
    _print(bundle.study, judge(bundle.study, bundle.rows), as_json)
    differing = differences(bundle)
    if differing:
        told = "; ".join(differing[:_SHOWN]) + ("; ..." if len(differing) > _SHOWN else "")
        raise TracerError(f"{file}: {counted(len(differing), 'value')} computed here differ from the bundle's: {told}")
    if not as_json:
        CONSOLE.print(f"\nEvery number is that of the bundle, to 1e-12.\nhead {bundle.head}", soft_wrap=True)


def _print(study: Study, verdicts: list[Verdict], as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps([v.to_dict() for v in verdicts], option=orjson.OPT_INDENT_2))
        return
    CONSOLE.print(f"{study.name}: {study.body['question']}", markup=False)
    print_verdicts(verdicts)
