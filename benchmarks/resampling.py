"""What resampling costs: 1,000 outcomes in 100 clusters, 10,000 resamples, ours beside SciPy.

    python benchmarks/resampling.py [--rounds 15]

Prints medians over interleaved rounds. The lower limit is what drawing the 10,000 x 100 indices alone costs.
(Not called `statistics.py`: beside other scripts that name would hide the standard library's module from them.)
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from statistics import median

import numpy as np
from scipy import stats

from tracer.stats.bootstrap import bootstrap
from tracer.stats.clustered import mean_of_clusters, sign_flip
from tracer.stats.robust import pooled_mean

RESAMPLES = 10_000


def _cases() -> dict[str, Callable[[], object]]:
    draw = np.random.default_rng(1)
    clusters = np.repeat(np.arange(100), 10)
    values = (draw.random(1000) < 0.4 + np.repeat(draw.normal(0, 0.1, 100), 10)).astype(float)
    means = values.reshape(100, 10).mean(axis=1)
    return {
        "limit: drawing the indices": lambda: np.random.default_rng(0).integers(0, 100, (RESAMPLES, 100)),
        "cluster bootstrap, studentised": lambda: bootstrap(values, clusters, resamples=RESAMPLES),
        "cluster bootstrap, percentile": lambda: bootstrap(values, clusters, method="percentile", resamples=RESAMPLES),
        "cluster bootstrap, BCa": lambda: bootstrap(values, clusters, method="bca", resamples=RESAMPLES),
        "scipy.stats.bootstrap of cluster means": lambda: stats.bootstrap(
            (means,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(0)
        ),
        "sign flip over clusters": lambda: sign_flip(values - 0.4, clusters, draws=RESAMPLES),
        "scipy.stats.permutation_test of cluster means": lambda: stats.permutation_test(
            (means - 0.4,),
            np.mean,
            permutation_type="samples",
            vectorized=True,
            n_resamples=RESAMPLES,
            rng=np.random.default_rng(0),
        ),
        "mean of clusters": lambda: mean_of_clusters(values, clusters),
        "pooled mean, CR2": lambda: pooled_mean(values, clusters),
    }


def measure(rounds: int) -> dict[str, float]:
    """Give the median milliseconds of each case over interleaved rounds."""
    cases = _cases()
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, case in cases.items():
            start = time.perf_counter()
            case()
            taken[name].append(1000 * (time.perf_counter() - start))
    return {name: median(found) for name, found in taken.items()}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15, help="interleaved rounds; the median is printed")
    for name, milliseconds in measure(parser.parse_args().rounds).items():
        print(f"{name:<48} {milliseconds:8.2f} ms")


if __name__ == "__main__":
    main()
