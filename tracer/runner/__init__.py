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
from tracer.runner.proposing import Proposed, propose
from tracer.runner.result import StudyResult
from tracer.runner.schedule import Lookout, Tally, plan_runs, run_plans
from tracer.runner.survey import Budget, Survey, Surveyed, shipped_suites, survey
from tracer.runner.survey_page import survey_page

__all__ = [
    "Budget",
    "Chosen",
    "Lookout",
    "Options",
    "Proposed",
    "StudyResult",
    "Survey",
    "Surveyed",
    "Tally",
    "freeze_study",
    "judge_again",
    "judge_late_runs",
    "judge_names",
    "judge_runs",
    "open_judges",
    "panel_for",
    "plan_runs",
    "propose",
    "run",
    "run_plans",
    "run_suite",
    "shipped_suites",
    "spec_functions",
    "survey",
    "survey_page",
]
