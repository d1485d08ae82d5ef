"""How a run ended: a failed item is a value, and this module is the boundary that makes it one."""

from __future__ import annotations

import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import openai
from langchain_core.messages import AIMessage
from langgraph.errors import GraphRecursionError

from tracer.addresses import loaded_files
from tracer.errors import EndpointError, RunStopped, StoreError
from tracer.spans.names import RunStatus

__all__ = ["Outcome", "ended_by", "refusal"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        status: Completed, or why not.
        reason: What happened, where it did not complete.
        answer: The final answer.
        messages: The conversation at the end, for questions put after the run.
        silent: True where the run ended because the model endpoint did not answer, or not as an endpoint should.
    """

    status: RunStatus
    reason: str = ""
    answer: str | None = None
    messages: tuple[Any, ...] = ()
    silent: bool = False
    asked: dict[str, str] = field(default_factory=dict[str, str])


def ended_by(error: BaseException, stops: Sequence[RunStopped]) -> Outcome:
    """Make an outcome of what a stack raised; broken recording is no outcome and is raised on.

    Raises:
        StoreError: The journal cannot be written: no run can go on.
    """
    for cause in _causes(error):
        if isinstance(cause, StoreError):
            raise cause
        if isinstance(cause, RunStopped):
            # A stack that failed because a cap refused its call did not fail: it was stopped.
            capped = cause.status == RunStatus.FAILED and stops and stops[-1].status == RunStatus.LIMIT
            return _stopped(stops[-1] if capped else cause)
        if isinstance(cause, openai.ContentFilterFinishReasonError):
            return Outcome(RunStatus.REFUSED, "the endpoint's content filter stopped the answer")
        if isinstance(cause, GraphRecursionError):
            return Outcome(RunStatus.LIMIT, "the graph took more steps than its recursion limit allows")
    if stops and stops[-1].status == RunStatus.LIMIT:  # the stack may have turned it into an error of its own
        return _stopped(stops[-1])
    return Outcome(RunStatus.FAILED, f"{type(error).__name__}: {str(error)[:500]}{_place(error)}")


def _stopped(stop: RunStopped) -> Outcome:
    if not isinstance(stop, EndpointError):
        return Outcome(RunStatus(stop.status), stop.reason)
    # a run that never reached its model shows nothing about the system: it is made again, not counted as failed
    status = RunStatus.INTERRUPTED if stop.unreachable else RunStatus.FAILED
    return Outcome(status, stop.reason, silent=stop.unreachable or stop.timed_out or stop.broken)


def refusal(messages: Sequence[Any]) -> str:
    """Give the words with which the model refused in its last message; "" where it did not."""
    last = next((m for m in reversed(messages) if isinstance(m, AIMessage)), None)
    if last is None:
        return ""
    said = str(last.additional_kwargs.get("refusal") or "")
    filtered = last.response_metadata.get("finish_reason") == "content_filter"
    return said or ("the endpoint's content filter stopped the answer" if filtered else "")


def _causes(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    waiting: list[BaseException | None] = [error]
    while waiting:
        cause = waiting.pop(0)
        if cause is None or id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [cause.__cause__, cause.__context__, *getattr(cause, "exceptions", ())]


def _place(error: BaseException) -> str:
    """Name the line of the user's own file that raised, so that it can be found without a traceback."""
    files = set(loaded_files().values())
    own = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in files]
    return f" ({Path(own[-1].filename).name}, line {own[-1].lineno})" if own else ""
