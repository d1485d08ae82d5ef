"""What goes in: arrays with missing values dropped and counted, and observations summed by cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import special

from tracer.stats.estimate import Estimate

__all__ = [
    "FEW_CLUSTERS",
    "Labels",
    "Sample",
    "Weighting",
    "check_level",
    "codes_of",
    "complete",
    "nothing",
    "sample",
    "student",
    "z_of",
]

Labels = Sequence[Any] | NDArray[Any]
Weighting = Literal["clusters", "observations"]


FEW_CLUSTERS = 10


@dataclass(frozen=True, slots=True)
class Sample:
    """Observed values with their clusters.

    Attributes:
        values: (n,) values, none of them missing.
        codes: (n,) cluster of each value, 0..G-1.
        sums: (G,) sum of the values of each cluster.
        counts: (G,) number of values of each cluster.
        notes: What was dropped, and whether clusters are few.
    """

    values: NDArray[np.float64]
    codes: NDArray[np.intp]
    sums: NDArray[np.float64]
    counts: NDArray[np.float64]
    notes: tuple[str, ...]

    @property
    def means(self) -> NDArray[np.float64]:
        """(G,) mean of each cluster."""
        return self.sums / self.counts

    @property
    def size(self) -> int:
        """Number of values."""
        return len(self.values)

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.counts)


def check_level(level: float) -> float:
    """Give the error rate 1 - level.

    Raises:
        ValueError: The level is not between 0 and 1.
    """
    if not 0.0 < level < 1.0:
        raise ValueError(f"level is {level!r}: give a confidence level between 0 and 1, such as 0.95")
    return 1.0 - level


def z_of(level: float) -> float:
    """Give the normal quantile of a two-sided interval, 1.96 for 0.95."""
    return float(special.ndtri(1 - check_level(level) / 2))


def codes_of(labels: Labels) -> NDArray[np.intp]:
    """Give (n,) integers 0..G-1, one for each distinct label, in order of first appearance.

    Raises:
        ValueError: A label is missing (None or NaN): an observation of unknown cluster cannot be placed.
    """
    number: dict[Any, int] = {}
    plain: list[Any] = labels.tolist() if isinstance(labels, np.ndarray) else list(labels)
    coded = [number.setdefault(tuple(x) if isinstance(x, list) else x, len(number)) for x in plain]
    if any(label is None or label != label for label in number):
        raise ValueError("a cluster label is missing: drop the observation or say which cluster it belongs to")
    return np.array(coded, dtype=np.intp)


def complete(*columns: ArrayLike) -> tuple[list[NDArray[np.float64]], NDArray[np.bool_], tuple[str, ...]]:
    """Give the columns without the rows in which any is NaN, the mask of rows kept, and a note if any were dropped.

    Raises:
        ValueError: The columns are not one-dimensional and of one length, or hold an infinity.
    """
    arrays = [np.asarray(column, dtype=np.float64) for column in columns]
    shapes = {array.shape for array in arrays}
    if len(shapes) > 1 or any(array.ndim != 1 for array in arrays):
        raise ValueError(f"expected one-dimensional arrays of one length, got shapes {[a.shape for a in arrays]}")
    if any(np.isinf(array).any() for array in arrays):
        raise ValueError("a value is infinite: give NaN for a missing value, or bound the measure")
    kept = ~np.any([np.isnan(array) for array in arrays], axis=0)
    dropped = int(kept.size - kept.sum())
    return [array[kept] for array in arrays], kept, (f"{dropped} missing, dropped",) if dropped else ()


def sample(values: ArrayLike, clusters: Labels | None = None) -> Sample:
    """Give the observed values summed by cluster.

    Args:
        values: (n,) numbers; NaN is missing.
        clusters: (n,) labels; None makes every value its own cluster.

    Raises:
        ValueError: Lengths differ, a value is infinite or a label is missing.
    """
    (observed,), kept, notes = complete(values)
    if clusters is None:
        codes = np.arange(observed.size)
    elif len(clusters) != kept.size:
        raise ValueError(f"{kept.size} values but {len(clusters)} cluster labels: give one label for each value")
    else:
        _, codes = np.unique(codes_of(clusters)[kept], return_inverse=True)
    counts = np.bincount(codes).astype(np.float64)
    sums = np.bincount(codes, weights=observed).astype(np.float64)
    if 1 < counts.size < FEW_CLUSTERS:
        notes = (*notes, f"few clusters ({counts.size})")
    return Sample(observed, codes, sums, counts, notes)


def nothing(data: Sample, level: float, method: str, null: float = 0.0) -> Estimate:
    """Give the estimate of a sample from which no interval can be had: none or one cluster; bounds and p are NaN."""
    nan = float("nan")
    value = float(data.sums.sum() / data.size) if data.size else nan
    reason = "one cluster: no interval; observe at least two" if data.size else "no observed values"
    return Estimate(
        value, nan, nan, level, data.size, data.clusters, null=null, method=method, notes=(*data.notes, reason)
    )


def student(value: float, se: float, df: float, data: Sample, *, level: float, null: float, method: str) -> Estimate:
    """Give value +- t_df se around the sizes of a sample; p is NaN for an error of 0."""
    reach = float(special.stdtrit(df, 0.5 + level / 2)) * se
    p = float(2 * special.stdtr(df, -abs(value - null) / se)) if se > 0 else float("nan")
    return Estimate(
        value, value - reach, value + reach, level, data.size, data.clusters, se, p, null, method, data.notes
    )
