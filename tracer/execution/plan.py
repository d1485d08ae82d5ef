"""What one run is: plain data, so that it can be sent to another process."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["RunPlan"]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """One cell of a study, to be run once.

    Attributes:
        study: Hash of the frozen study; "" outside any.
        suite: Address of the suite.
        scenario: Scenario id.
        condition: Condition name.
        stack: Address of the stack.
        model: Name of the model.
        replicate: 0, 1, ... within the cell.
        attempt: 1, or more where an earlier attempt was interrupted.
        seed: Seed of the run; the seeds of its calls follow from it.
        temperature: Sampling temperature of every call that names none.
        max_calls: Model calls after which the run ends with status `limit`.
        timeout_s: Seconds after which it ends with status `limit`.
    """

    study: str
    suite: str
    scenario: str
    condition: str
    stack: str
    model: str
    replicate: int
    attempt: int
    seed: int
    temperature: float
    max_calls: int = 64
    timeout_s: float = 600.0
