"""What was imported is given back as it came: span, resource and scope."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from tracer.exchange import export_runs, import_runs
from tracer.spans import Span
from tracer.spans.otlp import decode_json, is_log
from tracer.store import open_store


def told(spans: Iterable[Span]) -> list[str]:
    """Give every field of every span in an order of its own; log records have no id in OTLP, ours is left out."""
    plain: list[dict[str, Any]] = [asdict(span) | ({"span_id": ""} if is_log(span) else {}) for span in spans]
    return sorted(json.dumps(facts, sort_keys=True, default=repr) for facts in plain)


@pytest.mark.parametrize(
    "dump",
    ["oi-langchain.json", "autogen-oi.json", "mlflow-langchain.json", "genai-langchain-eventonly.logs.json"],
)
def test_raw_export_equals_what_was_imported(tmp_path: Path, shared_data: Path, dump: str) -> None:
    """Through the store and out again, no field, value, resource or scope of a foreign span is changed."""
    source = shared_data / "spans" / dump
    store = open_store(tmp_path / "store")
    import_runs(store, [str(source)])
    export_runs(store, [row.id for row in store.runs()], str(tmp_path / "out.jsonl"), raw=True)
    store.close()
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    given = [span for line in lines for span in decode_json(json.loads(line))]
    assert told(given) == told(decode_json(json.loads(source.read_text())))
