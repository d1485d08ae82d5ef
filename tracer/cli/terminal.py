"""What a person sees: progress, verdicts and preregistrations, legible at 80 columns."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping, Sequence

from rich.console import Console
from rich.padding import Padding
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from tracer.angles import blind_spots
from tracer.design import aliases
from tracer.progress import NoProgress, Progress
from tracer.study import Finding, JudgeReport, Study, Verdict, absent_lanes, judges_of, look_points, told, unguarded

__all__ = [
    "ANSWER_COLOURS",
    "CONSOLE",
    "TerminalProgress",
    "counted",
    "print_judges",
    "print_plan",
    "print_verdicts",
    "progress_for",
]

CONSOLE = Console(highlight=False)
ANSWER_COLOURS = {
    "supported": "bold green",
    "refuted": "bold blue",
    "dissociation": "bold magenta",
    "inconclusive": "bold yellow",
    "not testable": "bold yellow",
    "invalid": "bold red",
}
_ROLES = {"angle": "angles", "rival": "rivals", "control": "controls", "null": "nulls"}
_OUTCOMES = {
    ("rival", "PASS"): "stands",
    ("rival", "UNRESOLVED"): "not ruled out",
    ("rival", "FAIL"): "ruled out",
    ("null", "PASS"): "quiet",
    ("null", "FAIL"): "rejects",
}


class TerminalProgress:
    """A bar with a live remark."""

    def __init__(self) -> None:
        self._bars = RichProgress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=20),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(compact=True),
            TextColumn("[dim]{task.fields[note]}"),
            console=Console(stderr=True),
        )
        self._task: TaskID | None = None

    def start(self, label: str, total: int | None) -> None:
        """Begin a bar."""
        self._bars.start()
        self._task = self._bars.add_task(label, total=total, note="")

    def advance(self, steps: int = 1, note: str = "") -> None:
        """Move the bar."""
        if self._task is not None:
            self._bars.update(self._task, advance=steps, note=note)

    def finish(self) -> None:
        """Leave the bar as it is."""
        self._bars.stop()
        self._task = None


def progress_for(*, quiet: bool = False) -> Progress:
    """Give a bar where a person is looking, silence elsewhere."""
    return TerminalProgress() if sys.stderr.isatty() and not quiet else NoProgress()


def print_verdicts(verdicts: Sequence[Verdict]) -> None:
    """Print each verdict with its reasons and the numbers behind it, and all of them in short at the end."""
    for verdict in verdicts:
        CONSOLE.print()
        title = Text(verdict.answer.value.upper(), style=ANSWER_COLOURS[verdict.answer.value])
        mark = "" if verdict.confirmatory else "  (exploratory)"
        CONSOLE.print(title + Text(f"  {verdict.hypothesis.id}{mark}", style="bold"))
        CONSOLE.print(Text(verdict.claim))
        for reason in verdict.because:
            CONSOLE.print(_indented(f"- {reason}"))
        runs = ", ".join(f"{count} {status}" for status, count in sorted(verdict.runs.items()))
        CONSOLE.print(Text(f"  runs: {runs or 'none'}   study {verdict.study[:12]}", style="dim"))
        CONSOLE.print(_findings(verdict.findings))
        for remark in _remarks(verdict.findings):
            CONSOLE.print(_indented(remark))
        for lane in verdict.absent:
            CONSOLE.print(_indented(lane))
        for family, blind_to in verdict.blind_spots.items():
            CONSOLE.print(_indented(f"{family} is blind to {blind_to}"))
    if len(verdicts) > 1:
        CONSOLE.print(Text("\nin short", style="dim"))
        CONSOLE.print(_in_short(verdicts))


def print_judges(reports: Sequence[JudgeReport]) -> None:
    """Print what is known of each judge: how it errs, whom it agrees with, and how far its own noise reaches."""
    for report in reports:
        CONSOLE.print()
        CONSOLE.print(Text(report.measure, style="bold"), Text(f"judged: {report.question}"))
        for line in told(report):
            CONSOLE.print(_indented(f"- {line}"))


def _in_short(verdicts: Sequence[Verdict]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), show_header=False)
    several = len({verdict.stack for verdict in verdicts}) > 1
    for verdict in verdicts:
        standing = f"stands: {', '.join(verdict.standing)}" if verdict.standing else ""
        system = f"{verdict.stack} {verdict.model}" if several else verdict.model
        answer = Text(verdict.answer.value, style=ANSWER_COLOURS[verdict.answer.value])
        answer += Text("" if verdict.confirmatory else " (exploratory)")
        table.add_row(Text(verdict.hypothesis.id), Text(system), answer, Text(standing, style="dim"))
    return table


def print_plan(study: Study) -> None:
    """Print a frozen study as a preregistration: question, design, n, claims and what would refute them."""
    body = study.body
    CONSOLE.print(Text(study.name, style="bold"), Text(f"study {study.hash[:12]}", style="dim"))
    CONSOLE.print(Text(study.body["question"]))
    cells = len(study.cells())
    systems = len(body["stacks"]) * len(body["models"])
    CONSOLE.print(
        Text(
            f"\nDesign: {counted(len(body['scenarios']), 'scenario')} x "
            f"{counted(len(body['conditions']), 'condition')} x {counted(body['replicates'], 'replicate')}, where "
            f"they apply: {counted(cells, 'run')} on each of {counted(systems, 'system')}, {cells * systems} in "
            f"all; paired by scenario; seed {body['seed']}, temperature {body['temperature']:g}, "
            f"alpha {body['alpha']:g}."
        )
    )
    for alias in aliases(study.conditions):
        CONSOLE.print(_indented(f"Aliased: {alias}"))
    if "sequential" in body:
        CONSOLE.print(Text(_looks(study)))
    if amends := body.get("amends"):
        seen = counted(amends["runs_seen"], "run")
        CONSOLE.print(Text(f"Amends study {amends['study'][:12]}, of which {seen} had been made by then."))
    CONSOLE.print(
        Text(f"Stacks: {', '.join(body['stacks'])}\nModels: {', '.join(_model(*m) for m in body['models'].items())}")
    )
    for measure, judge in judges_of(body).items():
        asked = f"asked {counted(judge['draws'], 'time')} about each run: {judge['question']}"
        CONSOLE.print(Text(f"Judged: {measure}, by {' and '.join(judge['models'])}, {asked}"))
    for hypothesis in study.hypotheses:
        CONSOLE.print()
        CONSOLE.print(Text(hypothesis.id, style="bold"), Text(f"({hypothesis.kind})", style="dim"))
        CONSOLE.print(_indented(hypothesis.claim.replace("{system}", "the system")))
        if hypothesis.refuted_by:
            CONSOLE.print(_indented(f"Refuted by: {hypothesis.refuted_by}"))
        for role, title in _ROLES.items():
            for check in hypothesis.role(role):  # pyright: ignore[reportArgumentType]  # a key of _ROLES is a role
                kind = f"{title[:-1]}, {check.family}" if check.family else title[:-1]
                asked = "p < .01 vetoes" if role == "null" else f"{check.direction} {check.margin:g}"
                CONSOLE.print(_indented(f"{kind}: {check.name} ({asked})" + (f": {check.says}" if check.says else "")))
        for lack in unguarded(hypothesis):
            CONSOLE.print(_indented(f"warning: {lack}"))
        for lane in absent_lanes(hypothesis, study.conditions):
            CONSOLE.print(_indented(lane))
        for family, blind_to in blind_spots(hypothesis.checks).items():
            CONSOLE.print(_indented(f"{family} is blind to {blind_to}"))


def _model(name: str, identity: Mapping[str, str]) -> str:
    return f"{name} at {identity['endpoint']}" if "endpoint" in identity else name


def _looks(study: Study) -> str:
    points = look_points(study)
    every = f"every {counted(points[0], 'cluster')}" if points[0] > 1 else "each cluster"
    return (
        f"Sequential: whole clusters of scenarios, in an order that follows from the study's hash, on each system by "
        f"itself, looked at after {every}: {counted(len(points), 'look')} at most, the last at {points[-1]} clusters. "
        "Intervals and p values hold at all looks at once (betting confidence sequences over cluster means). A system "
        "is finished at the first look at which no open check could change an answer. Clusters without a value keep "
        "their place, failed runs stay failed, and an outcome that missing runs could have changed decides nothing."
    )


def _indented(text: str) -> Padding:
    return Padding(Text(text), (0, 0, 0, 2), expand=False)


def _findings(findings: Sequence[Finding]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="dim", width=78)
    table.add_column("", no_wrap=True)
    table.add_column("check", ratio=1, overflow="fold")
    for title in ("estimate", "interval", "asked", "n"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for role in _ROLES:
        for finding in (f for f in findings if f.check.role == role):
            table.add_row(role, *_cells(finding))
    return table


def _remarks(findings: Sequence[Finding]) -> Iterable[str]:
    """Say what the table has no room for: other levels than 95 %, scenarios left out, lanes that could not vary."""
    if any(finding.estimate.method.startswith("betting") for finding in findings):
        yield "intervals and p values hold at every look that was taken"
    levels = {finding.check.role: finding.estimate.level for finding in findings}
    for role, level in levels.items():
        if f"{level:.0%}" != "95%":
            yield f"{_ROLES[role]}: intervals at {level:.1%}, as three of them have to pass"
    for finding in findings:
        left_out = ", ".join(f"{count} {reason}" for reason, count in finding.excluded.items())
        if left_out and finding.outcome != "ABSENT":
            bounds = finding.if_missing_were
            extremes = f"; at worst and at best they make it {bounds[0]:+.2f} to {bounds[1]:+.2f}" if bounds else ""
            yield f"{finding.check.name}: without {left_out}{extremes}"
        no_interval = finding.estimate.notes if finding.estimate.low != finding.estimate.low else ()
        yield from (f"{finding.check.name}: {note}" for note in dict.fromkeys((*finding.notes, *no_interval)))


def counted(count: int, noun: str) -> str:
    """Give a number with its noun, e.g. "1 run", "2 studies", "3 processes"."""
    many = noun[:-1] + "ies" if noun.endswith("y") else noun + ("es" if noun.endswith("s") else "s")
    return f"{count} {noun if count == 1 else many}"


def _cells(finding: Finding) -> tuple[str, ...]:
    check, estimate = finding.check, finding.estimate
    outcome = _OUTCOMES.get((check.role, finding.outcome), finding.outcome.lower())
    if finding.outcome == "ABSENT":
        return check.name, "", "", "", "0", "absent"
    sign = {"above": ">", "below": "<", "within": "±"}[check.direction]
    asked = "= 0" if check.role == "null" else f"{sign} {check.margin:g}"
    known = estimate.low == estimate.low and estimate.high == estimate.high  # NaN: no interval
    interval = f"[{estimate.low:+.2f}, {estimate.high:+.2f}]" if known else "none"
    return check.name, f"{estimate.value:+.2f}", interval, asked, str(estimate.clusters), outcome
