"""What a calibration came to, once the labels are unsealed: matrix, errors, power, coverage, honesty."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tracer.calibration.cells import Cell, CellResult
from tracer.calibration.truth import Calibration, Truth, Truths
from tracer.stats.rates import clopper_pearson

__all__ = ["Rate", "Report", "Row"]

_DECISIONS = ("supported", "refuted", "dissociation")


@dataclass(frozen=True, slots=True)
class Rate:
    """How often, out of how many."""

    hits: int
    of: int

    @property
    def share(self) -> float:
        """The share; NaN out of none."""
        return self.hits / self.of if self.of else float("nan")

    @property
    def interval(self) -> tuple[float, float]:
        """The exact 95 % interval of the share (Clopper and Pearson 1934), over the studies that could be drawn."""
        found = clopper_pearson(self.hits, self.of)
        return found.low, found.high

    def to_dict(self) -> dict[str, Any]:
        """Give the rate as plain data."""
        return {"hits": self.hits, "of": self.of, "share": self.share, "interval": self.interval}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the recovery matrix.

    Attributes:
        model: Name of the organism.
        claim: The claim.
        truth: What is true of it.
        verdicts: Verdict -> number of studies.
    """

    model: str
    claim: str
    truth: Truth
    verdicts: Counter[str]


@dataclass(frozen=True)
class Report:
    """Every cell with the name of its organism, and what follows from them.

    Attributes:
        calibration: Suite, organisms and truths.
        cells: Name of the organism and what came out, for every cell.
    """

    calibration: Calibration
    cells: Sequence[tuple[str, CellResult]]

    @property
    def studies(self) -> int:
        """Studies judged in all."""
        return sum(result.studies for _, result in self.cells)

    def recovery(self) -> list[Row]:
        """Give organism x claim -> verdicts, at the planted effect and the largest studies, undisturbed."""
        largest = max(self.sizes)
        rows: list[Row] = []
        for model, result in self.cells:
            if result.cell.scenarios == largest and _undisturbed(result.cell) and not self._at_margin(model, result):
                planted = self._planted(model)
                rows += [Row(model, c, planted.truth(c), Counter(v)) for c, v in result.verdicts.items()]
        return rows

    @property
    def sizes(self) -> list[int]:
        """Sizes of the studies."""
        return sorted({result.cell.scenarios for _, result in self.cells})

    def false_support(self, *, at_margin: bool = False, disturbed: bool | None = None) -> Rate:
        """Give the share of studies that call a claim supported which is not true: false, in conflict or open.

        Args:
            at_margin: Count the studies in which a true claim has no more effect than the margin, and is false so.
            disturbed: Only studies with, or only those without, noise or damage; None for both.
        """
        hits = total = 0
        for model, result in self.cells:
            if self._at_margin(model, result) != at_margin or disturbed not in (None, not _undisturbed(result.cell)):
                continue
            right = () if at_margin else self._planted(model).true
            wrong = sum(count for claims, count in result.supported.items() if set(claims.split()) - set(right))
            hits, total = hits + wrong, total + result.studies
        return Rate(hits, total)

    def false_refutation(self) -> Rate:
        """Give the share of verdicts on claims that are true, at the planted effect, that call them refuted."""
        return self._share("true", ("refuted",))

    def honesty(self) -> Rate:
        """Give the share of verdicts on pairs that cannot be told apart that decide nothing."""
        decided = self._share("open", _DECISIONS)
        return Rate(decided.of - decided.hits, decided.of)

    def conflicts_told(self) -> Rate:
        """Give the share of verdicts on conflicts that say so, in undisturbed studies of the largest size."""
        rows = [row for row in self.recovery() if row.truth == "conflict"]
        return Rate(sum(r.verdicts["dissociation"] for r in rows), sum(r.verdicts.total() for r in rows))

    def power(self, scenarios: int, *, disturbed: Callable[[Cell], bool] | None = None) -> dict[tuple[str, str], Rate]:
        """Give organism and claim -> share of studies of a size that support it, for claims that are true.

        Args:
            scenarios: Size of the studies.
            disturbed: Which cells to take; by default those without noise and damage.
        """
        taken = disturbed or _undisturbed
        found: dict[tuple[str, str], Rate] = {}
        for model, result in self.cells:
            if result.cell.scenarios != scenarios or self._at_margin(model, result) or not taken(result.cell):
                continue
            for claim in self._planted(model).true:
                before = found.get((model, claim), Rate(0, 0))
                hits = result.verdicts[claim].get("supported", 0)
                found[model, claim] = Rate(before.hits + hits, before.of + result.studies)
        return found

    def coverage(self) -> dict[str, Rate]:
        """Give level of the intervals -> share that held the value in the runs drawn from, without damage."""
        counts: dict[str, list[int]] = {}
        for _, result in self.cells:
            for level, (held, of) in result.coverage.items() if not result.cell.damage else ():
                found = counts.setdefault(level, [0, 0])
                found[0], found[1] = found[0] + held, found[1] + of
        return {level: Rate(*found) for level, found in sorted(counts.items())}

    def to_dict(self) -> dict[str, Any]:
        """Give every cell and every summary as plain data."""
        return {
            "suite": self.calibration.suite,
            "studies": self.studies,
            "false_support": {
                "no_effect": self.false_support().to_dict(),
                "at_margin": self.false_support(at_margin=True).to_dict(),
            },
            "false_refutation": self.false_refutation().to_dict(),
            "power": [
                {"model": model, "claim": claim, "scenarios": size, **rate.to_dict()}
                for size in self.sizes
                for (model, claim), rate in self.power(size).items()
            ],
            "coverage": {level: rate.to_dict() for level, rate in self.coverage().items()},
            "honesty": self.honesty().to_dict(),
            "conflicts_told": self.conflicts_told().to_dict(),
            "cells": [
                {"model": model, "truth": self._truths(model, result), **result.to_dict()}
                for model, result in self.cells
            ],
        }

    def _share(self, truth: Truth, answers: Iterable[str]) -> Rate:
        hits = total = 0
        for model, result in self.cells:
            if self._at_margin(model, result):
                continue
            for claim, verdicts in result.verdicts.items():
                if self._planted(model).truth(claim) == truth:
                    hits += sum(verdicts.get(answer, 0) for answer in answers)
                    total += result.studies
        return Rate(hits, total)

    def _truths(self, model: str, result: CellResult) -> dict[str, str]:
        planted = self._planted(model)
        return {claim: planted.truth(claim) for claim in result.verdicts}

    def _planted(self, model: str) -> Truths:
        return next(planted for planted in self.calibration.planted if planted.model == model)

    def _at_margin(self, model: str, result: CellResult) -> bool:
        return bool(self._planted(model).true) and result.cell.effect == self.calibration.margin


def _undisturbed(cell: Cell) -> bool:
    return not cell.noise and not cell.damage
