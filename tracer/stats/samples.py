"""What goes in: arrays with missing values dropped and counted, and observations summed by cluster."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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
    "blank",
    "check_level",
    "codes_for",
    "codes_of",
    "complete",
    "noted",
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


def codes_for(labels: Labels | None, kept: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Give the codes 0..G-1 of the observations kept; without labels each is a cluster of its own.

    Raises:
        ValueError: There is not one label for each observation, or a label is missing.
    """
    if labels is None:
        return np.arange(int(kept.sum()))
    if len(labels) != kept.size:
        raise ValueError(f"{kept.size} observations but {len(labels)} labels: give one label for each")
    return np.unique(codes_of(labels)[kept], return_inverse=True)[1]


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
    codes = codes_for(clusters, kept)
    counts = np.bincount(codes).astype(np.float64)
    sums = np.bincount(codes, weights=observed).astype(np.float64)
    if 1 < counts.size < FEW_CLUSTERS:
        notes = (*notes, f"few clusters ({counts.size})")
    return Sample(observed, codes, sums, counts, notes)


def blank(data: Sample, value: float, level: float, method: str, null: float = 0.0) -> Estimate:
    """Give a value with the sizes and notes of its sample, as yet without interval: bounds and p are NaN."""
    nan = float("nan")
    return Estimate(value, nan, nan, level, data.size, data.clusters, null=null, method=method, notes=data.notes)


def nothing(data: Sample, level: float, method: str, null: float = 0.0) -> Estimate:
    """Give the estimate of a sample from which no interval can be had: none or one cluster; bounds and p are NaN."""
    value = float(data.sums.sum() / data.size) if data.size else float("nan")
    reason = "one cluster: no interval; observe at least two" if data.size else "no observed values"
    return noted(blank(data, value, level, method, null), reason)


def noted(found: Estimate, *reasons: str) -> Estimate:
    """Give the estimate with further notes."""
    return replace(found, notes=(*found.notes, *reasons))


def student(found: Estimate, se: float, df: float) -> Estimate:
    """Give the estimate with the interval value +- t_df se, and the p value against its null; df may be infinite."""
    quantile = special.stdtrit(df, 0.5 + found.level / 2) if df < np.inf else special.ndtri(0.5 + found.level / 2)
    distance = -abs(found.value - found.null) / se
    p = 2 * float(special.stdtr(df, distance) if df < np.inf else special.ndtr(distance))
    reach = float(quantile) * se
    return replace(found, low=found.value - reach, high=found.value + reach, se=se, p=p)
