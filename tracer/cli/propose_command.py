"""`tracer propose`."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.text import Text

from tracer.cli.options import STORE, find_study
from tracer.cli.terminal import CONSOLE, counted
from tracer.contracts import Hypothesis
from tracer.errors import StoreError, StudyError, TracerError
from tracer.models import parse_model
from tracer.runner import Proposed, propose
from tracer.store import RunRow, Store, open_store
from tracer.study import drafts_file, hypothesis_of, load_suite

__all__ = ["command"]

_NOTES = 5  # answers that were dropped, of which it is said why


@click.command("propose")
@click.argument("sources", nargs=-1, metavar="[STUDY|RUN]...")
@click.option("--suite", "address", metavar="FILE:NAME", help="Suite that they are runs of. Default: the study's own.")
@click.option("--model", required=True, metavar="NAME", help="Model that reads the runs and proposes.")
@click.option("--base-url", metavar="URL", help="OpenAI-compatible endpoint where it answers.")
@click.option("-n", "--n", "count", type=click.IntRange(1), default=5, show_default=True, help="Drafts to ask for.")
@click.option(
    "--characters",
    type=click.IntRange(1),
    default=8000,
    show_default=True,
    help="Length of what the model is shown; whole situations are taken until it is used up.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="Of the situations shown and of the answers.")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("drafts.py"),
    show_default=True,
    help="File to write; never one that is there.",
)
@STORE
def command(
    sources: tuple[str, ...],
    address: str | None,
    model: str,
    base_url: str | None,
    count: int,
    characters: int,
    seed: int,
    output: Path,
    store: str | None,
) -> None:
    """Have a model read runs, and write the hypotheses that it proposes as a suite of drafts.

    It reads runs on the scenarios that a suite keeps to develop on (tracer run SUITE --develop), of a STUDY (default:
    the newest that has runs) or single RUNs. The drafts are exploratory until they are frozen; they are then tested on
    the other scenarios, which the model has not seen.
    """
    if not output.stem.isidentifier() or output.suffix != ".py":
        raise TracerError(f"{output} cannot be loaded as a suite: give a file such as drafts.py")
    if output.exists():
        raise TracerError(f"{output} is there already, and nothing is overwritten: give another file with -o")
    with contextlib.closing(open_store(store)) as opened:
        rows, own = _rows(opened, sources)
        if not (address or own):
            raise TracerError("single runs do not say where their suite is: give --suite FILE:NAME")
        suite = load_suite(address or own)
        asking = propose(
            suite, rows, opened, parse_model(model, base_url=base_url), count=count, characters=characters, seed=seed
        )
        proposed = asyncio.run(asking)
    hypotheses = [hypothesis_of(draft, suite, n, model) for n, draft in enumerate(proposed.drafts, 1)]
    if not hypotheses:
        why = "; ".join(proposed.dropped[:2])
        raise TracerError(
            f"{model} proposed nothing that can be used in {counted(len(proposed.dropped), 'answer')} ({why}): nothing "
            f"was written. Take another model or seed; tracer show {proposed.asked[:12]} --messages has what it said"
        )
    _write(output, drafts_file(suite, address or own, hypotheses, _origin(suite.name, model, proposed, output)))
    _print(hypotheses, model, proposed, output)


def _rows(store: Store, sources: Sequence[str]) -> tuple[list[RunRow], str]:
    """Give the runs that are meant, and the address of their suite; "" where only single runs are meant."""
    rows: dict[str, RunRow] = {}
    suite = ""
    for source in sources or ("",):
        try:
            study = find_study(store, source or _newest_run(store))
        except StudyError:
            rows |= {row.id: row for row in [_run(store, source)]}
        else:
            rows |= {row.id: row for row in store.runs(study.hash)}
            suite = suite or study.suite
    return list(rows.values()), suite


def _newest_run(store: Store) -> str:
    """Give the newest study that has runs, as drafts are frozen before any is made of them; "" where none has."""
    return next((stored["hash"] for stored in store.studies() if store.runs(stored["hash"])), "")


def _run(store: Store, prefix: str) -> RunRow:
    try:
        return store.run(prefix)
    except StoreError as error:
        raise StudyError(
            f"no study and no single run in {store.place} begins with {prefix!r}: `tracer list --studies` and "
            "`tracer list` show them"
        ) from error


def _origin(name: str, model: str, proposed: Proposed, output: Path) -> list[str]:
    digest = hashlib.sha256("\n".join(sorted(proposed.read)).encode()).hexdigest()
    day = datetime.now(UTC).date().isoformat()
    return [
        f"Hypotheses about {name} that {model} proposed on {day}: exploratory until they are frozen.",
        "",
        f"It read {counted(len(proposed.read), 'run')} of {proposed.available}, all on scenarios kept to develop on.",
        f"SHA-256 of their ids, sorted, one a line: {digest}",
        f"What it was asked and said is run {proposed.asked}.",
        "",
        "No claim in here has been tested. Read them, take out what is not worth a test, name the rivals, and freeze:",
        "they are then tested on the scenarios that the model has not seen.",
        "",
        f"    tracer freeze {output.as_posix()}:suite",
    ]


def _write(output: Path, text: str) -> None:
    try:
        with output.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise TracerError(f"{output} cannot be written: {error.strerror}") from error


def _print(hypotheses: Sequence[Hypothesis], model: str, proposed: Proposed, output: Path) -> None:
    CONSOLE.print(f"{model} read {counted(len(proposed.read), 'run')} of {proposed.available}", markup=False)
    for hypothesis, draft in zip(hypotheses, proposed.drafts, strict=True):
        CONSOLE.print(Text.assemble("\n", (hypothesis.id, "bold"), "  (exploratory until frozen)"))
        CONSOLE.print(Text(f"  {draft}, by more than {abs(hypothesis.role('angle')[0].margin):g}"))
        CONSOLE.print(Text(f'  "{draft.sentence}"', style="dim"))
    for why in proposed.dropped[:_NOTES]:
        CONSOLE.print(Text(f"dropped: {why}", style="yellow"))
    if len(proposed.dropped) > _NOTES:
        CONSOLE.print(Text(f"and {len(proposed.dropped) - _NOTES} more dropped", style="yellow"))
    CONSOLE.print(f"\nWritten: {output}, {counted(len(hypotheses), 'draft')}\nNext:", markup=False)
    for verb in ("check", "freeze", "run"):
        CONSOLE.print(f"  tracer {verb} {output.as_posix()}:suite", markup=False, soft_wrap=True)
