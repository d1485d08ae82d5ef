"""Second page: one run, as a graph in lanes, as a timeline, and message by message."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import streamlit as st

from charts import duration, timeline
from conversation import attitudes, changes
from evidence import run_table
from figure import show_figure
from graph import draw_graph
from lanes import lay_out
from loading import trajectory_of
from markup import chip, el, facts, join, table
from palette import ANSWERS, STATUSES
from telling import Clock, bars, said, show_step, step_name, step_tip
from tracer import Step, Store, Trajectory, open_store
from tracer.store import RunRow
from tracer.trajectory import fidelity

_WINDOW = 200  # steps drawn at once
_VIEWS = ["Graph", "Timeline", "Messages", "Goals and beliefs", "Outcome", "Fidelity"]
_LISTED = 500


def page() -> None:
    """Show the run that the address names, or the list of runs to choose from."""
    with closing(open_store()) as store:
        wanted = st.query_params.get("run", "")
        if not wanted:
            _choose(store)
            return
        row = store.run(wanted)
        trajectory = trajectory_of(store, row)
    clock = Clock(min((s.start_ns for s in trajectory.steps), default=row.started_ns))
    _head(row, trajectory)
    if not trajectory.steps:
        st.info("No span of this run is in the store: its plan and its result are, what happened in it is not.")
    steps = _window(trajectory)
    views = st.tabs(_VIEWS, key="view", on_change="rerun", bind="query-params")
    shown = next((number for number, view in enumerate(views) if view.open), 0)
    with views[shown]:
        if shown in (0, 1):
            (_graph, _timeline)[shown](trajectory, steps, clock)
        elif shown == 2:
            st.html(said(trajectory, steps, clock))
        elif shown == 3:
            _attitudes(trajectory, clock)
        elif shown == 4:
            _outcome(row)
        else:
            _fidelity(trajectory)


def _choose(store: Store) -> None:
    rows = sorted(store.runs(), key=lambda r: r.started_ns, reverse=True)
    st.html(join(el("h1", "Runs", class_="t-title")))
    if not rows:
        st.html(el("p", "No run yet. Record one, then reload this page:", class_="t-sub"))
        st.code("tracer run scenarios/stale_or_drifted.py:suite --model organism:stale", language="bash")
        return
    st.html(el("p", f"Choose one of the last {min(len(rows), _LISTED)} of {len(rows)}.", class_="t-sub"))
    picked = st.dataframe(
        run_table(rows[:_LISTED])[["status", "scenario", "condition", "answer", "reason", "model", "started", "run"]],
        key="all-runs",
        hide_index=True,
        height=min(len(rows), 16) * 36 + 38,
        on_select="rerun",
        selection_mode="single-row",
        placeholder="",
        column_config={"started": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm:ss")},
    )
    if picked["selection"]["rows"]:
        st.query_params["run"] = rows[picked["selection"]["rows"][0]].id
        st.rerun()


def _head(row: RunRow, trajectory: Trajectory) -> None:
    tone = STATUSES.get(row.status, ANSWERS["inconclusive"])
    name = " · ".join(filter(None, (row.suite, row.scenario))) or "run"
    status = chip(row.status, tone.color, tone.sign)
    st.html(join(el("h1", name, "  ", status, class_="t-title"), el("p", row.reason, class_="t-sub")))
    ended = row.ended_ns or max((s.end_ns or s.start_ns for s in trajectory.steps), default=row.started_ns)
    tokens = {key: _tokens(row, trajectory, f"{key}_tokens") for key in ("input", "output")}
    counted = [s for s in trajectory.steps if s.kind == "model"]
    st.html(
        facts(
            {
                "run": el("span", row.id[:12], class_="t-code"),
                "condition": row.condition,
                "stack": row.stack,
                "model": row.model,
                "replicate": f"{row.replicate}, attempt {row.attempt}" if row.study else None,
                "seed": row.seed or None,
                "started": f"{datetime.fromtimestamp(row.started_ns / 1e9, UTC):%-d %b %Y, %H:%M:%S} UTC"
                if row.started_ns
                else None,
                "took": duration((ended - row.started_ns) / 1e9),
                "steps": len(trajectory.steps),
                "model calls": row.usage.get("calls", len(counted)),
                "tokens in": tokens["input"],
                "tokens out": tokens["output"],
                "cost": None if row.usage.get("usd") is None else f"{row.usage['usd']:.4g} USD",
                "source": row.source,
            }
        )
    )
    if row.study:
        page = Path(__file__).parent / "studies.py"
        st.page_link(page, label="Its study", icon=":material/arrow_back:", query_params={"study": row.study[:12]})


def _tokens(row: RunRow, trajectory: Trajectory, key: str) -> Any:
    told = [getattr(step, key) for step in trajectory.steps if step.kind == "model"]
    counted = [count for count in told if count is not None]
    return row.usage.get(key, sum(counted) if counted else None)


def _measured(value: Any) -> str:
    return f"missing: {value.get('missing')}" if isinstance(value, dict) else f"{value:g}"


def _window(trajectory: Trajectory) -> Sequence[Step]:
    """Give the steps to show: all of them, or the chosen stretch of a long run."""
    steps = trajectory.steps
    if len(steps) <= _WINDOW:
        return steps
    starts = list(range(0, len(steps), _WINDOW))
    picked = st.query_params.get("step", "")
    holding = next((n for n, s in enumerate(steps) if s.id == picked), 0) // _WINDOW
    first = st.selectbox(
        "Steps",
        starts,
        index=holding,
        format_func=lambda s: f"{s + 1} to {min(s + _WINDOW, len(steps))} of {len(steps)}",
        width=280,
    )
    return steps[first : first + _WINDOW]


def _graph(trajectory: Trajectory, steps: Sequence[Step], clock: Clock) -> None:
    if not steps:
        return
    layout = lay_out(trajectory, steps)
    picked = _picked(steps)
    drawing = draw_graph(trajectory, layout, lambda step: step_tip(step, trajectory, clock), picked)
    show_figure(drawing, "graph", _pick)
    _step(trajectory, steps, clock)


def _timeline(trajectory: Trajectory, steps: Sequence[Step], clock: Clock) -> None:
    if not steps:
        return
    show_figure(timeline(bars(trajectory, steps, clock), _picked(steps)), "timeline", _pick)
    _step(trajectory, steps, clock)


def _pick(step: str) -> None:
    st.query_params["step"] = step


def _picked(steps: Sequence[Step]) -> str:
    wanted = st.query_params.get("step", "")
    return wanted if any(s.id == wanted for s in steps) else ""


def _step(trajectory: Trajectory, steps: Sequence[Step], clock: Clock) -> None:
    """Let a step be chosen, also without a pointer, and show all of it."""
    named = {s.id: f"{number} · {step_name(s)}" for number, s in enumerate(trajectory.steps, 1)}
    ids = [s.id for s in steps]
    picked = _picked(steps)
    chosen = st.selectbox(
        "Step",
        ids,
        index=ids.index(picked) if picked else None,
        format_func=lambda step: named.get(str(step), str(step)),
        placeholder="Click a step above, or choose one here",
        width=420,
    )
    if chosen is None:
        return
    if chosen != picked:
        _pick(chosen)
        st.rerun()
    with st.container(border=True):
        show_step(trajectory, next(s for s in steps if s.id == chosen), named, clock)


def _attitudes(trajectory: Trajectory, clock: Clock) -> None:
    found = attitudes(trajectory)
    if not found:
        st.info("This run states no goal, belief or plan. A stack does so by `kit.emit.goal(...)`, `.belief(...)` and "
                "`.plan(...)`.")  # fmt: skip
        return
    rows = [[clock.since(a.time_ns), a.agent, a.kind, a.text, a.facts] for a in found]
    st.html(table(["time", "agent", "", "what", "as the source tells it"], rows))


def _outcome(row: RunRow) -> None:
    """Show what came of the run: answers, measures, and what it changed in its world."""
    answers = [["final answer", "none" if row.answer is None else row.answer], *([*pair] for pair in row.asked.items())]
    st.html(join(el("h2", "Answers", class_="t-head"), table(["asked", "answer"], answers)))
    if row.values:
        measured = [[name, _measured(value)] for name, value in sorted(row.values.items())]
        st.html(join(el("h2", "Measures", class_="t-head"), table(["measure", "value"], measured)))
    if not row.before and not row.after:
        return
    differing = changes(row.before, row.after)
    changed = table(["state", "before", "after"], differing) if differing else el("p", "Nothing was changed.")
    st.html(join(el("h2", "World", class_="t-head"), changed))
    with st.expander("The whole state"):
        before, after = st.columns(2)
        before.json(row.before)
        after.json(row.after)


def _fidelity(trajectory: Trajectory) -> None:
    """Show how much of the run is known: what is missing, what is inferred, what was wrong with its spans."""
    known = fidelity(trajectory)
    st.html(
        facts(
            {
                "grade": known.grade,
                "spans": known.spans,
                "steps": ", ".join(f"{count} {kind}" for kind, count in known.steps.items()),
                "model calls with content": f"{known.content:.0%}",
                "tools joined by id": f"{known.identified:.0%}",
                "acts with a known agent": f"{known.attributed:.0%}",
            }
        )
    )
    listed = {
        "Cannot be told": known.missing,
        "Inferred": [f"{what}: {count}" for what, count in known.inferred.items()],
        "Wrong in the source": trajectory.problems,
    }
    for head, told in listed.items():
        if told:
            st.html(join(el("h2", head, class_="t-head"), el("ul", *(el("li", t) for t in told), class_="t-list")))
    if not any(listed.values()):
        st.html(el("p", "Everything is recorded; nothing had to be inferred.", class_="t-sub"))


page()
