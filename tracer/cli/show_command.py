"""`tracer show`."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from itertools import takewhile
from typing import Any

import click
import orjson
from rich.text import Text
from rich.tree import Tree

from tracer.cli.options import AS_JSON, STORE
from tracer.cli.terminal import CONSOLE, counted
from tracer.spans.names import EdgeKind, StepKind
from tracer.store import RunRow, open_store
from tracer.trajectory import Message, Step, Trajectory, build_trajectory, summary

__all__ = ["command"]

_STYLES = {
    StepKind.MODEL: "cyan",
    StepKind.TOOL: "green",
    StepKind.AGENT: "bold",
    StepKind.WORKFLOW: "bold",
    StepKind.HANDOFF: "magenta",
    StepKind.PROBE: "dim cyan",
}


_CHANGES = 8  # changes of the world that are shown of one act


@click.command("show")
@click.argument("run")
@click.option("--messages", is_flag=True, help="Print every message once, with arguments and results.")
@STORE
@AS_JSON
def command(run: str, messages: bool, store: str | None, as_json: bool) -> None:
    """Show RUN (an id, or its beginning): its steps, who did them, and what is known of it."""
    with contextlib.closing(open_store(store, make=False)) as opened:
        row = opened.run(run)
        trajectory = build_trajectory(opened.spans(row.id), id=row.id)
    if as_json:
        told = {"run": row.to_dict(), **summary(trajectory)}
        click.echo(orjson.dumps(told, option=orjson.OPT_INDENT_2, default=str))
        return
    CONSOLE.print(_head(row))
    CONSOLE.print(_tree(trajectory, row.id, messages))
    if row.asked:
        CONSOLE.print(Text("asked afterwards:", style="dim"))
        for name, answer in row.asked.items():
            CONSOLE.print(Text(f"  {name}: {answer}"))


def _head(row: RunRow) -> Text:
    facts = [row.scenario or row.suite, row.condition, row.stack, row.model]
    head = Text(" · ".join(fact for fact in facts if fact), style="bold")
    ended = f"\n{row.status}" + (f": {row.reason}" if row.reason else "")
    head.append(ended, style="green" if row.status == "completed" else "yellow")
    if row.answer is not None:
        head.append(f"   answer: {row.answer}")
    for whose, usage in (("", row.usage), ("judges: ", row.usage.get("judge", {}))):
        if "calls" in usage:  # an imported run has none but of its judges
            used = f"{counted(usage['calls'], 'call')}, {usage['input_tokens']} tokens in, {usage['output_tokens']} out"
            head.append(f"\n{whose}{used}", style="dim")
    return head


def _tree(trajectory: Trajectory, run: str, messages: bool) -> Tree:
    root = Tree(Text(f"run {run[:12]}", style="dim"), guide_style="dim")
    parents = {edge.target: edge.source for edge in trajectory.edges if edge.kind == EdgeKind.CONTAINS}
    shown: dict[str, Tree] = {}
    sent: dict[str, tuple[Message, ...]] = {}
    for step in trajectory.steps:
        above = shown.get(parents.get(step.id, ""), root)
        shown[step.id] = above.add(_line(step))
        for text in (*_stated(step), *(_full(step, sent.get(step.agent, ())) if messages else ())):
            shown[step.id].add(Text(text))
        if step.input:
            sent[step.agent] = (*step.input, *step.output)
    return root


def _stated(step: Step) -> list[str]:
    """Give what the stack said of itself at a step (plans, goals, beliefs), and what it changed in the world."""
    plan = [f"{n}. {line}" for n, line in enumerate(_plan(step), 1)]
    goals = [f"goal ({g.get('status', 'active')}): {_text(g.get('text', ''))}" for g in step.data.get("goals") or ()]
    beliefs = [f"belief: {_text(b.get('proposition', ''))}{_held(b)}" for b in step.data.get("beliefs") or ()]
    return [*plan, *goals, *beliefs, *_changed(step)]


def _changed(step: Step) -> list[str]:
    """Say what an act did to the world, or that it was not permitted."""
    done: Mapping[str, Any] = step.data.get("action") or {}
    changed: Mapping[str, Any] = done.get("changed") or {}
    lines = [f"{place}: {' -> '.join(_text(side)[:60] for side in _sides(c))}" for place, c in changed.items()]
    more = [f"and {counted(len(lines) - _CHANGES, 'change')} more"] if len(lines) > _CHANGES else []
    refused = ["not permitted: nothing was changed"] if done.get("permitted") is False else []
    return [*refused, *lines[:_CHANGES], *more]


def _sides(change: Mapping[str, Any]) -> list[Any]:
    return [change.get(side, "(nothing)") for side in ("before", "after")]


def _plan(step: Step) -> list[str]:
    return step.output[0].content.splitlines() if step.kind == StepKind.PLAN and step.output else []


def _held(belief: Mapping[str, Any]) -> str:
    confidence = belief.get("confidence")
    return "" if confidence is None else f" ({confidence:g})"


def _line(step: Step) -> Text:
    line = Text(f"{step.kind.value} ", style=_STYLES.get(step.kind, ""))
    line.append(step.name)
    told = _short(step)
    if told:
        line.append(f"  {told}", style="dim")
    if step.status != "ok":
        line.append(f"  {step.status}" + (f": {step.error[:60]}" if step.error else ""), style="yellow")
    return line


def _short(step: Step) -> str:
    if step.kind == StepKind.TOOL:
        return f"{_text(step.data.get('arguments'))} -> {_text(step.data.get('result'))}"[:96]
    if step.kind == StepKind.PLAN:
        return f"version {step.data.get('version')}"
    if "branch" in step.data:
        value = step.data.get("value")
        return f"{_text(step.data.get('content'))[:60]} (value {'missing' if value is None else f'{value:g}'})"
    said = [m.content or ", ".join(f"{c.name}({_text(c.arguments)})" for c in m.tool_calls) for m in step.output]
    return " ".join(said).replace("\n", " ")[:96]


def _full(step: Step, before: tuple[Message, ...]) -> list[str]:
    """Give every message of a step; of those that the agent's call before had already, only their number."""
    if step.kind == StepKind.TOOL:
        return [f"arguments: {_text(step.data.get('arguments'))}", f"result: {_text(step.data.get('result'))}"]
    known = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(step.input, before, strict=False)))
    lines = [f"> ({counted(known, 'message')} as before)"] if known else []
    lines += [f"> {m.role}: {m.content or _calls(m)}" for m in step.input[known:]]
    return lines + [f"< {m.role}: {m.content or _calls(m)}" for m in step.output]


def _calls(message: Any) -> str:
    return ", ".join(f"{call.name}({_text(call.arguments)})" for call in message.tool_calls)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
