"""`tracer report`."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import click

from tracer.cli.late import late_verdicts
from tracer.cli.options import ALSO, STORE, find_study
from tracer.cli.terminal import counted, progress_for
from tracer.errors import TracerError
from tracer.exchange import export_runs
from tracer.store import RunRow, Store, open_store
from tracer.study import Block, Study, Verdict, judge, report, to_html, to_markdown, write_bundle

__all__ = ["command"]

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_HEADLESS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer")
_PRINT_S = 120


@click.command("report")
@click.argument("study", required=False, default="")
@click.option(
    "--to",
    "targets",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write: .md, .html or .pdf; several times for several. Default: Markdown to the terminal.",
)
@click.option(
    "--bundle",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File.zip for study, runs, spans and verdicts, from which all is computed again.",
)
@ALSO
@STORE
def command(study: str, targets: tuple[Path, ...], bundle: Path | None, also: str | None, store: str | None) -> None:
    """Write the report of STUDY (a hash, or its beginning; default: the newest).

    Question, verdicts, findings with plots, exclusions, rivals still standing, what would change it, the
    preregistration, runs, versions and hashes. A PDF is printed by an installed Chromium or Chrome.
    """
    if also and bundle is not None:
        raise TracerError("--also and --bundle do not go together: a bundle holds what was frozen, and its verdicts")
    for target in targets:
        if target.suffix not in (".md", ".html", ".pdf"):
            raise TracerError(f"{target}: a report is written as .md, .html or .pdf; name the file accordingly")
    with contextlib.closing(open_store(store, make=False)) as opened:
        found = find_study(opened, study)
        rows = opened.runs(found.hash)
        verdicts = judge(found, rows)
        if also:
            verdicts += late_verdicts(opened, found, rows, also)
        blocks = report(found, rows, verdicts)
        for target in targets:
            _write(target, found, blocks)
            click.echo(f"wrote {target}")
        if bundle is not None:
            _write_bundle(opened, bundle, found, rows, verdicts)
    if not targets and bundle is None:
        click.echo(to_markdown(blocks), nl=False)


def _write(target: Path, study: Study, blocks: list[Block]) -> None:
    try:
        if target.suffix == ".md":
            target.write_text(to_markdown(blocks), "utf-8")
        elif target.suffix == ".html":
            target.write_text(to_html(study.name, blocks), "utf-8")
        else:
            _print_pdf(target, to_html(study.name, blocks))
    except OSError as error:
        raise TracerError(f"cannot write {target}: {error.strerror}") from error


def _print_pdf(target: Path, page: str) -> None:
    browser = next((found for name in _BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise TracerError(
            f"{target}: no Chromium or Chrome is installed to print it; write the .html and print that from any browser"
        )
    with tempfile.TemporaryDirectory() as folder:
        source, printed = Path(folder) / "report.html", Path(folder) / "report.pdf"
        source.write_text(page, "utf-8")
        flags = [*_HEADLESS, f"--user-data-dir={folder}/me", f"--print-to-pdf={printed}"]
        try:
            done = subprocess.run(
                [browser, *flags, source.as_uri()], capture_output=True, text=True, timeout=_PRINT_S, check=False
            )
        except subprocess.TimeoutExpired:
            raise TracerError(f"{browser} did not print {target} in {_PRINT_S} s; print the .html yourself") from None
        if not printed.is_file():
            raise TracerError(
                f"{browser} did not print {target}: {done.stderr.strip()[-200:]}; print the .html yourself"
            )
        shutil.copyfile(printed, target)


def _write_bundle(store: Store, file: Path, study: Study, rows: list[RunRow], verdicts: list[Verdict]) -> None:
    if file.suffix != ".zip":
        raise TracerError(f"{file}: a bundle is a zip; name it {file.name}.zip")
    with tempfile.TemporaryDirectory() as folder:
        spans = Path(folder) / "spans.jsonl"
        export_runs(store, [row.id for row in rows], str(spans), progress_for())
        head = write_bundle(file, study, rows, verdicts, spans)
    click.echo(f"wrote {file}: {counted(len(rows), 'run')}, {counted(len(verdicts), 'verdict')}\nhead {head}")
