"""A command as a stack: any program, told its task by file, stdin and arguments, and reached through the gateway."""

from __future__ import annotations

import json
import os
import secrets
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tracer.contracts import Task
from tracer.errors import RunStopped
from tracer.execution.process import Ended, Limits, run_program
from tracer.gateway import Addresses
from tracer.recording import annotate, traceparent
from tracer.stacks import OutsideStack, find_program, program_path

__all__ = ["run_command"]

_INHERITED = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SYSTEMROOT", "VIRTUAL_ENV")
_SHOWN = 2000
_MESSAGE = 300


async def run_command(
    stack: OutsideStack, task: Task, said: list[dict[str, Any]], at: Addresses, model: str
) -> dict[str, Any] | str | None:
    """Run a program on a task in a folder of its own, which is gone afterwards, and give its answer.

    The answer is the last line of its stdout, or what it wrote to the file that TRACER_RESULT names: text, or a JSON
    object with `answer` and, if it likes, `messages`.

    Raises:
        RunStopped: It could not be started, failed, or used more than it may.
    """
    with tempfile.TemporaryDirectory(prefix="tracer-run-", ignore_cleanup_errors=True) as made:
        folder = Path(made)
        told = json.dumps(_describe(task, said, at, model), ensure_ascii=False, indent=1)
        (folder / "task.json").write_text(told, encoding="utf-8")
        mark = secrets.token_hex(16)
        text = next((str(m.get("content") or "") for m in reversed(said) if m.get("role") == "user"), "")
        filled = {"{task}": text, "{task_file}": str(folder / "task.json"), "{model}": model}
        words = [_fill(word, filled) for word in find_program(stack)]
        try:
            ended = await run_program(
                words,
                folder=folder,
                environment=_environment(folder, at, model) | {"TRACER_MARK": mark},
                sent=told.encode(),
                mark=mark,
                limits=Limits(),
            )
        except OSError as error:
            raise RunStopped("failed", f"the program {words[0]} cannot be started: {error.strerror}") from error
        _tell(ended)
        if ended.code:
            raise RunStopped("failed", _why(ended))
        return _answer(folder / "result", ended)


def _describe(task: Task, said: list[dict[str, Any]], at: Addresses, model: str) -> dict[str, Any]:
    bridge = [sys.executable, "-c", "from tracer.cli import main; main()", "mcp", at.mcp_url]
    return {
        "messages": said,
        "options": list(task.options),
        "max_steps": task.max_steps,
        "model": model,
        "base_url": at.base_url,
        "mcp": {"url": at.mcp_url, "command": bridge},
    }


def _environment(folder: Path, at: Addresses, model: str) -> dict[str, str]:
    """Give all that the program sees of the environment: nothing of ours that could be a secret."""
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    place = {"PATH": program_path(), "HOME": str(folder), "TMPDIR": str(folder), "PWD": str(folder)}
    return {
        **inherited,
        **place,
        "OPENAI_BASE_URL": at.base_url,
        "OPENAI_API_KEY": at.token,
        "OPENAI_MODEL": model,
        "TRACEPARENT": traceparent(),
        "OTEL_EXPORTER_OTLP_ENDPOINT": at.otlp_url,
        "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf",
        "TRACER_MCP_URL": at.mcp_url,
        "TRACER_TASK": str(folder / "task.json"),
        "TRACER_RESULT": str(folder / "result"),
        "PYTHONUNBUFFERED": "1",
        "NO_PROXY": "127.0.0.1,localhost",
    }


def _fill(word: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        word = word.replace(name, value)
    return word


def _tell(ended: Ended) -> None:
    told: dict[str, Any] = {"process.exit.code": ended.code}
    for name, text in (("stdout", ended.output), ("stderr", ended.errors)):
        if text:
            told[f"prosaic.command.{name}"] = text[-_SHOWN:]
    annotate(told)


def _why(ended: Ended) -> str:
    how = f"exited with {ended.code}" if ended.code > 0 else f"was ended by signal {-ended.code}"
    lines = [line.strip() for line in (ended.errors or ended.output).splitlines() if line.strip()]
    return f"the program {how}" + (f": {lines[-1][:_MESSAGE]}" if lines else "")


def _answer(file: Path, ended: Ended) -> dict[str, Any] | str | None:
    if file.is_file():
        text = file.read_text(encoding="utf-8", errors="replace")
        try:
            told = json.loads(text)
        except ValueError:
            return text.strip() or None
        return told if isinstance(told, dict) and "answer" in told else text.strip()
    lines = [line.strip() for line in ended.output.splitlines() if line.strip()]
    return lines[-1] if lines else None
