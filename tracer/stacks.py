"""What the address of a stack means: a file of ours or yours, a command, or an agent that answers over HTTP.

agents/react.py:build                          a function in a file
command:python my_agent.py {task}              any program
http://127.0.0.1:9000/v1#my-agent              an agent behind chat completions; the name after # is its model
a2a:http://127.0.0.1:9000                      an agent that speaks A2A
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from tracer.addresses import load_object, resolve_file
from tracer.errors import AddressError

__all__ = ["OutsideStack", "check_stack", "find_program", "program_path", "read_stack", "runs_roles", "stack_files"]

_COMMAND, _A2A = "command:", "a2a:"


@dataclass(frozen=True, slots=True)
class OutsideStack:
    """A stack that is not built from a `Kit`.

    Attributes:
        kind: How it is run.
        words: Of a command, its words.
        url: Of an agent over HTTP, where it answers.
        name: Of an agent behind chat completions, what to name as its model.
    """

    kind: Literal["command", "http", "a2a"]
    words: tuple[str, ...] = ()
    url: str = ""
    name: str = ""


def read_stack(address: str) -> OutsideStack | None:
    """Give what an address of an outside stack says; None for the address of a file.

    Raises:
        AddressError: It names no command, or no URL that can be called.
    """
    if address.startswith(_COMMAND):
        try:
            words = tuple(shlex.split(address.removeprefix(_COMMAND)))
        except ValueError as error:
            raise AddressError(f"the words of {address!r} cannot be told apart: {error}") from error
        if not words:
            raise AddressError(f"{address!r} names no command: write e.g. 'command:python my_agent.py {{task}}'")
        return OutsideStack("command", words=words)
    if address.startswith(_A2A):
        return OutsideStack("a2a", url=_checked(address.removeprefix(_A2A), address)[0])
    if address.startswith(("http://", "https://")):
        url, name = _checked(address, address)
        return OutsideStack("http", url=url, name=name or "agent")
    return None


def _checked(url: str, address: str) -> tuple[str, str]:
    """Give the URL and its fragment; an address is stored and shown, so it may hold no secret."""
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable, parts = False, urlsplit("")
    if "@" in parts.netloc or parts.query:
        raise AddressError("the address of a stack is stored: it may not carry a user, a password or a query")
    if not usable:
        raise AddressError(f"{address!r} has no URL that can be called: write http://HOST:PORT/PATH")
    return parts._replace(fragment="").geturl().rstrip("/"), parts.fragment


def check_stack(address: str) -> None:
    """Find out that a stack is there, as far as that can be seen without running it.

    Raises:
        AddressError: There is no such file, object or program.
    """
    outside = read_stack(address)
    if outside is None:
        load_object(address)
    elif outside.kind == "command":
        find_program(outside)


def runs_roles(address: str) -> bool:
    """Tell whether a stack gives each role of a task a context of its own.

    Raises:
        AddressError: There is no such file or object.
    """
    return read_stack(address) is None and bool(getattr(load_object(address), "__tracer_takes_roles__", False))


def find_program(stack: OutsideStack) -> list[str]:
    """Give the words of a command with its program and its local files as absolute paths.

    Raises:
        AddressError: There is no such program.
    """
    program, *rest = [str(_local(word) or word) for word in stack.words]
    found = program if Path(program).is_absolute() else shutil.which(program, path=program_path())
    if found is None or not Path(found).is_file():
        raise AddressError(f"no program {program!r} to run: name one on the PATH, or a file that can be executed")
    return [str(Path(found).absolute()), *rest]  # not resolved: a link to a Python is what makes it an environment's


def program_path() -> str:
    """Give where programs are looked for: the PATH, and beside this Python."""
    return os.pathsep.join([os.environ.get("PATH", os.defpath), str(Path(sys.executable).parent)])


def stack_files(address: str) -> list[str]:
    """Give the local files that an address names, as it names them: what a freeze takes the digest of."""
    outside = read_stack(address)
    if outside is None:
        return [address.rpartition(":")[0]]
    return [word for word in outside.words if _local(word) is not None]


def _local(word: str) -> Path | None:
    """Give the absolute path of a word that names a file here or among those that come with the product."""
    if "{" in word or not Path(word).suffix or Path(word).is_absolute():
        return None
    try:
        return resolve_file(word)
    except AddressError:
        return None
