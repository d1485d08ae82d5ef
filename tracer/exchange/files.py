"""Files, folders, globs and archives -> documents: streamed, unpacked, bounded, whatever state they are in."""

from __future__ import annotations

import bz2
import glob
import gzip
import io
import json
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

import orjson

from tracer.errors import ImportFailure, MissingExtra
from tracer.exchange.report import ImportReport

__all__ = ["MOST_BYTES", "Document", "Source", "find_sources", "read_documents"]

MOST_BYTES = 512_000_000  # of one document once unpacked: more is a bomb or must come as lines
_CHUNK = 1 << 20
_BOMB = 300  # no text packs better than this
_BROKEN = (EOFError, OSError, zlib.error, lzma.LZMAError, tarfile.TarError, zipfile.BadZipFile, ValueError)
_TOP = re.compile(r"^[{\[]", re.MULTILINE)
_SPAN = re.compile(r'\{\s*"trace_?[iI]d"')
_PACKED = (".gz", ".xz", ".zst", ".bz2")
_BINARY = (".pb", ".binpb", ".otlp", ".bin")


@dataclass(frozen=True, slots=True)
class Source:
    """One file, or one member of an archive.

    Attributes:
        name: Its path, for messages and for conditions taken from paths; members as `archive!member`.
        open: Opens its bytes, unpacked.
    """

    name: str
    open: Callable[[], IO[bytes]]

    @property
    def suffix(self) -> str:
        """Give the ending that tells the format, without that of the packing."""
        path = Path(self.name)
        return (Path(path.stem) if path.suffix.lower() in _PACKED else path).suffix.lower()


@dataclass(frozen=True, slots=True)
class Document:
    """One decoded JSON value, or the bytes of one binary message.

    Attributes:
        where: File and line or part, for messages.
        value: Plain data, or bytes.
    """

    where: str
    value: Any


def find_sources(paths: Iterable[str], report: ImportReport) -> Iterator[Source]:
    """Give the files that paths, folders (all files below) and globs name, archives unfolded, in order of name.

    Raises:
        ImportFailure: A path names nothing.
    """
    for path in paths:
        named = [Path(path)] if Path(path).exists() else sorted(map(Path, glob.glob(path, recursive=True)))
        if not named:
            raise ImportFailure(f"there is no file, folder or match for {path!r}")
        for place in named:
            files = sorted(p for p in place.rglob("*") if p.is_file()) if place.is_dir() else [place]
            for file in files:
                yield from _unfold(file, report)


def _unfold(file: Path, report: ImportReport) -> Iterator[Source]:
    name = file.name.lower()
    if ".tar" in name or name.endswith(".tgz"):
        yield from _tar_members(file, report)
    elif name.endswith(".zip"):
        yield from _zip_members(file, report)
    else:
        yield Source(str(file), lambda: _unpacked(file))


def _unpacked(file: Path) -> IO[bytes]:
    suffix = file.suffix.lower()
    if suffix == ".gz":
        return cast("IO[bytes]", gzip.open(file, "rb"))
    if suffix == ".xz":
        return cast("IO[bytes]", lzma.open(file, "rb"))
    if suffix == ".bz2":
        return cast("IO[bytes]", bz2.open(file, "rb"))
    if suffix == ".zst":
        return _zstandard(file)
    return file.open("rb")


def _zstandard(file: Path) -> IO[bytes]:
    try:
        import zstandard
    except ImportError as error:
        raise MissingExtra("reading .zst files", "zstd") from error
    return cast("IO[bytes]", io.BufferedReader(cast("Any", zstandard.open(file, "rb"))))


def _tar_members(file: Path, report: ImportReport) -> Iterator[Source]:
    try:
        with tarfile.open(file, "r|*") as archive:
            for member in archive:
                opened = archive.extractfile(member) if member.isfile() else None
                if opened is not None:
                    yield Source(f"{file}!{member.name}", _once(opened))
    except _BROKEN as error:
        report.note(f"an archive breaks off: {_short(error)}", str(file))


def _once(opened: IO[bytes]) -> Callable[[], IO[bytes]]:
    return lambda: opened


def _zip_members(file: Path, report: ImportReport) -> Iterator[Source]:
    try:
        with zipfile.ZipFile(file) as archive:
            for member in sorted(archive.infolist(), key=lambda info: info.filename):
                name = f"{file}!{member.filename}"
                if member.file_size > max(_CHUNK * 64, member.compress_size * _BOMB):
                    report.note("a packed file unpacks to more than any text would", name)
                elif not member.is_dir():
                    yield Source(name, _once(archive.open(member)))
    except (*_BROKEN, RuntimeError, NotImplementedError) as error:
        report.note(f"an archive cannot be read: {_short(error)}", str(file))


def read_documents(source: Source, report: ImportReport, most: int = MOST_BYTES) -> Iterator[Document]:
    """Give the documents of a file one by one: JSON lines line by line, a JSON document whole, binary messages.

    What is damaged is counted and named; what comes before the damage is given.
    """
    report.files += 1
    try:
        with source.open() as stream:
            if source.suffix in _BINARY:
                yield from _binary(source, stream, report, most)
            else:
                yield from _text(source, stream, report, most)
    except _BROKEN as error:
        report.note(f"a file breaks off: {_short(error)}", source.name)


def _text(source: Source, stream: IO[bytes], report: ImportReport, most: int) -> Iterator[Document]:
    first = _line(stream, most)
    if first is None:
        report.note(f"a document is larger than {most} bytes", source.name)
        return
    while first and not first.strip():
        first = _line(stream, most) or b""
    value = _parse(first)
    if value is _BAD:
        yield from _whole_or_lines(source, first, stream, report, most)
        return
    yield Document(f"{source.name}:1", value)
    yield from _lines(source, stream, report, most, 2)


def _whole_or_lines(
    source: Source, first: bytes, stream: IO[bytes], report: ImportReport, most: int
) -> Iterator[Document]:
    """A first line that is no document begins a longer one, or is itself damaged."""
    if source.suffix in (".jsonl", ".ndjson"):
        report.note("a line is not JSON", f"{source.name}:1")
        yield from _lines(source, stream, report, most, 2)
        return
    parts, size, broken = [first], len(first), ""
    try:
        while chunk := stream.read(_CHUNK):
            parts.append(chunk)
            size += len(chunk)
            if size > most:
                report.note(f"a document is larger than {most} bytes", source.name)
                return
    except _BROKEN as error:
        broken = _short(error)
    text = b"".join(parts)
    value = _parse(text)
    if value is not _BAD:
        yield Document(source.name, value)
        return
    if broken:
        report.note(f"a file breaks off: {broken}", source.name)
    yield from _one_after_the_other(source, text, report)


def _one_after_the_other(source: Source, text: bytes, report: ImportReport) -> Iterator[Document]:
    """Give documents that follow one another without being lines; out of a broken one, the spans that are whole."""
    told = text.decode("utf-8-sig", "surrogateescape")
    decoder = json.JSONDecoder()
    at = number = 0
    while (at := _past_space(told, at)) < len(told):
        number += 1
        where = f"{source.name}#{number}"
        try:
            value, end = decoder.raw_decode(told, at)
        except (ValueError, RecursionError) as error:
            report.note("a document is not JSON, or breaks off", f"{where}: {_short(error)}")
            following = _TOP.search(told, at + 1)
            end = following.start() if following else len(told)
            value = _saved_spans(decoder, told, at, end)
            if value:
                report.note("whole spans were saved out of a broken document, without their resource", where)
        if isinstance(value, (dict, list)) and value:
            yield Document(where, value)
        at = end


def _saved_spans(decoder: json.JSONDecoder, text: str, start: int, end: int) -> dict[str, Any]:
    saved: list[Any] = []
    while found := _SPAN.search(text, start, end):
        try:
            value, start = decoder.raw_decode(text, found.start())
            saved.append(value)
        except (ValueError, RecursionError):
            start = found.end()
    # Links begin like spans, but only spans have a time.
    spans = [value for value in saved if "startTimeUnixNano" in value or "start_time_unix_nano" in value]
    return {"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]} if spans else {}


def _past_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\r\n,":
        at += 1
    return at


def _lines(source: Source, stream: IO[bytes], report: ImportReport, most: int, number: int) -> Iterator[Document]:
    while True:
        line = _line(stream, most)
        if line is None:
            report.note(f"a line is larger than {most} bytes", f"{source.name}:{number}")
            return
        if not line:
            return
        if line.strip():
            value = _parse(line)
            if value is _BAD:
                report.note("a line is not JSON", f"{source.name}:{number}")
            else:
                yield Document(f"{source.name}:{number}", value)
        number += 1


def _line(stream: IO[bytes], most: int) -> bytes | None:
    line = stream.readline(most + 1)
    return None if len(line) > most else line


_BAD = object()


def _parse(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:
        pass
    try:
        # Takes what orjson refuses and real files hold: NaN, lone surrogates, a byte-order mark.
        return json.loads(data.decode("utf-8-sig", "surrogateescape"))
    except (ValueError, RecursionError):
        return _BAD


def _binary(source: Source, stream: IO[bytes], report: ImportReport, most: int) -> Iterator[Document]:
    """Give one message, or the messages of the file exporter, which puts each one's length before it."""
    head = stream.read(4)
    size = int.from_bytes(head, "big")
    body = stream.read(min(size, most)) if 0 < size <= most else b""
    if len(head) == 4 and body and len(body) == size and head[:1] == b"\0":
        number = 0
        while body:
            yield Document(f"{source.name}#{number}", body)
            head = stream.read(4)
            size = int.from_bytes(head, "big")
            body = stream.read(min(size, most))
            number += 1
            if len(body) != size:
                report.note("a message breaks off", f"{source.name}#{number}")
                return
        return
    rest = stream.read(most + 1)
    if len(rest) > most:
        report.note(f"a document is larger than {most} bytes", source.name)
        return
    yield Document(source.name, head + body + rest)


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:120]
