"""`tracer check`."""

from __future__ import annotations

import click
import orjson
from rich.text import Text

from tracer.cli.options import AS_JSON
from tracer.cli.terminal import CONSOLE, counted
from tracer.errors import SuiteError
from tracer.study import flaws, load_suite

__all__ = ["command"]


@click.command("check")
@click.argument("suite")
@AS_JSON
def command(suite: str, as_json: bool) -> None:
    """Look SUITE over before it is run: what would make its answer worthless, and what would weaken it.

    Nothing is run or stored. Ends with code 2 where something is found that no study can mean anything with.
    """
    loaded = load_suite(suite)
    found = flaws(loaded)
    grave = [flaw for flaw in found if flaw.grave]
    if as_json:
        told = [{"place": flaw.place, "what": flaw.what, "grave": flaw.grave} for flaw in found]
        click.echo(orjson.dumps({"suite": loaded.name, "flaws": told}, option=orjson.OPT_INDENT_2))
    else:
        for flaw in found:
            sign, style = ("wrong", "red") if flaw.grave else ("weak", "yellow")
            CONSOLE.print(Text.assemble((f"{sign}  ", style), (flaw.place, "bold"), f": {flaw.what}"))
        cells = f"{counted(len(loaded.scenarios), 'scenario')}, {counted(len(loaded.conditions), 'condition')}"
        CONSOLE.print(Text(f"{loaded.name}: {cells}, {counted(len(loaded.cells()), 'cell')} looked at"))
    if grave:
        raise SuiteError(f"{suite}: {counted(len(grave), 'flaw')} that no study can mean anything with")
    if not found and not as_json:
        CONSOLE.print(Text("Nothing wrong was found.", style="green"))
