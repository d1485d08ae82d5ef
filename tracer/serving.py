"""One web application on a loopback port, in a thread of its own, kept up while anyone in this process uses it."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from tracer.errors import TracerError

__all__ = ["LoopbackServer"]

_START_SECONDS = 10.0


class LoopbackServer:
    """A server on 127.0.0.1 that its users share: the first one starts it, the last one ends it."""

    def __init__(self, name: str, application: Callable[[], Starlette]) -> None:
        self._name = name
        self._application = application
        self._lock = threading.Lock()
        self._users = 0
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self._url = ""

    @contextmanager
    def running(self, port: int = 0) -> Generator[str]:
        """Keep the server up while the block runs, and give its URL without a path.

        Args:
            port: Where it listens, if it is not up already; 0 takes a free one.

        Raises:
            TracerError: It does not start.
        """
        with self._lock:
            if self._users == 0:
                self._start(port)
            self._users += 1
        try:
            yield self._url
        finally:
            with self._lock:
                self._users -= 1
                if self._users == 0 and self._server and self._thread:
                    self._server.should_exit = True
                    self._thread.join()

    def _start(self, port: int) -> None:
        config = uvicorn.Config(
            self._application(), log_level="critical", access_log=False, ws="none", timeout_graceful_shutdown=1
        )
        # With the protocol named asyncio switches Nagle's algorithm off, which else costs 40 ms at every answer.
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", port))
        except OSError as error:
            listener.close()
            raise TracerError(f"port {port} of 127.0.0.1 cannot be used ({error.strerror}): choose another") from error
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, args=([listener],), name=self._name, daemon=True)
        thread.start()
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            if time.monotonic() > deadline or not thread.is_alive():
                server.should_exit = True
                listener.close()
                raise TracerError(f"the server of the {self._name} did not start: is 127.0.0.1 usable on this machine?")
            time.sleep(0.002)
        self._server, self._thread = server, thread
        self._url = f"http://127.0.0.1:{listener.getsockname()[1]}"
