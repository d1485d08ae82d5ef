"""`tracer judge`."""

from __future__ import annotations

import asyncio
import contextlib
from functools import partial

import click
import orjson

from tracer.cli.options import AS_JSON, STORE, find_study
from tracer.cli.terminal import CONSOLE, counted, print_judges
from tracer.contracts import Suite
from tracer.errors import TracerError
from tracer.models import ModelSpec, parse_model
from tracer.runner import judge_again, judge_late_runs
from tracer.store import Store, open_store
from tracer.study import Study, judge_reports, judges_of, load_suite, panel_of, settled

__all__ = ["command"]


@click.command("judge")
@click.argument("study", required=False, default="")
@click.option("--judge", metavar="MODEL", default="", help="Another model than the frozen judges: exploratory.")
@click.option("--measure", "measures", multiple=True, metavar="NAME", help="Judged measure; default all.")
@click.option("--also", metavar="FILE:NAME", help="Suite whose judged measures are taken instead: exploratory.")
@click.option("--form", metavar="NAME", help="Judge the runs imported by this recipe; needs --also.")
@click.option("--base-url", metavar="URL", help="OpenAI-compatible endpoint where the judges answer.")
@click.option("--report", "only_report", is_flag=True, help="Ask nobody; only say what is known of the judges.")
@STORE
@AS_JSON
def command(
    study: str,
    judge: str,
    measures: tuple[str, ...],
    also: str | None,
    form: str | None,
    base_url: str | None,
    only_report: bool,
    store: str | None,
    as_json: bool,
) -> None:
    """Ask the judges of STUDY (a hash, or its beginning; default: the newest) about its completed runs.

    Only runs without an answer are judged. A judge that was not frozen with the study (--judge, --also) comes after the
    data: what rests on it is exploratory, and the values of the study stay as they are.
    """
    spec = partial(parse_model, base_url=base_url)
    with contextlib.closing(open_store(store)) as opened:
        if form is not None:
            if not also:
                raise TracerError("--form needs --also FILE:NAME: the suite that has the judged measures")
            rows = [row for row in opened.runs() if row.source and row.suite == form]
            late = load_suite(also)
            count = asyncio.run(judge_late_runs(late, rows, opened, _panel(late, judge, measures), spec))
            CONSOLE.print(f"{counted(count, 'imported run')} judged (exploratory)", markup=False)
            return
        found = find_study(opened, study)
        if not also and not judges_of(found.body):
            raise TracerError(
                f"no measure of study {found.hash[:12]} is judged by a model; --also FILE:NAME takes those of a suite"
            )
        if not only_report:
            _ask(found, opened, judge, measures, also, spec)
        reports = judge_reports(found, opened.runs(found.hash))
    if as_json:
        click.echo(orjson.dumps([report.to_dict() for report in reports], option=orjson.OPT_INDENT_2))
    else:
        print_judges(reports)


def _ask(
    study: Study, store: Store, judge: str, measures: tuple[str, ...], also: str | None, spec: partial[ModelSpec]
) -> None:
    rows = settled(store.runs(study.hash))
    if not judge and not also:
        asyncio.run(judge_again(study, rows, store, spec))
        return
    late = load_suite(also or study.suite)
    asyncio.run(judge_late_runs(late, rows, store, _panel(late, judge, measures), spec))


def _panel(suite: Suite, judge: str, measures: tuple[str, ...]) -> dict[str, str]:
    panel = {name: models[0] for name, models in panel_of(suite, (judge, "") if judge else ()).items()}
    unknown = [name for name in measures if name not in panel]
    if unknown or not panel:
        known = ", ".join(panel) or "none"
        raise TracerError(f"suite {suite.name!r} has no judged measure {(unknown or [''])[0]!r}; it has: {known}")
    return {name: model for name, model in panel.items() if not measures or name in measures}
