"""Organisms as ground truth: what do verdicts say of systems whose goals and beliefs are known?"""

from __future__ import annotations

from tracer.calibration.calibrate import FULL, QUICK, Grid, calibrate
from tracer.calibration.cells import Cell, CellResult
from tracer.calibration.report import Rate, Report
from tracer.calibration.trial_flaws import trial_flaws
from tracer.calibration.trials import Asked, Trial, trials_of, try_all, try_planted
from tracer.calibration.trials_page import trials_page
from tracer.calibration.truth import Calibration, Truths, load_calibration

__all__ = [
    "FULL",
    "QUICK",
    "Asked",
    "Calibration",
    "Cell",
    "CellResult",
    "Grid",
    "Rate",
    "Report",
    "Trial",
    "Truths",
    "calibrate",
    "load_calibration",
    "trial_flaws",
    "trials_of",
    "trials_page",
    "try_all",
    "try_planted",
]
