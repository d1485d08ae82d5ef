"""`tracer verdict`."""

from __future__ import annotations

import contextlib

import click
import orjson

from tracer.cli.options import AS_JSON, STORE, find_study
from tracer.cli.terminal import CONSOLE, print_verdicts
from tracer.store import open_store
from tracer.study import judge

__all__ = ["command"]


@click.command("verdict")
@click.argument("study", required=False, default="")
@STORE
@AS_JSON
def command(study: str, store: str | None, as_json: bool) -> None:
    """Judge the hypotheses of STUDY (a hash, or its beginning; default: the newest) on the runs that it has."""
    with contextlib.closing(open_store(store)) as opened:
        found = find_study(opened, study)
        verdicts = judge(found, opened.runs(found.hash))
    if as_json:
        click.echo(orjson.dumps([v.to_dict() for v in verdicts], option=orjson.OPT_INDENT_2))
        return
    CONSOLE.print(f"{found.name}: {found.body['question']}", markup=False)
    print_verdicts(verdicts)
