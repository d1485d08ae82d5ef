"""Where a function crosses zero."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from scipy import optimize

__all__ = ["root"]


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Give x in [low, high] with function(x) = 0, to 1e-12, by Brent's method (Brent 1973).

    Raises:
        ValueError: The function has the same sign at both ends.

    Example:
        >>> round(root(lambda x: x * x - 2, 0, 2), 6)
        1.414214
    """
    return cast("float", optimize.brentq(function, low, high, xtol=1e-12))
