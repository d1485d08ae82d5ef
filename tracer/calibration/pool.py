"""Executed runs of one organism, from which many studies are drawn."""

from __future__ import annotations

import asyncio
import contextlib
import math
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from tracer.runner import Chosen, Options, run_suite
from tracer.store import RunRow, open_store
from tracer.study import Design, Study, load_suite

__all__ = ["Pool", "execute_pool"]

Unit = tuple[str, int]  # scenario and replicate


@dataclass(frozen=True)
class Pool:
    """The runs of one organism.

    Attributes:
        study: The frozen study that they were made for.
        rows: The runs, with their values and without their contents.
    """

    study: Study
    rows: tuple[RunRow, ...]

    @cached_property
    def units(self) -> Mapping[Unit, Mapping[str, RunRow]]:
        """Give scenario and replicate -> condition -> run."""
        units: dict[Unit, dict[str, RunRow]] = {}
        for row in sorted(self.rows, key=lambda r: (r.scenario, r.replicate)):
            units.setdefault((row.scenario, row.replicate), {})[row.condition] = row
        return units


def execute_pool(suite: str, model: str, runs: int, seed: int) -> Pool:
    """Make the runs of one organism on the real stack, at least `runs` in each condition, in a store of their own.

    Raises:
        TracerError: The suite or the organism cannot be run.
    """
    scenarios = load_suite(suite).scenarios
    kinds = len({tuple(sorted(s.tags.items())) for s in scenarios})
    design = Design(
        models={}, scenarios=math.ceil(runs / kinds), replicates=math.ceil(runs / len(scenarios)), seed=seed
    )
    with tempfile.TemporaryDirectory(prefix="tracer-calibrate-") as folder:
        with contextlib.closing(open_store(folder)) as store:
            found = asyncio.run(run_suite(Chosen(suite, (model,), design), store, Options()))
        rows = (replace(r, before={}, after={}, asked={}, answer=None, usage={}) for r in found.rows)
        return Pool(found.study, tuple(rows))
