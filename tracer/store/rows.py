"""What the store keeps about a run, as a plain value."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

__all__ = ["RunRow"]


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of one cell.

    Attributes:
        id: Unique id; also `prosaic.run.id` on each of its spans.
        study: Hash of the frozen study; "" for a run outside any study.
        suite: Name of the suite.
        scenario: Scenario id.
        cluster: Cluster of the scenario.
        condition: Condition name.
        stack: Address of the stack.
        model: Name of the model.
        replicate: 0, 1, ... within the cell.
        attempt: 1, or more where an earlier attempt was interrupted.
        seed: Seed of the run; the seeds of its calls follow from it.
        status: `running`, or one of `RunStatus`.
        reason: Why it did not complete, or completed without an answer; "" for a run with one.
        started_ns: Unix time in nanoseconds.
        ended_ns: Unix time in nanoseconds; None while running.
        answer: The system's final answer.
        asked: Name of a question put after the run -> answer.
        before: The world's state before the run.
        after: The world's state after the run.
        values: Measure -> number, or `{"missing": reason, "applies": bool}`.
        usage: Calls, tokens and cost: `calls`, `input_tokens`, `output_tokens`, `usd` (None where unpriced).
        facts: What an imported run says of itself: `conditions` and `outcome`.
        judged: Measure -> what models made of the run, one entry for each of them; see `tracer.study.Judgement`.
        labels: What people made of it: `measure`, `labeler`, `answer` and the time `at_ns`.
        source: Where an imported run came from; "" for our own.
    """

    id: str
    study: str = ""
    suite: str = ""
    scenario: str = ""
    cluster: str = ""
    condition: str = ""
    stack: str = ""
    model: str = ""
    replicate: int = 0
    attempt: int = 1
    seed: int = 0
    status: str = "running"
    reason: str = ""
    started_ns: int = 0
    ended_ns: int | None = None
    answer: str | None = None
    asked: dict[str, str] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    usage: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)
    judged: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    labels: list[dict[str, Any]] = field(default_factory=list)
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as plain data."""
        return asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> RunRow:
        """Read a row written by this or an older version; unknown fields are left out."""
        known = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in data.items() if k in known})
