"""Record one thing by hand: the door for notebooks and for programs that are not run by `tracer run`."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Generator
from dataclasses import dataclass, replace
from pathlib import Path

from tracer.recording.emitter import Emitter
from tracer.recording.langgraph import LangGraphRecorder
from tracer.recording.recorder import Recorder, new_run_id
from tracer.recording.threads import context_in_threads
from tracer.spans.names import RunStatus
from tracer.store import RunRow, open_store

__all__ = ["Session", "record"]


@dataclass(frozen=True, slots=True)
class Session:
    """A run being recorded.

    Attributes:
        run_id: Id of the run; `tracer show` and the dashboard take it.
        callback: For `config={"callbacks": [session.callback]}` of any LangGraph graph.
        emit: For what the program wants to say about itself.
        recorder: The recorder, whose `provider` other instrumentation can be given.
    """

    run_id: str
    callback: LangGraphRecorder
    emit: Emitter
    recorder: Recorder


@contextlib.contextmanager
def record(name: str, store: str | Path | None = None) -> Generator[Session]:
    """Record what happens inside as one run called `name`.

        with tracer.record("my question") as session:
            graph.invoke({"messages": [...]}, config={"callbacks": [session.callback]})

    Raises:
        StoreError: The store cannot be used.
    """
    with contextlib.closing(open_store(store)) as opened:
        recorder = Recorder(opened.open_journal())
        row = RunRow(id=new_run_id(), suite=name, started_ns=time.time_ns())
        recorder.journal.write({"r": "run", "run": row.to_dict()})
        status, reason = RunStatus.COMPLETED, ""
        try:
            with context_in_threads(), recorder.run(row):
                yield Session(row.id, LangGraphRecorder(recorder), Emitter(recorder), recorder)
        except (KeyboardInterrupt, asyncio.CancelledError):
            status, reason = RunStatus.CANCELLED, "stopped by the user"
            raise
        except BaseException as error:
            status, reason = RunStatus.FAILED, f"{type(error).__name__}: {error}"
            raise
        finally:
            ended = replace(row, status=status.value, reason=reason, ended_ns=time.time_ns())
            recorder.journal.write({"r": "run", "run": ended.to_dict()})
            recorder.close()
            opened.ingest()
