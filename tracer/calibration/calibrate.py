"""`calibrate(...)`: make the runs of every organism once, then draw, judge and only then unseal."""

from __future__ import annotations

import hashlib
import multiprocessing
import os
from collections.abc import Iterable
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from itertools import product
from typing import TypeVar

from tracer.calibration.cells import Cell, CellResult, Sealed, judge_cells
from tracer.calibration.pool import Pool, execute_pool
from tracer.calibration.report import Report
from tracer.calibration.truth import Calibration, Truths
from tracer.errors import TracerError
from tracer.progress import NoProgress, Progress

__all__ = ["FULL", "QUICK", "Grid", "calibrate"]

_T = TypeVar("_T")
_WORKERS = 8


@dataclass(frozen=True, slots=True)
class Grid:
    """How much is calibrated: every organism is crossed with everything here.

    Attributes:
        runs: Runs executed for each organism in each condition.
        studies: Studies drawn in each cell.
        scenarios: Sizes of a study.
        noise: Shares of runs in which a system acts at random.
        damage: Shares of runs, and of values, that are lost.
        seed: Seed of the runs and of the draws.
    """

    runs: int = 200
    studies: int = 100
    scenarios: tuple[int, ...] = (16, 24, 48)
    noise: tuple[float, ...] = (0.0, 0.1, 0.2)
    damage: tuple[float, ...] = (0.0, 0.02, 0.1)
    seed: int = 1


FULL = Grid()
QUICK = Grid(runs=8, studies=12, scenarios=(16, 32), noise=(0.0,), damage=(0.0,))


def calibrate(calibration: Calibration, grid: Grid = FULL, progress: Progress | None = None) -> Report:
    """Measure how often verdicts are right about systems whose truth is known.

    Runs are executed once, in processes of their own; studies resample their scenarios (Efron 1979), so that the
    value of every check in the runs drawn from is the truth that its intervals are held against.

    Args:
        calibration: Suite, organisms and truths.
        grid: How much.
        progress: What hears how far it is.

    Raises:
        TracerError: A number is out of range, or the runs cannot be made.
    """
    _check(grid)
    shown = progress or NoProgress()
    models = [planted.model for planted in calibration.planted]
    context = multiprocessing.get_context("spawn")  # a fork would share the sockets and locks of the parent
    with ProcessPoolExecutor(min(os.cpu_count() or 1, _WORKERS), mp_context=context) as workers:
        made: list[Future[Pool]] = [
            workers.submit(execute_pool, calibration.suite, m, grid.runs, grid.seed) for m in models
        ]
        pools = dict(zip(models, _gather("organisms run", made, shown, workers), strict=True))
        judged: list[Future[list[CellResult]]] = []
        for planted in calibration.planted:
            pool = pools[planted.model]
            sealed = Sealed(_label(planted.model, grid.seed), pool, pools[calibration.null], pools[calibration.noise])
            for cells in _cells(calibration, planted, grid):
                judged.append(workers.submit(judge_cells, sealed, cells, grid.studies, grid.seed))
        results = [result for found in _gather("cells judged", judged, shown, workers) for result in found]
    names = {_label(model, grid.seed): model for model in models}
    return Report(calibration, tuple((names[result.label], result) for result in results))


def _cells(calibration: Calibration, planted: Truths, grid: Grid) -> Iterable[list[Cell]]:
    """Give the cells of an organism, one list for each size of a study; at the margin only where something is true."""
    effects = (calibration.declared, calibration.margin) if planted.true else (1.0,)
    for scenarios in grid.scenarios:
        yield [Cell(e, n, d, scenarios) for e, n, d in product(effects, grid.noise, grid.damage)]


def _gather(label: str, futures: list[Future[_T]], shown: Progress, workers: ProcessPoolExecutor) -> list[_T]:
    shown.start(label, len(futures))
    try:
        for done in as_completed(futures):
            done.result()
            shown.advance()
    except BaseException:
        workers.shutdown(wait=False, cancel_futures=True)
        raise
    finally:
        shown.finish()
    return [future.result() for future in futures]


def _label(model: str, seed: int) -> str:
    return "sealed-" + hashlib.sha256(f"{seed}|{model}".encode()).hexdigest()[:12]


def _check(grid: Grid) -> None:
    rules = (
        ("runs and studies have to be at least 1", min(grid.runs, grid.studies) >= 1),
        ("a study needs 2 scenarios at least", min(grid.scenarios) >= 2),
        ("shares of noise and damage lie in 0 to 1", all(0 <= x < 1 for x in (*grid.noise, *grid.damage))),
    )
    for rule, holds in rules:
        if not holds:
            raise TracerError(f"this cannot be calibrated: {rule}")
