"""Inspect AI's `.eval` logs, through its own reader."""

from __future__ import annotations

import importlib
import zipfile
from collections.abc import Iterator
from typing import Any

from tracer.errors import MissingExtra
from tracer.exchange.report import ImportReport

__all__ = ["read_inspect_samples"]

# What Inspect's reader raises on damaged logs; pydantic's and JSON's errors are ValueErrors.
_BROKEN = (OSError, EOFError, ValueError, LookupError, RuntimeError, zipfile.BadZipFile)


def read_inspect_samples(path: str, report: ImportReport) -> Iterator[dict[str, Any]]:
    """Give the samples of a log as plain data, one by one, with task and model of the log beside them.

    A damaged log is counted and named in the report; the samples before the damage are given.

    Raises:
        MissingExtra: Inspect is not installed.
    """
    try:
        log = importlib.import_module("inspect_ai.log")
    except ImportError as error:
        raise MissingExtra("reading Inspect logs", "inspect") from error
    try:
        header = log.read_eval_log(path, header_only=True).eval
        if header.dataset.sample_ids:
            samples = log.read_eval_log_samples(path, all_samples_required=False)
        else:  # a log that does not list its samples is only read whole
            samples = log.read_eval_log(path).samples or ()
        for sample in samples:
            told = sample.model_dump(mode="json", exclude={"events", "attachments"})
            yield told | {"inspect_task": header.task, "inspect_model": str(header.model)}
    except _BROKEN as error:
        report.note(f"an Inspect log breaks off: {type(error).__name__}", f"{path}: {error}"[:200])
