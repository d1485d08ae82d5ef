"""`tracer label`."""

from __future__ import annotations

import contextlib
import csv
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.padding import Padding
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from tracer.cli.options import STORE, find_study
from tracer.cli.terminal import CONSOLE, counted, print_judges
from tracer.errors import TracerError
from tracer.spans import Span
from tracer.spans.names import GenAI, Prosaic
from tracer.store import RunRow, Store, open_store
from tracer.study import (
    JudgeReport,
    Label,
    Study,
    disagreeing,
    judge_reports,
    judges_of,
    labels_of,
    order_to_label,
    part_of,
    settled,
    with_label,
    without_label,
)

__all__ = ["command"]

_COLUMNS = ("run", "measure", "labeler", "answer", "at")
_FILE = click.Path(dir_okay=False, path_type=Path)


@dataclass(frozen=True, slots=True)
class _Desk:
    """What labelling is about: one measure of one study, by one person."""

    store: Store
    study: Study
    measure: str
    labeler: str

    @property
    def judge(self) -> dict[str, Any]:
        """The frozen judge."""
        return judges_of(self.study.body)[self.measure]

    @property
    def keys(self) -> dict[str, str]:
        """Key -> option: the first letters where they differ, else numbers."""
        options: list[str] = self.judge["options"]
        letters = [option[:1].casefold() for option in options]
        free = len(set(letters)) == len(letters) and not set(letters) & {"s", "u", "q", ""}
        return dict(zip(letters if free else map(str, range(1, len(options) + 1)), options, strict=True))

    def rows(self) -> list[RunRow]:
        """The judged runs, in the order in which everybody labels them."""
        return order_to_label(settled(self.store.runs(self.study.hash)), self.measure, self.study.body["seed"])

    def own(self, row: RunRow) -> Label | None:
        """This person's label of a run."""
        return next((label for label in labels_of(row, self.measure) if label.labeler == self.labeler), None)


@click.command("label")
@click.argument("study", required=False, default="")
@click.option("--measure", metavar="NAME", default="", help="Judged measure; may be left out where there is one.")
@click.option(
    "--n", "count", type=click.IntRange(1), default=60, show_default=True, help="Labels wanted of you in all."
)
@click.option("--labeler", metavar="NAME", default="me", show_default=True, help="Who labels.")
@click.option("--report", "only_report", is_flag=True, help="Compare the judge with the labels of the dev part.")
@click.option("--import", "source", type=_FILE, help="Take labels from a CSV file: run, measure, labeler, answer.")
@click.option("--export", "target", type=_FILE, help="Write all labels to a CSV file.")
@STORE
def command(
    study: str,
    measure: str,
    count: int,
    labeler: str,
    only_report: bool,
    source: Path | None,
    target: Path | None,
    store: str | None,
) -> None:
    """Label judged runs of STUDY (a hash, or its beginning; default: the newest) by hand.

    You see exactly what the judge was shown, and neither the condition nor what it answered. One run in three is for
    improving the judge (`--report`); the others tell how often it errs, and correct what verdicts rest on.
    """
    with contextlib.closing(open_store(store)) as opened:
        found = find_study(opened, study)
        desk = _Desk(opened, found, _measure_of(found, measure), labeler)
        if source is not None:
            click.echo(f"{_import(desk, source)} labels taken from {source}")
        if target is not None:
            click.echo(f"{_export(desk, target)} labels written to {target}")
        if only_report:
            _report(desk)
        elif source is None and target is None:
            _label(desk, count)


def _measure_of(study: Study, named: str) -> str:
    judged = judges_of(study.body)
    if not judged:
        raise TracerError(f"no measure of study {study.hash[:12]} is judged by a model: there is nothing to label")
    if named and named not in judged:
        raise TracerError(f"study {study.hash[:12]} has no judged measure {named!r}; it has: {', '.join(judged)}")
    if not named and len(judged) > 1:
        raise TracerError(f"several measures are judged ({', '.join(judged)}): name one with --measure")
    return named or next(iter(judged))


def _label(desk: _Desk, wanted: int) -> None:
    rows = desk.rows()
    if not rows:
        raise TracerError(
            f"no run of study {desk.study.hash[:12]} has an answer of the judge yet: `tracer run`, or "
            f"`tracer judge {desk.study.hash[:12]}`, makes some"
        )
    done = sum((label := desk.own(row)) is not None and label.answer != "" for row in rows)
    waiting = [row for row in rows if desk.own(row) is None]
    given: list[tuple[RunRow, Label]] = []
    read = _keys()
    while waiting and done < wanted:
        row = waiting[0]
        _show(desk, row, f"label {done + 1} of {min(wanted, done + len(waiting))}")
        key = _choice(desk, read)
        if key == "q":
            break
        if key == "u":
            if given:
                last, label = given.pop()
                desk.store.amend_run(last.id, partial(without_label, label=label))
                waiting.insert(0, last)
                done -= label.answer != ""
            continue
        label = Label(desk.measure, desk.labeler, desk.keys.get(key, ""), time.time_ns())
        desk.store.amend_run(row.id, partial(with_label, label=label))
        given.append((waiting.pop(0), label))
        done += label.answer != ""
    _sum_up(desk, len(given))


def _keys() -> Callable[[], str]:
    """Give what reads the next key: at once in a terminal, a line at a time from a pipe; the end of it is `q`."""
    if sys.stdin.isatty():
        return lambda: click.getchar().casefold()

    def read() -> str:
        line = sys.stdin.readline()
        return line.strip()[:1].casefold() or " " if line else "q"

    return read


def _choice(desk: _Desk, read: Callable[[], str]) -> str:
    """Read until a key means something."""
    while True:
        key = read()
        if key in (*desk.keys, "s", "u", "q"):
            CONSOLE.print(Text(f"  {desk.keys.get(key, {'s': 'skipped', 'u': 'undo', 'q': 'quit'}.get(key, ''))}"))
            return key
        CONSOLE.print(Text(f"  {key!r} means nothing here", style="yellow"))


def _show(desk: _Desk, row: RunRow, title: str) -> None:
    question = desk.judge["question"]
    shown = _shown_to_judge(desk.store.spans(row.id), desk.measure)
    CONSOLE.print()
    CONSOLE.print(Rule(title, align="left", style="dim", characters="-"), width=80)
    CONSOLE.print(Padding(Text(shown.removesuffix(question).rstrip()), (1, 0, 1, 2)), width=80)
    CONSOLE.print(Text(question, style="bold"), width=80)
    keys = {**desk.keys, "s": "skip", "u": "undo", "q": "quit"}
    CONSOLE.print(Text("   ".join(f"{key} {means}" for key, means in keys.items()), style="dim"))


def _shown_to_judge(spans: Sequence[Span], measure: str) -> str:
    """Give the message that the judge was sent, from the first of its calls."""
    asked = [span.attributes for span in spans if span.attributes.get(Prosaic.JUDGE_MEASURE) == measure]
    if not asked:
        raise TracerError("what the judge was shown is not in the store: its calls were recorded in another one")
    message = asked[0][GenAI.INPUT_MESSAGES][-1]
    return "\n".join(str(part.get("content", "")) for part in message["parts"])


def _sum_up(desk: _Desk, given: int) -> None:
    labelled = [row for row in desk.rows() if (label := desk.own(row)) is not None and label.answer]
    parts = Counter(part_of(row, desk.measure) for row in labelled)
    CONSOLE.print(
        f"\n{counted(given, 'run')} seen now; {counted(len(labelled), 'label')} by {desk.labeler} in all: "
        f"{parts['test']} to correct the judge, {parts['dev']} to improve it",
        markup=False,
    )
    short = desk.study.hash[:12]
    CONSOLE.print(f"What they change: tracer verdict {short}\nThe judge beside them: tracer label {short} --report")


def _report(desk: _Desk) -> None:
    rows = settled(desk.store.runs(desk.study.hash))
    (report,) = [r for r in judge_reports(desk.study, rows) if r.measure == desk.measure]
    print_judges([report])
    CONSOLE.print("\non the dev part, which corrects nothing:", markup=False)
    CONSOLE.print(_confusion(report, desk.judge["positive"]))
    split = disagreeing(rows, desk.measure)
    if split:
        CONSOLE.print(f"labelers disagree: {', '.join(row.id[:12] for row in split)}", markup=False)


def _confusion(report: JudgeReport, positive: str) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2), header_style="dim")
    for title in ("", f"label: {positive}", f"label: not {positive}"):
        table.add_column(title, justify="right" if title else "left")
    for judged in (True, False):
        counts = [str(report.confusion.get((judged, truth), 0)) for truth in (True, False)]
        table.add_row(f"judge: {'' if judged else 'not '}{positive}", *counts)
    return table


def _export(desk: _Desk, target: Path) -> int:
    rows = settled(desk.store.runs(desk.study.hash))
    found = [(row, label) for row in rows for label in labels_of(row, desk.measure) if label.answer]
    try:
        with target.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(_COLUMNS)
            for row, label in found:
                at = datetime.fromtimestamp(label.at_ns / 1e9, UTC).isoformat()
                writer.writerow((row.id, label.measure, label.labeler, label.answer, at))
    except OSError as error:
        raise TracerError(f"cannot write {target}: {error.strerror}") from error
    return len(found)


def _import(desk: _Desk, source: Path) -> int:
    try:
        with source.open(encoding="utf-8", newline="") as file:
            lines = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise TracerError(f"{source} cannot be read as CSV: {error}") from error
    rows = {row.id: row for row in desk.store.runs(desk.study.hash)}
    places = list(enumerate(lines, 2))
    taken = [(_run_of(rows, line, place, source), _label_of(desk, line, place, source)) for place, line in places]
    for row, label in taken:  # only once all of them are found right
        desk.store.amend_run(row.id, partial(with_label, label=label))
    return len(taken)


def _run_of(rows: dict[str, RunRow], line: dict[str, str], place: int, source: Path) -> RunRow:
    run = (line.get("run") or "").strip()
    found = [row for identity, row in rows.items() if run and identity.startswith(run)]
    if len(found) != 1:
        raise TracerError(f"{source}, line {place}: {len(found)} runs of the study have an id beginning {run!r}")
    return found[0]


def _label_of(desk: _Desk, line: dict[str, str], place: int, source: Path) -> Label:
    answer, measure = (line.get("answer") or "").strip(), (line.get("measure") or desk.measure).strip()
    if measure != desk.measure or answer not in desk.judge["options"]:
        known = ", ".join(desk.judge["options"])
        raise TracerError(
            f"{source}, line {place}: {answer!r} for {measure!r} is no label; {desk.measure} takes: {known}"
        )
    try:
        at = datetime.fromisoformat(line["at"]).timestamp() if line.get("at") else time.time()
    except ValueError:
        raise TracerError(f"{source}, line {place}: {line['at']!r} is no time; write 2026-01-31T12:00:00Z") from None
    return Label(measure, (line.get("labeler") or desk.labeler).strip(), answer, int(at * 1e9))
