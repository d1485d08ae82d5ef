"""What is true of each organism: the table that a calibration holds verdicts against, and that no judge sees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tracer.addresses import load_object
from tracer.errors import SuiteError
from tracer.study import load_suite

__all__ = ["Calibration", "Truth", "Truths", "load_calibration"]

Truth = Literal["true", "false", "conflict", "open"]


@dataclass(frozen=True, slots=True)
class Truths:
    """An organism, and which claims of the suite are true of it; those that are not named are false of it.

    Attributes:
        model: Name of the organism, e.g. `organism:stale`.
        true: Claims that are true of it: `supported` is right, `refuted` an error.
        conflict: Claims of which its words and its acts, or its acts at different times, say opposite things:
            `dissociation` is right, `supported` and `refuted` are errors.
        open: Claims that an organism with the same behaviour and another goal or belief has otherwise: any decision is
            an error.
    """

    model: str
    true: tuple[str, ...] = ()
    conflict: tuple[str, ...] = ()
    open: tuple[str, ...] = ()

    def truth(self, claim: str) -> Truth:
        """Tell what is true of a claim of the suite."""
        named: tuple[tuple[Truth, tuple[str, ...]], ...] = (
            ("true", self.true),
            ("conflict", self.conflict),
            ("open", self.open),
        )
        for truth, claims in named:
            if claim in claims:
                return truth
        return "false"


@dataclass(frozen=True)
class Calibration:
    """A suite with organisms whose truths are known.

    Attributes:
        suite: Address of the suite.
        planted: The organisms with their truths.
        margin: The margin of the suite's angles, a share of runs; an effect of this size is none.
        null: Organism of which every claim is false, into which an effect is diluted.
        noise: Organism that acts at random, with which runs are made noisy.
    """

    suite: str
    planted: Sequence[Truths]
    margin: float
    null: str = "organism:faithful"
    noise: str = "organism:random"

    @property
    def declared(self) -> float:
        """The effect at which power is stated: three times the margin, a share of runs."""
        return min(1.0, 3 * self.margin)


def load_calibration(address: str) -> Calibration:
    """Load a calibration.

    Raises:
        AddressError: There is no such file or object.
        SuiteError: The object is no calibration, or it names claims that its suite does not make, or lacks one of the
            organisms that it mixes with.
    """
    found = load_object(address)
    if not isinstance(found, Calibration):
        raise SuiteError(f"{address} is a {type(found).__name__}, not a tracer.calibration.Calibration")
    claims = {h.id for h in load_suite(found.suite).hypotheses}
    for planted in found.planted:
        unknown = sorted({*planted.true, *planted.conflict, *planted.open} - claims)
        if unknown:
            raise SuiteError(f"{address}: {planted.model} has a truth for {unknown[0]!r}, which {found.suite} has not")
    models = [planted.model for planted in found.planted]
    for name in (*models, found.null, found.noise):
        if models.count(name) != 1:
            raise SuiteError(f"{address}: {name} stands {models.count(name)} times in `planted`; it has to stand once")
    return found
