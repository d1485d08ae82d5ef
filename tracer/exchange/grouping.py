"""Spans that come in any order -> whole runs, with memory for the largest one only."""

from __future__ import annotations

import pickle
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import TracebackType
from typing import IO, Any

from tracer.exchange.report import ImportReport
from tracer.exchange.transcripts import ImportedRun
from tracer.spans.names import GenAI, Prosaic
from tracer.spans.otlp import is_log
from tracer.spans.span import Scope, Span
from tracer.trajectory import build_trajectories
from tracer.trajectory.decode import as_text, encode

__all__ = ["TraceSpill"]

_SMALL = 3  # a trace of no more spans may be a fragment of another one


class _Header:
    """What is kept of a trace in memory: where its spans are, and what it may belong to."""

    __slots__ = ("conversation", "end", "instance", "offsets", "run", "start")

    def __init__(self) -> None:
        self.offsets: list[int] = []
        self.start, self.end = 1 << 63, 0
        self.instance = ""
        self.run = ""
        self.conversation = ""


class TraceSpill:
    """A temporary file of spans, by trace."""

    def __init__(self) -> None:
        self._file: IO[bytes] = tempfile.TemporaryFile(prefix="prosaic-import-")  # noqa: SIM115 - closed on exit
        self._resources: dict[bytes, Mapping[str, Any]] = {}
        self._scopes: dict[bytes, Scope] = {}
        self._headers: dict[str, _Header] = defaultdict(_Header)

    def __enter__(self) -> TraceSpill:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def add(self, span: Span) -> None:
        """Put a span aside."""
        header = self._headers[span.trace_id]
        header.offsets.append(self._file.tell())
        # Resource and scope are the same for most spans: once in memory, not once a span in the file and after it.
        told = span.scope
        scope = encode([told.name, told.version, told.attributes, told.schema_url])
        resource = encode(span.resource)
        self._resources.setdefault(resource, span.resource)
        self._scopes.setdefault(scope, told)
        lean = replace(span, resource={}, scope=Scope())
        pickle.dump((lean, resource, scope), self._file, pickle.HIGHEST_PROTOCOL)
        if not is_log(span):
            header.start = min(header.start, span.start_ns)
            header.end = max(header.end, span.end_ns or span.start_ns)
        header.instance = header.instance or as_text(span.resource.get("service.instance.id"))
        header.run = header.run or str(span.attributes.get(Prosaic.RUN_ID, ""))
        header.conversation = header.conversation or str(span.attributes.get(GenAI.CONVERSATION_ID, ""))

    def runs(self, report: ImportReport) -> Iterator[ImportedRun]:
        """Give the runs, in order of start; spans of one id and different contents are counted in the report."""
        for traces in self._groups():
            by_place: dict[tuple[str, str], Span] = {}
            for span in (span for trace in traces for span in self._load(trace)):
                held = by_place.setdefault((span.trace_id, span.span_id), span)
                if (
                    held.end_ns is None and span.end_ns is not None
                ):  # a span that was told twice: when it began, and whole
                    by_place[span.trace_id, span.span_id] = span
                elif span.end_ns is not None and span != held:
                    report.note("a span id comes with different contents; the first is kept", _place(span))
            for trajectory in build_trajectories(list(by_place.values())):
                wanted = {span for step in trajectory.steps for span in step.spans}
                mine = tuple(span for (_, span_id), span in by_place.items() if span_id in wanted)
                yield ImportedRun(id=trajectory.id, spans=mine, source="", form="otlp")

    def _load(self, trace: str) -> Iterator[Span]:
        for offset in self._headers[trace].offsets:
            self._file.seek(offset)
            lean, resource, scope = pickle.load(self._file)  # written by this very object: nothing from outside
            yield replace(lean, resource=self._resources[resource], scope=self._scopes[scope])

    def _groups(self) -> list[list[str]]:
        """Bring together traces that may be one run: of one run id, or small ones of a process and what is around."""
        groups: dict[str, list[str]] = {}
        homes: dict[str, str] = {}
        small: dict[str, list[str]] = defaultdict(list)
        ordered = sorted(self._headers, key=lambda trace: self._headers[trace].start)
        for trace in ordered:
            header = self._headers[trace]
            if header.run:
                groups.setdefault(homes.setdefault(header.run, trace), []).append(trace)
            elif len(header.offsets) <= _SMALL and header.instance:
                small[header.instance].append(trace)
            else:
                groups[trace] = [trace]
        for instance, traces in small.items():
            self._place_small(instance, traces, groups)
        return sorted(groups.values(), key=lambda members: min(self._headers[t].start for t in members))

    def _place_small(self, instance: str, traces: list[str], groups: dict[str, list[str]]) -> None:
        holders = [t for t in groups if self._headers[t].instance == instance and not self._headers[t].run]
        loose: list[str] = []
        for trace in traces:
            header = self._headers[trace]
            around = [h for h in holders if self._around(self._headers[h], header)]
            if around:
                groups[around[0]].append(trace)
            else:
                loose.append(trace)
        if loose:
            groups[loose[0]] = loose

    @staticmethod
    def _around(holder: _Header, header: _Header) -> bool:
        return holder.start <= header.start and header.end <= holder.end


def _place(span: Span) -> str:
    return f"trace {span.trace_id} span {span.span_id}"
