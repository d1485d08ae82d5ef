"""Errors that a person can mend.

A leaf module, so that every layer can raise them without import loops.

    TracerError
    ├── AddressError      an address names no file or no object
    ├── SuiteError        a suite, scenario or hypothesis is not well formed
    ├── StudyError        a study is not frozen, was changed, or does not fit its runs
    ├── StoreError        the store or its journal cannot be used
    ├── ImportFailure     a file cannot be read as traces at all
    ├── ModelError        a model cannot be used at all (no weights, no endpoint, no key)
    ├── MissingExtra      an optional dependency is not installed
    └── RunStopped        one run ends early, with a status and a reason
        └── EndpointError     the model endpoint failed during a run

Everything else that escapes is a bug and keeps its traceback.
"""

from __future__ import annotations

__all__ = [
    "AddressError",
    "EndpointError",
    "ImportFailure",
    "MissingExtra",
    "ModelError",
    "RunStopped",
    "StoreError",
    "StudyError",
    "SuiteError",
    "TracerError",
]


class TracerError(Exception):
    """A problem that the user can mend; its message names the thing, the cause and the way out."""

    exit_code = 2


class AddressError(TracerError):
    """An address such as `agents/react.py:build` names no file or no object."""


class SuiteError(TracerError):
    """A suite, a scenario or a hypothesis is not well formed."""


class StudyError(TracerError):
    """A study is not frozen, was changed after the freeze, or does not fit its runs."""


class StoreError(TracerError):
    """The store or its journal cannot be opened, read or written."""

    exit_code = 3


class ImportFailure(TracerError):
    """A file cannot be read as traces at all."""


class ModelError(TracerError):
    """A model cannot be used at all."""

    exit_code = 4


class MissingExtra(TracerError):
    """An optional dependency is not installed."""

    def __init__(self, feature: str, extra: str) -> None:
        super().__init__(f"{feature} needs an optional part: pip install 'prosaic-tracer[{extra}]'")


class RunStopped(TracerError):
    """One run ends early; becomes the run's status and reason, never the end of the study."""

    def __init__(self, status: str, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class EndpointError(RunStopped):
    """The model endpoint failed during a run.

    Attributes:
        unreachable: True where it could not be reached at all: the run shows nothing about the system.
        timed_out: True where it was reached and gave no answer in time.
        broken: True where it answered what no request calls for: an error of its own, or something malformed.

    Several in a row of any kind stop the study.
    """

    def __init__(
        self, reason: str, *, unreachable: bool = False, timed_out: bool = False, broken: bool = False
    ) -> None:
        super().__init__("failed", reason)
        self.unreachable = unreachable
        self.timed_out = timed_out
        self.broken = broken
