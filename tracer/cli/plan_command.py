"""`tracer plan`."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from math import isnan
from typing import Any

import click
import orjson
from rich.table import Table
from rich.text import Text

from tracer.cli.options import AS_JSON, STORE, find_study
from tracer.cli.terminal import CONSOLE, counted
from tracer.contracts import Suite
from tracer.models import Prices
from tracer.store import open_store
from tracer.study import Assumed, Pilot, Size, load_suite, panel_of, plan_sizes, read_pilot

__all__ = ["command"]

_SHOWN = 3  # sizes that have room beside each other; --json has all
_USED = ("calls", "input_tokens", "output_tokens")


@click.command("plan")
@click.argument("suite")
@click.option(
    "-n", "counts", type=click.IntRange(1), multiple=True, help="Scenarios of each kind; several times for several."
)
@click.option("--pilot", metavar="HASH", help="Study whose runs show how scenarios differ and what a run costs.")
@click.option("--rate", type=click.FloatRange(0, 1), default=0.3, show_default=True, help="Assumed mean to compare to.")
@click.option(
    "--sd", type=click.FloatRange(0, 0.5), default=0.2, show_default=True, help="Its assumed sd between clusters."
)
@click.option(
    "--alike",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="Assumed correlation of a cluster's means between conditions.",
)
@click.option("--effect", type=click.FloatRange(0), help="True effect beyond the margin. Default: the margin again.")
@click.option("--replicates", type=click.IntRange(1), help="Runs per cell. Default: what the suite says.")
@click.option("--systems", type=click.IntRange(1), help="Stacks times models. Default: the suite's models.")
@click.option("--calls", type=click.FloatRange(0), default=1.0, show_default=True, help="Model calls per run, assumed.")
@click.option("--tokens-in", type=click.FloatRange(0), help="Input tokens per run, assumed.")
@click.option("--tokens-out", type=click.FloatRange(0), help="Output tokens per run, assumed.")
@click.option("--price-in", type=float, help="USD per million input tokens.")
@click.option("--price-out", type=float, help="USD per million output tokens.")
@click.option("--studies", type=click.IntRange(50), default=400, show_default=True, help="Studies to simulate.")
@STORE
@AS_JSON
def command(suite: str, counts: tuple[int, ...], store: str | None, as_json: bool, **given: Any) -> None:
    """Say what SUITE would cost and see at several sizes, before anything is run.

    The suite's own design is simulated: scenarios, clusters, conditions, replicates, levels and margins. Power is the
    share of simulated studies in which a check passes although nothing but the stated effect is true.
    """
    loaded = load_suite(suite)
    pilot = _pilot(store, given.pop("pilot"))
    usage, prices = _usage(given, pilot)
    assumed = Assumed(
        rate=given["rate"],
        sd=given["sd"],
        alike=given["alike"],
        effect=given["effect"],
        replicates=given["replicates"],
        systems=given["systems"] or len(loaded.models),
        studies=given["studies"],
        pilot=pilot,
    )
    sizes = plan_sizes(loaded, counts or _counts(loaded), assumed)
    told = [_plain(size, usage, prices) for size in sizes]
    if as_json:
        taken = {k: v for k, v in asdict(assumed).items() if k != "pilot"}
        click.echo(orjson.dumps({"suite": suite, "assumed": taken, "sizes": told}, option=orjson.OPT_INDENT_2))
        return
    _print(loaded, assumed, told, sizes)


def _pilot(store: str | None, prefix: str | None) -> Pilot | None:
    if prefix is None:
        return None
    with contextlib.closing(open_store(store, make=False)) as opened:
        study = find_study(opened, prefix)
        return read_pilot(study, opened.runs(study.hash))


def _usage(given: dict[str, Any], pilot: Pilot | None) -> tuple[dict[str, float | None], Prices]:
    prices = Prices(given.pop("price_in"), given.pop("price_out"))
    stated = (given.pop("calls"), given.pop("tokens_in"), given.pop("tokens_out"))
    assumed: dict[str, float | None] = dict(zip(_USED, stated, strict=True))
    return ({**pilot.usage} if pilot else assumed), prices


def _counts(suite: Suite) -> list[int]:
    """Give half, once and twice the scenarios that the suite has of its largest kind."""
    kinds = [tuple(sorted(s.tags.items())) for s in suite.scenarios]
    most = max(kinds.count(kind) for kind in set(kinds))
    return sorted({max(2, most // 2), max(2, most), max(2, 2 * most)})


def _plain(size: Size, usage: dict[str, float | None], prices: Prices) -> dict[str, Any]:
    used = {name: None if (one := usage[name]) is None else round(one * size.runs) for name in _USED}
    tokens = used["input_tokens"], used["output_tokens"]
    return {
        "of_each_kind": size.of_each_kind,
        "scenarios": size.scenarios,
        "to_write": size.to_write,
        "runs": size.runs,
        **used,
        "usd": None if tokens[0] is None or tokens[1] is None else prices.cost(tokens[0], tokens[1]),
        "checks": [outlook.to_dict() for outlook in size.outlooks],
    }


def _print(suite: Suite, assumed: Assumed, told: list[dict[str, Any]], sizes: list[Size]) -> None:
    CONSOLE.print(f"{suite.name}: {suite.question}", markup=False)
    basis = (
        "Between clusters as in the pilot."
        if assumed.pilot
        else f"Assumed: mean {assumed.rate:g}, sd between clusters {assumed.sd:g}, correlation {assumed.alike:g}."
    )
    CONSOLE.print(f"{basis} {counted(assumed.systems, 'system')}.\n", markup=False)
    costs = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
    for title in ("-n", "scenarios", "runs", "calls", "tokens in", "tokens out", "usd"):
        costs.add_column(title, justify="right", no_wrap=True)
    for one in told:
        more = f"{one['scenarios']}" + (f" ({one['to_write']} new)" if one["to_write"] else "")
        numbers = ["?" if one[k] is None else f"{one[k]:,}" for k in ("runs", *_USED)]
        costs.add_row(str(one["of_each_kind"]), more, *numbers, "?" if one["usd"] is None else f"{one['usd']:.2f}")
    CONSOLE.print(costs)
    if not panel_of(suite):  # judged measures are not looked at while a study runs
        CONSOLE.print("With --sequential: at most these; fewer where it is decided sooner.", style="dim")
    CONSOLE.print("\npower at the true value (smallest distance from the margin seen 8 times of 10)", style="dim")
    CONSOLE.print(_powers(sizes))


def _powers(sizes: list[Size]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim", width=78)
    table.add_column("check", ratio=1, overflow="fold")
    for title in ("asked", "true", *(f"-n {size.of_each_kind}" for size in sizes[-_SHOWN:])):
        table.add_column(title, justify="right", no_wrap=True)
    hypothesis = ""
    for row in zip(*(size.outlooks for size in sizes[-_SHOWN:]), strict=True):
        first = row[0]
        if first.hypothesis != hypothesis:
            hypothesis = first.hypothesis
            table.add_row(Text(hypothesis, style="bold"))
        sign = {"above": ">", "below": "<", "within": "±"}[first.check.direction]
        cells = ["  ?" if isnan(o.power) else f"{o.power:.2f} ({o.visible:.2f})" for o in row]
        table.add_row(Text(f"  {first.check.name}"), f"{sign} {first.check.margin:g}", f"{first.true:+.2f}", *cells)
    return table
