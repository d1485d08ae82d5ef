"""`tracer training`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import orjson

from tracer.addresses import blamed_line, load_object
from tracer.cli.terminal import counted
from tracer.errors import TracerError

__all__ = ["command"]

_ROLES = ("system", "developer", "user", "assistant", "tool")


@click.command("training")
@click.argument("address")
@click.option(
    "-o",
    "--output",
    required=True,
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write; one that is there already is replaced.",
)
def command(address: str, output: Path) -> None:
    """Write training data to a file in the OpenAI fine-tuning format: JSON lines, each with `messages`.

    ADDRESS is a list of such items, or a function without arguments that gives one, e.g.
    scenarios/reversal_curse.py:training. Nothing is trained here; a suite of the same file evaluates the tuned model.
    """
    items = _items(address)
    try:
        output.write_bytes(b"".join(orjson.dumps(item, option=orjson.OPT_APPEND_NEWLINE) for item in items))
    except OSError as error:
        raise TracerError(f"{output} cannot be written: {error.strerror}; give another file by -o") from error
    click.echo(f"{counted(len(items), 'conversation')} -> {output}")


def _items(address: str) -> Sequence[Any]:
    """Load the items, and refuse what no fine-tuning service would take, naming the item."""
    found = load_object(address)
    try:
        items = found() if callable(found) else found
    except Exception as error:  # boundary: what is called is a function of the user's file
        at = blamed_line(error)
        told = f"{type(error).__name__}: {error}{f' ({at})' if at else ''}"
        raise TracerError(f"{address} fails when it is called without arguments: {told}; mend it") from error
    if not isinstance(items, list | tuple) or not items:
        raise TracerError(f"{address} gives no training data: it has to be a list of items with `messages`")
    for number, item in enumerate(items):
        wrong = _wrong_with(item)
        if wrong:
            raise TracerError(f"{address}, item {number}: {wrong}")
    return items


def _wrong_with(item: Any) -> str:
    messages = item.get("messages") if isinstance(item, dict) else None
    if not isinstance(messages, list) or not messages:
        return "it has no list of `messages`"
    if not all(isinstance(m, dict) and m.get("role") in _ROLES for m in messages):
        return f"every message needs a role, one of {', '.join(_ROLES)}"
    if messages[-1]["role"] != "assistant":
        return "its last message has to be the assistant's: that is what a model is trained to say"
    return ""
