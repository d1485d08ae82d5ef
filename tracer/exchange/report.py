"""What an import came to: everything counted, every problem named."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

__all__ = ["ImportReport"]

_EXAMPLES = 3


@dataclass(slots=True)
class ImportReport:
    """The books of one import.

    Attributes:
        files: Files read, members of archives included.
        runs: Runs found.
        spans: Spans and log records found.
        new_spans: Those that were not in the store yet.
        skipped: Files that hold nothing that can be read as runs -> why.
        problems: What was wrong -> how often.
        examples: The first few places of each problem.
    """

    files: int = 0
    runs: int = 0
    spans: int = 0
    new_spans: int = 0
    skipped: dict[str, str] = field(default_factory=dict[str, str])
    problems: Counter[str] = field(default_factory=Counter[str])
    examples: dict[str, list[str]] = field(default_factory=dict[str, list[str]])

    def note(self, problem: str, where: str) -> None:
        """Count a problem and keep where it was, for the first few."""
        self.problems[problem] += 1
        places = self.examples.setdefault(problem, [])
        if len(places) < _EXAMPLES:
            places.append(where)

    def to_dict(self) -> dict[str, Any]:
        """Give the books as plain JSON data."""
        return {
            "files": self.files,
            "runs": self.runs,
            "spans": self.spans,
            "new_spans": self.new_spans,
            "skipped": dict(self.skipped),
            "problems": dict(self.problems),
            "examples": {key: list(places) for key, places in self.examples.items()},
        }
