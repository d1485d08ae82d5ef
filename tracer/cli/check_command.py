"""`tracer check`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import click
import orjson
from rich.table import Table
from rich.text import Text

from tracer.calibration import Asked, Trial, trial_flaws, trials_page, try_all
from tracer.cli.options import AS_JSON
from tracer.cli.terminal import CONSOLE, counted, progress_for
from tracer.contracts import Suite
from tracer.errors import SuiteError
from tracer.runner import shipped_suites
from tracer.study import Flaw, flaws, load_suite, located, to_markdown

__all__ = ["command"]

_SIGNS = {True: ("wrong", "red"), False: ("weak", "yellow")}


@click.command("check")
@click.argument("suites", nargs=-1, metavar="[SUITE...]")
@click.option("--stack", "stacks", multiple=True, metavar="FILE:NAME", help="Stack it is to run on. Default: its own.")
@click.option("--static", is_flag=True, help="Look only; do not run the models that are planted for it.")
@click.option("--studies", type=click.IntRange(1), default=1, show_default=True, help="Studies of each planted model.")
@click.option(
    "--redraw", type=click.IntRange(0), default=0, help="Studies to draw from the runs: how often is it right?"
)
@click.option("--seed", type=int, default=1, show_default=True, help="Seed of the first study; the next have the next.")
@click.option("--table", type=click.Path(dir_okay=False, path_type=Path), help="Write the answers as a Markdown page.")
@AS_JSON
def command(
    suites: tuple[str, ...], stacks: tuple[str, ...], static: bool, table: Path | None, as_json: bool, **asked: int
) -> None:
    """Look each SUITE (default: all that are shipped) over: would its answer be worth something, and is it right?

    A suite is first read: its scenarios, cells, templates and claims, and whether its measures agree with the runs that
    a person has labelled. Then it is run on the models whose truth is known, and on one that acts at random; nothing is
    kept of that. Ends with code 2 where something is found that no study can mean anything with, or an answer is wrong.
    """
    looks = [_look(address, stacks, quiet=as_json) for address in suites or shipped_suites()]
    if not static:
        looks = _try(looks, **asked, quiet=as_json)
    if not as_json:
        for look in looks:
            _print_trials(look)
    if as_json:
        told = [look.to_dict() for look in looks]
        click.echo(orjson.dumps(told if len(told) > 1 else told[0], option=orjson.OPT_INDENT_2))
    if table is not None:
        how = f"Made by tracer check, redraw {asked['redraw']}, seed {asked['seed']}, on {date.today().isoformat()}."
        page = trials_page({look.name: look.trials for look in looks}, how)
        table.write_text(to_markdown(page), encoding="utf-8")
    wrong = [line for look in looks for line in look.wrong]
    if wrong:
        raise SuiteError("; ".join(wrong))


@dataclass(frozen=True, slots=True)
class _Look:
    """What was found of one suite."""

    address: str
    name: str
    claims: bool
    flaws: Sequence[Flaw]
    trials: Sequence[Trial] = ()
    shown_by_trials: Sequence[Flaw] = ()

    @property
    def wrong(self) -> list[str]:
        grave = sum(flaw.grave for flaw in self.flaws)
        failed = sum(bool(trial.statuses.get("failed")) for trial in self.trials)
        told = [
            (grave, "flaw", "that no study can mean anything with"),
            (sum(not trial.answered_right for trial in self.trials), "model", "answered wrongly"),
            (failed, "model", "with failed runs"),
        ]
        return [f"{self.address}: {counted(count, what)} {how}" for count, what, how in told if count]

    def to_dict(self) -> dict[str, object]:
        lines = [
            {"line": located(f, self.address), "place": f.place, "what": f.what, "grave": f.grave} for f in self.flaws
        ]
        return {"suite": self.name, "flaws": lines, "trials": [trial.to_dict() for trial in self.trials]}


def _look(address: str, stacks: Sequence[str], *, quiet: bool) -> _Look:
    suite = load_suite(address)
    found = flaws(suite, stacks)
    if not quiet:
        _print_flaws(suite, found, address)
    return _Look(address, suite.name, bool(suite.hypotheses), found)


def _try(looks: Sequence[_Look], studies: int, redraw: int, seed: int, *, quiet: bool) -> list[_Look]:
    """Run the planted models of every suite that is worth it."""
    sound = [look for look in looks if look.claims and not any(flaw.grave for flaw in look.flaws)]
    asked = [Asked(look.address, range(seed, seed + studies), redraw) for look in sound]
    trials = try_all(asked, progress_for(quiet=quiet)) if asked else []
    tried = {look.address: of_one for look, of_one in zip(sound, trials, strict=True)}
    return [_with_trials(look, tried.get(look.address, ())) for look in looks]


def _with_trials(look: _Look, trials: Sequence[Trial]) -> _Look:
    found = trial_flaws(load_suite(look.address), trials) if trials else []
    return replace(look, trials=trials, flaws=(*look.flaws, *found), shown_by_trials=found)


def _print_flaws(suite: Suite, found: Sequence[Flaw], address: str) -> None:
    cells = f"{counted(len(suite.scenarios), 'scenario')}, {counted(len(suite.conditions), 'condition')}"
    looked = f"{counted(len(suite.cells()), 'cell')} looked at, {counted(len(suite.labelled), 'labelled run')} compared"
    CONSOLE.print(Text.assemble((suite.name, "bold"), f": {cells}, {looked}"))
    CONSOLE.print(_listed(found, address))
    if not found:
        CONSOLE.print(Text("Nothing wrong was found.", style="green"))


def _listed(found: Sequence[Flaw], address: str) -> Table:
    listed = Table.grid(padding=(0, 2, 0, 0))
    for flaw in sorted(found, key=lambda flaw: not flaw.grave):
        sign, style = _SIGNS[flaw.grave]
        where = f"{located(flaw, address)}: " if flaw.grave else ""
        listed.add_row(Text(sign, style), Text.assemble(where, (flaw.place, "bold"), f": {flaw.what}"))
    return listed


def _print_trials(look: _Look) -> None:
    trials = look.trials
    if not trials:
        return
    CONSOLE.print(Text(f"\n{look.name}, tried on models whose truth is known", style="dim"))
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for head in ("planted", "hypothesis", "wanted", "got", ""):
        table.add_column(head, overflow="fold")
    for trial in trials:
        for name, answers in trial.answers.items():
            right = trial.hits(name) == len(answers)
            got = answers[0] if len(answers) == 1 else f"{trial.hits(name)} of {len(answers)} right"
            wanted = trial.planted.verdicts.get(name, "any")
            mark = Text("right", "green") if right else Text("wrong", "red")
            drawn = trial.power(name)
            mark += Text(f" in {drawn[0]} of {drawn[1]}") if drawn[1] else Text()
            table.add_row(_short(trial), name, wanted, got, mark)
    CONSOLE.print(table)
    for trial in trials:
        for status, count in trial.statuses.items():
            if status != "completed":
                runs = f"{count} of {counted(sum(trial.statuses.values()), 'run')} {status}"
                CONSOLE.print(Text(f"{_short(trial)}: {runs}: {trial.reasons.get(status, '')}", style="yellow"))
        for name, answers in trial.answers.items():
            if trial.hits(name) < len(answers) and (why := trial.because.get(name)):
                CONSOLE.print(Text(f"{_short(trial)}, {name}: {answers[0]}, since {why}"))
    CONSOLE.print(_listed(look.shown_by_trials, look.address))


def _short(trial: Trial) -> str:
    return trial.planted.model.rpartition("/")[2]
