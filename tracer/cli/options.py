"""Options that several commands share, and the values built from them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeVar

import click

from tracer.errors import TracerError
from tracer.models import Prices, parse_model, parse_overrides
from tracer.runner import Chosen, judge_names, spec_functions
from tracer.store import Store
from tracer.study import Design, Study, read_study

__all__ = ["ALSO", "AS_JSON", "STORE", "choose", "design_options", "find_study"]

_F = TypeVar("_F", bound=Callable[..., Any])

STORE = click.option(
    "--store",
    metavar="PATH",
    help="Folder of the store. Default: TRACER_STORE, else .tracer in the working folder.",
)
AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
ALSO = click.option(
    "--also",
    metavar="FILE:NAME",
    help="Suite whose further hypotheses are judged on the same runs, as exploratory.",
)

_DESIGN = (
    click.argument("suite"),
    click.option(
        "--stack", "stacks", multiple=True, metavar="FILE:NAME", help="Stack to study; several times for several."
    ),
    click.option("--model", "models", multiple=True, metavar="NAME", help="Model to study; several times for several."),
    click.option("--base-url", metavar="URL", help="OpenAI-compatible endpoint where the models answer."),
    click.option("-n", "scenarios", type=click.IntRange(1), help="Scenarios of each kind to take. Default: all."),
    click.option("--develop", is_flag=True, help="Take the scenarios kept for trying things out: exploratory."),
    click.option("--replicates", type=click.IntRange(1), help="Runs per cell. Default: what the suite says."),
    click.option("--seed", type=int, default=1, show_default=True, help="Seed of the study."),
    click.option(
        "--sequential",
        is_flag=True,
        help="Look while it runs, with intervals that allow it, and stop once it is decided.",
    ),
    click.option(
        "--max-calls-per-run",
        type=click.IntRange(1),
        default=64,
        show_default=True,
        help="Model calls one run may make.",
    ),
    click.option(
        "--max-seconds-per-run",
        type=click.FloatRange(0, min_open=True),
        default=600.0,
        show_default=True,
        help="Seconds one run may take.",
    ),
    click.option("--timeout", type=float, default=120.0, show_default=True, help="Seconds one model call may take."),
    click.option("--judge", metavar="MODEL", default="", help="Model that judges. Default: what the suite says."),
    click.option("--second-judge", metavar="MODEL", default="", help="Model that judges too, to see if they agree."),
    click.option("--judge-base-url", metavar="URL", help="Endpoint where judges answer. Default: --base-url."),
    click.option("--price-in", type=float, help="USD per million input tokens, for --max-usd."),
    click.option("--price-out", type=float, help="USD per million output tokens, for --max-usd."),
    click.option(
        "--capability",
        "capabilities",
        multiple=True,
        metavar="NAME=BOOL",
        help="What the model can do, where the probe is wrong: tools=false, json_schema=true, logprobs, seed.",
    ),
)


def design_options(command: _F) -> _F:
    """Add the options that say what is studied; `choose` makes a value of them."""
    for option in reversed(_DESIGN):
        command = option(command)
    return command


def choose(given: dict[str, Any]) -> Chosen:
    """Make a value of the design options, taking them out of `given`.

    Raises:
        ModelError: A capability is not stated as NAME=BOOL.
    """
    parse = partial(
        parse_model,
        prices=Prices(given.pop("price_in"), given.pop("price_out")),
        timeout_s=given.pop("timeout"),
        capabilities=parse_overrides(given.pop("capabilities")),
    )
    design = Design(
        models={},
        stacks=tuple(given.pop("stacks")),
        scenarios=given.pop("scenarios"),
        replicates=given.pop("replicates"),
        seed=given.pop("seed"),
        max_calls_per_run=given.pop("max_calls_per_run"),
        max_seconds_per_run=given.pop("max_seconds_per_run"),
        sequential=given.pop("sequential"),
        develop=given.pop("develop"),
        panel=judge_names(given.pop("judge"), given.pop("second_judge")),
    )
    spec, judge_spec = spec_functions(parse, given.pop("base_url"), given.pop("judge_base_url"))
    return Chosen(given.pop("suite"), tuple(given.pop("models")), design, spec, judge_spec)


def find_study(store: Store, prefix: str) -> Study:
    """Give the study whose hash begins with `prefix`; the newest, if that is empty.

    Raises:
        TracerError: There is none, or it was changed after it was frozen.
    """
    if prefix:
        return read_study(store.study(prefix))
    newest = store.studies()
    if not newest:
        raise TracerError(f"no study in {store.place} yet: `tracer run SUITE` makes one")
    return read_study(newest[0])
