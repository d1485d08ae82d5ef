"""Progress as a small protocol: work reports, the edge decides whether anyone sees it."""

from __future__ import annotations

from typing import Protocol

__all__ = ["NoProgress", "Progress"]


class Progress(Protocol):
    """What long work reports to."""

    def start(self, label: str, total: int | None) -> None:
        """Begin a stretch of work; `total` is None where it cannot be known."""
        ...

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Report `steps` more done; `note` is a short live remark."""
        ...

    def finish(self) -> None:
        """End the stretch begun last."""
        ...


class NoProgress:
    """Says nothing; the default everywhere below the command line."""

    def start(self, label: str, total: int | None) -> None:
        """Ignore the stretch."""

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Ignore the steps."""

    def finish(self) -> None:
        """Ignore the end."""
