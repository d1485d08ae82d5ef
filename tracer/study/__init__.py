"""From hypothesis to verdict: freeze, checks, decision table. Pure functions of a plan and of runs."""

from __future__ import annotations

from tracer.study.anytime import Looked
from tracer.study.attribution import Attribution, attribute
from tracer.study.bundle import Bundle, differences, read_bundle, write_bundle
from tracer.study.compare import Change, compare
from tracer.study.document import Block, to_html, to_markdown
from tracer.study.finding import Finding, evaluate
from tracer.study.freeze import Design, Study, changed_since, freeze, load_suite, read_study
from tracer.study.integrity import audit
from tracer.study.judging import current, judge, judge_late, look, runs_saved, settled
from tracer.study.lanes import absent_lanes
from tracer.study.looks import look_points, order_of
from tracer.study.planning import Assumed, Outlook, Pilot, Size, plan_sizes, read_pilot
from tracer.study.recorded import Mean, Recorded, RecordedResult, judge_recorded, load_recorded
from tracer.study.report import report
from tracer.study.seeds import call_seed, run_seed
from tracer.study.table import Table
from tracer.study.validity import Flaw, flaws
from tracer.study.verdict import Answer, Verdict

__all__ = [
    "Answer",
    "Assumed",
    "Attribution",
    "Block",
    "Bundle",
    "Change",
    "Design",
    "Finding",
    "Flaw",
    "Looked",
    "Mean",
    "Outlook",
    "Pilot",
    "Recorded",
    "RecordedResult",
    "Size",
    "Study",
    "Table",
    "Verdict",
    "absent_lanes",
    "attribute",
    "audit",
    "call_seed",
    "changed_since",
    "compare",
    "current",
    "differences",
    "evaluate",
    "flaws",
    "freeze",
    "judge",
    "judge_late",
    "judge_recorded",
    "load_recorded",
    "load_suite",
    "look",
    "look_points",
    "order_of",
    "plan_sizes",
    "read_bundle",
    "read_pilot",
    "read_study",
    "report",
    "run_seed",
    "runs_saved",
    "settled",
    "to_html",
    "to_markdown",
    "write_bundle",
]
