"""Where a function crosses zero."""

from __future__ import annotations

from collections.abc import Callable

__all__ = ["root"]


def root(function: Callable[[float], float], low: float, high: float, *, tolerance: float = 0.0) -> float:
    """Give x between low and high with function(x) = 0, by halving the bracket until it is as narrow as the tolerance.

    A tolerance of 0 halves it until floating point has no number between its ends.

    Raises:
        ValueError: The function has the same sign at both ends.

    Example:
        >>> round(root(lambda x: x * x - 2, 0, 2), 6)
        1.414214
    """
    rising = function(low) <= 0
    if (function(high) <= 0) == rising and function(high) != 0:
        raise ValueError(f"no zero between {low} and {high}: the function has the same sign at both ends")
    middle = (low + high) / 2
    while middle not in (low, high) and abs(high - low) > tolerance:
        if (function(middle) <= 0) == rising:
            low = middle
        else:
            high = middle
        middle = (low + high) / 2
    return middle
