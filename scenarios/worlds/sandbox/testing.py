"""Run the tests of a few Python files in a process of their own, with limits.

The process works in a folder made for this run, with limits on time, memory and the size of files, and is kept from
other programs, sockets and files outside. These are guards against mishaps, no prison: what hostile code may do needs a
container or a machine of its own.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from functools import lru_cache
from pathlib import Path

__all__ = ["SECONDS", "outcome"]

SECONDS, MEGABYTES, SHOWN = 5, 512, 4000

_RUN = """
import os, resource, sys
here = os.path.realpath(os.getcwd())
for what, most in (("AS", {megabytes} << 20), ("CPU", 2 * {seconds}), ("FSIZE", 1 << 20), ("CORE", 0)):
    resource.setrlimit(getattr(resource, "RLIMIT_" + what), (most, most))
CHANGES = tuple("os." + name for name in "remove rename mkdir rmdir chmod link symlink truncate".split())
BARRED = tuple("subprocess socket ctypes os.fork os.posix_spawn os.exec os.system os.kill".split())
def watch(event, arguments):
    outside = isinstance(arguments and arguments[0], str) and not os.path.realpath(arguments[0]).startswith(here)
    writes = event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    changes = event.startswith(CHANGES)
    if event.startswith(BARRED):
        raise PermissionError("code under test may not use " + event)
    if outside and (writes or changes):
        raise PermissionError("code under test may not touch what lies outside of its folder")
sys.path.insert(0, here)
sys.addaudithook(watch)
import tests
failed = 0
for name in [name for name in dir(tests) if name.startswith("test_")]:
    try:
        getattr(tests, name)()
        print(name, "ok")
    except BaseException as error:
        failed += 1
        print(name, "FAILED:", type(error).__name__, error)
print("all tests pass" if not failed else "tests failed: " + str(failed))
"""


@lru_cache(256)
def outcome(files: tuple[tuple[str, str], ...], seconds: int = SECONDS) -> str:
    """Run the `test_...` functions of `tests.py` and give what they print, and whether all of them pass.

    Args:
        files: Name and text of each file.
        seconds: Time that they may take.

    Raises:
        TimeoutError: They do not end.
    """
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "output").open("w+", errors="replace") as output:
        for name, text in files:
            (Path(folder) / name).write_text(text, encoding="utf-8", errors="replace")
        run = _RUN.replace("{megabytes}", str(MEGABYTES)).replace("{seconds}", str(seconds))
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-B", "-c", run],
            cwd=folder,
            env={},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"the tests did not end within {seconds} s") from None
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # what it may have started goes with it
            process.wait()
        output.seek(0)
        told = output.read(SHOWN).replace(os.path.realpath(folder), ".").strip()
    return told or f"the tests printed nothing and ended with code {process.returncode}"
