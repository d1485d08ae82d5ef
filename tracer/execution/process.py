"""One outside program with everything that it starts: watched, limited, and ended as a whole."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tracer.errors import RunStopped

__all__ = ["Ended", "Limits", "run_program"]

_WATCH_S = 0.1
_POLL_S = 0.01
_GRACE_S = 0.5
_KEPT = 64 * 1024
_PAGE = os.sysconf("SC_PAGE_SIZE")
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use, together with everything that it starts.

    Attributes:
        output_bytes: On stdout and stderr.
        memory_bytes: Resident memory of all its processes. Held where /proc is, as on Linux.
        processes: How many it may have at a time. Held where /proc is.
    """

    output_bytes: int = 16 * 1024 * 1024
    memory_bytes: int = 4 * 1024**3
    processes: int = 128


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended.

    Attributes:
        code: Exit code; the negative number of the signal that ended it.
        output: The end of its stdout, up to 64 KiB.
        errors: The end of its stderr, up to 64 KiB.
    """

    code: int
    output: str
    errors: str


@dataclass(slots=True)
class _Stream:
    """One output of a program: its end is kept, all of it counted."""

    tail: bytearray = field(default_factory=bytearray)
    size: int = 0

    def take(self, data: bytes) -> None:
        self.size += len(data)
        self.tail += data
        del self.tail[:-_KEPT]

    def text(self) -> str:
        return self.tail.decode(errors="replace")


async def run_program(
    words: Sequence[str], *, folder: Path, environment: Mapping[str, str], sent: bytes, mark: str, limits: Limits
) -> Ended:
    """Run a program to its end; however that comes about, nothing that it started is left.

    Args:
        words: Program and arguments.
        folder: Where it works.
        environment: All that it sees of the environment.
        sent: What it is given on stdin.
        mark: A value in `environment` that is nobody else's, by which its processes are known wherever they went.
        limits: What it may use.

    Raises:
        RunStopped: With status "limit": it used more than it may.
        OSError: It cannot be started.
    """
    process = await asyncio.create_subprocess_exec(
        *words,
        cwd=folder,
        env=dict(environment),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        start_new_session=True,
    )
    output, errors = _Stream(), _Stream()
    try:
        async with asyncio.TaskGroup() as group:
            reading = [
                group.create_task(_read(process.stdout, output)),
                group.create_task(_read(process.stderr, errors)),
            ]
            group.create_task(_feed(process.stdin, sent))
            watching = group.create_task(_watch(process.pid, mark, (output, errors), limits))
            while process.returncode is None:  # `wait()` waits for the outputs too, which a child may hold open
                await asyncio.sleep(_POLL_S)
            # A child that was left behind may hold the outputs open: it has had its time.
            await asyncio.wait(reading, timeout=_GRACE_S)
            for task in (watching, *reading):
                task.cancel()
    except* RunStopped as stops:
        raise stops.exceptions[0] from None
    finally:
        await _end(process, mark)
    return Ended(process.returncode, output.text(), errors.text())


async def _read(pipe: asyncio.StreamReader | None, stream: _Stream) -> None:
    while pipe is not None and (data := await pipe.read(65536)):
        stream.take(data)


async def _feed(pipe: asyncio.StreamWriter | None, sent: bytes) -> None:
    if pipe is None:
        return
    with contextlib.suppress(ConnectionError):  # it need not read what it is given
        pipe.write(sent)
        await pipe.drain()
    pipe.close()


async def _watch(pid: int, mark: str, streams: Sequence[_Stream], limits: Limits) -> None:
    while True:
        await asyncio.sleep(_WATCH_S)
        said = sum(stream.size for stream in streams)
        if said > limits.output_bytes:
            raise RunStopped("limit", f"the program wrote more than {limits.output_bytes // 2**20} MiB of output")
        own = await asyncio.to_thread(_processes, pid, mark)
        if len(own) > limits.processes:
            raise RunStopped("limit", f"the program had more than {limits.processes} processes")
        if sum(own.values()) > limits.memory_bytes:
            raise RunStopped("limit", f"the program used more than {limits.memory_bytes // 2**20} MiB of memory")


async def _end(process: asyncio.subprocess.Process, mark: str) -> None:
    """End every process of the program: those of its group, and those that left the group but not the environment."""
    for _ in range(50):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        own = await asyncio.shield(asyncio.to_thread(_processes, process.pid, mark))
        for pid in own:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not own:
            break
        await asyncio.sleep(0.02)
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(process.communicate(), _GRACE_S)  # what nobody read keeps the outputs open


def _processes(session: int, mark: str) -> dict[int, int]:
    """Give pid -> bytes of resident memory of the living processes of a session, or with a mark in the environment."""
    if not _PROC.is_dir():
        return {}
    found: dict[int, int] = {}
    wanted = mark.encode()
    for entry in os.scandir(_PROC):
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError, ValueError, IndexError):  # gone meanwhile, or another user's
            facts = Path(entry.path, "stat").read_text().rpartition(")")[2].split()
            if facts[0] in "ZX" or int(entry.name) == os.getpid():
                continue
            if int(facts[3]) == session or wanted in Path(entry.path, "environ").read_bytes():
                found[int(entry.name)] = int(facts[21]) * _PAGE
    return found
