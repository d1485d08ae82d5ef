"""A study, its runs and its verdicts as a document: what was asked, found, left out, and how to compute it again."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tracer.angles import blind_spots
from tracer.contracts import Check, Family
from tracer.design import aliases
from tracer.stats import Estimate
from tracer.store import RunRow
from tracer.study.adjacent import adjacent_questions
from tracer.study.document import Block, Commands, Figure, Grid, Heading, Items, Text
from tracer.study.finding import Finding
from tracer.study.forest import forest_svg
from tracer.study.freeze import Study
from tracer.study.judges import judge_reports, told
from tracer.study.lanes import absent_lanes
from tracer.study.looks import look_points
from tracer.study.repeated import Repeated, repeated
from tracer.study.shares import shares
from tracer.study.verdict import Verdict

__all__ = ["report", "what_would_change"]

_EXAMPLES = 3
_ATTEMPTS = 4  # columns of pass^k that have room; beyond, the first two and the last
_NOT_COMPLETED = 12
_STOPPING = (
    "sequential: at most {} looks, after complete clusters in the order that follows from the hash; confidence "
    "sequences that hold at all of them; a system is finished once no open check could change an answer"
)
_SIGNS = {"above": ">", "below": "<", "within": "within ±"}


def report(study: Study, rows: Sequence[RunRow], verdicts: Sequence[Verdict]) -> list[Block]:
    """Give the report of a study as blocks; the same study, rows and verdicts give the same blocks for ever.

    Args:
        study: The frozen study.
        rows: Its runs.
        verdicts: What was judged on them, late hypotheses included.
    """
    blocks: list[Block] = [
        Heading(1, study.name),
        Text(study.body["question"]),
        Text(f"{study.hash}", strong="Study"),
        *_standing(study, rows, verdicts),
        Heading(2, "Verdicts"),
        Grid(
            ("hypothesis", "stack", "model", "verdict", "kind of result", "rivals still standing"),
            [_in_short(v) for v in verdicts],
        ),
    ]
    for verdict in verdicts:
        blocks += _section(verdict)
        blocks += [
            Text("", strong="Adjacent questions"),
            Grid(("question", "what the study says"), adjacent_questions(study, verdict, verdicts, rows)),
        ]
    blocks += [*_repeated(repeated(study, rows)), *_judges(study, rows), *shares(study, rows)]
    blocks += [*_preregistration(study), *_runs(study, rows), *_origin(study)]
    return blocks


def what_would_change(verdict: Verdict) -> list[str]:
    """Say what other margins, runs or scenarios would give another answer, one sentence each."""
    told: list[str] = []
    for finding in verdict.findings:
        name, role = finding.check.name, finding.check.role
        if role == "null" or finding.outcome == "ABSENT":
            continue
        if finding.overturned:
            told.append(f"`{name}`: what the missing runs would have shown")
        if finding.clusters_to_settle is not None:
            told.append(
                f"`{name}` is open: {finding.clusters_to_settle} clusters would settle it if the estimate is right "
                f"(there were {finding.estimate.clusters}; the smallest visible effect was "
                f"{finding.smallest_visible:.2f})"
            )
        elif finding.outcome in ("PASS", "FAIL"):
            told.append(f"`{name}` would not {finding.outcome.lower()} {_other_margin(finding)}")
    return told


def _other_margin(finding: Finding) -> str:
    low, high = finding.estimate.low, finding.estimate.high
    passes, margin = finding.outcome == "PASS", finding.check.margin
    if finding.check.direction == "within":
        edge = max(abs(low), abs(high)) if passes else min(abs(low), abs(high))
    else:
        edge = low if (finding.check.direction == "above") == passes else high
    more = edge > margin
    return f"with a margin of {edge:.2f} or {'more' if more else 'less'} (it was {margin:g})"


def _standing(study: Study, rows: Sequence[RunRow], verdicts: Sequence[Verdict]) -> list[Block]:
    """Say how much weight the whole can bear, before any number."""
    told: list[str] = []
    if any(not v.complete for v in verdicts):
        told.append("Runs are still to come: what stands here are estimates, and no verdicts.")
    if any(not v.confirmatory for v in verdicts):
        told.append("Hypotheses marked exploratory were stated after the data; they can suggest, and confirm nothing.")
    looked = {(v.stack, v.model): v.looked for v in verdicts if v.looked is not None}
    told += [f"Sequential study, {stack} with {model}: {found}." for (stack, model), found in looked.items()]
    amends: Mapping[str, Any] | None = study.body.get("amends")
    if amends:
        told.append(
            f"This study amends {amends['study']}, of which {amends['runs_seen']} runs had been made when it was "
            "frozen: what was seen there may have shaped it."
        )
    begun = [row.started_ns for row in rows if row.started_ns]
    if begun:
        first, last = (
            datetime.fromtimestamp(ns / 1e9, UTC).isoformat(timespec="seconds") for ns in (min(begun), max(begun))
        )
        told.append(f"Runs were begun from {first} to {last}.")
    return [Items(told)] if told else []


def _in_short(verdict: Verdict) -> tuple[str, ...]:
    return (
        verdict.hypothesis.id,
        verdict.stack,
        verdict.model,
        verdict.answer.value,
        "confirmatory" if verdict.confirmatory else "exploratory",
        ", ".join(verdict.standing) or "none",
    )


def _section(verdict: Verdict) -> Iterable[Block]:
    mark = "" if verdict.confirmatory else " (exploratory)"
    yield Heading(2, f"{verdict.hypothesis.id}: {verdict.answer.value}{mark}")
    yield Text(verdict.claim)
    yield Items(verdict.because)
    counts = ", ".join(f"{count} {status}" for status, count in sorted(verdict.runs.items()))
    yield Text(counts or "none", strong="Runs:")
    svg = forest_svg(verdict.findings)
    if svg:
        yield Figure(svg, "Estimates with their intervals; dashed: the margin asked for.")
    yield Grid(
        ("role", "check", "estimate", "interval", "level", "asked", "clusters", "p", "outcome"),
        [_finding(f) for f in verdict.findings],
    )
    yield from _limits(verdict.absent, verdict.blind_spots)
    excluded = [line for f in verdict.findings for line in _excluded(f)]
    if excluded:
        yield Text("", strong="Left out, and what a reader has to know")
        yield Items(excluded)
    changing = what_would_change(verdict)
    if changing:
        yield Text("", strong="What would change it")
        yield Items(changing)


def _limits(absent: Iterable[str], blind_spots: Mapping[Family, str]) -> Iterable[Block]:
    """Say which lanes there are not, and what the angles cannot see."""
    blind = [f"{family} is blind to {blind_to}" for family, blind_to in blind_spots.items()]
    yield Text("", strong="Absent lanes and blind spots")
    yield Items([*absent, *blind])


def _finding(finding: Finding) -> tuple[str, ...]:
    check, estimate = finding.check, finding.estimate
    if finding.outcome == "ABSENT":
        return check.role, check.name, "", "", "", _asked(check), "0", "", "absent"
    interval = f"{estimate.low:+.3f} to {estimate.high:+.3f}" if math.isfinite(estimate.low) else "none"
    p = f"{estimate.p:.2g}" if math.isfinite(estimate.p) else ""
    numbers = (f"{estimate.value:+.3f}", interval, f"{estimate.level:.4g}", _asked(check), str(estimate.clusters), p)
    return check.role, check.name, *numbers, finding.outcome.lower()


def _asked(check: Check) -> str:
    return "= 0" if check.role == "null" else f"{_SIGNS[check.direction]} {check.margin:g}"


def _excluded(finding: Finding) -> Iterable[str]:
    name = finding.check.name
    if finding.excluded:
        told = ", ".join(f"{count} {reason}" for reason, count in finding.excluded.items())
        yield f"{name}: scenarios without a value: {told}"
    if finding.if_missing_were:
        low, high = finding.if_missing_were
        yield f"{name}: whatever the missing runs had shown, the estimate would lie in {low:+.3f} to {high:+.3f}"
    yield from (f"{name}: {note}" for note in (*finding.estimate.notes, *finding.notes))


def _repeated(found: Sequence[Repeated]) -> Iterable[Block]:
    """Say how often the same comes out again and again; nothing where no cell was run twice."""
    if not found:
        return
    most = max(len(one.passes) for one in found)
    shown = range(1, most + 1) if most <= _ATTEMPTS else (1, 2, most)
    yield Heading(2, "Repeated attempts")
    yield Text(
        "pass^k: the probability that k runs of one scenario all have the value 1, over scenarios, with the cluster "
        "as the unit. A run without a value is no attempt. Not frozen, and exploratory."
    )
    yield Grid(
        ("measure", "condition", "stack", "model", *(f"pass^{k}" for k in shown), "clusters"),
        [
            (
                *(one.measure, one.condition, one.stack, one.model),
                *(_with_interval(one.passes[k - 1]) if k <= len(one.passes) else "" for k in shown),
                str(one.passes[0].clusters),
            )
            for one in found
        ],
    )
    short = [f"{r.measure}, {r.condition}, {r.model}: {told}" for r in found for told in r.notes]
    if short:
        yield Items(short)


def _with_interval(estimate: Estimate) -> str:
    if math.isnan(estimate.value):
        return ""
    interval = f" [{estimate.low:.2f}, {estimate.high:.2f}]" if math.isfinite(estimate.low) else ""
    return f"{estimate.value:.2f}{interval}"


def _judges(study: Study, rows: Sequence[RunRow]) -> Iterable[Block]:
    """Say what is known of the judges; nothing where no measure is judged."""
    found = judge_reports(study, rows)
    if found:
        yield Heading(2, "Judges")
    for one in found:
        yield Heading(3, one.measure)
        yield Text(one.question, strong="Asked:")
        yield Items([*told(one), *(f"labels by {who}: {count}" for who, count in one.labels.items())])


def _preregistration(study: Study) -> Iterable[Block]:
    body = study.body
    yield Heading(2, "Preregistration")
    yield Text("Fixed before the first run; the study's hash is over all of it.")
    yield Grid(
        ("what", "value"),
        [
            ("scenarios", str(len(body["scenarios"]))),
            ("conditions", ", ".join(c.name for c in study.conditions)),
            ("replicates per cell", str(body["replicates"])),
            ("runs on each system", str(len(study.cells()))),
            *([("stopping", _STOPPING.format(len(look_points(study))))] if "sequential" in body else []),
            ("stacks", ", ".join(body["stacks"])),
            ("models", ", ".join(body["models"])),
            *([("users played by", ", ".join(body["user_models"]))] if "user_models" in body else []),
            *(
                (name, str(body[name]))
                for name in ("temperature", "seed", "alpha", "max_calls_per_run", "max_seconds_per_run")
                if name in body
            ),
        ],
    )
    mixed = [str(alias) for alias in aliases(study.conditions)]
    if mixed:
        yield Text("", strong="Effects that the design cannot tell apart")
        yield Items(mixed)
    for hypothesis in study.hypotheses:
        yield Heading(3, f"{hypothesis.id} ({hypothesis.kind})")
        yield Text(hypothesis.claim.replace("{system}", "the system"))
        if hypothesis.refuted_by:
            yield Text(hypothesis.refuted_by, strong="Refuted by:")
        yield Grid(
            ("role", "check", "asked", "what passing would mean"),
            [(c.role, c.name, _asked(c), c.says) for c in hypothesis.checks],
        )
        yield from _limits(absent_lanes(hypothesis, study.conditions), blind_spots(hypothesis.checks))


def _runs(study: Study, rows: Sequence[RunRow]) -> Iterable[Block]:
    yield Heading(2, "Runs")
    statuses: dict[str, Counter[str]] = {}
    examples: dict[str, list[str]] = {}
    for row in rows:
        statuses.setdefault(row.condition, Counter())[row.status] += 1
        shown = examples.setdefault(row.condition, [])
        if row.status == "completed" and len(shown) < _EXAMPLES:
            shown.append(row.id[:12])
    yield Grid(
        ("condition", "runs", "to look at: tracer show ..."),
        [
            (name, ", ".join(f"{n} {s}" for s, n in sorted(counts.items())), ", ".join(examples[name]))
            for name, counts in sorted(statuses.items())
        ],
    )
    ended_early = [row for row in rows if row.status not in ("completed", "running")]
    if ended_early:
        more = len(ended_early) - _NOT_COMPLETED
        yield Text(
            f"{len(ended_early)}" + (f", of which {_NOT_COMPLETED} are shown" if more > 0 else ""),
            strong="Not completed:",
        )
        yield Grid(
            ("run", "scenario", "condition", "status", "reason"),
            [(r.id[:12], r.scenario, r.condition, r.status, r.reason[:200]) for r in ended_early[:_NOT_COMPLETED]],
        )
    used = {name: sum(row.usage.get(name) or 0 for row in rows) for name in ("calls", "input_tokens", "output_tokens")}
    yield Text(", ".join(f"{count:,} {name.replace('_', ' ')}" for name, count in used.items()), strong="Used:")


def _origin(study: Study) -> Iterable[Block]:
    body = study.body
    yield Heading(2, "Where it comes from, and how to compute it again")
    facts = [("suite", study.suite)]
    facts += [(f"code {name}", digest) for name, digest in body.get("code", {}).items()]
    facts += [(f"version of {name}", told) for name, told in body.get("versions", {}).items()]
    facts += [
        (f"model {name}", ", ".join(f"{k} {v}" for k, v in identity.items()) or "nothing identifies it")
        for name, identity in (body["models"] | body.get("user_models", {})).items()
    ]
    yield Grid(("what", "value"), facts)
    short = study.hash[:12]
    yield Commands(
        [
            f"tracer verdict {short}                   # judge again, from the runs in the store",
            f"tracer report {short} --bundle out.zip   # study, runs, spans and verdicts in one file",
            "tracer verdict --bundle out.zip             # judge again from that file alone, anywhere",
        ]
    )
