"""`tracer freeze`."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import click
import orjson

from tracer.cli.options import AS_JSON, STORE, choose, design_options
from tracer.cli.terminal import CONSOLE, print_plan
from tracer.runner import freeze_study
from tracer.store import open_store

__all__ = ["command"]


@click.command("freeze")
@design_options
@STORE
@AS_JSON
def command(store: str | None, as_json: bool, **given: Any) -> None:
    """Freeze SUITE into a study and print its preregistration, without running anything.

    The study is canonical JSON with a hash over the suite, the stacks' code, versions, models and seed. Run it with
    `tracer run HASH`.
    """
    with contextlib.closing(open_store(store)) as opened:
        study = asyncio.run(freeze_study(choose(given), opened))
    if as_json:
        click.echo(orjson.dumps(study.to_dict(), option=orjson.OPT_INDENT_2))
        return
    print_plan(study)
    CONSOLE.print(f"\nFrozen as {study.hash}\nRun it: tracer run {study.hash[:12]}")
