"""Inspect AI's `.eval` logs, through its own reader."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

from tracer.errors import MissingExtra
from tracer.exchange.report import ImportReport

__all__ = ["read_inspect_samples"]


def read_inspect_samples(path: str, report: ImportReport) -> Iterator[dict[str, Any]]:
    """Give the samples of a log as plain data, one by one, with task and model of the log beside them.

    Raises:
        MissingExtra: Inspect is not installed.
    """
    try:
        log = importlib.import_module("inspect_ai.log")
    except ImportError as error:
        raise MissingExtra("reading Inspect logs", "inspect") from error
    header = log.read_eval_log(path, header_only=True).eval
    for sample in log.read_eval_log_samples(path, all_samples_required=False):
        told = sample.model_dump(mode="json", exclude={"events", "attachments"})
        yield told | {"inspect_task": header.task, "inspect_model": str(header.model)}
