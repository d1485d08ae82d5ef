"""Recording: OpenTelemetry spans of a running stack, into the journal before anything else happens."""

from __future__ import annotations

from tracer.recording.emitter import Emitter
from tracer.recording.langgraph import LangGraphRecorder
from tracer.recording.place import PLACE, Place
from tracer.recording.recorder import Recorder, fail, new_run_id
from tracer.recording.session import Session, record
from tracer.recording.threads import context_in_threads

__all__ = [
    "PLACE",
    "Emitter",
    "LangGraphRecorder",
    "Place",
    "Recorder",
    "Session",
    "context_in_threads",
    "fail",
    "new_run_id",
    "record",
]
