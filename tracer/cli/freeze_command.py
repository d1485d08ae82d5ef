"""`tracer freeze`."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any

import click
import orjson

from tracer.cli.options import AS_JSON, STORE, choose, design_options, find_study
from tracer.cli.terminal import CONSOLE, print_plan
from tracer.errors import StudyError
from tracer.runner import freeze_study
from tracer.store import Store, open_store
from tracer.study import settled

__all__ = ["command"]


@click.command("freeze")
@design_options
@click.option("--amends", metavar="HASH", help="Study that this one amends; it is named with how much of it was seen.")
@STORE
@AS_JSON
def command(store: str | None, as_json: bool, amends: str | None, **given: Any) -> None:
    """Freeze SUITE into a study and print its preregistration, without running anything.

    The study is canonical JSON with a hash over the suite, the stacks' code, versions, models and seed. Run it with
    `tracer run HASH`.
    """
    with contextlib.closing(open_store(store)) as opened:
        chosen = choose(given)
        if amends:
            chosen = replace(chosen, design=replace(chosen.design, amends=_parent(opened, amends, chosen.design.seed)))
        study = asyncio.run(freeze_study(chosen, opened))
    if as_json:
        click.echo(orjson.dumps(study.to_dict(), option=orjson.OPT_INDENT_2))
        return
    print_plan(study)
    CONSOLE.print(f"\nFrozen as {study.hash}\nRun it: tracer run {study.hash[:12]}")


def _parent(store: Store, prefix: str, seed: int) -> dict[str, Any]:
    """Say which study is amended and how much of it had been seen.

    Raises:
        StudyError: The new study would make runs again that were seen already.
    """
    parent = find_study(store, prefix)
    seen = len(settled(store.runs(parent.hash)))
    if seen and seed == parent.body["seed"]:
        raise StudyError(
            f"study {parent.hash[:12]} has the seed {seed} and {seen} runs that may have been seen: with the same seed "
            f"they would be made again and count as new. Give another --seed"
        )
    return {"study": parent.hash, "runs_seen": seen}
