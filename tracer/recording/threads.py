"""Carry the place and the trace context into threads that a stack starts itself."""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

__all__ = ["context_in_threads"]

_LOCK = threading.Lock()
_users = 0
_start = threading.Thread.start
_submit = ThreadPoolExecutor.submit


@contextlib.contextmanager
def context_in_threads() -> Generator[None]:
    """While open, new threads and tasks of thread pools start with a copy of the context of whoever started them.

    Without it, a thread pool inside a node turns every model call into a trace of its own.
    """
    global _users
    with _LOCK:
        _users += 1
        if _users == 1:
            threading.Thread.start = _start_with_context
            ThreadPoolExecutor.submit = _submit_with_context
    try:
        yield
    finally:
        with _LOCK:
            _users -= 1
            if _users == 0:
                threading.Thread.start = _start
                ThreadPoolExecutor.submit = _submit


def _start_with_context(self: threading.Thread) -> None:
    context = contextvars.copy_context()
    run = self.run
    self.run = lambda: context.run(run)
    _start(self)


def _submit_with_context(self: ThreadPoolExecutor, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
    return _submit(self, contextvars.copy_context().run, fn, *args, **kwargs)
