"""The documentation does what it says: commands run, targets exist, names can be imported."""

from __future__ import annotations

import ast
import importlib
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from tracer.cli.app import cli

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
# `<!-- not run: the reason -->` before a block spares it from running; its commands still have to exist.
FENCE = re.compile(
    r"^(?:<!-- not run: (?P<spared>.+?) -->\n+)?```(?P<language>\w+)[^\n]*\n(?P<body>.*?)^```", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Block:
    """One fenced block of a page."""

    page: Path
    language: str
    body: str
    spared: bool

    def commands(self) -> list[str]:
        """Give its shell commands; in a `console` block those after `$`."""
        lines = self.body.replace("\\\n", " ").splitlines()
        if self.language == "console":
            lines = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
        elif self.language not in {"sh", "bash"}:
            return []
        return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def blocks() -> Iterator[Block]:
    for page in PAGES:
        for found in FENCE.finditer(page.read_text()):
            yield Block(page, found["language"], found["body"], found["spared"] is not None)


def commands_of(program: str) -> list[tuple[Path, str]]:
    """Give every command of one program in all pages, in blocks and between backticks, up to a pipe."""
    found = [(block.page, command) for block in blocks() for command in block.commands()]
    for page in PAGES:
        prose = FENCE.sub("", page.read_text())
        found += [(page, code) for code in re.findall(r"`([^`\n]+)`", prose)]
    return [(page, re.split(r"[|>#&;…]", text)[0]) for page, text in found if text.startswith(f"{program} ")]


@pytest.fixture(scope="module")
def command_line() -> click.Group:
    """The `tracer` command with everything below it."""
    return cli


def walk(command: click.Command, context: click.Context) -> Iterator[tuple[str, click.Command]]:
    """Give a command and all below it, each with its path."""
    yield context.command_path, command
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None, f"{context.command_path} lists {name}, but has no such command"
            yield from walk(below, click.Context(below, info_name=name, parent=context))


def unknown(command: click.Command, words: list[str]) -> str:
    """Say which word of a command line is neither a command nor an option; empty where all are."""
    context = click.Context(command, info_name="tracer")
    for word in words:
        if isinstance(command, click.Group) and not word.startswith("-"):
            below = command.get_command(context, word)
            if below is None:
                return word
            command, context = below, click.Context(below, info_name=word, parent=context)
        elif word.startswith("-") and len(word) > 1:
            known = {option for param in command.get_params(context) for option in [*param.opts, *param.secondary_opts]}
            if word.split("=")[0] not in known:
                return word
    return ""


def test_every_command_and_option_has_help(command_line: click.Group) -> None:
    """`--help` explains each command and each of its options."""
    silent: list[str] = []
    for path, command in walk(command_line, click.Context(command_line, info_name="tracer")):
        if not (command.help or "").strip():
            silent.append(path)
        options = [param for param in command.params if isinstance(param, click.Option) and not param.hidden]
        silent += [f"{path} {option.opts[0]}" for option in options if not (option.help or "").strip()]
    assert silent == []


def test_every_documented_command_exists(command_line: click.Group) -> None:
    """Each `tracer ...` in the pages names a command and options that there are."""
    wrong = [
        f"{page.name}: {command.strip()} ({word!r})"
        for page, command in commands_of("tracer")
        if (word := unknown(command_line, shlex.split(command)[1:]))
    ]
    assert wrong == []


def test_every_documented_target_exists() -> None:
    """Each `make ...` in the pages names a target of the Makefile, and each target says what it does."""
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):.*## \S", makefile, re.MULTILINE))
    assert set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE)) == targets
    named = {word for _, line in commands_of("make") for word in shlex.split(line)[1:] if "=" not in word}
    assert named <= targets
    assert {"demo", "test", "check", "fix", "bench"} <= targets


def test_readme_commands_run(command_line: click.Group, tmp_path: Path) -> None:
    """A newcomer can type the README's commands, one after the other, in an empty folder."""
    commands = [
        command
        for block in blocks()
        if block.page == ROOT / "README.md" and not block.spared
        for command in block.commands()
        if command.startswith("tracer ")
    ]
    assert commands, "README.md shows no command that can be run here"
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    for command in commands:
        done = subprocess.run(
            command,
            shell=True,
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=180,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def test_python_in_the_pages_uses_names_that_exist() -> None:
    """Every Python block compiles, and what it imports from tracer is there."""
    wrong: list[str] = []
    for block in blocks():
        if block.language != "python":
            continue
        for node in ast.walk(ast.parse(block.body, filename=str(block.page))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "tracer":
                module = importlib.import_module(node.module or "")
                wrong += [
                    f"{block.page.name}: {node.module}.{a.name}" for a in node.names if not hasattr(module, a.name)
                ]
    assert wrong == []


def test_links_between_pages_lead_somewhere() -> None:
    """Every relative link or picture in the pages points to a file of the repository."""
    broken: list[str] = []
    for page in PAGES:
        prose = FENCE.sub("", page.read_text())
        targets = re.findall(r"\]\(([^)\s]+)\)", prose) + re.findall(r'(?:src|href)="([^"]+)"', prose)
        local = [target.split("#")[0] for target in targets if not re.match(r"[a-z]+:|#", target)]
        broken += [f"{page.name}: {target}" for target in local if not (page.parent / target).exists()]
    assert broken == []
