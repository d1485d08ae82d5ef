"""The one result type: an estimate always carries its interval, its sizes and how it was made."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite
from typing import Any

__all__ = ["Estimate"]


@dataclass(frozen=True, slots=True)
class Estimate:
    """A number with its uncertainty.

    Attributes:
        value: The point estimate; NaN where there is nothing to estimate from.
        low: Lower end of the interval.
        high: Upper end of the interval.
        level: Confidence level of the interval, e.g. 0.95.
        n: Observations that went in.
        clusters: Independent units that went in; equals `n` without clustering.
        se: Standard error; NaN for intervals that have none.
        p: Two-sided p value against `null`; NaN where no test belongs to the interval.
        null: The value tested against.
        method: Name of the method, as it would stand in a paper.
        notes: What a reader has to know: few clusters, no variation, ...
    """

    value: float
    low: float
    high: float
    level: float
    n: int
    clusters: int
    se: float = float("nan")
    p: float = float("nan")
    null: float = 0.0
    method: str = ""
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Give the fields as plain JSON data, NaN and infinities (an end that is not bounded) as None."""
        plain = {name: getattr(self, name) for name in self.__slots__}
        return {
            k: None if isinstance(v, float) and not isfinite(v) else list(v) if isinstance(v, tuple) else v
            for k, v in plain.items()
        }
