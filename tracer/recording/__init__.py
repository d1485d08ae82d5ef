"""Recording: OpenTelemetry spans of a running stack, into the journal before anything else happens."""

from __future__ import annotations

from tracer.recording.emitter import Emitter
from tracer.recording.langgraph import LangGraphRecorder
from tracer.recording.outside import traced_run, traceparent, under
from tracer.recording.place import PLACE, Place
from tracer.recording.recorder import Recorder, annotate, fail, new_run_id
from tracer.recording.session import Session, record
from tracer.recording.threads import context_in_threads
from tracer.recording.wire import PROBING, recording_stage

__all__ = [
    "PLACE",
    "PROBING",
    "Emitter",
    "LangGraphRecorder",
    "Place",
    "Recorder",
    "Session",
    "annotate",
    "context_in_threads",
    "fail",
    "new_run_id",
    "record",
    "recording_stage",
    "traced_run",
    "traceparent",
    "under",
]
