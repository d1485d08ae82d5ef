"""Random signs, many at a time: what every sign-flip test draws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["check_draws", "random_signs"]


def check_draws(draws: int) -> None:
    """Refuse a number of draws that cannot give a usable p value.

    Raises:
        ValueError: Fewer than 100 draws.

    Example:
        >>> check_draws(100)
    """
    if draws < 100:
        raise ValueError(f"{draws} draws give too coarse a p value: take at least 100, better 10,000")


def random_signs(clusters: int, draws: int, seed: int) -> NDArray[np.float64]:
    """Give (draws, clusters) signs +1.0 or -1.0, from the bits of one seeded stream.

    Raises:
        ValueError: Fewer than 100 draws.

    Example:
        >>> signs = random_signs(3, 100, seed=0)
        >>> signs.shape, sorted(set(signs.ravel().tolist()))
        ((100, 3), [-1.0, 1.0])
    """
    check_draws(draws)
    width = (clusters + 7) // 8
    drawn = np.frombuffer(np.random.default_rng(seed).bytes(draws * width), dtype=np.uint8)
    bits = np.unpackbits(drawn.reshape(draws, width), axis=1, count=clusters)
    return bits.astype(np.float64) * 2 - 1
