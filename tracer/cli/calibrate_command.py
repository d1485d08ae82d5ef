"""`tracer calibrate`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import click
import orjson
from rich.table import Table
from rich.text import Text

from tracer.calibration import FULL, QUICK, Rate, Report, calibrate, load_calibration
from tracer.cli.options import AS_JSON
from tracer.cli.terminal import CONSOLE, progress_for
from tracer.study import Answer

__all__ = ["command"]

_DESK = "scenarios/dispatch_desk/calibration.py:calibration"
_COLUMNS = {
    Answer.SUPPORTED: "supp",
    Answer.REFUTED: "ref",
    Answer.DISSOCIATION: "diss",
    Answer.INCONCLUSIVE: "inc",
    Answer.NOT_TESTABLE: "n.t.",
    Answer.INVALID: "inv",
}


@click.command("calibrate")
@click.option("--quick", is_flag=True, help="Fewer runs and cells: within a minute on two cores.")
@click.option("--suite", default=_DESK, show_default=True, help="Calibration: a suite with organisms and truths.")
@click.option("--runs", type=click.IntRange(1), help="Runs executed of each organism in each condition.")
@click.option("--studies", type=click.IntRange(1), help="Studies drawn in each cell.")
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the runs and of the draws.")
@AS_JSON
def command(quick: bool, suite: str, runs: int | None, studies: int | None, seed: int, as_json: bool) -> None:
    """Measure how often verdicts are right, on scripted models whose goals and beliefs are known.

    Every organism is run once on the real stack; then many studies are drawn from its runs, judged without knowing
    whose they are, and only then held against what is true: over its effect, noise, size of study and damage.
    """
    grid = QUICK if quick else FULL
    grid = replace(grid, runs=runs or grid.runs, studies=studies or grid.studies, seed=seed)
    report = calibrate(load_calibration(suite), grid, progress_for(quiet=as_json))
    if as_json:
        click.echo(orjson.dumps(report.to_dict(), option=orjson.OPT_INDENT_2))
        return
    CONSOLE.print(f"{report.calibration.suite}: {report.studies} blind studies of {len(report.calibration.planted)}")
    CONSOLE.print(
        f"organisms, drawn from {grid.runs} or more runs of each in each condition; seed {grid.seed}.", markup=False
    )
    _print_recovery(report)
    _print_errors(report)
    _print_power(report)
    _print_coverage(report)


def _print_recovery(report: Report) -> None:
    declared = report.calibration.declared
    _title(
        f"Recovery: % of studies of {max(report.sizes)} scenarios with each verdict",
        f"Where something is true, in {declared:.0%} of the runs; no noise, no damage.",
    )
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="dim", width=78)
    for title in ("organism", "claim", "truth"):
        table.add_column(title, no_wrap=True)
    for title in _COLUMNS.values():
        table.add_column(title, justify="right", no_wrap=True)
    for row in report.recovery():
        total = row.verdicts.total()
        shares = (f"{row.verdicts[a.value] / total:.0%}"[:-1] if row.verdicts[a.value] else "" for a in _COLUMNS)
        table.add_row(row.model.removeprefix("organism:"), row.claim, row.truth, *shares)
    CONSOLE.print(table)


def _print_errors(report: Report) -> None:
    margin = report.calibration.margin
    _title("Errors, over studies", "In brackets the exact 95 % interval over studies drawn from these runs.")
    calm = report.false_support(disturbed=False)
    _print_rates(
        [
            ("supports what is not true", calm),
            ("... with noise or damage", report.false_support(disturbed=True)),
            (f"supports an effect of the margin, {margin:.0%}", report.false_support(at_margin=True)),
            ("refutes what is true (of verdicts)", report.false_refutation()),
        ]
    )
    _title("Honesty", "Pairs that cannot be told apart get no decision; conflicts are told as such.")
    _print_rates([("no decision on open claims", report.honesty()), ("conflicts told", report.conflicts_told())])


def _print_power(report: Report) -> None:
    _title("Power: % of studies that support what is true", "by number of scenarios; no noise, no damage")
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim", width=78)
    table.add_column("organism", no_wrap=True)
    table.add_column("claim", no_wrap=True)
    curves = {size: report.power(size) for size in report.sizes}
    for size in curves:
        table.add_column(f"n = {size}", justify="right", no_wrap=True)
    for model, claim in next(iter(curves.values())):
        shares = (f"{curve[model, claim].share:.0%}"[:-1] for curve in curves.values())
        table.add_row(model.removeprefix("organism:"), claim, *shares)
    CONSOLE.print(table)


def _print_coverage(report: Report) -> None:
    _title("Coverage of intervals", "Share that holds the value of the runs drawn from; no damage.")
    _print_rates((f"level {float(level):.1%}", rate) for level, rate in report.coverage().items())


def _print_rates(rates: Iterable[tuple[str, Rate]]) -> None:
    table = Table(box=None, pad_edge=False, padding=(0, 1), show_header=False)
    for justify in ("left", "right", "right", "right"):
        table.add_column(justify=justify, no_wrap=True)
    for name, rate in rates:
        if rate.of:
            low, high = rate.interval
            table.add_row(name, f"{rate.hits} of {rate.of}", f"{rate.share:.2%}", f"[{low:.2%}, {high:.2%}]")
    CONSOLE.print(table)


def _title(title: str, says: str) -> None:
    CONSOLE.print()
    CONSOLE.print(Text(title, style="bold"))
    CONSOLE.print(Text(says, style="dim"))
