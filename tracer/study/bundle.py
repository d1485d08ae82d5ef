"""The evidence bundle: study, runs, spans and verdicts in one file, from which every number can be computed again.

A zip with `manifest.json` first. The manifest lists every other file with its SHA-256 and a chain over them, so that a
file that was changed, added or left out is named, and `head` alone stands for the whole.
"""

from __future__ import annotations

import hashlib
import shutil
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isclose
from pathlib import Path
from typing import Any

import orjson

from tracer.errors import StudyError
from tracer.store import RunRow, dump_json
from tracer.study.freeze import Study, read_study
from tracer.study.judging import judge
from tracer.study.verdict import Verdict

__all__ = ["Bundle", "differences", "read_bundle", "write_bundle"]

_MANIFEST, _STUDY, _RUNS, _SPANS, _VERDICTS = (
    "manifest.json",
    "study.json",
    "runs.jsonl",
    "spans.jsonl",
    "verdicts.json",
)
_FILES = (_STUDY, _RUNS, _SPANS, _VERDICTS)
_FORMAT = 1
_DATE = (1980, 1, 1, 0, 0, 0)  # the same content gives the same file
_CLOSE = 1e-12


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a bundle holds, once its hashes are found right.

    Attributes:
        head: The last link of the chain: stands for all of the content.
        study: The frozen study.
        rows: Its runs.
        verdicts: The verdicts as they were told, as plain data.
    """

    head: str
    study: Study
    rows: tuple[RunRow, ...]
    verdicts: tuple[dict[str, Any], ...]


def write_bundle(file: Path, study: Study, rows: Sequence[RunRow], verdicts: Sequence[Verdict], spans: Path) -> str:
    """Write a bundle and give its head.

    Args:
        file: Where to.
        study: The frozen study.
        rows: All of its runs.
        verdicts: What was judged on them.
        spans: The spans of the runs as OTLP/JSON lines, one document a run.

    Raises:
        StudyError: The file cannot be written.
    """
    contents = {
        _STUDY: dump_json(study.to_dict()),
        _RUNS: b"".join(dump_json(row.to_dict()) + b"\n" for row in rows),
        _VERDICTS: dump_json([v.to_dict() for v in verdicts]),
    }
    with spans.open("rb") as source:
        digests = {_SPANS: hashlib.file_digest(source, "sha256").hexdigest()}
    digests |= {name: hashlib.sha256(body).hexdigest() for name, body in contents.items()}
    manifest, head = _chained([(name, digests[name]) for name in _FILES])
    try:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr(_entry(_MANIFEST), orjson.dumps(manifest, option=orjson.OPT_INDENT_2))
            for name, body in contents.items():
                packed.writestr(_entry(name), body)
            with spans.open("rb") as source, packed.open(_entry(_SPANS), "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target)
    except OSError as error:
        raise StudyError(f"cannot write {file}: {error.strerror}") from error
    return head


def read_bundle(file: Path) -> Bundle:
    """Read a bundle and hold every file in it against the manifest, the chain and the study's own hash.

    Raises:
        StudyError: It is no bundle, or a file in it was changed, added or left out; the message names the file.
    """
    try:
        with zipfile.ZipFile(file) as packed:
            return _read(file, packed)
    except (OSError, zipfile.BadZipFile, zlib.error, EOFError, KeyError, TypeError, ValueError) as error:
        raise StudyError(f"{file} cannot be read as an evidence bundle: {type(error).__name__}: {error}") from error


def differences(bundle: Bundle) -> list[str]:
    """Judge the runs of a bundle again and name every place that differs from its verdicts, numbers by over 1e-12."""
    again = orjson.loads(dump_json([v.to_dict() for v in judge(bundle.study, bundle.rows)]))
    return list(_differing(list(bundle.verdicts), again, "verdicts"))


def _read(file: Path, packed: zipfile.ZipFile) -> Bundle:
    names = packed.namelist()
    if _MANIFEST not in names:
        raise StudyError(f"{file} is no evidence bundle: it has no {_MANIFEST}. `tracer report --bundle` writes one")
    manifest = orjson.loads(packed.read(_MANIFEST))
    if manifest["format"] != _FORMAT:
        raise StudyError(f"{file} has format {manifest['format']}; this version reads {_FORMAT}: use a newer one")
    listed = [(entry["name"], entry["sha256"]) for entry in manifest["files"]]
    expected, head = _chained(listed)
    if manifest != expected or [name for name, _ in listed] != list(_FILES):
        raise _changed(file, _MANIFEST, "its chain of hashes does not hold")
    strange = [name for name in names if name not in (_MANIFEST, *_FILES) or names.count(name) > 1]
    gone = [name for name in _FILES if name not in names]
    if strange or gone:
        raise _changed(file, (strange or gone)[0], "was added" if strange else "is missing")
    for name, digest in listed:
        with packed.open(name) as source:
            if _digest_of(source) != digest:
                raise _changed(file, name, "is not what was bundled")
    study = read_study(orjson.loads(packed.read(_STUDY)))
    rows = [RunRow.from_dict(orjson.loads(line)) for line in packed.read(_RUNS).splitlines()]
    return Bundle(head, study, tuple(rows), tuple(orjson.loads(packed.read(_VERDICTS))))


def _digest_of(source: Any) -> str:
    digest = hashlib.sha256()
    while block := source.read(1 << 20):
        digest.update(block)
    return digest.hexdigest()


def _chained(digests: Sequence[tuple[str, str]]) -> tuple[dict[str, Any], str]:
    head = ""
    files: list[dict[str, str]] = []
    for name, digest in digests:
        head = hashlib.sha256(f"{head}\n{name}\n{digest}".encode()).hexdigest()
        files.append({"name": name, "sha256": digest, "chain": head})
    return {"format": _FORMAT, "files": files, "head": head}, head


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _DATE)
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def _changed(file: Path, name: str, how: str) -> StudyError:
    return StudyError(f"{file}: {name} {how}. Nothing is computed from a bundle that was changed; get the original")


def _differing(told: Any, now: Any, place: str) -> Iterator[str]:
    if isinstance(told, dict) and isinstance(now, dict) and told.keys() == now.keys():
        for key, value in told.items():
            yield from _differing(value, now[key], f"{place}.{key}")
    elif isinstance(told, list) and isinstance(now, list) and len(told) == len(now):
        for number, pair in enumerate(zip(told, now, strict=True)):
            yield from _differing(*pair, f"{place}[{number}]")
    elif isinstance(told, float) and isinstance(now, (int, float)) and not isinstance(now, bool):
        if not isclose(told, now, rel_tol=_CLOSE, abs_tol=_CLOSE):
            yield f"{place}: {told!r} in the bundle, {now!r} now"
    elif told != now:
        yield f"{place}: {told!r} in the bundle, {now!r} now"
