"""`tracer verdict`."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

import click
import orjson
from rich.table import Table
from rich.text import Text

from tracer.cli.late import late_verdicts
from tracer.cli.options import ALSO, AS_JSON, STORE, find_study
from tracer.cli.terminal import CONSOLE, counted, print_verdicts
from tracer.errors import TracerError
from tracer.store import open_store
from tracer.study import Mean, Study, Verdict, differences, judge, judge_recorded, load_recorded, read_bundle

__all__ = ["command"]

_SHOWN = 5


@click.command("verdict")
@click.argument("study", required=False, default="")
@click.option(
    "--bundle",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Judge again from this evidence bundle alone, and compare with what it says.",
)
@click.option(
    "--recorded",
    metavar="FILE.toml",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Map of imported runs, judged instead of a study; see docs/reports.md.",
)
@ALSO
@STORE
@AS_JSON
def command(
    study: str, bundle: Path | None, recorded: Path | None, also: str | None, store: str | None, as_json: bool
) -> None:
    """Judge the hypotheses of STUDY (a hash, or its beginning; default: the newest) on the runs that it has."""
    if recorded is not None:
        if study or also or bundle is not None:
            raise TracerError("--recorded judges imported runs and goes with no study, --bundle or --also")
        _judge_recorded(recorded, store, as_json)
        return
    if bundle is not None:
        if study or also:
            raise TracerError("name a study or a --bundle, not both: a bundle holds its own study and its hypotheses")
        _judge_bundle(bundle, as_json)
        return
    with contextlib.closing(open_store(store, make=False)) as opened:
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


def _judge_recorded(file: Path, store: str | None, as_json: bool) -> None:
    recorded = load_recorded(file)
    with contextlib.closing(open_store(store, make=False)) as opened:
        result = judge_recorded(recorded, opened.runs())
    if as_json:
        told = {
            "name": recorded.name,
            "left_out": result.left_out,
            "means": [mean.to_dict() for mean in result.means],
            "verdicts": [verdict.to_dict() for verdict in result.verdicts],
        }
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2))
        return
    CONSOLE.print(f"{recorded.name}: {recorded.question}", markup=False)
    print_verdicts(result.verdicts)
    CONSOLE.print(Text("\nmeans over runs, every run counted alike", style="dim"))
    CONSOLE.print(_means(result.means))
    if result.left_out:
        CONSOLE.print(f"{counted(result.left_out, 'run')} of this form are outside of the map.", style="dim")


def _means(means: Sequence[Mean]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim")
    for title in ("model", "condition", "measure"):
        table.add_column(title, overflow="fold")
    for title in ("mean", "interval", "runs"):
        table.add_column(title, justify="right", no_wrap=True)
    for mean in means:
        names = (Text(mean.model or "?"), Text(mean.condition), Text(mean.measure))
        table.add_row(*names, f"{mean.value:.4f}", "", str(mean.runs))
        for k, found in enumerate(mean.passes, start=1):
            interval = f"[{found.low:.3f}, {found.high:.3f}]"
            table.add_row("", "", f"  {k} of {k}", f"{found.value:.4f}", interval, f"{found.clusters} clusters")
    return table


def _print(study: Study, verdicts: list[Verdict], as_json: bool) -> None:
    if as_json:
        click.echo(orjson.dumps([v.to_dict() for v in verdicts], option=orjson.OPT_INDENT_2))
        return
    CONSOLE.print(f"{study.name}: {study.body['question']}", markup=False)
    print_verdicts(verdicts)
