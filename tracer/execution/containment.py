"""What a run starts in this process, tasks and threads, ends with it and takes nothing else along."""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import ctypes
import signal
import threading
import weakref
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from concurrent.futures import Future, InvalidStateError, ThreadPoolExecutor
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, TypeVar, cast

from tracer.errors import RunStopped

__all__ = ["contained", "run_whole", "stop_thread", "unblocked"]

_T = TypeVar("_T")
_GRACE_S = 5.0  # for what ends in order when it is cancelled, such as a program that is being ended
_LAST_S = 0.5
_EXITS = (SystemExit, KeyboardInterrupt, GeneratorExit)


@dataclass(slots=True)
class _Started:
    tasks: weakref.WeakSet[asyncio.Task[Any]] = field(default_factory=weakref.WeakSet["asyncio.Task[Any]"])
    calls: weakref.WeakKeyDictionary[threading.Thread, Future[Any]] = field(
        default_factory=weakref.WeakKeyDictionary[threading.Thread, "Future[Any]"]
    )


_STARTED: contextvars.ContextVar[_Started | None] = contextvars.ContextVar("tracer_started", default=None)
_LOOPS: weakref.WeakSet[asyncio.AbstractEventLoop] = weakref.WeakSet()


@contextlib.asynccontextmanager
async def contained() -> AsyncGenerator[None]:
    """Know every task and every thread of the loop's pool that begins while the block runs, and end them behind it.

    An attempt to leave the process (`sys.exit`) in one of them is a failure of the run. A thread is stopped at its next
    line of Python; one that never comes back from a call into C is left behind and keeps nobody from leaving.
    """
    loop = asyncio.get_running_loop()
    if loop not in _LOOPS:
        _LOOPS.add(loop)
        loop.set_default_executor(_Threads())
        loop.set_task_factory(cast("Any", _make_task))
    started = _Started()
    before = _STARTED.set(started)
    try:
        yield
    finally:
        _STARTED.reset(before)
        await _end(started.tasks)
        for thread, call in list(started.calls.items()):
            if not call.done():
                stop_thread(thread)


async def run_whole(work: Coroutine[Any, Any, _T]) -> _T:
    """Run something as a task of its own, which ends when it is cancelled, whether it likes or not."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await _end([task])
        raise


async def _end(tasks: Iterable[asyncio.Task[Any]]) -> None:
    for wait in (_GRACE_S, _LAST_S):
        left = [task for task in tasks if not task.done()]
        if not left:
            break
        for task in left:
            coroutine = task.get_coro()
            if wait == _LAST_S and isinstance(coroutine, _Guarded):
                coroutine.over = True
            task.cancel()
        await asyncio.wait(left, timeout=wait)
    for task in list(tasks):
        if task.done() and not task.cancelled():
            task.exception()  # somebody has looked: it is no news to the loop


class _Guarded(Coroutine[Any, Any, Any]):
    """A coroutine that cannot end the process, and can be ended whatever it catches."""

    def __init__(self, inner: Coroutine[Any, Any, Any]) -> None:
        self._inner = inner
        self.over = False

    def send(self, value: Any, /) -> Any:
        return self._step(lambda: self._inner.send(value))

    def throw(self, *given: Any) -> Any:
        return self._step(lambda: self._inner.throw(*given))

    def close(self) -> None:
        self._inner.close()

    def __await__(self) -> Any:
        return self._inner.__await__()

    def _step(self, step: Callable[[], Any]) -> Any:
        if self.over:
            with contextlib.suppress(RuntimeError):  # it caught even that
                self._inner.close()
            raise asyncio.CancelledError
        try:
            return step()
        except _EXITS as error:
            raise _exits(error) from error


def _make_task(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, Any], **given: Any) -> asyncio.Task[Any]:
    context: contextvars.Context | None = given.get("context")
    started = _STARTED.get() if context is None else context.get(_STARTED)
    if started is None:
        return asyncio.Task(work, loop=loop, **given)
    task = asyncio.Task(_Guarded(work), loop=loop, **given)
    started.tasks.add(task)
    return task


class _Threads(ThreadPoolExecutor):
    """A thread for each call, which keeps no process from ending and can be told to stop."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        context = contextvars.copy_context()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            with contextlib.suppress(SystemExit, InvalidStateError):  # told to stop when it had just come to its end
                try:
                    future.set_result(context.run(fn, *args, **kwargs))
                except Exception as error:  # handed to whoever waits for it
                    future.set_exception(error)
                except BaseException as error:
                    future.set_exception(_exits(error))

        thread = threading.Thread(target=work, name="tracer-work", daemon=True)
        started = _STARTED.get()
        if started is not None:
            started.calls[thread] = future
        thread.start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Leave the threads to themselves: those of runs were told to stop when their runs ended."""


def stop_thread(thread: threading.Thread) -> None:
    """Have a thread leave at its next line of Python, if it is still there."""
    if thread.is_alive() and thread.ident is not None:
        number, leave = ctypes.c_ulong(thread.ident), ctypes.py_object(SystemExit)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(number, leave)


@contextlib.asynccontextmanager
async def unblocked(seconds: float) -> AsyncGenerator[None]:
    """Stop the run that keeps the event loop from going on for so long, so that other runs can.

    Needs the main thread and a system with timers; elsewhere nothing is stopped.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:
        if _STARTED.get() is not None:  # in the code of a run
            raise RunStopped(
                "limit",
                f"it held up all other runs for more than {seconds:g} s: long work belongs into a plain function, "
                "which gets a thread, or into a command",
            )

    async def beat() -> None:
        while True:
            signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
            await asyncio.sleep(min(1.0, seconds / 3))

    former = signal.signal(signal.SIGALRM, ring)
    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
        await asyncio.wait([beating])
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)


def _exits(error: BaseException) -> RunStopped:
    return RunStopped("failed", f"it tried to end the process: {type(error).__name__} {error}".rstrip())
