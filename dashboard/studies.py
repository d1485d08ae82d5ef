"""First page: the frozen studies, their verdicts, and every check as an effect with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from charts import forest
from evidence import check_table, forest_rows, progress, run_table, systems
from figure import show_figure
from loading import verdicts_of
from markup import Markup, chip, el, facts, join, table
from palette import ANSWERS
from tracer import Store, Verdict, open_store
from tracer.errors import StudyError
from tracer.store import RunRow
from tracer.study import Study, judge_reports, read_study, runs_saved, told

_NOTHING = """No study yet. Freeze and run one, then reload this page:"""
_COMMAND = "tracer run scenarios/stale_or_drifted.py:suite --model organism:stale"


def page() -> None:
    """Show the list of studies and the chosen one."""
    with closing(open_store()) as store:
        stored = store.studies()
        if not stored:
            _invite(store)
            return
        chosen = _choose(store, stored)
        study = read_study(chosen)
        rows = store.runs(study.hash)
        verdicts = verdicts_of(store, study, rows)
    _head(study, rows, verdicts)
    _show_verdicts(verdicts)
    _judges(study, rows)
    _preregistration(study)
    _runs(rows)


def _invite(store: Store) -> None:
    st.html(el("h1", "Studies", class_="t-title"))
    st.html(el("p", _NOTHING, class_="t-sub"))
    st.code(_COMMAND, language="bash")
    others = store.runs()
    if others:
        st.html(el("p", f"{len(others)} runs outside any study are on the other page.", class_="t-sub"))
        st.page_link(Path(__file__).parent / "run.py", label="Show the runs", icon=":material/account_tree:")


def _choose(store: Store, stored: list[dict[str, Any]]) -> dict[str, Any]:
    """List the studies and give the one that is chosen; the choice stands in the address of the page."""
    listed = pd.DataFrame([_listed(store, s) for s in stored])
    hashes = [s["hash"] for s in stored]
    wanted = st.query_params.get("study", "")
    if wanted:
        wanted = store.study(wanted)["hash"]
    first = hashes.index(wanted) if wanted in hashes else 0
    if len(stored) > 1:
        st.html(el("h1", "Studies", class_="t-title"))
        picked = st.dataframe(
            listed,
            key="studies",
            hide_index=True,
            height=min(len(stored), 6) * 36 + 38,
            on_select="rerun",
            selection_mode="single-row-required",
            placeholder="",
            selection_default={"selection": {"rows": [first], "columns": [], "cells": []}},
            column_config={
                "verdicts": st.column_config.MultiselectColumn(
                    options=[f"{tone.sign} {name}" for name, tone in ANSWERS.items()],
                    color=[tone.color for tone in ANSWERS.values()],
                ),
                "when": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", width=130),
                "runs": st.column_config.TextColumn(width=80),
            },
        )
        chosen = picked["selection"]["rows"]
        first = chosen[0] if chosen else first
    if st.query_params.get("study") != hashes[first][:12]:
        st.query_params["study"] = hashes[first][:12]
    return stored[first]


def _listed(store: Store, stored: dict[str, Any]) -> dict[str, Any]:
    try:
        study = read_study(stored)
    except StudyError:
        return {"study": stored["body"].get("name", ""), "question": "changed after it was frozen: not to be used"}
    rows = store.runs(study.hash)
    done, planned = progress(study, rows)
    verdicts = verdicts_of(store, study, rows) if rows else []
    answers, saved = dict.fromkeys(map(_word, verdicts)), runs_saved(verdicts)
    started = rows[0].started_ns if rows else 0
    return {
        "study": study.name,
        "question": study.body["question"],
        "verdicts": list(answers),
        "runs": f"{done} / {planned}" + (f", {saved} not needed" if saved else ""),
        "when": datetime.fromtimestamp(started / 1e9, UTC) if started else None,
        "hash": study.hash[:12],
    }


def _word(verdict: Verdict) -> str:
    return f"{ANSWERS[verdict.answer].sign} {verdict.answer.value}"


def _chip(verdict: Verdict) -> Markup:
    tone = ANSWERS[verdict.answer]
    return chip(verdict.answer.value, tone.color, tone.sign)


def _head(study: Study, rows: Sequence[RunRow], verdicts: Sequence[Verdict]) -> None:
    done, planned = progress(study, rows)
    saved = runs_saved(verdicts)
    st.html(join(el("h1", study.name, class_="t-title"), el("p", study.body["question"], class_="t-sub")))
    st.html(
        facts(
            {
                "frozen as": el("span", study.hash[:16], class_="t-code"),
                "runs": f"{done} of {planned} done" + (f", {saved} not needed" if saved else ""),
                "scenarios": len(study.scenarios),
                "conditions": len(study.conditions),
                "replicates": study.body["replicates"],
                "systems": len(systems(study)),
                "error rate": f"{study.body['alpha']:g}",
            }
        )
    )
    if not rows:
        st.info("Frozen, and no run yet. Start the runs with the same arguments as the freeze:")
        st.code(f"tracer run {study.suite}", language="bash")


def _show_verdicts(verdicts: Sequence[Verdict]) -> None:
    if not verdicts:
        return
    st.html(join(el("h2", "Verdicts", class_="t-head"), _summary(verdicts) if len(verdicts) > 1 else None))
    for number, verdict in enumerate(verdicts):
        with st.container(border=True):
            st.html(_verdict(verdict))
            show_figure(forest(forest_rows(verdict)), key=f"forest-{number}")
    checks = check_table(verdicts)
    with st.expander("Every check as a table", icon=":material/table:"):
        st.dataframe(checks, hide_index=True)
        name = f"checks-{verdicts[0].study[:12]}.csv"
        st.download_button("Download CSV", checks.to_csv(index=False), name, "text/csv", icon=":material/download:")


def _summary(verdicts: Sequence[Verdict]) -> Markup:
    """Give the verdicts at a glance: hypotheses down, systems across."""
    across = list(dict.fromkeys((v.stack, v.model) for v in verdicts))
    stacks = {stack for stack, _ in across}
    heads = [model if len(stacks) == 1 else f"{model}, {stack}" for stack, model in across]
    found = {(v.hypothesis.id, v.stack, v.model): _chip(v) for v in verdicts}
    hypotheses = {v.hypothesis.id: v.hypothesis for v in verdicts}
    rows = [
        [h.id, h.claim.replace("{system}", "the system"), *(found.get((h.id, *system), "–") for system in across)]
        for h in hypotheses.values()
    ]
    return table(["hypothesis", "claim", *heads], rows)


def _verdict(verdict: Verdict) -> Markup:
    marks = [_chip(verdict)]
    if not verdict.confirmatory:
        marks.append(chip("exploratory", ANSWERS["inconclusive"].color))
    if not verdict.complete:
        marks.append(chip("not complete", ANSWERS["inconclusive"].color))
    runs = ", ".join(f"{count} {status}" for status, count in sorted(verdict.runs.items())) or "none"
    about = facts(
        {
            "hypothesis": f"{verdict.hypothesis.id} ({verdict.hypothesis.kind})",
            "stack": verdict.stack,
            "model": verdict.model,
            "runs": runs,
            "rivals still standing": ", ".join(verdict.standing) or "none",
        }
    )
    limits = [*verdict.absent, *(f"{family} is blind to {told}" for family, told in verdict.blind_spots.items())]
    return join(
        el("div", *_spaced(marks), style="margin-bottom:.3rem"),
        el("p", verdict.claim, style="font-weight:600;margin:0 0 .3rem"),
        el("ul", *(el("li", reason) for reason in verdict.because), class_="t-list"),
        about,
        el("details", el("summary", "Absent lanes and blind spots"), el("ul", *(el("li", told) for told in limits))),
    )


def _spaced(marks: Sequence[Markup]) -> list[Markup | str]:
    return [part for mark in marks for part in (mark, " ")]


def _judges(study: Study, rows: Sequence[RunRow]) -> None:
    reports = judge_reports(study, rows) if rows else []
    if not reports:
        return
    with st.expander("Judges: how they err and agree", icon=":material/gavel:"):
        for report in reports:
            st.html(
                join(
                    el("h3", f"{report.measure}, judged by {report.models[0]}", class_="t-head"),
                    el("p", report.question, class_="t-sub"),
                    el("ul", *(el("li", line) for line in told(report)), class_="t-list"),
                )
            )


def _preregistration(study: Study) -> None:
    body = study.body
    with st.expander("Preregistration: what was fixed before the first run", icon=":material/lock:"):
        st.html(
            facts(
                {
                    "hash": el("span", study.hash, class_="t-code"),
                    "suite": study.suite,
                    "stacks": ", ".join(body["stacks"]),
                    "models": ", ".join(body["models"]),
                    "seed": body["seed"],
                    "temperature": body["temperature"],
                    "calls per run, at most": body["max_calls_per_run"],
                    "scenarios": f"{len(study.scenarios)} in {len({s.cluster for s in study.scenarios})} clusters",
                }
            )
        )
        levels = [[c.name, _levels(c.levels), _levels(c.where), "other seeds" if c.reseed else ""]
                  for c in study.conditions]  # fmt: skip
        st.html(table(["condition", "levels", "only scenarios with", "A/A"], levels))
        for hypothesis in study.hypotheses:
            refuted = f"Refuted if {hypothesis.refuted_by}" if hypothesis.refuted_by else ""
            st.html(
                join(
                    el("h3", f"{hypothesis.id} ({hypothesis.kind} of {hypothesis.holder})", class_="t-head"),
                    *(el("p", text, class_="t-sub") for text in (hypothesis.claim, refuted)),
                )
            )
            rows = [[c.role, c.name, c.says, _estimand(c.estimand.measure, c.estimand.weights), c.direction,
                     f"{c.margin:g}"] for c in hypothesis.checks]  # fmt: skip
            st.html(table(["role", "check", "PASS would mean", "estimand", "PASS lies", "margin"], rows))
        st.html(el("h3", "Measures", class_="t-head"))
        st.html(table(["measure", "a value of 1 means"], [[m["name"], m["says"]] for m in body["measures"]]))
        code = [[name, el("span", digest[:16], class_="t-code")] for name, digest in body["code"].items()]
        versions = ", ".join(f"{name} {version}" for name, version in body["versions"].items())
        st.html(join(table(["code", "digest"], code), el("p", versions, class_="t-sub")))


def _levels(levels: Any) -> str:
    return ", ".join(f"{name} = {level}" for name, level in levels.items())


def _estimand(measure: str, weights: Any) -> str:
    terms = " ".join(f"{weight:+g}·{condition}" for condition, weight in weights.items())
    return f"{measure}: {terms.removeprefix('+').removeprefix('1·')}"


def _runs(rows: Sequence[RunRow]) -> None:
    if not rows:
        return
    st.html(join(el("h2", "Runs", class_="t-head"), el("p", "Choose a row to look at the run.", class_="t-sub")))
    failed = [row for row in rows if row.status not in ("completed", "running")]
    shown: Sequence[RunRow] = rows
    if failed and st.toggle(f"only the {len(failed)} that did not complete"):
        shown = failed
    picked = st.dataframe(
        run_table(shown).dropna(axis="columns", how="all"),
        key="runs",
        hide_index=True,
        height=min(len(shown), 14) * 36 + 38,
        on_select="rerun",
        selection_mode="single-row",
        placeholder="",
        column_config={"started": st.column_config.DatetimeColumn(format="D MMM, HH:mm:ss")},
    )
    if picked["selection"]["rows"]:
        row = shown[picked["selection"]["rows"][0]]
        st.switch_page(Path(__file__).parent / "run.py", query_params={"run": row.id})


page()
