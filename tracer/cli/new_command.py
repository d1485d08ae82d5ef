"""`tracer new`."""

from __future__ import annotations

import json
import keyword
import os
from pathlib import Path
from string import Template

import click

from tracer.cli.terminal import CONSOLE
from tracer.errors import TracerError

__all__ = ["command"]

_TEMPLATES = Path(__file__).parent / "templates"
_NEXT = {
    "suite": (
        "tracer check {path}:suite",
        "tracer run {path}:suite --model organism:{path}:trusting",
        "tracer run {path}:suite --model smollm2",
    ),
    "stack": (
        "tracer run scenarios/every_world.py:with_steps -n 1 --stack {path}:build \\\n    --model organism:by_the_book",
        "tracer run scenarios/suggested_answer.py:suite -n 1 --stack {path}:build",
    ),
    "world": (
        "tracer new suite {name}_suite --folder {folder}",
        "In that file: from . import {name}",
        "In `present`:  Task(..., world={name}.world(scenario))",
    ),
}


@click.command("new")
@click.argument("what", type=click.Choice(list(_NEXT)))
@click.argument("name")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(),
    show_default="the working folder",
    help="Where to write it; made where it is not there.",
)
def command(what: str, name: str, folder: Path) -> None:
    """Write a suite, a stack or a world of your own: NAME.py, one file that works as it is and is there to be changed.

    Nothing is ever overwritten. NAME is what Python takes as a name: letters, digits and underscores.
    """
    _check_name(name)
    path = _short(folder / f"{name}.py")
    _write(path, _filled(what, name, path))
    CONSOLE.print(f"Written: {path}\nNext:", markup=False, soft_wrap=True)
    for line in _NEXT[what]:
        told = line.format(path=path.as_posix(), name=name, folder=path.parent.as_posix())
        CONSOLE.print(f"  {told}", markup=False, soft_wrap=True)


def _check_name(name: str) -> None:
    if keyword.iskeyword(name):
        raise TracerError(f"{name!r} is a word of Python and cannot name a file of it: take another, e.g. my_{name}")
    if not name.isidentifier() or not name.isascii():
        raise TracerError(
            f"{name!r} cannot be the name of a file that is loaded by its address: take letters, digits and "
            "underscores, beginning with a letter, e.g. my_suite"
        )


def _short(path: Path) -> Path:
    """Give a path as an address is best written: from the working folder where it lies below it."""
    whole = Path(os.path.abspath(path))
    return whole.relative_to(Path.cwd()) if whole.is_relative_to(Path.cwd()) else whole


def _filled(what: str, name: str, path: Path) -> str:
    template = Template((_TEMPLATES / f"{what}.txt").read_text(encoding="utf-8"))
    return template.substitute(name=name, path=json.dumps(path.as_posix())[1:-1])  # it stands between quotes


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise TracerError(f"{path} is there already, and nothing is overwritten: take another name") from error
    except OSError as error:
        raise TracerError(f"{path} cannot be written: {error.strerror}") from error
