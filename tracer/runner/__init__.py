"""Running studies: schedule, caps, resume, and the one-call API."""

from __future__ import annotations

from tracer.runner.api import Chosen, Options, freeze_study, run, run_suite
from tracer.runner.judges import (
    judge_again,
    judge_late_runs,
    judge_names,
    judge_runs,
    open_judges,
    panel_for,
    spec_functions,
)
from tracer.runner.result import StudyResult
from tracer.runner.schedule import Lookout, Tally, plan_runs, run_plans

__all__ = [
    "Chosen",
    "Lookout",
    "Options",
    "StudyResult",
    "Tally",
    "freeze_study",
    "judge_again",
    "judge_late_runs",
    "judge_names",
    "judge_runs",
    "open_judges",
    "panel_for",
    "plan_runs",
    "run",
    "run_plans",
    "run_suite",
    "spec_functions",
]
