"""`tracer run`."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import click
import orjson

from tracer.cli.app import STOPPED_EARLY
from tracer.cli.options import AS_JSON, STORE, choose, design_options
from tracer.cli.terminal import CONSOLE, print_verdicts, progress_for
from tracer.runner import Options, StudyResult, run_suite
from tracer.store import open_store
from tracer.study import current, runs_saved

__all__ = ["command"]


@click.command("run")
@design_options
@click.option("--concurrency", type=click.IntRange(1), default=4, show_default=True, help="Runs at a time.")
@click.option("--max-calls", type=click.IntRange(1), help="Model calls after which the study stops.")
@click.option("--max-tokens", type=click.IntRange(1), help="Tokens after which the study stops.")
@click.option("--max-usd", type=float, help="Cost after which the study stops; needs prices.")
@click.option("--retry-failed", is_flag=True, help="Make failed runs again; both attempts are kept.")
@STORE
@AS_JSON
def command(store: str | None, as_json: bool, **given: Any) -> int:
    """Freeze SUITE into a study, make its runs, and judge its hypotheses.

    SUITE is an address such as scenarios/suggested_answer.py:suite, or the hash of a frozen study. The same command
    goes on with a study that was interrupted; a complete one is only judged.
    """
    chosen = choose(given)
    options = Options(progress=progress_for(quiet=as_json), **given)
    with contextlib.closing(open_store(store)) as opened:
        result = asyncio.run(run_suite(chosen, opened, options))
        place = opened.place
    if as_json:
        click.echo(orjson.dumps(_plain(result), option=orjson.OPT_INDENT_2))
    else:
        _print(result, place)
    return STOPPED_EARLY if result.stopped else 0


def _plain(result: StudyResult) -> dict[str, Any]:
    return {
        "study": result.study.hash,
        "stopped": result.stopped,
        "runs": len(result.rows),
        "saved": runs_saved(result.verdicts),
        "verdicts": [verdict.to_dict() for verdict in result.verdicts],
    }


def _print(result: StudyResult, place: str) -> None:
    CONSOLE.print(f"[bold]{result.study.name}[/]  {result.study.body['question']}")
    print_verdicts(result.verdicts)
    CONSOLE.print()
    rows = current(result.rows)
    reasons = {row.reason for row in rows if row.status in ("failed", "limit", "refused")}
    for reason in sorted(reasons)[:3]:
        CONSOLE.print(f"not completed: {reason}", markup=False)
    if any(row.status == "failed" for row in rows) and "sequential" not in result.study.body:
        CONSOLE.print("Failed runs stay as they are; --retry-failed makes them again.", markup=False)
    if result.stopped:
        CONSOLE.print(f"Stopped early: {result.stopped}. The same command goes on from here.", markup=False)
    where = "" if place == ".tracer" else f" --store {place}"
    CONSOLE.print(f"Look at it: tracer view{where}", markup=False)
