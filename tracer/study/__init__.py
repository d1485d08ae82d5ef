"""From hypothesis to verdict: freeze, checks, decision table. Pure functions of a plan and of runs."""

from __future__ import annotations

from tracer.study.anytime import Looked
from tracer.study.attribution import Attribution, attribute
from tracer.study.bundle import Bundle, differences, read_bundle, write_bundle
from tracer.study.compare import Change, compare
from tracer.study.document import Block, to_html, to_markdown
from tracer.study.drafts import Choices, Draft, choices_of, draft_format, drafts_file, hypothesis_of, read_draft
from tracer.study.finding import Finding, evaluate
from tracer.study.flaw import Flaw, located
from tracer.study.freeze import Design, Study, changed_since, freeze, load_suite, read_study
from tracer.study.integrity import audit
from tracer.study.judgement import (
    Draw,
    Judgement,
    describe,
    judge_key,
    judgements,
    judges_of,
    panel_of,
    with_judgements,
)
from tracer.study.judges import Agreement, JudgeReport, judge_reports, told
from tracer.study.judging import current, judge, judge_late, look, runs_saved, settled
from tracer.study.labels import (
    Label,
    disagreeing,
    labels_of,
    order_to_label,
    part_of,
    truth_of,
    with_label,
    without_label,
)
from tracer.study.lanes import absent_lanes
from tracer.study.looks import look_points, order_of
from tracer.study.planning import Assumed, Outlook, Pilot, Size, plan_sizes, read_pilot
from tracer.study.proving import NOT_SUPPORTED, right
from tracer.study.recorded import Mean, Recorded, RecordedResult, judge_recorded, load_recorded
from tracer.study.repeated import Repeated, repeated
from tracer.study.report import report
from tracer.study.seeds import call_seed, judge_seed, run_seed
from tracer.study.table import Table
from tracer.study.telling import tell_run
from tracer.study.validity import flaws, unguarded
from tracer.study.verdict import Answer, Verdict

__all__ = [
    "NOT_SUPPORTED",
    "Agreement",
    "Answer",
    "Assumed",
    "Attribution",
    "Block",
    "Bundle",
    "Change",
    "Choices",
    "Design",
    "Draft",
    "Draw",
    "Finding",
    "Flaw",
    "JudgeReport",
    "Judgement",
    "Label",
    "Looked",
    "Mean",
    "Outlook",
    "Pilot",
    "Recorded",
    "RecordedResult",
    "Repeated",
    "Size",
    "Study",
    "Table",
    "Verdict",
    "absent_lanes",
    "attribute",
    "audit",
    "call_seed",
    "changed_since",
    "choices_of",
    "compare",
    "current",
    "describe",
    "differences",
    "disagreeing",
    "draft_format",
    "drafts_file",
    "evaluate",
    "flaws",
    "freeze",
    "hypothesis_of",
    "judge",
    "judge_key",
    "judge_late",
    "judge_recorded",
    "judge_reports",
    "judge_seed",
    "judgements",
    "judges_of",
    "labels_of",
    "load_recorded",
    "load_suite",
    "located",
    "look",
    "look_points",
    "order_of",
    "order_to_label",
    "panel_of",
    "part_of",
    "plan_sizes",
    "read_bundle",
    "read_draft",
    "read_pilot",
    "read_study",
    "repeated",
    "report",
    "right",
    "run_seed",
    "runs_saved",
    "settled",
    "tell_run",
    "to_html",
    "to_markdown",
    "told",
    "truth_of",
    "unguarded",
    "with_judgements",
    "with_label",
    "without_label",
    "write_bundle",
]
