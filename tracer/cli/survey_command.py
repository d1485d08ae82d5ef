"""`tracer survey`."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial
from pathlib import Path
from typing import Any

import click
import orjson
from rich.text import Text

from tracer.cli.app import STOPPED_EARLY
from tracer.cli.options import AS_JSON, STORE
from tracer.cli.terminal import ANSWER_COLOURS, CONSOLE, counted, progress_for
from tracer.errors import TracerError
from tracer.models import Prices, parse_model
from tracer.runner import Budget, Survey, Surveyed, shipped_suites, survey, survey_page
from tracer.store import open_store
from tracer.study import to_html, to_markdown

__all__ = ["command"]


@click.command("survey")
@click.argument("suites", nargs=-1, metavar="[SUITE...]")
@click.option("--model", "models", multiple=True, metavar="NAME", help="Model to survey; several times for several.")
@click.option("--stack", "stacks", multiple=True, metavar="FILE:NAME", help="Stack. Default: each suite's own.")
@click.option("--base-url", metavar="URL", help="OpenAI-compatible endpoint where the models answer.")
@click.option("--full", is_flag=True, help="Take every scenario, not only enough for a first look.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of every study.")
@click.option("--max-calls", "calls", type=click.IntRange(1), help="Model calls that it may make in all.")
@click.option("--max-tokens", "tokens", type=click.IntRange(1), help="Tokens that it may use in all.")
@click.option("--max-usd", "usd", type=float, help="What it may cost in all; needs prices.")
@click.option("--max-minutes", type=click.FloatRange(0, min_open=True), help="Minutes that it may take.")
@click.option("--price-in", type=float, help="USD per million input tokens, for --max-usd.")
@click.option("--price-out", type=float, help="USD per million output tokens, for --max-usd.")
@click.option("--concurrency", type=click.IntRange(1), default=4, show_default=True, help="Runs at a time.")
@click.option(
    "--to",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("survey.html"),
    show_default=True,
    help="Page to write: .html or .md.",
)
@STORE
@AS_JSON
def command(
    suites: tuple[str, ...], target: Path, store: str | None, as_json: bool, concurrency: int, **given: Any
) -> int:
    """Put every SUITE (default: all that are shipped) to the same systems, and sum them up on one page.

    Suites are taken in their quick form, one study each. A suite that cannot be run is told with its reason, and the
    rest go on; the same command goes on with a survey that stopped.
    """
    if target.suffix not in (".html", ".md"):
        raise TracerError(f"{target}: the page of a survey is written as .html or .md; name the file accordingly")
    minutes = given.pop("max_minutes")
    budget = Budget(given.pop("calls"), given.pop("tokens"), given.pop("usd"), minutes * 60 if minutes else None)
    prices = Prices(given.pop("price_in"), given.pop("price_out"))
    spec = partial(parse_model, base_url=given.pop("base_url"), prices=prices)
    plan = Survey(suites or shipped_suites(), spec=spec, **given)
    with contextlib.closing(open_store(store)) as opened:
        found = asyncio.run(
            survey(
                plan,
                opened,
                budget,
                concurrency=concurrency,
                progress=progress_for(quiet=as_json),
                heard=(lambda _: None) if as_json else _tell,
            )
        )
    page = survey_page(found)
    try:
        target.write_text(to_html("Survey", page) if target.suffix == ".html" else to_markdown(page), "utf-8")
    except OSError as error:
        raise TracerError(f"cannot write {target}: {error.strerror}") from error
    if as_json:
        click.echo(orjson.dumps([_plain(one) for one in found], option=orjson.OPT_INDENT_2))
    else:
        CONSOLE.print(f"\nwrote {target}", markup=False)
    return STOPPED_EARLY if any(one.result is None or one.result.stopped for one in found) else 0


def _tell(one: Surveyed) -> None:
    """Print what came of one suite as soon as it is there."""
    CONSOLE.print(Text.assemble((one.suite, "bold"), f"  {one.stack}  {one.model}"))
    if one.result is None:
        CONSOLE.print(Text(f"  not run: {one.why_not}", style="yellow"))
        return
    for verdict in one.result.verdicts:
        answer = verdict.answer.value
        CONSOLE.print(Text.assemble("  ", (answer, ANSWER_COLOURS[answer]), f"  {verdict.hypothesis.id}"))
    failed = sum(row.status == "failed" for row in one.result.rows)
    if failed:
        CONSOLE.print(Text(f"  {counted(failed, 'run')} failed", style="red"))
    if one.result.stopped:
        CONSOLE.print(Text(f"  stopped early: {one.result.stopped}", style="yellow"))


def _plain(one: Surveyed) -> dict[str, Any]:
    return {
        "suite": one.suite,
        "stack": one.stack,
        "model": one.model,
        "not_run": one.why_not,
        "seconds": round(one.seconds, 1),
        "usage": dict(one.usage),
        "study": one.result.study.hash if one.result else None,
        "stopped": one.result.stopped if one.result else "",
        "verdicts": [verdict.to_dict() for verdict in one.result.verdicts] if one.result else [],
    }
