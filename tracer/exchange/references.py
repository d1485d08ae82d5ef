"""Content that a span holds by reference (`*_ref`): read only from folders that the user names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote, urlsplit

from tracer.exchange.report import ImportReport
from tracer.spans.span import Span

__all__ = ["resolve_references"]

_ENDING = "_ref"
_MOST_BYTES = 256_000_000


def resolve_references(span: Span, roots: Sequence[Path], report: ImportReport) -> Span:
    """Give a span with the content that its `*_ref` attributes name beside them.

    The reference is written by whoever made the file: nothing outside the named folders is opened, and nothing but
    local files.
    """
    found: dict[str, str] = {}
    for key, value in span.attributes.items():
        if not key.endswith(_ENDING) or not isinstance(value, str) or key.removesuffix(_ENDING) in span.attributes:
            continue
        if not roots:
            report.note("content is held by reference; name the folder that holds it", f"span {span.span_id}: {key}")
            continue
        file = _inside(value, roots)
        if file is None:
            report.note("a reference does not lead into the named folders", f"span {span.span_id}: {key}")
            continue
        if file.stat().st_size > _MOST_BYTES:
            report.note(f"referenced content is larger than {_MOST_BYTES} bytes", f"span {span.span_id}: {key}")
            continue
        text = file.read_text("utf-8", "replace")
        # An upload of JSON lines is one message a line.
        found[key.removesuffix(_ENDING)] = _as_list(text) if file.suffix == ".jsonl" else text
    return replace(span, attributes={**span.attributes, **found}) if found else span


def _inside(reference: str, roots: Iterable[Path]) -> Path | None:
    parts = urlsplit(reference)
    if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost") or "\0" in reference:
        return None
    path = Path(unquote(parts.path)) if parts.scheme else Path(reference)
    for root in roots:
        folder = root.resolve()
        candidates = [path] if path.is_absolute() else [folder / path]
        for candidate in (*candidates, folder / path.name):
            resolved = candidate.resolve()
            if resolved.is_relative_to(folder) and resolved.is_file():
                return resolved
    return None


def _as_list(text: str) -> str:
    return "[" + ",".join(line for line in text.splitlines() if line.strip()) + "]"
